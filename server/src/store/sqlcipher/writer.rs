//! The writer's connection: opens, fences, appends and checkpoints the WAL; it must be the only one that writes the log.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use turret_disk::private;
use turret_shared::ids::Sequence;
use turret_shared::secret::SecretKey;

use super::backfill::Backfill;
use super::read::{SqlReader, TileRoots, frontier_at, size_of};
use super::{append, migrate};
use crate::encrypted::{Access, open};
use crate::store::{AppendError, Batch, Fate, OpenError, ReadError, Reader, Store, Tip};

/// What may be tuned; `examples/append.rs` measures each against the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Page cache of the writer, in KiB.
    pub cache_kib: u32,
    /// The WAL is folded back into the database after this many pages.
    pub wal_pages: u32,
    /// SQLCipher locks and wipes every buffer it uses; it cost up to half the rate at 256 orders a commit.
    pub wipe_memory: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { cache_kib: 8 * 1024, wal_pages: 4_000, wipe_memory: false }
    }
}

/// The log, open for writing.
pub struct SqlStore {
    /// Ended before the writer's own connection is closed, which copies what is left.
    backfill: Backfill,
    db: Connection,
    path: PathBuf,
    key: SecretKey,
    tip: Tip,
    /// Entries known to be durable.
    size: u64,
    /// Held for the life of the writer, so that a second process is refused.
    _lock: File,
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("path", &self.path).field("size", &self.size).finish_non_exhaustive()
    }
}

impl SqlStore {
    /// Opens the log at `path`, making it if it is not there, and takes the next epoch.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another process writes to it; otherwise [`OpenError`].
    pub fn open(path: &Path, key: &SecretKey, tuning: Tuning) -> Result<Self, OpenError> {
        let lock = take_lock(path)?;
        let mut db = open(path, key, Access::Create)?;
        tune(&db, tuning)?;
        migrate::migrate(&mut db)?;
        db.execute("UPDATE fence SET epoch = epoch + 1 WHERE id = 1", [])?;
        let epoch = append::epoch(&db)?;
        let size = size_of(&db)?;
        let frontier = frontier_at(&db, &mut TileRoots::default(), size)?;
        let backfill = Backfill::start(path, key, &db, tuning.wal_pages)?;
        let tip = Tip { epoch, frontier };
        Ok(Self { backfill, db, path: path.to_owned(), key: key.clone(), tip, size, _lock: lock })
    }
}

impl Store for SqlStore {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, epoch: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
        if expected.0 != self.size {
            return Err(AppendError::Unexpected { next: self.size });
        }
        append::check(expected, batch)?;
        if batch.is_empty() {
            return Ok(());
        }
        append::append(&mut self.db, epoch, batch)?;
        self.size = self.size.saturating_add(batch.entries.len() as u64);
        if let Err(error) = self.backfill.tend(&self.db) {
            // The batch is durable; a WAL that cannot be copied grows until the disk says so.
            tracing::warn!(%error, "the log's WAL was not looked after");
        }
        Ok(())
    }

    fn fate(&mut self, epoch: u64, expected: Sequence) -> Result<Fate, ReadError> {
        let current = append::epoch(&self.db)?;
        let size = size_of(&self.db)?;
        self.size = size;
        Ok(match epoch == current {
            false => Fate::Superseded { epoch: current },
            true if size > expected.0 => Fate::Committed { size },
            true => Fate::Absent,
        })
    }

    fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        Ok(Box::new(SqlReader::open(&self.path, &self.key)?))
    }
}

fn take_lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let failed = |source| OpenError::Io(lock_path.clone(), source);
    let lock =
        private::open(OpenOptions::new().create(true).truncate(false).write(true), &lock_path).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(lock_path)),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn tune(db: &Connection, tuning: Tuning) -> Result<(), OpenError> {
    let wipe = if tuning.wipe_memory { "ON" } else { "OFF" };
    db.execute_batch(&format!(
        "PRAGMA cipher_memory_security = {wipe};
         PRAGMA cache_size = -{};",
        tuning.cache_kib
    ))?;
    Ok(())
}
