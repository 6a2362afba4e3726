//! Why a key cannot be had; it must say nothing of the key.

use std::fmt;
use std::path::PathBuf;

use cryptoki::error::Error as TokenError;

use super::Purpose;
use crate::cipher::SealError;
use crate::random::RandomError;

/// Why a key could not be made, opened or used.
#[derive(Debug)]
pub enum KeyError {
    /// The key file could not be read or written.
    Io(PathBuf, std::io::Error),
    /// There is a key file already; it is never overwritten.
    Exists(PathBuf),
    /// Wrong passphrase, or the file was altered: the two cannot be told apart.
    NotGenuine,
    /// The file is no key file this program can read.
    Malformed,
    /// No active key of this purpose.
    Missing(Purpose),
    /// Keys of this purpose sign inside the store and are never handed out.
    NotExported(Purpose),
    /// The passphrase could not be stretched with the memory there is.
    Stretch,
    /// No randomness.
    Random(RandomError),
    /// The PKCS#11 module does not load or start.
    Module(PathBuf, TokenError),
    /// No token of this label is there.
    Gone(String),
    /// More than one token has this label.
    Ambiguous(String),
    /// The token does not take the PIN.
    Pin,
    /// The token takes no PIN any more.
    PinLocked,
    /// The token cannot do this.
    Mechanism(&'static str),
    /// The token would hand out what must not leave it.
    Extractable,
    /// The token has the label and not the keys.
    OtherKeys,
    /// The token failed at what it was asked.
    Token(TokenError),
    /// The token did not answer in time.
    NoAnswer,
    /// There are as many keys as a store may hold, those that gave way among them.
    Full,
}

impl KeyError {
    /// A word of ours for the log.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Gone(_) => "gone",
            Self::Ambiguous(_) => "ambiguous",
            Self::Pin => "pin",
            Self::PinLocked => "pin_locked",
            Self::Mechanism(_) => "mechanism",
            Self::Extractable => "extractable",
            Self::OtherKeys | Self::NotGenuine => "other_keys",
            Self::NoAnswer => "no_answer",
            _ => "failed",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::Exists(path) => write!(f, "{} is there already", path.display()),
            Self::NotGenuine => f.write_str("wrong passphrase, or the sealed bytes were altered"),
            Self::Malformed => f.write_str("not a key file this program can read"),
            Self::Missing(purpose) => write!(f, "no active key for {purpose:?}"),
            Self::NotExported(purpose) => write!(f, "the key for {purpose:?} is never handed out"),
            Self::Stretch => f.write_str("the passphrase could not be stretched"),
            Self::Random(source) => source.fmt(f),
            Self::Module(path, _) => write!(f, "cannot use the PKCS#11 module {}", path.display()),
            Self::Gone(label) => write!(f, "no token called {label} is there"),
            Self::Ambiguous(label) => write!(f, "more than one token is called {label}"),
            Self::Pin => f.write_str("the token does not take the PIN"),
            Self::PinLocked => f.write_str("the token's PIN is locked"),
            Self::Mechanism(name) => write!(f, "the token has no {name}, which Turret needs"),
            Self::Extractable => f.write_str("the token would hand out a key that must not leave it"),
            Self::OtherKeys => f.write_str("the token does not hold this deployment's keys"),
            Self::Token(_) => f.write_str("the token failed"),
            Self::NoAnswer => f.write_str("the token does not answer"),
            Self::Full => f.write_str("the store holds as many keys as it may"),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            Self::Module(_, source) | Self::Token(source) => Some(source),
            _ => None,
        }
    }
}

impl From<RandomError> for KeyError {
    fn from(source: RandomError) -> Self {
        Self::Random(source)
    }
}

impl From<SealError> for KeyError {
    fn from(source: SealError) -> Self {
        match source {
            SealError::NotGenuine => Self::NotGenuine,
            SealError::Random(source) => Self::Random(source),
        }
    }
}
