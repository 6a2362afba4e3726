//! Facts of running the server and of watching over it; it must hold no address and no text of a peer.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::attempt::Review;
use crate::denial::DenialCode;
use crate::digest::Digest;
use crate::entry::ObjectKind;
use crate::ids::{BanId, ConnectionId, OrderId, PendingId, UserId};
use crate::manage::Manage;
use crate::role::Permission;
use crate::venue::SimRoute;

/// The server started.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Started {
    /// `0.1.0`.
    #[n(0)]
    pub version: String,
}

/// The server stopped in good order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Stopped {}

/// The audit log was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AuditRead {
    /// SHA-256 of the filter's CBOR.
    #[n(0)]
    pub filter: Digest,
    /// Rows shown.
    #[n(1)]
    pub rows: u32,
}

/// A proof pack was made: what whoever asked was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PackMade {
    /// About which order.
    #[n(0)]
    pub order: OrderId,
    /// SHA-256 of the file.
    #[n(1)]
    pub digest: Digest,
    /// Entries in it.
    #[n(2)]
    pub entries: u32,
}

/// Someone asked for what their role may not, or for an object that is not theirs or not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AccessDenied {
    /// What for.
    #[n(0)]
    pub permission: Permission,
    /// Which kind of object, if one was named.
    #[n(1)]
    pub object: Option<ObjectKind>,
    /// Which, if there is one: somebody else's. `None` with an object kind: there is none.
    #[n(2)]
    pub foreign: Option<u64>,
    /// What was answered.
    #[n(3)]
    pub code: DenialCode,
}

/// Where bad bytes were stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum BadInputStage {
    /// The handshake: certificate, protocol, version.
    #[n(0)]
    Handshake,
    /// A frame's length or shape.
    #[n(1)]
    Frame,
    /// A command's bytes.
    #[n(2)]
    Command,
    /// A frame out of its turn.
    #[n(3)]
    Sequence,
    /// A limit of the connection.
    #[n(4)]
    Limit,
    /// A frame of the venue.
    #[n(5)]
    Venue,
}

/// Bytes that no client of ours sends, counted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BadInput {
    /// Where.
    #[n(0)]
    pub stage: BadInputStage,
    /// What, in a word of ours.
    #[n(1)]
    pub fault: String,
    /// How often.
    #[n(2)]
    pub count: u32,
}

/// The simulator was steered.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SimControlled {
    /// How.
    #[n(0)]
    pub route: SimRoute,
}

/// Somebody who runs users acted on a person, a session or a device; what came of it follows in entries of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Managed {
    /// What and why.
    #[n(0)]
    pub manage: Manage,
    /// The proof given for it.
    #[n(1)]
    pub proof: PendingId,
}

/// Our no to an act on a person, a session or a device, when it was asked for or when its code came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ManageDenied {
    /// What was wanted, and why.
    #[n(0)]
    pub manage: Manage,
    /// What was answered.
    #[n(1)]
    pub code: DenialCode,
}

/// Why an enrolment code was not taken; never told to whoever showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum EnrolFault {
    /// There is no such code.
    #[n(0)]
    Unknown,
    /// It was used, by another device.
    #[n(1)]
    Used,
    /// Its time is over.
    #[n(2)]
    Expired,
    /// Too soon after the one before; it was not looked at.
    #[n(3)]
    Throttled,
    /// The code was good; password or authenticator were not, too often.
    #[n(4)]
    Factors,
}

impl EnrolFault {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_code",
            Self::Used => "used_code",
            Self::Expired => "expired_code",
            Self::Throttled => "throttled",
            Self::Factors => "factors",
        }
    }
}

/// Enrolment codes that were not taken, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolmentFailed {
    /// Whose code it was, where it was one.
    #[n(0)]
    pub user: Option<UserId>,
    /// Why.
    #[n(1)]
    pub fault: EnrolFault,
    /// How often.
    #[n(2)]
    pub count: u32,
}

/// The clock jumped, or a jump was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ClockStep {
    /// By how many nanoseconds against the steady clock.
    #[n(0)]
    pub by_ns: i64,
    /// An admin says the time is right: proofs count again.
    #[n(1)]
    pub acknowledged: bool,
}

/// A connection with a known device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Connected {
    /// Ours.
    #[n(0)]
    pub connection: ConnectionId,
    /// Commitment to its address: HMAC-SHA-256 under a value that lies in the vault.
    #[n(1)]
    pub address: Digest,
    /// Whose device.
    #[n(2)]
    pub user: Option<UserId>,
}

/// A source is let in no more for a while. Of its address there is only a commitment here.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BanSet {
    /// Its number.
    #[n(0)]
    pub ban: BanId,
    /// The last straw, in a word of ours.
    #[n(1)]
    pub fault: String,
    /// Offences that led to it.
    #[n(2)]
    pub offences: u32,
    /// For so many seconds.
    #[n(3)]
    pub for_s: u64,
    /// How often the source was banned before.
    #[n(4)]
    pub before: u32,
    /// Commitment to its address: HMAC-SHA-256 under a value that lies in the vault.
    #[n(5)]
    pub address: Option<Digest>,
    /// Who set it by hand; then the last straw is their reason, and there are no offences.
    #[n(6)]
    pub by: Option<UserId>,
}

/// The source of a ban is let in again before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BanLifted {
    /// Which.
    #[n(0)]
    pub ban: BanId,
    /// By whom.
    #[n(1)]
    pub by: UserId,
}

/// Somebody said what denied attempts were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DenialReviewed {
    /// Which, and what they were.
    #[n(0)]
    pub review: Review,
    /// Who.
    #[n(1)]
    pub by: UserId,
}

/// Our no to whoever would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReviewDenied {
    /// What was said of which.
    #[n(0)]
    pub review: Review,
    /// What was answered.
    #[n(1)]
    pub code: DenialCode,
}
