//! Facts of sessions and proofs; it must hold no secret, no address and no name.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use super::approval::{Batch, Judgement, Proposal};
use super::order::{AmendTerms, OrderTerms};
use crate::assertion::{AssertionFault, Purpose, command_digest};
use crate::digest::Digest;
use crate::ids::{CredentialId, DeviceId, PendingId, SessionId, UserId};
use crate::manage::Manage;
use crate::money::{Currency, Money};
use crate::own::Letting;
use crate::people::LockCause;
use crate::time::Timestamp;
use crate::wire::control::SessionEnd;

/// A session began; its id is the sequence of this entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignedIn {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// On which device.
    #[n(1)]
    pub device: DeviceId,
    /// The second factor used.
    #[n(2)]
    pub credential: CredentialId,
    /// SHA-256 of the session's token.
    #[n(3)]
    pub token: Digest,
    /// A script's session.
    #[n(4)]
    pub script: bool,
}

/// Why a sign-in failed; never told to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum SignInFault {
    /// Nobody of that name.
    #[n(0)]
    UnknownUser,
    /// Wrong password.
    #[n(1)]
    Password,
    /// Wrong code.
    #[n(2)]
    Code,
    /// A code (or a later one) that was used before.
    #[n(3)]
    CodeSpent,
    /// The person may not sign in any more.
    #[n(4)]
    UserDisabled,
    /// The device is revoked or locked.
    #[n(5)]
    Device,
    /// The device belongs to someone else.
    #[n(6)]
    OtherUsersDevice,
    /// The credential does not count.
    #[n(7)]
    Credential,
    /// A session token that is unknown, ended or of another device.
    #[n(8)]
    Token,
    /// Throttled before anything was checked.
    #[n(9)]
    Throttled,
    /// Both factors were right, and a new password is wanted before anything else.
    #[n(10)]
    PasswordExpired,
    /// What a security key gave is no good.
    #[n(11)]
    Key,
    /// An older key of a device that has a newer one.
    #[n(12)]
    Copied,
    /// The deployment's first people have not all enrolled yet.
    #[n(13)]
    Bootstrap,
    /// Surveillance locked it.
    #[n(14)]
    Alert,
    /// A code was right where the role takes a security key.
    #[n(15)]
    KeyWanted,
}

impl SignInFault {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownUser => "unknown_user",
            Self::Password => "password",
            Self::Code => "code",
            Self::CodeSpent => "code_spent",
            Self::UserDisabled => "user_disabled",
            Self::Device => "device",
            Self::OtherUsersDevice => "other_users_device",
            Self::Credential => "credential",
            Self::Token => "token",
            Self::Throttled => "throttled",
            Self::PasswordExpired => "password_expired",
            Self::Key => "key",
            Self::Copied => "copied",
            Self::Bootstrap => "bootstrap",
            Self::Alert => "alert",
            Self::KeyWanted => "key_wanted",
        }
    }
}

/// Sign-ins that failed in the same way, counted so that an attack cannot flood the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SignInFailed {
    /// Whose name was given, when there is such a person.
    #[n(0)]
    pub user: Option<UserId>,
    /// From which device.
    #[n(1)]
    pub device: Option<DeviceId>,
    /// Why.
    #[n(2)]
    pub fault: SignInFault,
    /// How often.
    #[n(3)]
    pub count: u32,
    /// First of them.
    #[n(4)]
    pub first: Timestamp,
    /// Last of them.
    #[n(5)]
    pub last: Timestamp,
}

/// A session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SessionEnded {
    /// Which.
    #[n(0)]
    pub session: SessionId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// Why.
    #[n(2)]
    pub reason: SessionEnd,
}

