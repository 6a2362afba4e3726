//! What the rest of the server holds of the replica: questions, feeds and the state's hash; it must not read State itself.

use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};
use turret_engine::{Input, Principal};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::ops::{AccessDenied, AuditRead};
use turret_shared::ids::{CorrelationId, EntitlementVersion, OrderId, Sequence, UserId};
use turret_shared::view::AuditView;
use turret_shared::wire::control::LogHead;
use turret_shared::wire::feed::FeedMessage;
use turret_shared::wire::query::{Answer, AnswerBody, Ask, AuditFilter, Query};

use super::frames::{many, one};
use crate::audit::Heads;
use crate::projections::audit::AuditSearch;
use crate::sequencer::inbox::Inbox;
use crate::sequencer::limits::{FEED_QUEUE_MAX, QUERIES_MAX};
use crate::sequencer::mailbox::MailboxSender;
use crate::sequencer::release::Released;

/// Rough bytes of an audit row besides its detail.
const AUDIT_ROW_BYTES: usize = 320;

/// One thing for the replica to do, besides folding.
#[derive(Debug)]
pub enum Work {
    /// Fold what was committed.
    Released(Released),
    /// Answer a question.
    Ask(Box<Question>),
    /// Begin a session's feed.
    Subscribe(Subscription),
    /// Tell sequence and hash of the state.
    Hash(oneshot::Sender<StateHash>),
    /// Write a snapshot and end.
    Stop,
}

/// A question under someone's rights.
#[derive(Debug)]
pub struct Question {
    pub(crate) principal: Principal,
    pub(crate) correlation: CorrelationId,
    pub(crate) query: Query,
    pub(crate) reply: oneshot::Sender<Answered>,
}

/// What came of a question.
#[derive(Debug)]
pub struct Answered {
    /// In order.
    pub(crate) frames: Vec<Answer>,
    /// To record, when it was not theirs to ask.
    pub(crate) denied: Option<AccessDenied>,
}

/// Where a client says it stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Had {
    /// Everything up to here; `None` for nothing.
    pub have: Option<Sequence>,
    /// What it could see then; `None` when it does not know.
    pub rights: Option<EntitlementVersion>,
}

/// A feed to begin.
#[derive(Debug)]
pub struct Subscription {
    pub(crate) principal: Principal,
    pub(crate) had: Had,
    pub(crate) sender: mpsc::Sender<FeedMessage>,
}

/// Where the replica stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateHash {
    /// Entries folded.
    pub size: u64,
    /// Hash of the state after them.
    pub hash: [u8; 32],
}

/// Asks questions; clones share the replica.
#[derive(Debug, Clone)]
pub struct Queries {
    work: MailboxSender<Work>,
    pub(super) audit: AuditSearch,
    inbox: Inbox,
    pub(super) heads: Option<Heads>,
}

impl Queries {
    /// Of this replica, this audit search, and the way to record what was asked.
    #[must_use]
    pub const fn new(work: MailboxSender<Work>, audit: AuditSearch, inbox: Inbox) -> Self {
        Self { work, audit, inbox, heads: None }
    }

    /// The same, which also tell heads of the log.
    #[must_use]
    pub fn with_heads(mut self, heads: Heads) -> Self {
        self.heads = Some(heads);
        self
    }

    /// The newest checkpoint, with the proof that it continues the tree of `have` entries; `None` when there is none to
    /// be had.
    pub async fn head(&self, have: Option<u64>) -> Option<LogHead> {
        let heads = self.heads.clone()?;
        match tokio::task::spawn_blocking(move || heads.since(have)).await.ok()? {
            Ok(head) => head,
            Err(error) => {
                tracing::error!(%error, "no proof for a checkpoint");
                None
            }
        }
    }

    /// The answer in its frames, the last of which has `more` false. Rights are judged inside; a `Query.after` is waited
    /// for, and so is a status. What is denied is recorded, and so is every look into the audit.
    pub async fn ask(&self, principal: Principal, correlation: CorrelationId, query: Query) -> Vec<Answer> {
        let elsewhere = match &query.ask {
            Ask::Audit(filter) => Some(Elsewhere::Search(filter.clone())),
            Ask::Pack(order) => Some(Elsewhere::Pack(*order)),
            Ask::Story(order) => Some(Elsewhere::Story(*order)),
            Ask::Person(user) => Some(Elsewhere::Person(*user)),
            _ => None,
        };
        let (reply, answered) = oneshot::channel();
        let question = Box::new(Question { principal, correlation, query, reply });
        if self.work.put(Work::Ask(question), QUERIES_MAX).is_err() {
            return unserved(correlation);
        }
        let Ok(Answered { frames, denied }) = answered.await else { return unserved(correlation) };
        if let Some(denied) = denied {
            self.record(&principal, correlation, Event::AccessDenied(denied)).await;
            return frames;
        }
        if let Some(Answer { body: AnswerBody::Denied { .. }, .. }) = frames.first() {
            return frames;
        }
        match elsewhere {
            Some(Elsewhere::Search(filter)) => self.search(&principal, correlation, *filter).await,
            Some(Elsewhere::Pack(order)) => self.pack(&principal, correlation, order).await,
            // Whoever may see the order may see what became of it: that is no look into the log.
            Some(Elsewhere::Story(order)) => self.story(correlation, order).await,
            // Nor is what was done to a person, for those who run users.
            Some(Elsewhere::Person(user)) => self.person(correlation, user, frames).await,
            None => frames,
        }
    }

