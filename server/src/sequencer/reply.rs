//! Answers on their way back to connections; it must never make the sequencer wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use turret_engine::SetupFault;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::{CorrelationId, Sequence, SessionId};
use turret_shared::time::Timestamp;
use turret_shared::wire::control::Outcome;

use super::limits::IN_FLIGHT_MAX;

/// One answer.
#[derive(Debug)]
pub struct Reply {
    /// The client's number.
    pub request: u64,
    /// To quote.
    pub correlation: CorrelationId,
    /// What came of it, durable.
    pub outcome: Outcome,
}

/// What an input came to, for a waiting task; durable.
#[derive(Debug)]
pub struct Decided {
    /// Sequence of its first entry, if it made any.
    pub first: Option<Sequence>,
    /// The stamp it was decided at.
    pub time: Timestamp,
    /// The engine's answer, for commands and proofs.
    pub outcome: Option<Outcome>,
    /// The engine's answer to a sign-in.
    pub session: Option<Result<SessionId, SignInFault>>,
    /// Why a fact of set-up was not recorded.
    pub fault: Option<SetupFault>,
}

/// Where one connection's answers go: as many places as it may have commands in flight, so it is never full.
#[derive(Debug, Clone)]
pub struct ReplySink {
    sender: mpsc::Sender<Vec<Reply>>,
    in_flight: Arc<AtomicUsize>,
}

/// The connection's end: the answers of one commit at a time.
#[derive(Debug)]
pub struct ReplyReceiver {
    receiver: mpsc::Receiver<Vec<Reply>>,
    in_flight: Arc<AtomicUsize>,
}

/// Makes the pair for one connection.
#[must_use]
pub fn replies() -> (ReplySink, ReplyReceiver) {
    let (sender, receiver) = mpsc::channel(IN_FLIGHT_MAX);
    let in_flight = Arc::new(AtomicUsize::new(0));
    (ReplySink { sender, in_flight: Arc::clone(&in_flight) }, ReplyReceiver { receiver, in_flight })
}

impl ReplySink {
    /// Takes a place for one answer; false when too many are out.
    pub(super) fn reserve(&self) -> bool {
        let taken = self.in_flight.fetch_add(1, Ordering::AcqRel);
        if taken < IN_FLIGHT_MAX {
            return true;
        }
        self.release(1);
        false
    }

    /// Sends one answer that did not come from the sequencer; false when too many are out.
    #[must_use]
    pub fn tell(&self, reply: Reply) -> bool {
        let room = self.reserve();
        if room {
            self.send(vec![reply]);
        }
        room
    }

    /// Gives places back.
    pub(super) fn release(&self, count: usize) {
        self.in_flight.fetch_sub(count, Ordering::AcqRel);
    }

    /// True when both belong to one connection.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.in_flight, &other.in_flight)
    }

    /// Sends; a connection that went away misses its answers.
    pub(super) fn send(&self, replies: Vec<Reply>) {
        // There is a place for each answer; what fails is a connection that closed.
        let _ = self.sender.try_send(replies);
    }
}

impl ReplyReceiver {
    /// The answers of the next commit that has any; `None` once nothing can come any more.
    pub async fn recv(&mut self) -> Option<Vec<Reply>> {
        let replies = self.receiver.recv().await?;
        self.in_flight.fetch_sub(replies.len(), Ordering::AcqRel);
        Some(replies)
    }

    /// The answers of the next commit that has any, if they are there already.
    pub fn there(&mut self) -> Option<Vec<Reply>> {
        let replies = self.receiver.try_recv().ok()?;
        self.in_flight.fetch_sub(replies.len(), Ordering::AcqRel);
        Some(replies)
    }
}
