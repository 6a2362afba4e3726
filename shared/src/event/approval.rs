//! Facts of what takes two people: asked for, judged, void; it must hold no secret and no name.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::approval::{FirstProof, Judge, VoidCause};
use crate::denial::DenialCode;
use crate::digest::Digest;
use crate::ids::{ApprovalId, OrderId, PendingId, UserId};
use crate::manage::{Act, Manage, Why};
use crate::time::Timestamp;

/// An act that takes two, as its author proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Proposal {
    /// What and why.
    #[n(0)]
    pub manage: Manage,
    /// Digest of the command; of a person to be created, of the act that names them by number.
    #[n(1)]
    pub command: Digest,
}

/// A table of acts, as its author proves it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Batch {
    /// The acts.
    #[n(0)]
    pub rows: Vec<Act>,
    /// Why.
    #[n(1)]
    pub why: Why,
    /// Digest of the command.
    #[n(2)]
    pub command: Digest,
}

/// The second person's word as they prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Judgement {
    /// The word.
    #[n(0)]
    pub judge: Judge,
    /// Digest of the command that brought it.
    #[n(1)]
    pub command: Digest,
}

/// It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ApprovalAsked {
    /// Its number: that of the step-up its author answered.
    #[n(0)]
    pub approval: ApprovalId,
    /// Who asked.
    #[n(1)]
    pub by: UserId,
    /// What and why.
    #[n(2)]
    pub manage: Manage,
    /// Digest of the command they proved.
    #[n(3)]
    pub command: Digest,
    /// Digest of what it is about as it was then: void once that is another.
    #[n(4)]
    pub basis: Digest,
    /// Void after this.
    #[n(5)]
    pub expires: Timestamp,
    /// The proof they gave: what a second person's word must name.
    #[n(6)]
    pub first: Option<FirstProof>,
    /// The rows of a table of acts.
    #[n(7)]
    pub table: Option<Vec<Act>>,
}

/// The second person approved or refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ApprovalJudged {
    /// The word.
    #[n(0)]
    pub judge: Judge,
    /// Who gave it.
    #[n(1)]
    pub by: UserId,
    /// The step-up they answered.
    #[n(2)]
    pub proof: PendingId,
    /// Approved and not done yet: until then its author may take what is theirs.
    #[n(3)]
    pub until: Option<Timestamp>,
    /// The order it is about, where it is one.
    #[n(4)]
    pub order: Option<OrderId>,
}

/// It waits no more, and nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ApprovalVoided {
    /// Which.
    #[n(0)]
    pub approval: ApprovalId,
    /// Why.
    #[n(1)]
    pub cause: VoidCause,
    /// The order it was about, where it was one.
    #[n(2)]
    pub order: Option<OrderId>,
}

/// Our no to whoever would judge it, take it back or take what is theirs, when they asked or when their proof came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ApprovalDenied {
    /// Which.
    #[n(0)]
    pub approval: ApprovalId,
    /// What was answered.
    #[n(1)]
    pub code: DenialCode,
}
