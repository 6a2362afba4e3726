//! Opens the encrypted database the one way a cache is opened; it must know no table and keep no key.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use turret_disk::cipher;
use turret_shared::secret::SecretKey;

use super::error::CacheError;
use super::limits::{BUSY_MS_MAX, PAGES_KIB};

/// Opens a database that is there (an empty file is a new one). A write survives the end of this process at once, and a
/// loss of power from the next checkpoint on: what is lost then, the feed brings again.
///
/// # Errors
/// [`CacheError::Database`] also when the file does not decrypt.
pub(super) fn open(path: &Path, key: &SecretKey) -> Result<Connection, CacheError> {
    let db = cipher::open(path, key, Duration::from_millis(BUSY_MS_MAX))?;
    db.execute_batch(&format!(
        "PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{PAGES_KIB};
         PRAGMA synchronous = NORMAL;"
    ))?;
    // No other process opens it: the index of the log ahead is kept in memory then.
    db.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0))?;
    db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    Ok(db)
}
