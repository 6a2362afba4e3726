//! Everything that can reach the engine, as one closed enum; it must hold nothing that is not needed to decide.

use alloc::boxed::Box;
use alloc::vec::Vec;

use turret_shared::assertion::{Assertion, AssertionFault, Purpose, command_digest};
use turret_shared::command::{Command, Verb};
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::keys::KeyRegistered;
use turret_shared::event::session::{CommandBytes, ProofFault, SignInFault};
use turret_shared::ids::{ConnectionId, CorrelationId, CredentialId, DeviceId, PendingId, Sequence, SessionId, UserId};
use turret_shared::time::Timestamp;
use turret_shared::venue::Report;
use turret_shared::wire::control::SessionEnd;

/// Place and time the sequencer gives a decision: the first of its events stands at `sequence`, the next behind it, all
/// at `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Of the first event.
    pub sequence: Sequence,
    /// Of all.
    pub time: Timestamp,
}

/// Who a live session speaks for. Only the session layer makes one, after both factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub user: UserId,
    /// On this device.
    pub device: DeviceId,
    /// In this session.
    pub session: SessionId,
    /// Over this connection.
    pub source: Option<ConnectionId>,
}

impl Principal {
    /// The origin of what it causes.
    #[must_use]
    pub const fn origin(&self, correlation: CorrelationId) -> Origin {
        Origin {
            actor: Actor::User(self.user),
            device: Some(self.device),
            session: Some(self.session),
            source: self.source,
            correlation,
        }
    }
}

/// A command of a session, decoded from canonical bytes.
#[derive(Debug, Clone)]
pub struct ClientInput {
    /// Who.
    pub principal: Principal,
    /// To quote.
    pub correlation: CorrelationId,
    /// What, from `Command::from_bytes`.
    pub command: Command,
    /// What makes it this command and no other; see [`ClientInput::new`].
    pub digest: Digest,
    /// Commitment to the order's text, when it has one, or to the address of a ban.
    pub text: Option<Digest>,
    /// Under whom the vault keeps the name of a person to be created.
    pub named: Option<UserId>,
}

impl ClientInput {
    /// Takes a decoded command with its bytes.
    ///
    /// The digest is SHA-256 of the bytes; with a commitment to the text it is SHA-256 of the bytes of the same command
    /// without text, followed by the commitment, so that the log says nothing of the text. The commitment must be the
    /// same for the same text of the same person and ClOrdID: derive its key, do not draw it.
    #[must_use]
    pub fn new(
        principal: Principal,
        correlation: CorrelationId,
        bytes: &[u8],
        command: Command,
        text: Option<Digest>,
    ) -> Self {
        let digest = match (text, &command.verb) {
            (Some(commitment), Verb::OrderNew(_) | Verb::Ban(_) | Verb::Own(_)) => {
                command_digest(&command.bytes_without_text(), Some(&commitment))
            }
            _ => command_digest(bytes, None),
        };
        Self { principal, correlation, command, digest, text, named: None }
    }

    /// The command as it may stand in the log; `None` where it names a person.
    #[must_use]
    pub(crate) fn loggable(&self) -> Option<CommandBytes> {
        match &self.command.verb {
            Verb::CreateUser(_) => None,
            _ => Some(CommandBytes { bytes: self.command.bytes_without_text(), text: self.text }),
        }
    }

    /// The same, with the name of the person to be created kept in the vault under `user`.
    #[must_use]
    pub fn naming(self, user: Option<UserId>) -> Self {
        Self { named: user, ..self }
    }
}

/// A second factor that was right when the edge looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// A time-based code of this step.
    Step(u64),
    /// What a security key gave, verified.
    Signed(Box<Signed>),
}

/// An assertion that was verified against the credential's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What for.
    pub purpose: Purpose,
    /// The one it was asked for with, used up.
    pub nonce: Digest,
    /// Of the connection it came over.
    pub channel: Digest,
    /// The command it was verified against.
    pub command: Digest,
    /// It.
    pub assertion: Assertion,
    /// The key's counter in it.
    pub counter: u32,
}

/// A second factor that was not right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotProven {
    /// A code.
    Code(ProofFault),
    /// What a security key gave.
    Key(AssertionFault),
}

/// An answer to step-ups; the vault has judged the code already, or the assertion is verified.
#[derive(Debug, Clone)]
pub struct ProofInput {
    /// Who.
    pub principal: Principal,
    /// To quote.
    pub correlation: CorrelationId,
    /// For which commands.
    pub pending: Vec<PendingId>,
    /// By which credential.
    pub credential: CredentialId,
    /// It, or what is wrong with it.
    pub given: Result<Factor, NotProven>,
}

/// A new security key, verified; the code is judged as with a password.
#[derive(Debug, Clone)]
pub struct KeyInput {
    /// Who.
    pub principal: Principal,
    /// To quote.
    pub correlation: CorrelationId,
    /// The credential the code is of.
    pub credential: CredentialId,
    /// The step the code belongs to, or what is wrong.
    pub step: Result<u64, ProofFault>,
    /// The key, under a number nobody has.
    pub new: Box<KeyRegistered>,
}

