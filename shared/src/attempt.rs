//! Attempts that were denied, counted by whom and kind, and what a reviewer says of them; it must decide nothing.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::ids::{CorrelationId, DeviceId, Sequence, UserId};
use crate::time::Timestamp;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum AttemptKind {
    /// Something a role may not, or that is somebody else's, or not there.
    #[n(0)]
    Access,
    /// An act on people, sessions, devices, bans or accounts.
    #[n(1)]
    Manage,
    /// A word on what waits for a second person.
    #[n(2)]
    Approval,
    /// A step on an alert.
    #[n(3)]
    Alert,
    /// A handshake: a bad certificate, a wrong protocol, a version nobody speaks.
    #[n(4)]
    Handshake,
    /// Bytes no client of ours sends, or more than a budget.
    #[n(5)]
    Input,
    /// An enrolment code.
    #[n(6)]
    Enrolment,
}

impl AttemptKind {
    /// A word of lists and scripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Manage => "manage",
            Self::Approval => "approval",
            Self::Alert => "alert",
            Self::Handshake => "handshake",
            Self::Input => "input",
            Self::Enrolment => "enrolment",
        }
    }

    /// For a person, a sentence without its end.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Access => "asked for what is not theirs, or for what is not there",
            Self::Manage => "tried an act on people, devices, bans or accounts",
            Self::Approval => "tried to judge what waits for a second person",
            Self::Alert => "tried a step on an alert",
            Self::Handshake => "came with a certificate, a protocol or a version that is not taken",
            Self::Input => "sent bytes no client of ours sends, or more than a budget",
            Self::Enrolment => "showed an enrolment code that was not taken",
        }
    }
}

/// What denied attempts turned out to be, from a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ReviewEnd {
    /// An honest one, and nothing more.
    #[n(0)]
    Mistake,
    /// Agreed before: a drill, a scan of one's own, a migration.
    #[n(1)]
    Expected,
    /// Not harmless, and somebody does something about it.
    #[n(2)]
    Followed,
}

impl ReviewEnd {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Mistake, Self::Expected, Self::Followed];

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Expected => "expected",
            Self::Followed => "followed",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Mistake => "an honest mistake, and nothing more",
            Self::Expected => "agreed before: a drill, a scan, a migration",
            Self::Followed => "not harmless: somebody does something about it",
        }
    }
}

/// A word on attempts of one person or device and kind, as they were shown: on more that came since it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Review {
    /// Which: the entry of the first of them.
    #[n(0)]
    pub first: Sequence,
    /// The entry of the last one seen.
    #[n(1)]
    pub last: Sequence,
    /// What they were.
    #[n(2)]
    pub end: ReviewEnd,
}

/// Who reviewed them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReviewedView {
    /// Who.
    #[n(0)]
    pub by: UserId,
    /// Their login.
    #[n(1)]
    pub login: String,
    /// When.
    #[n(2)]
    pub time: Timestamp,
    /// What they said.
    #[n(3)]
    pub end: ReviewEnd,
}

/// Attempts of one person or device, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AttemptView {
    /// Their number: the entry of the first of them.
    #[n(0)]
    pub first: Sequence,
    /// The entry of the last.
    #[n(1)]
    pub last: Sequence,
    /// What was tried.
    #[n(2)]
    pub kind: AttemptKind,
    /// Whose they are, where that is known.
    #[n(3)]
    pub user: Option<UserId>,
    /// Their login; empty where it is nobody's we know.
    #[n(4)]
    pub login: String,
    /// On which device.
    #[n(5)]
    pub device: Option<DeviceId>,
    /// What the last one was answered, in a word of ours.
    #[n(6)]
    pub reason: String,
    /// How many.
    #[n(7)]
    pub count: u32,
    /// When the first was.
    #[n(8)]
    pub since: Timestamp,
    /// When the last was.
    #[n(9)]
    pub time: Timestamp,
    /// Of the last, to quote and to find it by.
    #[n(10)]
    pub correlation: CorrelationId,
    /// Whoever sees this may review it.
    #[n(11)]
    pub review: bool,
    /// Who did.
    #[n(12)]
    pub reviewed: Option<ReviewedView>,
}
