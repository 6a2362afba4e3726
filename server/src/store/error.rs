//! What can go wrong with the log's store, an enum an operation; it must not render text for people at the wire.

use std::fmt;
use std::path::PathBuf;

use crate::encrypted::CipherError;

/// Why the store did not open.
#[derive(Debug)]
pub enum OpenError {
    /// The database could not be opened or prepared.
    Database(CipherError),
    /// A file beside the database could not be read or made.
    Io(PathBuf, std::io::Error),
    /// Another process writes to it.
    InUse(PathBuf),
    /// Made by a newer version of this program: migrations go one way.
    Newer {
        /// Schema version found.
        found: u32,
        /// Newest version this program knows.
        known: u32,
    },
    /// Tables contradict each other.
    Damaged(&'static str),
    /// The log is older than a checkpoint kept outside it, or differs from it: an old copy was put back.
    RolledBack {
        /// Entries in the log.
        size: u64,
        /// Entries the checkpoint covers.
        checkpoint: u64,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the log's database did not open"),
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::InUse(path) => write!(f, "another process holds {}", path.display()),
            Self::Newer { found, known } => {
                write!(f, "made by a newer version (schema {found}, this program knows {known})")
            }
            Self::Damaged(what) => write!(f, "the log contradicts itself: {what}"),
            Self::RolledBack { size, checkpoint } => {
                write!(f, "the log has {size} entries and does not contain its own checkpoint of {checkpoint}")
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(source) => Some(source),
            Self::Io(_, source) => Some(source),
            _ => None,
        }
    }
}

impl From<CipherError> for OpenError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

impl From<ReadError> for OpenError {
    fn from(source: ReadError) -> Self {
        match source {
            ReadError::Database(source) => Self::Database(source),
            ReadError::Missing => Self::Damaged("a row of the tree is missing"),
            ReadError::Damaged(what) => Self::Damaged(what),
        }
    }
}

/// Why an append did not happen.
#[derive(Debug)]
pub enum AppendError {
    /// A newer writer has taken over.
    Superseded {
        /// The epoch in force.
        epoch: u64,
    },
    /// The log does not end where the caller thinks.
    Unexpected {
        /// The sequence the next entry gets.
        next: u64,
    },
    /// The batch itself is wrong: a gap, an entry too long, a tile of the wrong width.
    BadBatch(&'static str),
    /// The disk is full; nothing was written.
    Full,
    /// The commit failed; ask [`super::Store::fate`] and, at best, stop the process.
    Unknown(CipherError),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded { epoch } => write!(f, "a writer of epoch {epoch} has taken over"),
            Self::Unexpected { next } => write!(f, "the log ends before {next}"),
            Self::BadBatch(what) => write!(f, "the batch is wrong: {what}"),
            Self::Full => f.write_str("the disk is full"),
            Self::Unknown(_) => f.write_str("the commit failed and its fate is unknown"),
        }
    }
}

impl std::error::Error for AppendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unknown(source) => Some(source),
            _ => None,
        }
    }
}

/// Why something was not read.
#[derive(Debug)]
pub enum ReadError {
    /// The database failed.
    Database(CipherError),
    /// The log does not reach that far.
    Missing,
    /// A row is not of its form.
    Damaged(&'static str),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the log's database could not be read"),
            Self::Missing => f.write_str("the log does not reach that far"),
            Self::Damaged(what) => write!(f, "a row is damaged: {what}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(source) => Some(source),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for ReadError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

/// Why a snapshot was not written or read.
#[derive(Debug)]
pub enum SnapshotError {
    /// A file operation failed.
    Io(PathBuf, std::io::Error),
    /// The file is cut short, altered or sealed under another key.
    NotGenuine(PathBuf),
    /// Sealing failed.
    Seal,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::NotGenuine(path) => write!(f, "{} is damaged or not ours", path.display()),
            Self::Seal => f.write_str("the snapshot could not be sealed"),
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            _ => None,
        }
    }
}