    async fn story(&self, correlation: CorrelationId, order: OrderId) -> Vec<Answer> {
        match self.audit.story(order).await {
            Ok(rows) => {
                let through = rows.first().map_or(Sequence(0), |row| row.sequence);
                many(through, rows, audit_bytes, AnswerBody::Audit)
            }
            Err(error) => {
                tracing::warn!(%error, %correlation, "story of an order");
                unserved(correlation)
            }
        }
    }

    /// With what the log has of them, where they may be known at all.
    async fn person(&self, correlation: CorrelationId, user: UserId, mut frames: Vec<Answer>) -> Vec<Answer> {
        if let Some(Answer { body: AnswerBody::Person(facts), .. }) = frames.first_mut() {
            match self.audit.history(user).await {
                Ok(rows) => facts.history = rows,
                Err(error) => {
                    tracing::warn!(%error, %correlation, "history of a person");
                    return unserved(correlation);
                }
            }
        }
        frames
    }

    /// Rights were judged. Nothing is shown before it is recorded that it was asked for.
    async fn search(&self, principal: &Principal, correlation: CorrelationId, filter: AuditFilter) -> Vec<Answer> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&filter, &mut bytes);
        let digest = Digest(Sha256::digest(&bytes).into());
        let rows = match self.audit.search(filter).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, %correlation, "audit search");
                return unserved(correlation);
            }
        };
        let read = AuditRead { filter: digest, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX) };
        let Some(recorded) = self.record(principal, correlation, Event::AuditRead(read)).await else {
            return unserved(correlation);
        };
        many(recorded, rows, audit_bytes, AnswerBody::Audit)
    }

    /// Durable when this returns; `None` when it was not taken.
    pub(super) async fn record(
        &self,
        principal: &Principal,
        correlation: CorrelationId,
        event: Event,
    ) -> Option<Sequence> {
        let note = Input::Note(principal.origin(correlation), Box::new(event));
        self.inbox.decided(note).await.ok()?.first
    }

    /// Sequence and hash of the state as the replica has it; `None` when it is stopping or has no room.
    pub async fn state_hash(&self) -> Option<StateHash> {
        let (reply, answer) = oneshot::channel();
        self.work.put(Work::Hash(reply), QUERIES_MAX).ok()?;
        answer.await.ok()
    }
}

/// What the search thread answers once the state said that they may ask.
enum Elsewhere {
    Search(Box<AuditFilter>),
    Pack(OrderId),
    Story(OrderId),
    Person(UserId),
}

const fn audit_bytes(row: &AuditView) -> usize {
    AUDIT_ROW_BYTES.saturating_add(row.detail.len())
}

pub(super) fn unserved(correlation: CorrelationId) -> Vec<Answer> {
    one(Sequence(0), AnswerBody::Error { correlation })
}

/// Begins feeds; clones share the replica.
#[derive(Debug, Clone)]
pub struct FeedHub(MailboxSender<Work>);

/// One session's feed. Dropping it ends the subscription.
#[derive(Debug)]
pub struct FeedReceiver(mpsc::Receiver<FeedMessage>);

impl FeedHub {
    /// Of this replica.
    #[must_use]
    pub const fn new(work: MailboxSender<Work>) -> Self {
        Self(work)
    }

    /// What `principal` may see from behind what it has on, or a snapshot first. `None` when there is no room just now.
    #[must_use]
    pub fn subscribe(&self, principal: Principal, had: Had) -> Option<FeedReceiver> {
        let (sender, receiver) = mpsc::channel(FEED_QUEUE_MAX);
        self.0.put(Work::Subscribe(Subscription { principal, had, sender }), QUERIES_MAX).ok()?;
        Some(FeedReceiver(receiver))
    }
}

impl FeedReceiver {
    /// The next message; `None` when the server cuts the feed (too many, stopping).
    pub async fn recv(&mut self) -> Option<FeedMessage> {
        self.0.recv().await
    }
}
