//! The control stream: sign-in, commands, proofs and their answers; it must carry no market data.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::assertion::{Assertion, Registration};
use crate::command::Environment;
use crate::composed::ComposedRole;
use crate::denial::{Denial, Refusal};
use crate::ids::{
    ApprovalId, CodeId, CorrelationId, CredentialId, EntitlementVersion, InstrumentId, PendingId, Sequence, SessionId,
    UserId,
};
use crate::password::PasswordFault;
use crate::secret::{SecretText, SessionToken};
use crate::time::Timestamp;
use crate::view::{OrderView, UserView};

pub use super::kept::{CacheGrant, LogHead};
use super::keys::{KeyAsked, SignAsked};
pub use super::session_end::SessionEnd;

/// From the client.
#[derive(Debug, Clone, Encode, Decode)]
pub enum ClientFrame {
    /// First of all.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// First factor. The answer is the same whatever it is worth.
    #[n(1)]
    Password {
        /// User name.
        #[n(0)]
        login: String,
        /// Password.
        #[n(1)]
        password: SecretText,
    },
    /// Second factor: a time-based code.
    #[n(2)]
    Code {
        /// Six digits.
        #[n(0)]
        code: SecretText,
    },
    /// After a lost connection: the live session of this device goes on here.
    #[n(3)]
    Resume {
        /// From [`SignedIn`].
        #[n(0)]
        token: SessionToken,
    },
    /// One command. Answers come in any order, by `request`.
    #[n(4)]
    Command {
        /// The client's number for it, growing within the connection.
        #[n(0)]
        request: u64,
        /// Canonical bytes of [`crate::command::Command`].
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// Answers step-ups: one code for one or several pending commands.
    #[n(5)]
    Proof {
        /// As for a command.
        #[n(0)]
        request: u64,
        /// What it is for, exactly.
        #[n(1)]
        pending: Vec<PendingId>,
        /// Six digits, not used before.
        #[n(2)]
        code: SecretText,
    },
    /// A person pressed a key, clicked or pasted since the last report.
    #[n(6)]
    Activity,
    /// Start (or restart) the feed, from behind what the client has.
    #[n(7)]
    FeedStart {
        /// `through` of the last message applied; `None` for a snapshot.
        #[n(0)]
        have: Option<Sequence>,
        /// What the client could see then; another version now is answered with a snapshot.
        #[n(1)]
        rights: Option<EntitlementVersion>,
    },
    /// Quotes wanted from now on, replacing the list before.
    #[n(8)]
    Watch {
        /// At most `WATCHED_INSTRUMENTS_MAX`.
        #[n(0)]
        instruments: Vec<InstrumentId>,
    },
    /// End the session.
    #[n(9)]
    SignOut {
        /// The screen locked: the person means to be back.
        #[n(0)]
        locked: bool,
    },
    /// The client's cache is durable at this generation: an older copy of it is not to be believed from now on.
    #[n(10)]
    CacheKept {
        /// Grows with each time it is kept.
        #[n(0)]
        generation: u64,
    },
    /// Wants the newest checkpoint of the log, and proof that it continues the one kept.
    #[n(11)]
    HeadWanted {
        /// Entries under the kept one.
        #[n(0)]
        have: Option<u64>,
    },
    /// A person's new password, given within a session: proved by the old one and a fresh code.
    #[n(12)]
    ChangePassword {
        /// To find the answer by; the client counts.
        #[n(0)]
        request: u64,
        /// The one they have.
        #[n(1)]
        old: SecretText,
        /// The one they want.
        #[n(2)]
        new: SecretText,
        /// Six digits.
        #[n(3)]
        code: SecretText,
    },
    /// Answer to [`ServerFrame::NewPasswordWanted`].
    #[n(13)]
    NewPassword {
        /// The one they want.
        #[n(0)]
        password: SecretText,
    },
    /// Second factor: wants to sign instead of a code. Answer: [`ServerFrame::KeyAsked`].
    #[n(40)]
    KeyWanted,
    /// Second factor: what a security key gave.
    #[n(41)]
    Key {
        /// Which key.
        #[n(0)]
        credential: CredentialId,
        /// What it gave.
        #[n(1)]
        assertion: Assertion,
    },
    /// Answers a step-up: one signature for one pending command.
    #[n(42)]
    Signed {
        /// As for a command.
        #[n(0)]
        request: u64,
        /// What it is for.
        #[n(1)]
        pending: PendingId,
        /// Which key.
        #[n(2)]
        credential: CredentialId,
        /// What it gave.
        #[n(3)]
        assertion: Assertion,
    },
    /// Wants a certificate for a new key of this device, within a session. Answer: [`Outcome::DeviceRenewed`].
    #[n(50)]
    RenewDevice {
        /// As for a command.
        #[n(0)]
        request: u64,
        /// Shows that the device holds the new key (PKCS#10, DER).
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        key: Vec<u8>,
    },
    /// Wants to register a security key. Answer: [`Outcome::KeyOffer`].
    #[n(43)]
    KeyOffered {
        /// As for a command.
        #[n(0)]
        request: u64,
    },
    /// A new security key, made for the offer before, proved by both factors anew.
    #[n(44)]
    NewKey {
        /// As for a command.
        #[n(0)]
        request: u64,
        /// Six digits.
        #[n(1)]
        code: SecretText,
        /// What it gave.
        #[n(2)]
        registration: Registration,
        /// The password there is.
        #[n(3)]
        password: SecretText,
    },
}

/// Introduces a client.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// Oldest protocol version it speaks.
    #[n(0)]
    pub version_min: u16,
    /// Newest.
    #[n(1)]
    pub version_max: u16,
    /// `0.1.0`.
    #[n(2)]
    pub client_version: String,
    /// A script: a session class of its own.
    #[n(3)]
    pub script: bool,
}

