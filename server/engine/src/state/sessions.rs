//! Live sessions, commands that wait for a proof, and spent codes; it must hold no secret but a token's hash.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::event::session::PendingCommand;
use turret_shared::ids::{CredentialId, DeviceId, PendingId, Sequence, SessionId, UserId};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::SessionEnd;

/// Access refusals within [`REFUSALS_S`] that end a session.
pub(crate) const REFUSALS_MAX: usize = 5;
/// See [`REFUSALS_MAX`].
pub(crate) const REFUSALS_S: i64 = 60;

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Session {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// On which device.
    #[n(1)]
    pub device: DeviceId,
    /// The credential its proofs come from.
    #[n(2)]
    pub credential: CredentialId,
    /// SHA-256 of its token.
    #[n(3)]
    pub token: Digest,
    /// A script's.
    #[n(4)]
    pub script: bool,
    /// When it began.
    #[n(5)]
    pub started: Timestamp,
    /// Its last act that is durable: idle time counts from here after a restart.
    #[n(6)]
    pub acted: Timestamp,
    /// The latest access refusals, oldest first.
    #[n(7)]
    pub(crate) refusals: Vec<Timestamp>,
}

impl Session {
    /// True when one more refusal now is one too many.
    pub(crate) fn is_probing(&self, now: Timestamp) -> bool {
        let recent = self.refusals.iter().filter(|t| now.since(**t) < REFUSALS_S.saturating_mul(NS_PER_S));
        recent.count().saturating_add(1) >= REFUSALS_MAX
    }

    pub(crate) fn note_refusal(&mut self, now: Timestamp) {
        if self.refusals.len() >= REFUSALS_MAX {
            self.refusals.remove(0);
        }
        self.refusals.push(now);
    }
}

/// A command that waits for a proof.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Pending {
    #[n(0)]
    pub(crate) session: SessionId,
    #[n(1)]
    pub(crate) user: UserId,
    #[n(2)]
    pub(crate) command: PendingCommand,
    #[n(3)]
    pub(crate) expires: Timestamp,
    /// Last change of the order to amend when the proof was asked for: void when it is another by then.
    #[n(4)]
    pub(crate) order_as_of: Option<Sequence>,
    /// What a security key must have signed; `None` when it cannot sign for this.
    #[n(5)]
    pub(crate) digest: Option<Digest>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Sessions {
    #[n(0)]
    pub(crate) live: BTreeMap<SessionId, Session>,
    #[n(1)]
    pub(crate) pending: BTreeMap<PendingId, Pending>,
    /// Last step spent.
    #[n(2)]
    pub(crate) spent: BTreeMap<CredentialId, u64>,
    /// How a person's last session ended.
    #[n(3)]
    pub(crate) last_end: BTreeMap<UserId, SessionEnd>,
    /// The clock jumped and nobody has said it is right.
    #[n(4)]
    pub(crate) clock_stepped: bool,
    /// The last counter each security key showed.
    #[n(5)]
    pub(crate) counters: BTreeMap<CredentialId, u32>,
}

impl Sessions {
    pub(crate) fn end(&mut self, session: SessionId, reason: SessionEnd) {
        if let Some(ended) = self.live.remove(&session) {
            self.last_end.insert(ended.user, reason);
        }
        self.pending.retain(|_, pending| pending.session != session);
    }

    /// Forgets what can no longer be proved.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.pending.retain(|_, pending| pending.expires >= now);
    }
}
