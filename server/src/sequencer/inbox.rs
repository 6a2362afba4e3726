//! The one way in: commands, proofs, session changes, venue facts and ticks; it must decide nothing.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use turret_engine::{ClientInput, Input, KeyInput, ProofInput};
use turret_shared::command::Verb;
use turret_shared::ids::CorrelationId;

use super::limits::{INBOX_CANCEL_MAX, INBOX_CLIENT_MAX, INBOX_MAX};
use super::mailbox::{MailboxReceiver, MailboxSender, PutError, mailbox};
use super::reply::{Decided, ReplySink};

/// Something for the engine to decide, and who hears of it.
#[derive(Debug)]
pub struct Submission {
    /// What.
    pub input: Input,
    /// Who is told once it is durable.
    pub reply: ReplyTo,
}

/// Who is told what came of an input.
#[derive(Debug)]
pub enum ReplyTo {
    /// Nobody.
    Nobody,
    /// The connection it came from, under the client's number.
    Connection(ReplySink, u64, CorrelationId),
    /// One waiting task.
    Task(oneshot::Sender<Decided>),
}

/// Nothing was taken: the inbox is full, or the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// A command or proof of an attested session.
#[derive(Debug)]
pub struct ClientRequest {
    /// The client's number for it.
    pub request: u64,
    /// Where the answer goes.
    pub reply: ReplySink,
    /// What.
    pub ask: ClientAsk,
}

/// What a session may ask of the engine.
#[derive(Debug)]
pub enum ClientAsk {
    /// A command.
    Command(Box<ClientInput>),
    /// The answer to step-ups.
    Proof(ProofInput),
    /// A new security key.
    Key(KeyInput),
}

/// A command or proof ready to be handed over, with the mark its kind stops at.
#[derive(Debug)]
pub struct Prepared((Submission, usize));

/// The sending side; clones share the queue.
#[derive(Debug, Clone)]
pub struct Inbox(MailboxSender<Submission>);

/// Makes the queue.
#[must_use]
pub fn inbox() -> (Inbox, MailboxReceiver<Submission>) {
    let (sender, receiver) = mailbox(INBOX_MAX);
    (Inbox(sender), receiver)
}

impl Inbox {
    /// Makes a command or proof ready to be handed over with others.
    ///
    /// # Errors
    /// [`Busy`]: the connection has too many without an answer.
    pub fn prepare(request: ClientRequest) -> Result<Prepared, Busy> {
        let ClientRequest { request, reply, ask } = request;
        if !reply.reserve() {
            return Err(Busy);
        }
        let (items_max, correlation, input) = match ask {
            ClientAsk::Command(command) => {
                let cancel = matches!(command.command.verb, Verb::OrderCancel(_) | Verb::CancelAll(_));
                let items_max = if cancel { INBOX_CANCEL_MAX } else { INBOX_CLIENT_MAX };
                (items_max, command.correlation, Input::Client(command))
            }
            ClientAsk::Proof(proof) => (INBOX_CLIENT_MAX, proof.correlation, Input::Proof(proof)),
            ClientAsk::Key(key) => (INBOX_CLIENT_MAX, key.correlation, Input::Key(key)),
        };
        Ok(Prepared((Submission { input, reply: ReplyTo::Connection(reply, request, correlation) }, items_max)))
    }

    /// Hands over what was made ready, in order and with one wake, so that one commit can serve it all. The answers come
    /// through their [`ReplySink`]s once they are durable; the numbers of those there was no room for come back.
    pub fn submit(&self, prepared: &mut Vec<Prepared>) -> Vec<(u64, CorrelationId)> {
        let mut items = prepared.drain(..).map(|one| one.0).collect();
        self.0.put_all(&mut items);
        let refused = items.into_iter().filter_map(|(back, _)| match back.reply {
            ReplyTo::Connection(sink, request, correlation) => {
                sink.release(1);
                Some((request, correlation))
            }
            _ => None,
        });
        refused.collect()
    }

    /// Has an input decided and waits until it is durable: session changes, bad input, operators.
    ///
    /// # Errors
    /// [`Busy`]: nothing was taken, or the server stopped before it was durable.
    pub async fn decided(&self, input: Input) -> Result<Decided, Busy> {
        let (sender, receiver) = oneshot::channel();
        let submission = Submission { input, reply: ReplyTo::Task(sender) };
        self.0.put(submission, INBOX_CANCEL_MAX).map_err(|_| Busy)?;
        receiver.await.map_err(|_| Busy)
    }

    /// Has an input decided without waiting for it: what is lost when the inbox is full may be lost.
    ///
    /// # Errors
    /// [`Busy`]: nothing was taken.
    pub fn note(&self, input: Input) -> Result<(), Busy> {
        let submission = Submission { input, reply: ReplyTo::Nobody };
        self.0.put(submission, INBOX_CLIENT_MAX).map_err(|_| Busy)
    }

    /// Has facts and link changes of a venue recorded, in order, waiting for room: a fact is never dropped here. `facts` is
    /// empty afterwards.
    ///
    /// # Errors
    /// [`PutError::Closed`] when the sequencer is gone.
    pub fn facts(&self, facts: &mut VecDeque<Input>) -> Result<(), PutError> {
        let mut submissions = facts.drain(..).map(|input| Submission { input, reply: ReplyTo::Nobody }).collect();
        self.0.put_all_waiting(&mut submissions)
    }

    /// Has one of them recorded.
    ///
    /// # Errors
    /// [`PutError::Closed`] when the sequencer is gone.
    pub fn fact(&self, input: Input) -> Result<(), PutError> {
        self.facts(&mut VecDeque::from([input]))
    }
}
