//! Credentials and personal values in their own encrypted file; it must never know what the log says about them.

mod codes;
mod error;
mod password;
mod people;
mod sealed;
mod shares;
mod tables;
mod verifiers;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use turret_shared::secret::SecretKey;

pub use codes::KnownCode;
pub use error::VaultError;
pub use password::{Password, PasswordMemory, Verifier};
pub use people::Person;
pub use sealed::{PersonalKind, Subject, commitment};
pub use shares::CacheShare;
pub use verifiers::{PasswordId, TOTP_SEED_BYTES, TotpSeed};

use crate::encrypted::{Access, open};
use crate::random::Random;

/// Page cache of the vault, in KiB.
const CACHE_KIB: u32 = 512;

/// The vault, shared by whoever signs people in or shows names; one statement at a time.
pub struct Vault {
    db: Mutex<Connection>,
    /// Wraps the subjects' keys and seals TOTP seeds.
    wrap: SecretKey,
    /// Encrypts password verifiers.
    pepper: SecretKey,
    random: Random,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(<sealed>)")
    }
}

impl Vault {
    /// Opens the vault at `path` under the vault key, making it if it is not there.
    ///
    /// # Errors
    /// [`VaultError`] when it does not open under this key.
    pub fn open(path: &Path, key: &SecretKey, pepper: &SecretKey, random: Random) -> Result<Self, VaultError> {
        let mut db = open(path, key, Access::Create)?;
        db.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}; PRAGMA secure_delete = ON;"))?;
        tables::migrate(&mut db)?;
        let wrap = sealed::wrapping_key(key)?;
        let vault = Self { db: Mutex::new(db), wrap, pepper: pepper.clone(), random };
        vault.make_decoys()?;
        Ok(vault)
    }

    /// A panic while the lock was held left at worst an open transaction, which SQLite rolled back.
    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
