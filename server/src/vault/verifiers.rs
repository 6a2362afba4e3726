//! Password verifiers and TOTP seeds, each sealed to its row; it must give decoys the cost of the real thing.

use rusqlite::OptionalExtension;
use turret_shared::ids::{CredentialId, UserId};
use zeroize::Zeroizing;

use super::password::{COST, Cost, Password, PasswordMemory, SALT_BYTES, Verifier, stretch};
use super::{Vault, VaultError};
use crate::cipher::{seal, unseal};
use crate::random::array;

/// Row of the decoys: no credential has this id.
const DECOY: CredentialId = CredentialId(0);
/// Bytes of a TOTP seed (RFC 4226, 4 recommends 160 bits).
pub const TOTP_SEED_BYTES: usize = 20;

struct PasswordRow {
    user: u32,
    cost: Cost,
    salt: [u8; SALT_BYTES],
    sealed: Vec<u8>,
}

struct SeedRow {
    user: u32,
    sealed: Vec<u8>,
}

impl Vault {
    /// Stores the verifier of a new password credential; an event must name it before it counts.
    ///
    /// # Errors
    /// [`VaultError::Taken`] when the credential exists; [`VaultError::Unfit`] for id 0.
    pub fn add_password(
        &self,
        credential: CredentialId,
        user: UserId,
        password: &Password<'_>,
        memory: &mut PasswordMemory,
    ) -> Result<(), VaultError> {
        if credential == DECOY {
            return Err(VaultError::Unfit("credential 0"));
        }
        let salt = array(self.random)?;
        let expected = stretch(password.text(), COST, &salt, memory)?;
        self.put_password(credential, user, salt, &expected)
    }

    /// What to compare a password with. Without a credential, or with one that is not there, a decoy is given
    /// that costs the same and matches nothing.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] when the row was altered or moved.
    pub fn verifier(&self, credential: Option<CredentialId>) -> Result<Verifier, VaultError> {
        // Both rows are read every time, so that a miss costs what a hit does.
        let decoy = self.password_row(DECOY)?.ok_or(VaultError::NotGenuine)?;
        let wanted = credential.unwrap_or(DECOY);
        let (id, row, real) = match self.password_row(wanted)? {
            Some(row) if wanted != DECOY => (wanted, row, true),
            _ => (DECOY, decoy, false),
        };
        let associated = password_cell(id, UserId(row.user), row.cost, &row.salt);
        let plain = unseal(&self.pepper, &associated, &row.sealed).map_err(|_| VaultError::NotGenuine)?;
        let expected = plain.as_slice().try_into().map_err(|_| VaultError::NotGenuine)?;
        Ok(Verifier { cost: row.cost, salt: row.salt, expected: Zeroizing::new(expected), real })
    }

    /// Stores the seed of a new TOTP credential.
    ///
    /// # Errors
    /// [`VaultError::Taken`] when the credential exists; [`VaultError::Unfit`] for id 0 or another length.
    pub fn add_totp(&self, credential: CredentialId, user: UserId, seed: &[u8]) -> Result<(), VaultError> {
        if credential == DECOY || seed.len() != TOTP_SEED_BYTES {
            return Err(VaultError::Unfit("a TOTP seed has 20 bytes and a credential of its own"));
        }
        self.put_seed(credential, user, seed)
    }

    /// The seed of a TOTP credential; without one, or when it is not there, a decoy that no authenticator holds.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] when the row was altered or moved.
    pub fn totp_seed(&self, credential: Option<CredentialId>) -> Result<TotpSeed, VaultError> {
        let decoy = self.seed_row(DECOY)?.ok_or(VaultError::NotGenuine)?;
        let wanted = credential.unwrap_or(DECOY);
        let (id, row, real) = match self.seed_row(wanted)? {
            Some(row) if wanted != DECOY => (wanted, row, true),
            _ => (DECOY, decoy, false),
        };
        let associated = seed_cell(id, UserId(row.user));
        let bytes = unseal(&self.wrap, &associated, &row.sealed).map_err(|_| VaultError::NotGenuine)?;
        Ok(TotpSeed { bytes, real })
    }

