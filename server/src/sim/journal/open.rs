//! Opens a journal, makes its tables, and reads where it ends; it must not write an order.

use std::path::Path;

use rusqlite::OptionalExtension;
use turret_shared::ids::OrderId;
use turret_shared::secret::SecretKey;

use super::{Journal, JournalError, Restored};
use crate::encrypted::{self, Access};
use crate::sim::exchange::{MemberOrder, Phase};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS reports (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, frames BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, open INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS minds (what INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TRIGGER IF NOT EXISTS reports_stay BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports stay'); END;
    CREATE TRIGGER IF NOT EXISTS reports_kept BEFORE DELETE ON reports BEGIN SELECT RAISE(ABORT, 'reports stay'); END;
";

/// Row of `minds` that holds session and halts.
pub(super) const PHASE: i64 = 1;
/// Row of `minds` that holds the crowd's mind.
pub(super) const CROWD: i64 = 2;

impl Journal {
    /// Opens the journal at `path`, made if absent, and tells where it ends.
    ///
    /// # Errors
    /// [`JournalError::Open`] for a wrong key; otherwise what the database says.
    pub fn open(path: &Path, key: &SecretKey) -> Result<(Self, Restored), JournalError> {
        let db = encrypted::open(path, key, Access::Create).map_err(JournalError::Open)?;
        db.execute_batch(SCHEMA)?;
        let journal = Self { db };
        let restored = journal.restored()?;
        Ok((journal, restored))
    }

    fn restored(&self) -> Result<Restored, JournalError> {
        let last: Option<i64> = self
            .db
            .query_row("SELECT last FROM reports ORDER BY first DESC LIMIT 1", [], |row| row.get(0))
            .optional()?;
        let newest: Option<i64> = self.db.query_row("SELECT max(id) FROM orders", [], |row| row.get(0))?;
        let phase = match self.mind(PHASE)? {
            Some(bytes) => minicbor::decode::<Phase>(&bytes).map_err(|_| JournalError::Malformed)?,
            None => Phase::default(),
        };
        let mut statement = self.db.prepare("SELECT body FROM orders WHERE open = 1")?;
        let mut rows = statement.query([])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            let body: Vec<u8> = row.get(0)?;
            open.push(minicbor::decode::<MemberOrder>(&body).map_err(|_| JournalError::Malformed)?);
        }
        Ok(Restored {
            sequence: last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0),
            newest: newest.and_then(|id| u64::try_from(id).ok()).map(OrderId),
            phase,
            open,
            crowd: self.mind(CROWD)?.unwrap_or_default(),
        })
    }

    fn mind(&self, what: i64) -> Result<Option<Vec<u8>>, JournalError> {
        Ok(self.db.query_row("SELECT body FROM minds WHERE what = ?1", [what], |row| row.get(0)).optional()?)
    }
}
