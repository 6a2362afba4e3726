//! Opens the encrypted database the one way a cache is opened; it must know no table and keep no key.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::error::CacheError;
use super::limits::{BUSY_MS_MAX, PAGES_KIB};

/// Opens a database that is there (an empty file is a new one). A write survives the end of this process at once, and a
/// loss of power from the next checkpoint on: what is lost then, the feed brings again.
///
/// # Errors
/// [`CacheError::Database`] also when the file does not decrypt.
pub(super) fn open(path: &Path, key: &SecretKey) -> Result<Connection, CacheError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_key(&db, key)?;
    db.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    db.execute_batch(&format!(
        "PRAGMA cipher_memory_security = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{PAGES_KIB};
         PRAGMA synchronous = NORMAL;"
    ))?;
    // No other process opens it: the index of the log ahead is kept in memory then.
    db.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |row| row.get::<_, String>(0))?;
    db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    Ok(db)
}

/// Keys the connection and reads one page, so that a wrong key fails here and not later.
fn set_key(db: &Connection, key: &SecretKey) -> Result<(), CacheError> {
    // SQLCipher would write its own words about a wrong key to standard error; the error says it.
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let mut pragma = Zeroizing::new(String::with_capacity(96));
    pragma.push_str("PRAGMA key = \"x'");
    for byte in key.expose() {
        for nibble in [byte >> 4, byte & 15] {
            pragma.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    pragma.push_str("'\";");
    db.execute_batch(&pragma)?;
    // Processors hash SHA-256 in hardware.
    db.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;")?;
    let cipher: Option<String> = db.query_row("PRAGMA cipher_version", [], |row| row.get(0)).unwrap_or(None);
    if cipher.is_none() {
        return Err(CacheError::NotEncrypted);
    }
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}
