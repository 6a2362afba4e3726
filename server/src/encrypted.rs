//! Opens the server's databases: WAL, full synchronous commits, readers that cannot write; it must know no table and keep no
//! key.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use turret_disk::cipher;
pub use turret_disk::cipher::CipherError;
use turret_shared::secret::SecretKey;

/// How long a connection waits for another's lock, in milliseconds.
const BUSY_MS_MAX: u64 = 5_000;
/// Prepared statements kept by a connection.
const STATEMENTS_MAX: usize = 64;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Made if it is not there.
    Create,
    /// Must be there; may be written.
    Write,
    /// Must be there; every write is refused by SQLite.
    Read,
}

/// Opens an encrypted database whose commits survive a power loss. What is made is its owner's alone.
///
/// # Errors
/// [`CipherError::WrongKey`] when the file does not decrypt; otherwise what SQLite says.
pub fn open(path: &Path, key: &SecretKey, access: Access) -> Result<Connection, CipherError> {
    let busy = Duration::from_millis(BUSY_MS_MAX);
    let db = match access {
        Access::Create => cipher::create(path, key, busy)?,
        // A reader of a WAL database must be able to map its index; `query_only` refuses its writes.
        Access::Write | Access::Read => cipher::open(path, key, busy)?,
    };
    db.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    db.execute_batch("PRAGMA synchronous = FULL;")?;
    if access == Access::Read {
        db.execute_batch("PRAGMA query_only = ON;")?;
    } else {
        db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    }
    Ok(db)
}
