//! What takes two people: the second one's word and its grounds, and how a request stands; it must decide nothing.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::digest::Digest;
use crate::ids::{ApprovalId, OrderId, UserId};
use crate::manage::Manage;
use crate::time::Timestamp;

/// The second person's word. It names what the first one sent and proved, so that it is a word on that and nothing else:
/// the number of a request is that of the step-up its author answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Judge {
    /// Which request.
    #[n(0)]
    pub approval: ApprovalId,
    /// The digest of the command its author proved.
    #[n(1)]
    pub command: Digest,
    /// True to approve, false to refuse.
    #[n(2)]
    pub approve: bool,
    /// Why.
    #[n(3)]
    pub ground: Ground,
    /// The digest of the proof its author gave for it ([`FirstProof`]); one that names none is a word on nothing.
    #[n(4)]
    pub first: Option<Digest>,
}

/// The proof of whoever asked: what the second person's word names beside the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FirstProof {
    /// Of what the log says of it: [`FirstProof::of`].
    #[n(0)]
    pub digest: Digest,
    /// A security key signed; otherwise a code was given, and only the server says so.
    #[n(1)]
    pub signed: bool,
}

impl FirstProof {
    /// How it was given, for a person.
    #[must_use]
    pub const fn words(self) -> &'static str {
        if self.signed { "signed by a security key" } else { "a code, server-attested" }
    }
}

/// What the author of a request does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// Take it back.
    #[n(0)]
    Withdraw {
        /// Which.
        #[n(0)]
        approval: ApprovalId,
    },
    /// Take what was approved and is told to its author only: an enrolment code.
    #[n(1)]
    Collect {
        /// Which.
        #[n(0)]
        approval: ApprovalId,
    },
}

impl Request {
    /// Which request.
    #[must_use]
    pub const fn approval(self) -> ApprovalId {
        match self {
            Self::Withdraw { approval } | Self::Collect { approval } => approval,
        }
    }
}

/// Why somebody approves or refuses, from a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Ground {
    /// Asked whom it concerns.
    #[n(0)]
    Checked,
    /// It was agreed before.
    #[n(1)]
    Agreed,
    /// Nobody told of it.
    #[n(2)]
    Unexpected,
    /// Something in it is wrong.
    #[n(3)]
    Mistake,
    /// It looks like no mistake.
    #[n(4)]
    Suspicion,
    /// More than the house takes on now.
    #[n(5)]
    Risk,
}

impl Ground {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::Checked, Self::Agreed, Self::Unexpected, Self::Mistake, Self::Suspicion, Self::Risk];

    /// True for one that speaks for it; the others speak against.
    #[must_use]
    pub const fn approves(self) -> bool {
        matches!(self, Self::Checked | Self::Agreed)
    }

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Agreed => "agreed",
            Self::Unexpected => "unexpected",
            Self::Mistake => "mistake",
            Self::Suspicion => "suspicion",
            Self::Risk => "risk",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Checked => "I asked those it concerns, and it is right",
            Self::Agreed => "it was agreed before",
            Self::Unexpected => "nobody told me of it",
            Self::Mistake => "something in it is wrong",
            Self::Suspicion => "something looks wrong",
            Self::Risk => "it is more than we take on now",
        }
    }
}

/// Why a request waits no more though nobody judged it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum VoidCause {
    /// Nobody came in time.
    #[n(0)]
    Expired,
    /// What it is about changed since it was asked for.
    #[n(1)]
    Changed,
    /// Its author took it back.
    #[n(2)]
    Withdrawn,
    /// Its author may not ask for it any more, or has no device that is let in.
    #[n(3)]
    RightLost,
    /// Rights, risk or the venue stand in its way now.
    #[n(4)]
    Denied,
}

impl VoidCause {
    /// A word of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
            Self::RightLost => "right_lost",
            Self::Denied => "denied",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "nobody judged it in time",
            Self::Changed => "what it is about changed since",
            Self::Withdrawn => "who asked took it back",
            Self::RightLost => "who asked may not any more",
            Self::Denied => "rights, risk or the venue stand in its way now",
        }
    }
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Standing {
    /// For the second person.
    #[n(0)]
    Waiting,
    /// Approved; its author takes what is theirs alone to know.
    #[n(1)]
    Approved,
    /// Approved and done.
    #[n(2)]
    Done,
    /// Refused.
    #[n(3)]
    Refused,
    /// Void.
    #[n(4)]
    Void(#[n(0)] VoidCause),
}

impl Standing {
    /// True while something can still be done with it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Approved)
    }

    /// `waiting`, `approved`, `done`, `refused`, `void`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Void(_) => "void",
        }
    }
}

/// A request as those who ask and those who judge see it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ApprovalView {
    /// Which; also the step-up its author answered.
    #[n(0)]
    pub approval: ApprovalId,
    /// The act that is asked for, and why; `None` for an order.
    #[n(1)]
    pub manage: Option<Manage>,
    /// Digest of the command its author proved.
    #[n(2)]
    pub command: Digest,
    /// Who asked.
    #[n(3)]
    pub by: UserId,
    /// Their login.
    #[n(4)]
    pub by_login: String,
    /// When.
    #[n(5)]
    pub asked: Timestamp,
    /// Void after this.
    #[n(6)]
    pub expires: Timestamp,
    /// How it stands.
    #[n(7)]
    pub standing: Standing,
    /// The person it concerns, where it is one.
    #[n(8)]
    pub whom: Option<UserId>,
    /// Their login.
    #[n(9)]
    pub login: String,
    /// Their name.
    #[n(10)]
    pub name: String,
    /// What it changes: `role`, `limit max_notional of account A1001`.
    #[n(11)]
    pub what: String,
    /// As it is.
    #[n(12)]
    pub before: String,
    /// As it would be.
    #[n(13)]
    pub after: String,
    /// Who judged it.
    #[n(14)]
    pub judged_by: Option<UserId>,
    /// Their login.
    #[n(15)]
    pub judge_login: String,
    /// Why they said so.
    #[n(16)]
    pub ground: Option<Ground>,
    /// Since when it stands as it does.
    #[n(17)]
    pub since: Timestamp,
    /// Whoever asks for this list may judge it.
    #[n(18)]
    pub judge: bool,
    /// The order that waits, where it is one.
    #[n(19)]
    pub order: Option<OrderId>,
    /// The proof its author gave; one of before it was kept cannot be judged any more.
    #[n(20)]
    pub first: Option<FirstProof>,
}
