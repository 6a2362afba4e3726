//! Opens SQLCipher files keyed and closed to surprises the one way both ends do; it must know no table and keep no key.

use std::fmt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::private;

/// SQLCipher or SQLite failed; the text is for the operator's log and never crosses the wire.
#[derive(Debug)]
pub enum CipherError {
    /// The file is no database under this key.
    WrongKey,
    /// Built without encryption: refuse rather than write plaintext.
    NotEncrypted,
    /// It cannot be made.
    File(std::io::Error),
    /// Anything else.
    Sqlite(rusqlite::Error),
}

impl fmt::Display for CipherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKey => f.write_str("not a database under this key"),
            Self::NotEncrypted => f.write_str("the database library does not encrypt"),
            Self::File(source) => write!(f, "database file: {source}"),
            Self::Sqlite(source) => write!(f, "database: {source}"),
        }
    }
}

impl std::error::Error for CipherError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(source) => Some(source),
            Self::Sqlite(source) => Some(source),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for CipherError {
    fn from(source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::WrongKey,
            _ => Self::Sqlite(source),
        }
    }
}

/// Opens an encrypted database that is there: raw key, nothing trusted from the schema, no secret in memory maps or
/// temporary files. Journal and durability are the caller's to choose. It waits `busy` for another connection's lock.
///
/// # Errors
/// [`CipherError::WrongKey`] when the file does not decrypt; otherwise what SQLite says.
pub fn open(path: &Path, key: &SecretKey, busy: Duration) -> Result<Connection, CipherError> {
    begin_once();
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_key(&db, key)?;
    db.busy_timeout(busy)?;
    db.execute_batch(
        "PRAGMA cipher_memory_security = OFF;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;",
    )?;
    Ok(db)
}

/// Opens one as [`open`] does, making it for its owner alone if it is not there: SQLite gives the files beside a database
/// the mode of the database, and takes an empty file for a new one.
///
/// # Errors
/// As [`open`]; [`CipherError::File`] when it cannot be made.
pub fn create(path: &Path, key: &SecretKey, busy: Duration) -> Result<Connection, CipherError> {
    private::make_file(path).map_err(CipherError::File)?;
    open(path, key, busy)
}

/// Lets one thread begin SQLCipher while the others wait: SQLite says that it has begun before SQLCipher has, so a second
/// thread's first connection would find no cipher and be refused its key. A failure shows at the connection to come.
fn begin_once() {
    static BEGUN: OnceLock<()> = OnceLock::new();
    BEGUN.get_or_init(|| drop(Connection::open_in_memory()));
}

/// Keys the connection and reads one page, so that a wrong key fails here and not later.
fn set_key(db: &Connection, key: &SecretKey) -> Result<(), CipherError> {
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
    // Processors hash SHA-256 in hardware; SQLCipher's own choice, SHA-512, cost the writer a tenth of its time.
    db.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;")?;
    let cipher: Option<String> = db.query_row("PRAGMA cipher_version", [], |row| row.get(0)).unwrap_or(None);
    if cipher.is_none() {
        return Err(CipherError::NotEncrypted);
    }
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}
