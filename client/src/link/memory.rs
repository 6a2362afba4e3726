//! What outlives one connection: the token, how far the feed was applied, what is watched; it must never reach a disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turret_shared::ids::{EntitlementVersion, InstrumentId, Sequence};
use turret_shared::secret::SessionToken;
use turret_shared::time::Timestamp;
use turret_shared::wire::control::Welcome;

use super::pictures::Pictures;

/// Where a feed goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Had {
    /// Everything up to here; `None` for nothing.
    pub have: Option<Sequence>,
    /// What could be seen then, where that was told.
    pub rights: Option<EntitlementVersion>,
}

#[derive(Default)]
struct Held {
    token: Option<SessionToken>,
    feed_wanted: bool,
    had: Had,
    watched: Vec<InstrumentId>,
    welcome: Option<Welcome>,
    ahead_ns: i64,
    written: Sequence,
}

/// Shared by the tasks of one link.
#[derive(Clone, Default)]
pub(super) struct Memory {
    held: Arc<Mutex<Held>>,
    pictures: Pictures,
}

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A holder cannot panic half-way: every use is a plain assignment or copy.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Market pictures on their way.
    pub(super) fn pictures(&self) -> Pictures {
        self.pictures.clone()
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

    /// The feed is wanted from behind `had`.
    pub(super) fn want_feed(&self, had: Had) {
        let mut held = self.held();
        held.feed_wanted = true;
        held.had = had;
    }

    /// A new session starts without what the last one wanted.
    pub(super) fn forget_wishes(&self) {
        let mut held = self.held();
        held.feed_wanted = false;
        held.had = Had::default();
        held.watched = Vec::new();
    }

    /// In the middle of a snapshot there is nothing to go on from.
    pub(super) fn begun_afresh(&self) {
        self.held().had = Had::default();
    }

    /// The feed was applied so far; a part of something longer says an earlier place, which is not gone back to.
    pub(super) fn applied(&self, through: Sequence, rights: Option<EntitlementVersion>) {
        let mut held = self.held();
        held.had.have = held.had.have.max(Some(through).filter(|through| through.0 > 0));
        held.had.rights = rights.or(held.had.rights);
    }

    /// Where the feed goes on from, when it is wanted.
    pub(super) fn feed(&self) -> Option<Had> {
        let held = self.held();
        held.feed_wanted.then_some(held.had)
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