/// A command that waits, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum PendingCommand {
    /// A new order.
    #[n(0)]
    New(#[n(0)] OrderTerms),
    /// An amend.
    #[n(1)]
    Amend(#[n(0)] AmendTerms),
    /// An act on a person, a session or a device.
    #[n(2)]
    Manage(#[n(0)] Manage),
    /// An act that takes two: with the proof it waits for the second person.
    #[n(20)]
    Propose(#[n(0)] Proposal),
    /// The second person's word on such an act.
    #[n(21)]
    Judge(#[n(0)] Judgement),
    /// A key or device of one's own is given up.
    #[n(60)]
    Let(#[n(0)] Letting),
    /// A table of acts.
    #[n(80)]
    Bulk(#[n(0)] Batch),
}

impl PendingCommand {
    /// What a signature for it says it is for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        match self {
            Self::Judge(_) => Purpose::Approval,
            Self::New(_) | Self::Amend(_) | Self::Manage(_) | Self::Propose(_) | Self::Let(_) | Self::Bulk(_) => {
                Purpose::Command
            }
        }
    }

    /// True for what is judged on the state as it is: one of them to a proof.
    #[must_use]
    pub const fn is_act(&self) -> bool {
        match self {
            Self::Manage(_) | Self::Propose(_) | Self::Judge(_) | Self::Let(_) | Self::Bulk(_) => true,
            Self::New(_) | Self::Amend(_) => false,
        }
    }
}

/// Why a proof is asked for: figures over their thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StepUpReason {
    /// It is a short sale judged by the short-sale threshold.
    #[n(0)]
    pub short: bool,
    /// Notional.
    #[n(1)]
    pub notional: Money,
    /// Threshold.
    #[n(2)]
    pub threshold: Money,
    /// Of both.
    #[n(3)]
    pub currency: Currency,
}

/// The bytes of a command as they may stand in the log: whoever signs for it signs for exactly these.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CommandBytes {
    /// Canonical, without its text.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// Commitment to the text.
    #[n(1)]
    pub text: Option<Digest>,
}

impl CommandBytes {
    /// What makes it this command and no other.
    #[must_use]
    pub fn digest(&self) -> Digest {
        command_digest(&self.bytes, self.text.as_ref())
    }
}

/// A command waits for a proof; its [`PendingId`] is the sequence of this entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ProofAsked {
    /// What waits.
    #[n(0)]
    pub command: PendingCommand,
    /// Why, for what is not always asked for.
    #[n(1)]
    pub reason: Option<StepUpReason>,
    /// Void after this.
    #[n(2)]
    pub expires: Timestamp,
    /// The command itself; `None` where it names a person: that a security key cannot sign for.
    #[n(3)]
    pub bytes: Option<CommandBytes>,
}

/// A proof was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ProofGiven {
    /// For which command.
    #[n(0)]
    pub pending: PendingId,
    /// By which credential.
    #[n(1)]
    pub credential: CredentialId,
    /// At which step of its time-based code.
    #[n(2)]
    pub step: u64,
}

/// What was wrong with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ProofFault {
    /// Not the code of now or of the step before.
    #[n(0)]
    Wrong,
    /// This code, or a later one, was used before.
    #[n(1)]
    Spent,
    /// The credential does not count, or is someone else's.
    #[n(2)]
    Credential,
    /// Nothing of this session waits under that id, or its time ran out.
    #[n(3)]
    NotPending,
    /// The clock jumped: no proof counts until an admin acknowledges.
    #[n(4)]
    ClockStep,
    /// The password that was to be changed was not that one.
    #[n(5)]
    Password,
    /// What a security key gave is no good.
    #[n(6)]
    Assertion,
    /// A code was right where the role takes a security key.
    #[n(7)]
    KeyWanted,
}

impl ProofFault {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Spent => "spent",
            Self::Credential => "credential",
            Self::NotPending => "not_pending",
            Self::ClockStep => "clock_step",
            Self::Password => "password",
            Self::Assertion => "assertion",
            Self::KeyWanted => "key_wanted",
        }
    }
}

/// A proof failed; what waits goes on waiting.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ProofFailed {
    /// For which commands.
    #[n(0)]
    pub pending: Vec<PendingId>,
    /// What was wrong.
    #[n(1)]
    pub fault: ProofFault,
    /// What was wrong with what a security key gave.
    #[n(2)]
    pub assertion: Option<AssertionFault>,
}

/// A step was spent: it and all before it are worthless from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TotpSpent {
    /// Of which credential.
    #[n(0)]
    pub credential: CredentialId,
    /// Which step (RFC 6238, T).
    #[n(1)]
    pub step: u64,
}

/// A device was locked, or unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceLocked {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// True for locked.
    #[n(1)]
    pub locked: bool,
    /// Why it was locked; `None` when an admin did it, and when it is let in again.
    #[n(2)]
    pub fault: Option<SignInFault>,
}

impl DeviceLocked {
    /// What the device is locked for from now on, if it is.
    #[must_use]
    pub fn cause(&self) -> Option<LockCause> {
        self.locked.then_some(match self.fault {
            None => LockCause::Admin,
            Some(SignInFault::Token) => LockCause::Token,
            Some(SignInFault::Copied) => LockCause::Copied,
            Some(SignInFault::Alert) => LockCause::Alert,
            Some(_) => LockCause::Failures,
        })
    }
}
