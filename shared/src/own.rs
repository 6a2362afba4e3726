//! What people do with their own sessions, security keys and devices, and what they see of them; it must reach nobody else's.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use minicbor::{Decode, Encode};

use crate::ids::{CredentialId, DeviceId, SessionId};
use crate::people::{DeviceView, SessionView};
use crate::time::Timestamp;

/// What is done with something of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Own {
    /// End, retire or give up.
    #[n(0)]
    Let(#[n(0)] Letting),
    /// Call it something: the name goes to the vault, the log has a commitment to it.
    #[n(1)]
    Name(#[n(0)] Thing, #[n(1)] String),
}

/// What somebody lets go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Letting {
    /// A session ends at once; orders stay working.
    #[n(0)]
    Session(#[n(0)] SessionId),
    /// A key signs nothing from then on. Takes a fresh proof.
    #[n(1)]
    Key(#[n(0)] CredentialId),
    /// A device is never let in again. Takes a fresh proof.
    #[n(2)]
    Device(#[n(0)] DeviceId),
}

impl Letting {
    /// A word of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Key(_) => "key",
            Self::Device(_) => "device",
        }
    }
}

/// What was to be done, without the name: for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
    /// Something was to be let go of.
    #[n(0)]
    Let(#[n(0)] Letting),
    /// Something was to be called something.
    #[n(1)]
    Name(#[n(0)] Thing),
}

impl Own {
    /// It, without the name.
    #[must_use]
    pub const fn deed(&self) -> Deed {
        match self {
            Self::Let(letting) => Deed::Let(*letting),
            Self::Name(thing, _) => Deed::Name(*thing),
        }
    }
}

/// What can be called something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Thing {
    /// A security key.
    #[n(0)]
    Key(#[n(0)] CredentialId),
    /// A device.
    #[n(1)]
    Device(#[n(0)] DeviceId),
}

/// A security key of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyView {
    /// Ours.
    #[n(0)]
    pub credential: CredentialId,
    /// What its owner calls it; empty for nothing.
    #[n(1)]
    pub name: String,
    /// When it was registered.
    #[n(2)]
    pub since: Option<Timestamp>,
    /// When it last signed.
    #[n(3)]
    pub last_used: Option<Timestamp>,
    /// It signs nothing any more, for there may be two of it.
    #[n(4)]
    pub suspended: bool,
    /// The key's model (AAGUID) in hexadecimal; empty when it does not say.
    #[n(5)]
    pub model: String,
}

/// What is one's own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct OwnView {
    /// Live sessions, the oldest first.
    #[n(0)]
    pub sessions: Vec<SessionView>,
    /// Security keys, the oldest first.
    #[n(1)]
    pub keys: Vec<KeyView>,
    /// Devices that are not gone for good.
    #[n(2)]
    pub devices: Vec<DeviceView>,
    /// Since when the password counts.
    #[n(3)]
    pub password: Option<Timestamp>,
    /// Since when the authenticator counts, if there is one.
    #[n(4)]
    pub totp: Option<Timestamp>,
    /// The session that asks.
    #[n(5)]
    pub session: SessionId,
    /// The device it is on.
    #[n(6)]
    pub device: DeviceId,
}

/// What changed of a person's own, for their other sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum OwnChange {
    /// A session began.
    #[n(0)]
    SignedIn(#[n(0)] SessionId, #[n(1)] DeviceId),
    /// A security key counts from now on.
    #[n(1)]
    KeyRegistered(#[n(0)] CredentialId),
    /// A key or authenticator counts no more.
    #[n(2)]
    FactorGone(#[n(0)] CredentialId),
    /// There may be two of a key: it counts no more.
    #[n(3)]
    KeySuspended(#[n(0)] CredentialId),
    /// A device was let in for the first time.
    #[n(4)]
    DeviceRegistered(#[n(0)] DeviceId),
    /// A device is gone for good.
    #[n(5)]
    DeviceGone(#[n(0)] DeviceId),
}

impl fmt::Display for OwnChange {
    /// For a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn(session, device) => {
                write!(f, "you signed in on device {device} as well (session {session})")
            }
            Self::KeyRegistered(key) => write!(f, "a security key was registered for you as number {key}"),
            Self::FactorGone(factor) => write!(f, "a factor of yours counts no more: number {factor}"),
            Self::KeySuspended(key) => write!(f, "your security key {key} is suspended: there may be two of it"),
            Self::DeviceRegistered(device) => write!(f, "device {device} was let in as yours"),
            Self::DeviceGone(device) => write!(f, "device {device} of yours is let in no more"),
        }
    }
}
