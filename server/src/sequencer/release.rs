//! What leaves the sequencer once it is durable: answers, feed, access, routes; it must be called after the commit only.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use turret_engine::access::AccessView;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::ids::{Sequence, SessionId};
use turret_shared::venue::Route;
use turret_shared::wire::control::SessionEnd;

use super::inbox::ReplyTo;
use super::limits::{RELEASED_WORK_MAX, SESSION_ENDS_MAX};
use super::mailbox::MailboxSender;
use super::reply::{Decided, Reply, ReplySink};
use crate::replica::handle::Work;
use crate::venue::Venue;

/// The entries of one commit, decoded as they were made.
#[derive(Debug, Default)]
pub struct Released {
    /// Sequence of the first of them.
    pub first: Sequence,
    /// In order.
    pub entries: Vec<(Head, Event)>,
}

/// An answer waiting for its commit.
#[derive(Debug)]
pub struct Answer {
    /// To whom.
    pub reply: ReplyTo,
    /// What.
    pub decided: Decided,
}

/// All that may be told once a batch is durable, taken from the state the batch left.
#[derive(Debug, Default)]
pub struct Telling {
    /// Its entries.
    pub released: Released,
    /// Rights, when it changed any.
    pub access: Option<Arc<AccessView>>,
    /// To whoever asked.
    pub answers: Vec<Answer>,
    /// To the venue.
    pub routes: Vec<Route>,
    /// Everything unanswered, when the batch heard of a venue link that stands: it holds what the batch itself decided about
    /// orders, and that goes out once.
    pub outbox: Option<Vec<Route>>,
}

/// Who may do what, as of the last commit that changed it; clones share it.
#[derive(Debug, Clone)]
pub struct Access(watch::Receiver<Arc<AccessView>>);

impl Access {
    /// With the sender the sequencer keeps.
    #[must_use]
    pub fn new(view: AccessView) -> (watch::Sender<Arc<AccessView>>, Self) {
        let (sender, receiver) = watch::channel(Arc::new(view));
        (sender, Self(receiver))
    }

    /// The view now.
    #[must_use]
    pub fn now(&self) -> Arc<AccessView> {
        Arc::clone(&self.0.borrow())
    }

    /// Waits until it is another one; `None` when the sequencer is gone.
    pub async fn changed(&mut self) -> Option<Arc<AccessView>> {
        self.0.changed().await.ok()?;
        Some(Arc::clone(&self.0.borrow_and_update()))
    }
}

/// A session the core ended: the edge closes what it has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: SessionEnd,
}

/// The edge's end of the ended sessions.
#[derive(Debug)]
pub struct SessionControl(mpsc::Receiver<EndedSession>);

impl SessionControl {
    /// With the sender the sequencer keeps.
    #[must_use]
    pub fn new() -> (mpsc::Sender<EndedSession>, Self) {
        let (sender, receiver) = mpsc::channel(SESSION_ENDS_MAX);
        (sender, Self(receiver))
    }

    /// The next session that ended, durable; `None` when the sequencer is gone.
    pub async fn recv(&mut self) -> Option<EndedSession> {
        self.0.recv().await
    }
}

/// The ways out. None of them ever waits.
pub struct Outlets {
    /// The follower.
    pub replica: MailboxSender<Work>,
    /// Rights.
    pub access: watch::Sender<Arc<AccessView>>,
    /// Ended sessions.
    pub ended: mpsc::Sender<EndedSession>,
    /// The venue.
    pub venue: Arc<dyn Venue>,
    /// Entries that are durable: the checkpoint signer and the projections look at it.
    pub durable: watch::Sender<u64>,
    ended_waiting: VecDeque<EndedSession>,
    by_connection: Vec<(ReplySink, Vec<Reply>)>,
}

impl Outlets {
    /// With nothing waiting.
    #[must_use]
    pub fn new(
        replica: MailboxSender<Work>,
        access: watch::Sender<Arc<AccessView>>,
        ended: mpsc::Sender<EndedSession>,
        venue: Arc<dyn Venue>,
        durable: watch::Sender<u64>,
    ) -> Self {
        Self { replica, access, ended, venue, durable, ended_waiting: VecDeque::new(), by_connection: Vec::new() }
    }

    /// Tells everyone.
    pub fn let_out(&mut self, telling: Telling) {
        let Telling { released: batch, access, answers, mut routes, outbox } = telling;
        if let Some(access) = access {
            self.access.send_replace(access);
        }
        self.answer(answers);
        if let Some(outbox) = outbox {
            self.venue.recover(outbox);
            routes.retain(|route| matches!(route, Route::Sim(_)));
        }
        if !routes.is_empty() {
            self.venue.route(routes);
        }
        self.end_sessions(&batch);
        if !batch.entries.is_empty() {
            let size = batch.first.0.saturating_add(batch.entries.len() as u64);
            // A follower without room reads from the store what it missed: it sees that `durable` is ahead of it, which
            // must therefore be said last.
            let _ = self.replica.put(Work::Released(batch), RELEASED_WORK_MAX);
            self.durable.send_replace(size);
        }
    }

    /// One send and one wake for each connection, however many of its answers the commit holds.
    fn answer(&mut self, answers: Vec<Answer>) {
        for Answer { reply, decided } in answers {
            match reply {
                ReplyTo::Nobody => {}
                ReplyTo::Task(task) => {
                    // Whoever asked may have gone.
                    let _ = task.send(decided);
                }
                ReplyTo::Connection(sink, request, correlation) => {
                    let Some(outcome) = decided.outcome else {
                        sink.release(1);
                        continue;
                    };
                    let reply = Reply { request, correlation, outcome };
                    match self.by_connection.iter_mut().find(|(known, _)| known.is_same(&sink)) {
                        Some((_, replies)) => replies.push(reply),
                        None => self.by_connection.push((sink, vec![reply])),
                    }
                }
            }
        }
        for (sink, replies) in self.by_connection.drain(..) {
            sink.send(replies);
        }
    }

    fn end_sessions(&mut self, batch: &Released) {
        for (_, event) in &batch.entries {
            if let Event::SessionEnded(ended) = event {
                self.ended_waiting.push_back(EndedSession { session: ended.session, reason: ended.reason });
            }
        }
        while let Some(next) = self.ended_waiting.front() {
            if self.ended.try_send(*next).is_err() {
                return;
            }
            self.ended_waiting.pop_front();
        }
    }
}
