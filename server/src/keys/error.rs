//! Why a key cannot be had; it must say nothing of the key.

use std::fmt;
use std::path::PathBuf;

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
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
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
