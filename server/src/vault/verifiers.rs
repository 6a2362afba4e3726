//! Password verifiers and TOTP seeds, each sealed to its row; it must give decoys the cost of the real thing.

use rusqlite::{Connection, OptionalExtension, Row};
use turret_shared::ids::{CredentialId, UserId};
use zeroize::Zeroizing;

use super::password::{COST, Cost, Password, PasswordMemory, SALT_BYTES, Verifier, stretch};
use super::{Vault, VaultError};
use crate::cipher::{seal, unseal};
use crate::random::array;

/// Row of the decoys: no credential has this id.
const DECOY: CredentialId = CredentialId(0);
/// The first version of a password.
const FIRST: u32 = 1;
const DECOY_PASSWORD: PasswordId = PasswordId { credential: DECOY, version: FIRST };
/// Bytes of a TOTP seed (RFC 4226, 4 recommends 160 bits).
pub const TOTP_SEED_BYTES: usize = 20;

/// One version of a password credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordId {
    /// Which credential.
    pub credential: CredentialId,
    /// Which version of it, from 1; the log says which counts.
    pub version: u32,
}

struct PasswordRow {
    user: u32,
    cost: Cost,
    salt: [u8; SALT_BYTES],
    sealed: Vec<u8>,
    sealer: u32,
}

struct SeedRow {
    user: u32,
    sealed: Vec<u8>,
    sealer: u32,
}

impl Vault {
    /// Stores the verifier of a new password credential, in its first version; an event must name it before it counts.
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
        let (id, salt) = (PasswordId { credential, version: FIRST }, array(self.random)?);
        let expected = stretch(password.text(), COST, &salt, memory)?;
        self.put_password(id, user, salt, &expected, "INSERT")
    }

    /// Stores the verifier of a later version of a password credential, in place of one that no event ever named.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] for the first version, or for id 0.
    pub fn renew_password(
        &self,
        id: PasswordId,
        user: UserId,
        password: &Password<'_>,
        memory: &mut PasswordMemory,
    ) -> Result<(), VaultError> {
        if id.credential == DECOY || id.version <= FIRST {
            return Err(VaultError::Unfit("a later version of a credential"));
        }
        let salt = array(self.random)?;
        let expected = stretch(password.text(), COST, &salt, memory)?;
        self.put_password(id, user, salt, &expected, "INSERT OR REPLACE")
    }

    /// Forgets every version of a password but the one that counts.
    ///
    /// # Errors
    /// [`VaultError::Database`]; what should be forgotten is still there, and matches nothing an event names.
    pub fn forget_passwords_but(&self, id: PasswordId) -> Result<(), VaultError> {
        let sql = "DELETE FROM passwords WHERE credential_id = ?1 AND version <> ?2";
        self.db().prepare_cached(sql)?.execute((id.credential.0, id.version))?;
        Ok(())
    }

    /// What to compare a password with. Without a credential, or with one that is not there, a decoy is given
    /// that costs the same and matches nothing.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] when the row was altered or moved.
    pub fn verifier(&self, password: Option<PasswordId>) -> Result<Verifier, VaultError> {
        // Both rows are read every time, so that a miss costs what a hit does.
        let db = self.db();
        let decoy = password_row(&db, DECOY_PASSWORD)?.ok_or(VaultError::NotGenuine)?;
        let wanted = password.unwrap_or(DECOY_PASSWORD);
        let (id, row, real) = match password_row(&db, wanted)? {
            Some(row) if wanted.credential != DECOY => (wanted, row, true),
            _ => (DECOY_PASSWORD, decoy, false),
        };
        let associated = password_cell(id, UserId(row.user), row.cost, &row.salt);
        let keys = self.keys();
        let pepper = keys.peppers.of(row.sealer).ok_or(VaultError::NotGenuine)?;
        let plain = unseal(pepper, &associated, &row.sealed).map_err(|_| VaultError::NotGenuine)?;
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
        let db = self.db();
        let decoy = seed_row(&db, DECOY)?.ok_or(VaultError::NotGenuine)?;
        let wanted = credential.unwrap_or(DECOY);
        let (id, row, real) = match seed_row(&db, wanted)? {
            Some(row) if wanted != DECOY => (wanted, row, true),
            _ => (DECOY, decoy, false),
        };
        let associated = seed_cell(id, UserId(row.user));
        let keys = self.keys();
        let key = keys.rows.of(row.sealer).ok_or(VaultError::NotGenuine)?;
        let bytes = unseal(key, &associated, &row.sealed).map_err(|_| VaultError::NotGenuine)?;
        Ok(TotpSeed { bytes, real })
    }

    /// Random rows under id 0 for [`Vault::verifier`] and [`Vault::totp_seed`] to fall back on.
    pub(super) fn make_decoys(&self) -> Result<(), VaultError> {
        let (password, seed) = {
            let db = self.db();
            (password_row(&db, DECOY_PASSWORD)?, seed_row(&db, DECOY)?)
        };
        if password.is_none() {
            self.put_password(DECOY_PASSWORD, UserId(0), array(self.random)?, &array(self.random)?, "INSERT")?;
        }
        if seed.is_none() {
            self.put_seed(DECOY, UserId(0), &array::<TOTP_SEED_BYTES>(self.random)?)?;
        }
        Ok(())
    }

    fn put_password(
        &self,
        id: PasswordId,
        user: UserId,
        salt: [u8; SALT_BYTES],
        expected: &[u8; 32],
        how: &'static str,
    ) -> Result<(), VaultError> {
        let associated = password_cell(id, user, COST, &salt);
        let db = self.db();
        let keys = self.keys();
        let (sealer, pepper) = keys.peppers.active();
        let sealed = seal(pepper, &associated, expected, self.random).map_err(|_| VaultError::NotGenuine)?;
        let sql = format!(
            "{how} INTO passwords (credential_id, version, user_id, memory_kib, passes, salt, sealed, sealer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        );
        let row = (id.credential.0, id.version, user.0, COST.memory_kib, COST.passes, salt.as_slice(), sealed, sealer);
        db.prepare_cached(&sql)?.execute(row)?;
        Ok(())
    }

    fn put_seed(&self, credential: CredentialId, user: UserId, seed: &[u8]) -> Result<(), VaultError> {
        let associated = seed_cell(credential, user);
        let db = self.db();
        let keys = self.keys();
        let (sealer, key) = keys.rows.active();
        let sealed = seal(key, &associated, seed, self.random).map_err(|_| VaultError::NotGenuine)?;
        let sql = "INSERT INTO totp_seeds (credential_id, user_id, sealed, sealer) VALUES (?1, ?2, ?3, ?4)";
        db.prepare_cached(sql)?.execute((credential.0, user.0, sealed, sealer))?;
        Ok(())
    }
}