    /// Random rows under id 0 for [`Vault::verifier`] and [`Vault::totp_seed`] to fall back on.
    pub(super) fn make_decoys(&self) -> Result<(), VaultError> {
        if self.password_row(DECOY)?.is_none() {
            self.put_password(DECOY, UserId(0), array(self.random)?, &array(self.random)?)?;
        }
        if self.seed_row(DECOY)?.is_none() {
            self.put_seed(DECOY, UserId(0), &array::<TOTP_SEED_BYTES>(self.random)?)?;
        }
        Ok(())
    }

    fn put_password(
        &self,
        credential: CredentialId,
        user: UserId,
        salt: [u8; SALT_BYTES],
        expected: &[u8; 32],
    ) -> Result<(), VaultError> {
        let associated = password_cell(credential, user, COST, &salt);
        let sealed = seal(&self.pepper, &associated, expected, self.random).map_err(|_| VaultError::NotGenuine)?;
        let sql = "INSERT INTO passwords (credential_id, user_id, memory_kib, passes, salt, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let row = (credential.0, user.0, COST.memory_kib, COST.passes, salt.as_slice(), sealed);
        self.db().prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn password_row(&self, credential: CredentialId) -> Result<Option<PasswordRow>, VaultError> {
        let db = self.db();
        let sql = "SELECT user_id, memory_kib, passes, salt, sealed FROM passwords WHERE credential_id = ?1";
        let mut query = db.prepare_cached(sql)?;
        let row = query.query_row([credential.0], |row| {
            let cost = Cost { memory_kib: row.get(1)?, passes: row.get(2)? };
            Ok(PasswordRow { user: row.get(0)?, cost, salt: row.get(3)?, sealed: row.get(4)? })
        });
        Ok(row.optional()?)
    }

    fn put_seed(&self, credential: CredentialId, user: UserId, seed: &[u8]) -> Result<(), VaultError> {
        let associated = seed_cell(credential, user);
        let sealed = seal(&self.wrap, &associated, seed, self.random).map_err(|_| VaultError::NotGenuine)?;
        let sql = "INSERT INTO totp_seeds (credential_id, user_id, sealed) VALUES (?1, ?2, ?3)";
        self.db().prepare_cached(sql)?.execute((credential.0, user.0, sealed))?;
        Ok(())
    }

    fn seed_row(&self, credential: CredentialId) -> Result<Option<SeedRow>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT user_id, sealed FROM totp_seeds WHERE credential_id = ?1")?;
        let row = query.query_row([credential.0], |row| Ok(SeedRow { user: row.get(0)?, sealed: row.get(1)? }));
        Ok(row.optional()?)
    }
}

/// A TOTP seed, wiped when dropped.
pub struct TotpSeed {
    bytes: Zeroizing<Vec<u8>>,
    real: bool,
}

impl TotpSeed {
    /// The one way to read it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// False for the decoy: compute the code all the same, then refuse.
    #[must_use]
    pub const fn is_real(&self) -> bool {
        self.real
    }
}

impl std::fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<seed>")
    }
}

/// Table, column, row and everything beside the sealed cell, so that it opens nowhere else.
fn password_cell(credential: CredentialId, user: UserId, cost: Cost, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut name = b"turret/vault/passwords/sealed\0".to_vec();
    for number in [credential.0, user.0, cost.memory_kib, cost.passes] {
        name.extend_from_slice(&number.to_be_bytes());
    }
    name.extend_from_slice(salt);
    name
}

/// As [`password_cell`].
fn seed_cell(credential: CredentialId, user: UserId) -> Vec<u8> {
    let mut name = b"turret/vault/totp_seeds/sealed\0".to_vec();
    name.extend_from_slice(&credential.0.to_be_bytes());
    name.extend_from_slice(&user.0.to_be_bytes());
    name
}
