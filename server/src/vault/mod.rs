//! Credentials and personal values in their own encrypted file; it must never know what the log says about them.

mod codes;
mod error;
mod password;
mod people;
mod reseal;
mod sealed;
mod shares;
mod tables;
mod verifiers;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use rusqlite::Connection;
use turret_shared::secret::SecretKey;

pub use codes::KnownCode;
pub use error::VaultError;
pub use password::{Password, PasswordMemory, Verifier};
pub use people::Person;
pub use reseal::Rows;
pub use sealed::{PersonalKind, Subject, commitment};
pub use shares::CacheShare;
pub use verifiers::{PasswordId, TOTP_SEED_BYTES, TotpSeed};

use crate::encrypted::{Access, open};
use crate::random::Random;
use crate::versions::Versions;

/// Page cache of the vault, in KiB.
const CACHE_KIB: u32 = 512;

/// What seals within the vault.
#[derive(Debug, Clone)]
pub struct VaultKeys {
    /// Wraps the subjects' keys, and seals TOTP seeds and shares.
    pub rows: Versions,
    /// Encrypts password verifiers.
    pub peppers: Versions,
}

/// The vault, shared by whoever signs people in or shows names; one statement at a time.
pub struct Vault {
    db: Mutex<Connection>,
    /// Changed and asked only while the database is held: so no row is sealed under a key that gave way, and none is read after
    /// its key ended.
    keys: RwLock<VaultKeys>,
    random: Random,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(<sealed>)")
    }
}

impl Vault {
    /// Opens the vault at `path` under the vault key, making it if it is not there; its rows are sealed under a key derived from
    /// that one.
    ///
    /// # Errors
    /// [`VaultError`] when it does not open under this key.
    pub fn open(path: &Path, key: &SecretKey, pepper: &SecretKey, random: Random) -> Result<Self, VaultError> {
        let rows = Versions::first(sealed::wrapping_key(key)?);
        Self::open_with(path, key, VaultKeys { rows, peppers: Versions::first(pepper.clone()) }, random)
    }

    /// The same, with the keys that seal its rows.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with(path: &Path, key: &SecretKey, keys: VaultKeys, random: Random) -> Result<Self, VaultError> {
        let mut db = open(path, key, Access::Create)?;
        db.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}; PRAGMA secure_delete = ON;"))?;
        tables::migrate(&mut db)?;
        let vault = Self { db: Mutex::new(db), keys: RwLock::new(keys), random };
        vault.make_decoys()?;
        Ok(vault)
    }

    /// A panic while the lock was held left at worst an open transaction, which SQLite rolled back.
    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ask while the database is held. The keys are replaced whole.
    fn keys(&self) -> RwLockReadGuard<'_, VaultKeys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
