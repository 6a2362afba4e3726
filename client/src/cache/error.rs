//! What can go wrong with what is kept, and the one sentence a person hears of it; it must name no path and hold no secret.

use std::fmt;

use rusqlite::ErrorCode;
use rusqlite::ffi::{Error, SQLITE_IOERR_SHORT_READ};
use turret_disk::cipher::CipherError;

/// Why this session runs without a cache; nothing else is wrong.
#[derive(Debug)]
pub enum CacheError {
    /// Another window of this person has it.
    Held,
    /// The folder or a file of it cannot be made, read or written.
    File(std::io::Error),
    /// The database could not be made or written.
    Database(CipherError),
    /// The system gave no random bits, or no key could be made.
    Key,
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "Another window keeps this device's copy: this one runs without.",
            Self::File(_) => "This device's copy cannot be kept here: the session runs without one.",
            Self::Database(_) => "This device's copy cannot be written: the session runs without one.",
            Self::Key => "This device's copy cannot be locked: the session runs without one.",
        })
    }
}

impl std::error::Error for CacheError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(cause) => Some(cause),
            Self::Database(cause) => Some(cause),
            Self::Held | Self::Key => None,
        }
    }
}

impl CacheError {
    /// Whether what was kept is damaged. A full disk, no memory, no descriptor, a file another program has: all that says
    /// only that it cannot be got at now.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Database(CipherError::WrongKey) => true,
            Self::Database(CipherError::Sqlite(error)) => error.sqlite_error().is_none_or(|error| !is_passing(*error)),
            Self::Database(CipherError::NotEncrypted | CipherError::File(_))
            | Self::Held
            | Self::File(_)
            | Self::Key => false,
        }
    }
}

/// Whether the system stood in the way, and not what is in the file.
fn is_passing(error: Error) -> bool {
    match error.code {
        // Less than there should be is damage.
        ErrorCode::SystemIoFailure => error.extended_code != SQLITE_IOERR_SHORT_READ,
        ErrorCode::DiskFull
        | ErrorCode::OutOfMemory
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::OperationInterrupted => true,
        _ => false,
    }
}

impl From<std::io::Error> for CacheError {
    fn from(source: std::io::Error) -> Self {
        Self::File(source)
    }
}

impl From<rusqlite::Error> for CacheError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

impl From<CipherError> for CacheError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

/// Why nothing that was kept is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilt {
    /// Cut, altered or not readable.
    Damaged,
    /// Of another person, device or server, or under another password.
    Foreign,
    /// An older copy was put back.
    RolledBack,
    /// What this person may see is not what it was: the rows are gone, drafts stay.
    RightsChanged,
}

impl Rebuilt {
    /// For the person, as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Damaged => "What this device kept was damaged: it was thrown away and is fetched afresh.",
            Self::Foreign => {
                "What this device kept does not open with this password, device and server: it is fetched afresh."
            }
            Self::RolledBack => "What this device kept was an older copy: it was thrown away and is fetched afresh.",
            Self::RightsChanged => "What you may see has changed: what this device kept is fetched afresh.",
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi::{
        SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_READ,
        SQLITE_IOERR_WRITE, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_NOTADB, SQLITE_PERM, SQLITE_READONLY,
    };

    use super::*;

    #[test]
    fn what_the_system_refuses_is_no_damage_and_what_is_in_the_file_is() {
        let said = |code| CacheError::from(rusqlite::Error::SqliteFailure(Error::new(code), None));
        let system = [
            SQLITE_BUSY,
            SQLITE_CANTOPEN,
            SQLITE_FULL,
            SQLITE_IOERR,
            SQLITE_IOERR_READ,
            SQLITE_IOERR_WRITE,
            SQLITE_LOCKED,
            SQLITE_NOMEM,
            SQLITE_PERM,
            SQLITE_READONLY,
        ];
        for code in system {
            assert!(!said(code).is_damage(), "{code}");
        }
        for code in [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_IOERR_SHORT_READ] {
            assert!(said(code).is_damage(), "{code}");
        }
        assert!(CacheError::from(rusqlite::Error::QueryReturnedNoRows).is_damage());
        for other in [CacheError::Held, CacheError::Key, CacheError::File(std::io::Error::other("no descriptor left"))]
        {
            assert!(!other.is_damage(), "{other:?}");
        }
    }
}
