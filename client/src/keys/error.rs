//! What can be wrong with a security key, in words for whoever holds it; it must never say a PIN.

use std::fmt;

/// Why a key did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// None is plugged in.
    None,
    /// More than one is plugged in.
    Several,
    /// It may not be opened by this user.
    NotAllowed,
    /// It went away, or does not answer.
    Gone,
    /// Bytes no key should send.
    Malformed,
    /// It has no PIN yet.
    NoPin,
    /// Not a PIN: too short or too long.
    PinUnfit,
    /// The PIN was wrong; so many tries are left before it locks itself.
    WrongPin(u8),
    /// So few tries are left that none is made from here.
    TriesKept(u8),
    /// It takes no PIN until it was taken out and put in again.
    Replug,
    /// It has locked itself.
    Blocked,
    /// Nobody touched it in time.
    NotTouched,
    /// It is not one of those asked for.
    NotThisKey,
    /// Whoever is to sign has no key that counts here.
    Unregistered,
    /// Its counter went back, so there may be two of it.
    Suspended,
    /// Whoever asked for it asks no more.
    GivenUp,
    /// This machine has no random bits to speak with it.
    NoRandom,
    /// What is to be signed cannot be made again from what was sent.
    NotMade,
    /// It is registered already.
    Known,
    /// It knows no algorithm that is taken here.
    Algorithm,
    /// Another status of CTAP.
    Status(u8),
}

impl KeyError {
    /// Of a status that is not success (CTAP 2.1, 8.2).
    pub(super) const fn of_status(status: u8) -> Self {
        match status {
            0x19 => Self::Known,
            0x26 => Self::Algorithm,
            0x2E => Self::NotThisKey,
            0x27 | 0x2F | 0x3A => Self::NotTouched,
            0x2D => Self::GivenUp,
            0x32 => Self::Blocked,
            0x34 => Self::Replug,
            0x35 | 0x36 => Self::NoPin,
            0x37 => Self::PinUnfit,
            other => Self::Status(other),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no security key is plugged in"),
            Self::Several => f.write_str("more than one security key is plugged in: leave one"),
            Self::NotAllowed => f.write_str("the security key may not be opened: a udev rule must let you"),
            Self::Gone => f.write_str("the security key does not answer"),
            Self::Malformed => f.write_str("the security key sent something else than an answer"),
            Self::NoPin => f.write_str("the security key has no PIN yet: set one first"),
            Self::PinUnfit => f.write_str("a PIN has 4 characters or more, and no more than 63 bytes"),
            Self::WrongPin(left) => write!(f, "wrong PIN: {left} tries are left"),
            Self::TriesKept(left) => {
                write!(
                    f,
                    "{left} tries of the PIN are left before the security key locks itself: none is made from here"
                )
            }
            Self::Replug => f.write_str("take the security key out and put it in again"),
            Self::Blocked => f.write_str("the security key has locked itself: its PIN was wrong too often"),
            Self::Unregistered => f.write_str("no security key is registered for you here yet"),
            Self::Suspended => f.write_str("this security key is suspended, for there may be two of it: use another"),
            Self::GivenUp => f.write_str("given up"),
            Self::NoRandom => f.write_str("this machine has no random bits to speak with a security key"),
            Self::NotMade => f.write_str("what was sent cannot be signed: give a code"),
            Self::NotTouched => f.write_str("nobody touched the security key in time"),
            Self::NotThisKey => f.write_str("this security key is not registered for you here"),
            Self::Known => f.write_str("this security key is registered already"),
            Self::Algorithm => f.write_str("the security key knows no algorithm that is taken here"),
            Self::Status(status) => write!(f, "the security key says no (status {status:#04x})"),
        }
    }
}

impl std::error::Error for KeyError {}
