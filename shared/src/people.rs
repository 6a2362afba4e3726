//! People, their sessions and their devices as those who run users see them; it must hold no credential.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::composed::{ComposedRole, HeldRole};
use crate::ids::{DeskId, DeviceId, SessionId, UserId};
use crate::limits::{LOGIN_BYTES_MAX, NAME_CHARS_MAX};
use crate::role::Role;
use crate::text;
use crate::time::Timestamp;

/// True for what may be typed to sign in: a-z 0-9 . - _ and not too long.
#[must_use]
pub fn is_login(login: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    !login.is_empty() && login.len() <= LOGIN_BYTES_MAX && login.bytes().all(plain)
}

/// True for what a person or client may be called: visible characters, not too many, and no word that passes for another.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && text::is_clean(name, NAME_CHARS_MAX) && !text::mixes_alphabets(name)
}

/// A person with what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PersonView {
    /// Ours.
    #[n(0)]
    pub user: UserId,
    /// What they type at sign-in.
    #[n(1)]
    pub login: String,
    /// Name.
    #[n(2)]
    pub name: String,
    /// Role; `None` may do nothing and not sign in.
    #[n(3)]
    pub role: Option<Role>,
    /// `EQ1`, or empty.
    #[n(4)]
    pub desk_code: String,
    /// A second factor counts.
    #[n(5)]
    pub second_factor: bool,
    /// Devices that are not revoked.
    #[n(6)]
    pub devices: u32,
    /// Those of them that are locked.
    #[n(7)]
    pub devices_locked: u32,
    /// Live sessions.
    #[n(8)]
    pub sessions: u32,
    /// Orders that can still execute.
    #[n(9)]
    pub working: u32,
    /// Their desk.
    #[n(10)]
    pub desk: Option<DeskId>,
    /// When they were last let in.
    #[n(11)]
    pub last_in: Option<Timestamp>,
    /// Sign-ins that failed since then.
    #[n(12)]
    pub failures: u32,
    /// A new password is wanted of them at their next sign-in.
    #[n(13)]
    pub password_expired: bool,
    /// What they have of their role, where that is not all.
    #[n(14)]
    pub composed: Option<ComposedRole>,
}

impl PersonView {
    /// The role they hold, if any.
    #[must_use]
    pub fn held_role(&self) -> Option<HeldRole> {
        self.role.map(|role| HeldRole { role, composed: self.composed })
    }
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SessionView {
    /// Which.
    #[n(0)]
    pub session: SessionId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// Their login.
    #[n(2)]
    pub login: String,
    /// Their role.
    #[n(3)]
    pub role: Option<Role>,
    /// On which device.
    #[n(4)]
    pub device: DeviceId,
    /// A script's.
    #[n(5)]
    pub script: bool,
    /// When it began.
    #[n(6)]
    pub since: Timestamp,
    /// Seconds since a person's last input, as far as it was reported.
    #[n(7)]
    pub idle_s: Option<u32>,
    /// Network address of the connection that carries it; empty while none does.
    #[n(8)]
    pub place: String,
    /// Orders of its user that can still execute.
    #[n(9)]
    pub working: u32,
    /// Round trip of that connection, in microseconds.
    #[n(10)]
    pub round_trip_us: Option<u32>,
    /// Version of the program that speaks there; empty where none does.
    #[n(11)]
    pub version: String,
    /// What they have of their role, where that is not all.
    #[n(12)]
    pub composed: Option<ComposedRole>,
}

impl SessionView {
    /// The role of whose it is, if any.
    #[must_use]
    pub fn held_role(&self) -> Option<HeldRole> {
        self.role.map(|role| HeldRole { role, composed: self.composed })
    }
}

/// What a device is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum DeviceState {
    /// Let in.
    #[n(0)]
    Active,
    /// Out until unlocked.
    #[n(1)]
    Locked,
    /// Gone for good.
    #[n(2)]
    Revoked,
    /// Enrolling: out until whoever made the code confirms it.
    #[n(3)]
    Waiting,
}

impl DeviceState {
    /// `active`, `LOCKED`, `REVOKED`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "LOCKED",
            Self::Revoked => "REVOKED",
            Self::Waiting => "WAITING",
        }
    }
}

/// What a device is locked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum LockCause {
    /// Whoever runs users said so.
    #[n(0)]
    Admin,
    /// Ten wrong passwords or codes in a row.
    #[n(1)]
    Failures,
    /// It showed the session token of another device.
    #[n(2)]
    Token,
    /// An older key of it came back: there is a copy.
    #[n(3)]
    Copied,
    /// Surveillance answered an alert so.
    #[n(4)]
    Alert,
}

impl LockCause {
    /// Of its own standing: letting a person in again does not let in such a device.
    #[must_use]
    pub const fn is_grave(self) -> bool {
        matches!(self, Self::Token | Self::Copied)
    }

    /// For a list.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admin => "by an admin",
            Self::Failures => "wrong codes",
            Self::Token => "TOKEN MISUSE",
            Self::Copied => "KEY COPIED",
            Self::Alert => "SURVEILLANCE",
        }
    }
}

/// A device of a person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceView {
    /// Ours; stands in the certificate.
    #[n(0)]
    pub device: DeviceId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// Their login.
    #[n(2)]
    pub login: String,
    /// What it is worth.
    #[n(3)]
    pub state: DeviceState,
    /// Live sessions on it.
    #[n(4)]
    pub sessions: u32,
    /// First bytes of the SHA-256 of its public key, in hexadecimal; of one that waits the letters its holder reads out.
    #[n(5)]
    pub key: String,
    /// What it is locked for, while it is.
    #[n(6)]
    pub locked_for: Option<LockCause>,
    /// When it was registered.
    #[n(7)]
    pub registered: Timestamp,
    /// When a person was last let in on it.
    #[n(8)]
    pub last_in: Option<Timestamp>,
    /// Sign-ins that failed on it since then.
    #[n(9)]
    pub failures: u32,
    /// Since when it is locked, while it is.
    #[n(10)]
    pub locked_since: Option<Timestamp>,
    /// Who locked it, where a person did.
    #[n(11)]
    pub locked_by: Option<UserId>,
    /// End of the certificate it last showed, where it has connected since the server started.
    #[n(12)]
    pub certificate_ends: Option<Timestamp>,
    /// Network address it last came from, likewise; else empty.
    #[n(13)]
    pub place: String,
    /// What its owner calls it; empty for nothing.
    #[n(14)]
    pub name: String,
}