/// From the server.
#[derive(Debug, Clone, Encode, Decode)]
pub enum ServerFrame {
    /// Answer to hello.
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// Answer to a password, right or wrong.
    #[n(1)]
    CodeWanted,
    /// In.
    #[n(2)]
    SignedIn(#[n(0)] alloc::boxed::Box<SignedIn>),
    /// Not in; the same for every cause.
    #[n(3)]
    SignInFailed {
        /// To quote.
        #[n(0)]
        correlation: CorrelationId,
        /// Try again after this many seconds.
        #[n(1)]
        retry_after_s: u32,
    },
    /// Answer to a command or proof.
    #[n(4)]
    Reply {
        /// Which.
        #[n(0)]
        request: u64,
        /// To quote.
        #[n(1)]
        correlation: CorrelationId,
        /// What came of it.
        #[n(2)]
        outcome: Outcome,
    },
    /// How long the session may still idle and last.
    #[n(5)]
    SessionClock {
        /// Seconds.
        #[n(0)]
        idle_left_s: u32,
        /// Seconds.
        #[n(1)]
        absolute_left_s: u32,
    },
    /// The session is over.
    #[n(6)]
    SessionEnded {
        /// Why.
        #[n(0)]
        reason: SessionEnd,
    },
    /// The frame could not be served at all.
    #[n(7)]
    Error {
        /// Which request, if it had one.
        #[n(0)]
        request: Option<u64>,
        /// To quote.
        #[n(1)]
        correlation: CorrelationId,
    },
    /// No room to look at a sign-in just now; nothing was tried and nothing counts.
    #[n(8)]
    Busy {
        /// Try again after this many seconds.
        #[n(0)]
        retry_after_s: u32,
    },
    /// Answer to [`ClientFrame::HeadWanted`].
    #[n(9)]
    Head(#[n(0)] alloc::boxed::Box<LogHead>),
    /// Both factors are right, and a new password must be given before the session begins: [`ClientFrame::NewPassword`].
    #[n(10)]
    NewPasswordWanted {
        /// Why the one just given will not do.
        #[n(0)]
        refused: Option<PasswordFault>,
    },
    /// Answer to [`ClientFrame::KeyWanted`], the same whatever name was typed.
    #[n(40)]
    KeyAsked(#[n(0)] alloc::boxed::Box<KeyAsked>),
}

/// What a client must know before anyone types.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Welcome {
    /// Protocol version from here on.
    #[n(0)]
    pub version: u16,
    /// Name of the deployment, also the log's origin.
    #[n(1)]
    pub origin: String,
    /// Where orders go.
    #[n(2)]
    pub environment: Environment,
    /// Where prices come from: `SIM`, `REPLAY 2023-12-25 x1`, `LIVE`.
    #[n(3)]
    pub data_source: String,
    /// Only a demo says so.
    #[n(4)]
    pub demo: bool,
    /// Server clock.
    #[n(5)]
    pub time: Timestamp,
    /// Oldest client version taken.
    #[n(6)]
    pub client_version_min: String,
}

/// A session began (or goes on).
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct SignedIn {
    /// Which.
    #[n(0)]
    pub session: SessionId,
    /// To resume it by.
    #[n(1)]
    pub token: SessionToken,
    /// Who.
    #[n(2)]
    pub user: UserView,
    /// Seconds until it ends without input.
    #[n(3)]
    pub idle_left_s: u32,
    /// Seconds until it ends at all.
    #[n(4)]
    pub absolute_left_s: u32,
    /// How the last session of this user ended.
    #[n(5)]
    pub last_end: Option<SessionEnd>,
    /// For the client's cache, after both factors only: not with a resumption, not for scripts.
    #[n(6)]
    pub cache: Option<CacheGrant>,
    /// Their role takes a security key and they came with a code: the session registers one and sees nothing else.
    #[n(7)]
    pub register_key: bool,
    /// What they have of their role, where that is not all.
    #[n(8)]
    pub composed: Option<ComposedRole>,
}

/// What came of a command or proof. Everything here is durable.
#[derive(Debug, Clone, Encode, Decode)]
pub enum Outcome {
    /// Done, or with the venue now; the order as it is.
    #[n(0)]
    Order(#[n(0)] alloc::boxed::Box<Accepted>),
    /// Our no to an order.
    #[n(1)]
    Denied(#[n(0)] alloc::boxed::Box<Denial>),
    /// Our no to an amend or cancel.
    #[n(2)]
    Refused(#[n(0)] alloc::boxed::Box<Refusal>),
    /// A fresh proof is needed; the command waits under `pending` and is void if anything changes.
    #[n(3)]
    StepUp {
        /// What to answer.
        #[n(0)]
        pending: PendingId,
        /// Until then.
        #[n(1)]
        expires: Timestamp,
        /// `notional 94,750.00 USD over 50,000.00 USD`.
        #[n(2)]
        reason: String,
        /// What a security key may sign instead of a code, for who has one.
        #[n(3)]
        sign: Option<alloc::boxed::Box<SignAsked>>,
    },
    /// Cancel all: how many were asked for.
    #[n(4)]
    CancelAll {
        /// Requests sent to the venue.
        #[n(0)]
        requested: u32,
        /// Left alone, a cancel already pending.
        #[n(1)]
        already: u32,
    },
    /// The proof: what came of each pending command, in the order asked.
    #[n(5)]
    Proof(#[n(0)] Vec<Outcome>),
    /// The code was wrong, or used: a used one says when the next may come.
    #[n(6)]
    ProofRefused {
        /// True when this code (or a newer one) was used before.
        #[n(0)]
        spent: bool,
        /// Seconds until a code that can work.
        #[n(1)]
        next_code_s: u32,
    },
    /// The simulator was told.
    #[n(7)]
    Sim,
    /// No room just now; nothing happened.
    #[n(8)]
    Busy,
    /// The act on a person, a session or a device is done.
    #[n(9)]
    Managed,
    /// An enrolment code is made.
    #[n(10)]
    CodeMade(#[n(0)] alloc::boxed::Box<CodeMade>),
    /// The new password counts from now on; the user's other sessions are over.
    #[n(11)]
    PasswordChanged {
        /// To lock what this device keeps anew; not for scripts.
        #[n(0)]
        cache: Option<CacheGrant>,
    },
    /// The new password will not do; nothing was tried and no code was spent.
    #[n(12)]
    PasswordRefused(#[n(0)] PasswordFault),
    /// What a new security key must be made for.
    #[n(41)]
    KeyOffer(#[n(0)] alloc::boxed::Box<KeyAsked>),
    /// The new security key counts from now on.
    #[n(40)]
    KeyRegistered {
        /// Under this number.
        #[n(0)]
        credential: CredentialId,
    },
    /// A certificate for the device's new key, PEM; the key it has counts until the new one is shown.
    #[n(50)]
    DeviceRenewed(#[n(0)] String),
    /// Asked for and proved: it waits for a second person under this number, until then.
    #[n(20)]
    ApprovalAsked(#[n(0)] ApprovalId, #[n(1)] Timestamp),
}

/// An enrolment code, told once.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct CodeMade {
    /// Which.
    #[n(0)]
    pub code: CodeId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// Void after this.
    #[n(2)]
    pub expires: Timestamp,
    /// It, as it is read aloud; `None` when it could not be kept: make another.
    #[n(3)]
    pub text: Option<SecretText>,
    /// Where devices enrol.
    #[n(4)]
    pub port: u16,
}

/// An accepted order command.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct Accepted {
    /// The order as of this event.
    #[n(0)]
    pub order: OrderView,
    /// Receipt: the entry that records it.
    #[n(1)]
    pub sequence: Sequence,
    /// Receipt: its leaf hash.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub leaf: Vec<u8>,
}
