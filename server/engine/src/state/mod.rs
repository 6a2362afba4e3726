//! Everything the engine knows, made of nothing but events; it must change only by [`State::evolve`].

use alloc::collections::BTreeMap;
use alloc::string::String;

use minicbor::{Decode, Encode};
use turret_shared::command::Environment;
use turret_shared::denial::Denial;
use turret_shared::digest::Digest;
use turret_shared::ids::{Sequence, UserId};
use turret_shared::limits::IN_DOUBT_MS;
use turret_shared::time::{NS_PER_MS, Timestamp};

use crate::access::AccessView;

pub(crate) mod books;
mod chunks;
pub(crate) mod fills;
pub(crate) mod hashing;
pub(crate) mod limits;
mod looks;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod orders;
mod packed;
pub(crate) mod position;
pub(crate) mod requests;
pub(crate) mod seen;
pub(crate) mod sessions;

pub use sessions::Session;

/// Denied orders whose explanation is kept; older ones keep their row and lose the figures.
pub(crate) const DENIALS_KEPT: usize = 10_000;
/// Orders whose note of the venue is kept.
pub(crate) const NOTES_KEPT: usize = 100_000;

/// What the genesis said.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Deployment {
    /// Name of the deployment and of its log.
    #[n(0)]
    pub origin: String,
    /// Where its orders go.
    #[n(1)]
    pub environment: Environment,
    /// Keys the hash tables.
    #[n(2)]
    pub(crate) seed: Digest,
    /// A demonstration.
    #[n(3)]
    pub demo: bool,
}

/// What the venue last said of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct VenueState {
    /// Its last fact recorded.
    #[n(0)]
    pub(crate) last: u64,
    #[n(1)]
    pub(crate) open: bool,
    #[n(2)]
    pub(crate) link: bool,
    /// When the link last came up: what was sent before is waited for from then.
    #[n(3)]
    pub(crate) up_since: Timestamp,
}

/// A venue that has not said otherwise is open: it refuses for itself what it does not take.
impl Default for VenueState {
    fn default() -> Self {
        Self { last: 0, open: true, link: false, up_since: Timestamp(0) }
    }
}

/// The state of the desk.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) deployment: Option<Deployment>,
    /// The last entry folded.
    pub(crate) through: Option<Sequence>,
    /// Its time.
    pub(crate) now: Timestamp,
    pub(crate) access: AccessView,
    pub(crate) books: books::Books,
    pub(crate) orders: orders::Orders,
    pub(crate) fills: fills::Fills,
    pub(crate) sessions: sessions::Sessions,
    pub(crate) seen: seen::Seen,
    pub(crate) limits: limits::Limits,
    pub(crate) rates: BTreeMap<UserId, limits::Rate>,
    pub(crate) venue: VenueState,
    pub(crate) denials: BTreeMap<u32, Denial>,
    pub(crate) notes: BTreeMap<u32, String>,
    pub(crate) alerts: crate::alerts::Alerts,
    pub(crate) held: crate::held::HeldOrders,
    pub(crate) attempts: crate::attempts::Attempts,
}

/// [`IN_DOUBT_MS`] in nanoseconds.
pub(crate) fn in_doubt_ns() -> i64 {
    i64::try_from(IN_DOUBT_MS).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS)
}
