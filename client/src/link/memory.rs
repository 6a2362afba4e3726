//! What outlives one connection: the token, how far the feed was applied, what is watched; it must never reach a disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turret_shared::ids::{InstrumentId, Sequence};
use turret_shared::secret::SessionToken;
use turret_shared::time::Timestamp;
use turret_shared::wire::control::Welcome;

#[derive(Default)]
struct Held {
    token: Option<SessionToken>,
    feed_wanted: bool,
    have: Option<Sequence>,
    watched: Vec<InstrumentId>,
    welcome: Option<Welcome>,
    ahead_ns: i64,
    written: Sequence,
}

/// Shared by the tasks of one link.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Held>>);

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A holder cannot panic half-way: every use is a plain assignment or copy.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server said welcome at our time `local`.
    pub(super) fn welcomed(&self, welcome: &Welcome, local: Timestamp) {
        let mut held = self.held();
        held.ahead_ns = welcome.time.since(local);
        held.welcome = Some(welcome.clone());
    }

    pub(super) fn welcome(&self) -> Option<Welcome> {
        self.held().welcome.clone()
    }

    /// The server's clock when ours says `local`.
    pub(super) fn server_time(&self, local: Timestamp) -> Timestamp {
        local.after_ns(self.held().ahead_ns)
    }

    pub(super) fn set_token(&self, token: Option<SessionToken>) {
        self.held().token = token;
    }

    pub(super) fn token(&self) -> Option<SessionToken> {
        self.held().token.clone()
    }

    /// The feed is wanted from behind `have`.
    pub(super) fn want_feed(&self, have: Option<Sequence>) {
        let mut held = self.held();
        held.feed_wanted = true;
        held.have = have;
    }

    /// A new session starts without what the last one wanted.
    pub(super) fn forget_wishes(&self) {
        let mut held = self.held();
        held.feed_wanted = false;
        held.have = None;
        held.watched = Vec::new();
    }

    /// The feed was applied so far; `None` in the middle of a snapshot.
    pub(super) fn applied(&self, through: Option<Sequence>) {
        self.held().have = through;
    }

    /// `Some(have)` when the feed is wanted.
    pub(super) fn feed(&self) -> Option<Option<Sequence>> {
        let held = self.held();
        held.feed_wanted.then_some(held.have)
    }

    pub(super) fn watch(&self, instruments: Vec<InstrumentId>) {
        self.held().watched = instruments;
    }

    pub(super) fn watched(&self) -> Vec<InstrumentId> {
        self.held().watched.clone()
    }

    /// A receipt came: reads from now on must know of it.
    pub(super) fn wrote(&self, sequence: Sequence) {
        let mut held = self.held();
        held.written = held.written.max(sequence);
    }

    pub(super) fn written(&self) -> Option<Sequence> {
        Some(self.held().written).filter(|s| s.0 > 0)
    }
}