fn password_row(db: &Connection, id: PasswordId) -> Result<Option<PasswordRow>, VaultError> {
    let sql = "SELECT user_id, memory_kib, passes, salt, sealed, sealer FROM passwords
         WHERE credential_id = ?1 AND version = ?2";
    let mut query = db.prepare_cached(sql)?;
    let row = query.query_row([id.credential.0, id.version], |row| {
        let cost = Cost { memory_kib: row.get(1)?, passes: row.get(2)? };
        Ok(PasswordRow { user: row.get(0)?, cost, salt: row.get(3)?, sealed: row.get(4)?, sealer: row.get(5)? })
    });
    Ok(row.optional()?)
}

fn seed_row(db: &Connection, credential: CredentialId) -> Result<Option<SeedRow>, VaultError> {
    let mut query = db.prepare_cached("SELECT user_id, sealed, sealer FROM totp_seeds WHERE credential_id = ?1")?;
    let row = query
        .query_row([credential.0], |row| Ok(SeedRow { user: row.get(0)?, sealed: row.get(1)?, sealer: row.get(2)? }));
    Ok(row.optional()?)
}

/// The cell of a row of passwords.
pub(super) fn stored_password_cell(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    let id = PasswordId { credential: CredentialId(row.get("credential_id")?), version: row.get("version")? };
    let cost = Cost { memory_kib: row.get("memory_kib")?, passes: row.get("passes")? };
    Ok(password_cell(id, UserId(row.get("user_id")?), cost, &row.get("salt")?))
}

/// The cell of a row of seeds.
pub(super) fn stored_seed_cell(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    Ok(seed_cell(CredentialId(row.get("credential_id")?), UserId(row.get("user_id")?)))
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
fn password_cell(id: PasswordId, user: UserId, cost: Cost, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut name = b"turret/vault/passwords/sealed\0".to_vec();
    for number in [id.credential.0, user.0, cost.memory_kib, cost.passes] {
        name.extend_from_slice(&number.to_be_bytes());
    }
    // Rows of the first version were sealed before there was a second.
    if id.version != FIRST {
        name.extend_from_slice(&id.version.to_be_bytes());
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
