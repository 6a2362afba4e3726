//! What can go wrong with the vault; it must carry no secret and no name.

use std::fmt;

use crate::encrypted::CipherError;
use crate::random::RandomError;

/// Why the vault did not do what was asked.
#[derive(Debug)]
pub enum VaultError {
    /// The database failed or did not open.
    Database(CipherError),
    /// Made by a newer version of this program.
    Newer,
    /// The login or id is taken.
    Taken,
    /// A row does not open: altered, moved, or of another key.
    NotGenuine,
    /// A value is empty, too long or otherwise not of its form.
    Unfit(&'static str),
    /// As much waits there as may.
    Full,
    /// Not enough memory to stretch a password.
    Memory,
    /// No randomness.
    Random(RandomError),
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the vault's database failed"),
            Self::Newer => f.write_str("the vault was made by a newer version"),
            Self::Taken => f.write_str("that login or id is taken"),
            Self::NotGenuine => f.write_str("a row of the vault is not genuine"),
            Self::Unfit(what) => write!(f, "unfit for the vault: {what}"),
            Self::Full => f.write_str("no room in the vault for more that waits"),
            Self::Memory => f.write_str("not enough memory to check a password"),
            Self::Random(source) => source.fmt(f),
        }
    }
}

impl std::error::Error for VaultError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(source) => Some(source),
            _ => None,
        }
    }
}

impl From<CipherError> for VaultError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Taken,
            _ => Self::Database(source.into()),
        }
    }
}

impl From<RandomError> for VaultError {
    fn from(source: RandomError) -> Self {
        Self::Random(source)
    }
}
