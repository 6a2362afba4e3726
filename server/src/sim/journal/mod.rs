//! The exchange's own journal, encrypted: orders, reports and phase, durable before anyone is told; it must decide nothing.
//!
//! Reports are kept as the frames that carry them, one row a commit: they are replayed in order and never changed.

mod open;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

use rusqlite::Connection;
use turret_shared::ids::OrderId;

use super::exchange::{MemberOrder, Phase};
use crate::encrypted::CipherError;

/// Why the journal failed; the exchange stops then.
#[derive(Debug)]
pub enum JournalError {
    /// The database would not open.
    Open(CipherError),
    /// The database failed.
    Database(rusqlite::Error),
    /// A row is not what was written.
    Malformed,
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "the journal cannot be opened",
            Self::Database(_) => "the journal's database failed",
            Self::Malformed => "the journal holds a row it never wrote",
        })
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(cause) => Some(cause),
            Self::Database(cause) => Some(cause),
            Self::Malformed => None,
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Database(cause)
    }
}

/// The journal, open for writing by its one thread.
#[derive(Debug)]
pub struct Journal {
    db: Connection,
}

/// Where the journal ends.
#[derive(Debug, Default)]
pub struct Restored {
    /// Last report.
    pub sequence: u64,
    /// Newest order ever seen.
    pub newest: Option<OrderId>,
    /// Session and halts.
    pub phase: Phase,
    /// Orders that are not over.
    pub open: Vec<MemberOrder>,
    /// What the crowd left of its mind.
    pub crowd: Vec<u8>,
}

/// One commit.
#[derive(Debug, Default)]
pub struct Commit<'a> {
    /// First and last report in `frames`, if any.
    pub range: Option<(u64, u64)>,
    /// Reports as frames.
    pub frames: &'a [u8],
    /// Rows of orders that changed.
    pub orders: Vec<&'a MemberOrder>,
    /// Session and halts, when they changed.
    pub phase: Option<Phase>,
    /// The crowd's mind, when it is time.
    pub crowd: Option<Vec<u8>>,
}

/// Reports read back.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Frames of reports; some may be older than asked for.
    pub frames: Vec<u8>,
    /// The last report in them.
    pub last: u64,
}
