//! What a witness saw last of each log, encrypted and durable; it must not judge.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use turret_shared::secret::SecretKey;
use turret_shared::tlog::Hash;

use super::judge::{Refusal, Seen};
use crate::encrypted::{self, Access, CipherError};

/// Refused checkpoints kept for each log, the first ones: what shows two histories is not pushed out by more of it.
const FORKS_KEPT_MAX: u32 = 1_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS seen (
        origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS forks (
        id INTEGER PRIMARY KEY, origin TEXT NOT NULL, at INTEGER NOT NULL, note TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER IF NOT EXISTS seen_grows BEFORE UPDATE ON seen WHEN new.size < old.size
        BEGIN SELECT RAISE(ABORT, 'a log does not shrink'); END;
    CREATE TRIGGER IF NOT EXISTS seen_stays BEFORE DELETE ON seen BEGIN SELECT RAISE(ABORT, 'what was seen stays'); END;";

/// Why it could not be kept or read.
#[derive(Debug)]
pub enum KeptError {
    /// The database would not open.
    Open(CipherError),
    /// The database failed.
    Database(rusqlite::Error),
    /// A row is not what was written.
    Malformed,
}

impl fmt::Display for KeptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "what was seen cannot be opened",
            Self::Database(_) => "the database of what was seen failed",
            Self::Malformed => "what was seen holds a row nobody wrote",
        })
    }
}

impl std::error::Error for KeptError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(source) => Some(source),
            Self::Database(source) => Some(source),
            Self::Malformed => None,
        }
    }
}

impl From<rusqlite::Error> for KeptError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source)
    }
}

/// What was seen.
#[derive(Debug)]
pub struct Kept(Connection);

impl Kept {
    /// Opens the file, made if it is not there.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, KeptError> {
        let db = encrypted::open(path, key, Access::Create).map_err(KeptError::Open)?;
        db.execute_batch(SCHEMA)?;
        Ok(Self(db))
    }

    /// What was seen last of a log.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn seen(&self, origin: &str) -> Result<Seen, KeptError> {
        read(&self.0, origin)
    }

    /// Lets `judge` say what is seen next and keeps that, in one: two requests cannot both continue the same tree.
    ///
    /// # Errors
    /// [`KeptError`]; nothing is kept then, and nothing may be answered.
    pub fn advance(
        &mut self,
        origin: &str,
        note: &str,
        judge: impl FnOnce(Seen) -> Result<Seen, Refusal>,
    ) -> Result<Result<(), Refusal>, KeptError> {
        let change = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next = match judge(read(&change, origin)?) {
            Ok(next) => next,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let size = i64::try_from(next.size).map_err(|_| KeptError::Malformed)?;
        change.execute(
            "INSERT INTO seen (origin, size, root, note) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
            params![origin, size, next.root.0, note],
        )?;
        change.commit()?;
        Ok(Ok(()))
    }

    /// Keeps a checkpoint that was refused though its log signed it.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn keep_fork(&mut self, origin: &str, at_s: i64, note: &str) -> Result<(), KeptError> {
        self.0.execute(
            "INSERT INTO forks (origin, at, note) SELECT ?1, ?2, ?3
             WHERE (SELECT count(*) FROM forks WHERE origin = ?1) < ?4
               AND NOT EXISTS (SELECT 1 FROM forks WHERE origin = ?1 AND note = ?3)",
            params![origin, at_s, note, FORKS_KEPT_MAX],
        )?;
        Ok(())
    }

    /// The newest checkpoint cosigned of a log, and those refused though signed.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn evidence(&self, origin: &str) -> Result<(Option<String>, Vec<String>), KeptError> {
        let newest =
            self.0.query_row("SELECT note FROM seen WHERE origin = ?1", [origin], |row| row.get(0)).optional()?;
        let mut query = self.0.prepare("SELECT note FROM forks WHERE origin = ?1 ORDER BY id")?;
        let forks = query.query_map([origin], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok((newest, forks))
    }
}

fn read(db: &Connection, origin: &str) -> Result<Seen, KeptError> {
    let row: Option<(i64, Vec<u8>)> = db
        .query_row("SELECT size, root FROM seen WHERE origin = ?1", [origin], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((size, root)) = row else { return Ok(Seen::NOTHING) };
    let size = u64::try_from(size).map_err(|_| KeptError::Malformed)?;
    Ok(Seen { size, root: Hash::try_from(root.as_slice()).map_err(|_| KeptError::Malformed)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_there_after_a_restart_and_a_refusal_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness.db");
        let key = SecretKey::new([8; 32]);
        let next = Seen { size: 9, root: Hash([1; 32]) };
        let mut kept = Kept::open(&path, &key).unwrap();
        assert_eq!(kept.seen("log.test").unwrap(), Seen::NOTHING);
        assert_eq!(kept.advance("log.test", "note", |_| Ok(next)).unwrap(), Ok(()));
        assert_eq!(kept.advance("log.test", "no", |_| Err(Refusal::Inconsistent)).unwrap(), Err(Refusal::Inconsistent));
        let shrunk = kept.advance("log.test", "no", |_| Ok(Seen { size: 8, root: Hash([2; 32]) }));
        assert!(matches!(shrunk, Err(KeptError::Database(_))), "the store itself refuses it");
        for _ in 0..3 {
            kept.keep_fork("log.test", 1, "other").unwrap();
        }
        drop(kept);
        let kept = Kept::open(&path, &key).unwrap();
        assert_eq!(kept.seen("log.test").unwrap(), next);
        assert_eq!(kept.evidence("log.test").unwrap(), (Some("note".to_owned()), vec!["other".to_owned()]));
    }
}