/// A person's new password; the vault holds its verifier already, in the version named, and has judged old password and code.
#[derive(Debug, Clone)]
pub struct PasswordInput {
    /// Who.
    pub principal: Principal,
    /// To quote.
    pub correlation: CorrelationId,
    /// The credential the code is of.
    pub credential: CredentialId,
    /// The step the code belongs to, or what is wrong (`ProofFault::Wrong`, `ProofFault::Password`).
    pub step: Result<u64, ProofFault>,
    /// The new version of the password.
    pub version: u32,
}

/// What the session layer tells.
#[derive(Debug, Clone)]
pub enum SessionInput {
    /// Both factors are right; whether that is enough the engine decides ([`crate::Decision::session`]).
    SignIn {
        /// Who.
        user: UserId,
        /// On which device (from the certificate).
        device: DeviceId,
        /// The second factor used.
        credential: CredentialId,
        /// What it gave.
        factor: Factor,
        /// The version of the password that was right: another may count by now.
        password: u32,
        /// SHA-256 of the token.
        token: Digest,
        /// A script's session.
        script: bool,
        /// Over which connection.
        source: Option<ConnectionId>,
        /// To quote.
        correlation: CorrelationId,
    },
    /// Both factors were right before, a new password was wanted, and the vault holds it: [`crate::Decision::session`] as for
    /// a sign-in.
    Renew {
        /// Who.
        user: UserId,
        /// On which device.
        device: DeviceId,
        /// The time-based credential used.
        credential: CredentialId,
        /// The new version of the password.
        version: u32,
        /// SHA-256 of the token.
        token: Digest,
        /// A script's session.
        script: bool,
        /// Over which connection.
        source: Option<ConnectionId>,
        /// To quote.
        correlation: CorrelationId,
    },
    /// Sign-ins failed, counted.
    Failed {
        /// Whose name was given, if there is such a person.
        user: Option<UserId>,
        /// From which device.
        device: Option<DeviceId>,
        /// Why.
        fault: SignInFault,
        /// How often.
        count: u32,
        /// First of them.
        first: Timestamp,
        /// Over which connection.
        source: Option<ConnectionId>,
        /// To quote.
        correlation: CorrelationId,
    },
    /// A session is over: signed out, idle, too old, killed, misused.
    End {
        /// Which.
        session: SessionId,
        /// Why.
        reason: SessionEnd,
        /// To quote.
        correlation: CorrelationId,
    },
    /// A device is locked, or unlocked; its sessions end.
    LockDevice {
        /// Which.
        device: DeviceId,
        /// True to lock.
        locked: bool,
        /// Why.
        fault: Option<SignInFault>,
        /// To quote.
        correlation: CorrelationId,
    },
}

/// One input of the engine.
#[derive(Debug, Clone)]
pub enum Input {
    /// A command of a session.
    Client(Box<ClientInput>),
    /// An answer to step-ups.
    Proof(ProofInput),
    /// A person's new password.
    Password(PasswordInput),
    /// A person's new security key.
    Key(KeyInput),
    /// A fact or answer of the venue.
    Venue(Report),
    /// The link to the venue came up or went down.
    VenueLink(bool),
    /// Time passed: due at [`crate::State::next_deadline`], harmless at any other time.
    Timer,
    /// Of the session layer.
    Session(SessionInput),
    /// A fact of set-up (kinds below 100); refused by [`crate::Decision::fault`] when it contradicts the state.
    Setup(Origin, Box<Event>),
    /// A fact of operation (kinds from 400): started, stopped, audit read, access denied to a query, bad input, clock step.
    Note(Origin, Box<Event>),
}

impl Input {
    /// Where the entries of its decision come from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        const NONE: CorrelationId = CorrelationId(0);
        match self {
            Self::Client(input) => input.principal.origin(input.correlation),
            Self::Proof(input) => input.principal.origin(input.correlation),
            Self::Password(input) => input.principal.origin(input.correlation),
            Self::Key(input) => input.principal.origin(input.correlation),
            Self::Venue(_) | Self::VenueLink(_) => Origin::of(Actor::Venue, NONE),
            Self::Timer => Origin::of(Actor::Engine, NONE),
            Self::Session(input) => input.origin(),
            Self::Setup(origin, _) | Self::Note(origin, _) => *origin,
        }
    }
}

impl SessionInput {
    /// Where its entries come from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match *self {
            Self::SignIn { user, device, source, correlation, .. }
            | Self::Renew { user, device, source, correlation, .. } => {
                Origin { actor: Actor::User(user), device: Some(device), session: None, source, correlation }
            }
            Self::Failed { device, source, correlation, .. } => {
                Origin { actor: Actor::Engine, device, session: None, source, correlation }
            }
            Self::End { session, correlation, .. } => {
                Origin { actor: Actor::Engine, device: None, session: Some(session), source: None, correlation }
            }
            Self::LockDevice { device, correlation, .. } => {
                Origin { actor: Actor::Engine, device: Some(device), session: None, source: None, correlation }
            }
        }
    }
}
