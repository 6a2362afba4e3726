//! Where a cache lies and who may read it: its owner alone, one process at a time; it must know nothing of what is in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use turret_disk::private;

use super::error::CacheError;

/// Folder of caches, beside the device's certificate.
const FOLDER: &str = "cache";
/// Bytes of a name's digest that make a file's name.
const NAME_BYTES: usize = 12;

/// The files of one person of one server on this device. Their names tell neither.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    stem: String,
}

/// Nobody else opens the files while it lives.
#[derive(Debug)]
pub(super) struct Held {
    _lock: File,
}

impl Place {
    /// Beside the profile in `profile`.
    #[must_use]
    pub fn of(profile: &Path, origin: &str, login: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"turret/cache/place/v1\0");
        for word in [origin, login] {
            hash.update((word.len() as u64).to_be_bytes());
            hash.update(word);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let stem = digest.iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Self { folder: profile.join(FOLDER), stem }
    }

    /// The encrypted database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.file("db")
    }

    /// The wrapped key.
    #[must_use]
    pub fn slots(&self) -> PathBuf {
        self.file("slots")
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.stem))
    }

    /// Takes it for this process, making the folder if need be.
    pub(super) fn hold(&self) -> Result<Held, CacheError> {
        private::make_dir(&self.folder)?;
        let path = self.file("lock");
        let lock = private::open(OpenOptions::new().create(true).append(true), &path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Held { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CacheError::Held),
            Err(TryLockError::Error(cause)) => Err(cause.into()),
        }
    }

    /// Removes all that was kept.
    pub(super) fn clear(&self) -> io::Result<()> {
        for ending in ["slots", "slots.new", "db", "db-wal", "db-shm", "db-journal"] {
            match fs::remove_file(self.file(ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// An empty database file of the owner's; SQLite gives the files beside it the same mode.
    pub(super) fn make_database(&self) -> io::Result<PathBuf> {
        let path = self.database();
        private::make_file(&path)?;
        Ok(path)
    }

    /// Writes the slots, whole or not at all.
    pub(super) fn write_slots(&self, bytes: &[u8]) -> io::Result<()> {
        private::replace(&self.slots(), &self.file("slots.new"), bytes)
    }
}
