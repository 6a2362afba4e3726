//! Copies of databases as they stand at one moment, while others write to them: ciphertext on the disk, as they are; it must
//! know no table.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use turret_shared::secret::SecretKey;

use super::BackupError;
use crate::encrypted::{Access, open};

/// Pages copied between two looks at whether to go on.
const PAGES_AT_ONCE: i32 = 1_024;
/// Page cache of a copy, in KiB.
const CACHE_KIB: u32 = 2 * 1024;

/// A database held at one moment; what is written to it from then on is not in the copy.
pub struct Copying {
    from: Connection,
    key: SecretKey,
}

impl std::fmt::Debug for Copying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Copying")
    }
}

impl Copying {
    /// Holds the database at `path` as it stands now.
    ///
    /// # Errors
    /// [`BackupError::Database`] when it does not open under this key.
    pub fn begin(path: &Path, key: &SecretKey) -> Result<Self, BackupError> {
        let from = open(path, key, Access::Read)?;
        from.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}; BEGIN;"))?;
        // The moment is that of the first look.
        from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self { from, key: key.clone() })
    }

    /// Copies it into a new file under the same key.
    ///
    /// # Errors
    /// [`BackupError::Exists`], [`BackupError::Database`].
    pub fn write(self, to: &Path) -> Result<Copied, BackupError> {
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let copied = Copied(to.to_owned());
        let mut out = turret_disk::cipher::create(to, &self.key, std::time::Duration::ZERO)?;
        // Whoever finds it half done finds it within nothing: it is made durable within the backup.
        out.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        let copy = Backup::new(&self.from, &mut out)?;
        loop {
            match copy.step(PAGES_AT_ONCE)? {
                StepResult::Done => break,
                // Nobody else has this file, and the moment is held: it goes on.
                _ => continue,
            }
        }
        drop(copy);
        Ok(copied)
    }
}

/// A copy on the disk, taken away when dropped.
#[derive(Debug)]
pub struct Copied(PathBuf);

impl Copied {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // One that cannot be removed is ciphertext like the database beside it.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encrypted::open;

    #[test]
    fn a_copy_is_of_one_moment_and_never_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let (path, to) = (dir.path().join("a.db"), dir.path().join("b.db"));
        let key = SecretKey::new([3; 32]);
        let writer = open(&path, &key, Access::Create).unwrap();
        writer.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT);").unwrap();
        let put = |from: i64, to: i64| {
            for n in from..to {
                writer.execute("INSERT INTO t VALUES (?1, 'canary of the copy')", [n]).unwrap();
            }
        };
        put(0, 500);
        let copying = Copying::begin(&path, &key).unwrap();
        put(500, 900);
        let copied = copying.write(&to).unwrap();
        put(900, 950);
        let bytes = fs::read(&to).unwrap();
        for clear in ["SQLite format 3", "canary of the copy", "CREATE TABLE"] {
            assert!(!bytes.windows(clear.len()).any(|part| part == clear.as_bytes()), "{clear}");
        }
        let there = open(&to, &key, Access::Read).unwrap();
        let count: i64 = there.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 500, "as it stood when it began");
        drop(there);
        assert!(open(&to, &SecretKey::new([4; 32]), Access::Read).is_err());
        assert!(matches!(Copying::begin(&path, &key).unwrap().write(&to), Err(BackupError::Exists(_))));
        assert!(to.exists(), "what was there stays");
        drop(copied);
        assert!(!to.exists());
    }
}
