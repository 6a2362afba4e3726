//! Why a backup was not made or not read; it must say nothing of what is in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::encrypted::CipherError;
use crate::keys::KeyError;
use crate::random::RandomError;
use crate::recovery::RecoveryError;
use crate::store::{OpenError, ReadError};

/// Why a backup was not made or not read.
#[derive(Debug)]
pub enum BackupError {
    /// A file could not be read or written.
    Io(PathBuf, io::Error),
    /// There is a file of that name already; it is never overwritten.
    Exists(PathBuf),
    /// It is no backup, or its beginning was altered.
    NotABackup,
    /// A form of backup that this program does not know.
    Newer,
    /// It is not as long as it was made.
    CutShort {
        /// Bytes there are.
        has: u64,
        /// Bytes there should be.
        should: u64,
    },
    /// Bytes of it were altered, or moved.
    Altered,
    /// It opens with other keys.
    OtherKeys,
    /// What is in it is not what a desk is made of.
    Content(&'static str),
    /// A database could not be copied.
    Database(CipherError),
    /// The log could not be opened.
    Open(OpenError),
    /// The log could not be read.
    Read(ReadError),
    /// The key store.
    Key(KeyError),
    /// The recovery key.
    Recovery(RecoveryError),
    /// No ceremony was held before it was made: no share opens it.
    NoRecovery,
    /// No randomness.
    Random(RandomError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::Exists(path) => write!(f, "{} is there already", path.display()),
            Self::NotABackup => f.write_str("this is no backup, or its beginning was altered"),
            Self::Newer => f.write_str("this backup is of a form that this program does not know"),
            Self::CutShort { has, should } if has < should => {
                write!(f, "the backup was cut short: {has} of {should} bytes are there")
            }
            Self::CutShort { has, should } => write!(f, "the backup has {has} bytes and was made with {should}"),
            Self::Altered => f.write_str("the backup was altered"),
            Self::OtherKeys => f.write_str("the backup is not of this key store, or its beginning was altered"),
            Self::Content(what) => write!(f, "the backup holds {what}"),
            Self::Database(_) => f.write_str("a database could not be copied"),
            Self::Open(_) => f.write_str("the log could not be opened"),
            Self::Read(_) => f.write_str("the log could not be read"),
            Self::Key(source) => source.fmt(f),
            Self::Recovery(source) => source.fmt(f),
            Self::NoRecovery => {
                f.write_str("no recovery shares open this backup: there was no ceremony before it was made")
            }
            Self::Random(source) => source.fmt(f),
        }
    }
}

impl std::error::Error for BackupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            Self::Database(source) => Some(source),
            Self::Open(source) => Some(source),
            Self::Read(source) => Some(source),
            _ => None,
        }
    }
}

impl From<CipherError> for BackupError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

impl From<rusqlite::Error> for BackupError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

impl From<OpenError> for BackupError {
    fn from(source: OpenError) -> Self {
        Self::Open(source)
    }
}

impl From<ReadError> for BackupError {
    fn from(source: ReadError) -> Self {
        Self::Read(source)
    }
}

impl From<KeyError> for BackupError {
    fn from(source: KeyError) -> Self {
        Self::Key(source)
    }
}

impl From<RecoveryError> for BackupError {
    fn from(source: RecoveryError) -> Self {
        Self::Recovery(source)
    }
}

impl From<RandomError> for BackupError {
    fn from(source: RandomError) -> Self {
        Self::Random(source)
    }
}

/// What a stream of ours says through [`io::Error`], or what the system says of a file.
pub(super) fn streamed(path: &std::path::Path, error: io::Error) -> BackupError {
    match error.kind() {
        io::ErrorKind::InvalidData => BackupError::Altered,
        _ => BackupError::Io(path.to_owned(), error),
    }
}
