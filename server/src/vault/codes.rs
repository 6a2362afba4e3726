//! What proves enrolment codes, as hashes, and the factors chosen with one; it must never hold a code itself.

use rusqlite::{OptionalExtension, TransactionBehavior};
use sha2::{Digest as _, Sha256};
use turret_shared::ids::{CodeId, CredentialId, UserId};
use turret_shared::secret::EnrolSecret;

use super::{Vault, VaultError};

/// A code that was used or is over is told from one that never was for this long, in seconds.
const REMEMBERED_S: i64 = 86_400;

/// A code the vault knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCode {
    /// Which.
    pub code: CodeId,
    /// Whose.
    pub user: UserId,
    /// Its time was over then, in seconds since 1970 UTC.
    pub expires_s: u64,
}

impl Vault {
    /// Keeps what proves a code, at `now_s` (seconds since 1970 UTC); what was over long ago is forgotten.
    ///
    /// # Errors
    /// [`VaultError::Taken`] when the code is kept already.
    pub fn keep_code(&self, known: KnownCode, secret: &EnrolSecret, now_s: u64) -> Result<(), VaultError> {
        let hash = hash(secret);
        let mut db = self.db();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let over_s = number(now_s).saturating_sub(REMEMBERED_S);
        change.prepare_cached("DELETE FROM enrolment_codes WHERE expires_s < ?1")?.execute([over_s])?;
        change
            .prepare_cached("INSERT INTO enrolment_codes (code_id, hash, user_id, expires_s) VALUES (?1, ?2, ?3, ?4)")?
            .execute((known.code.0.cast_signed(), hash.as_slice(), known.user.0, number(known.expires_s)))?;
        change.commit()?;
        Ok(())
    }

    /// The code this proves.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn code_of(&self, secret: &EnrolSecret) -> Result<Option<KnownCode>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT code_id, user_id, expires_s FROM enrolment_codes WHERE hash = ?1")?;
        let known = query.query_row([hash(secret).as_slice()], |row| {
            let (code, user, expires_s): (i64, u32, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let expires_s = u64::try_from(expires_s).unwrap_or(0);
            Ok(KnownCode { code: CodeId(code.cast_unsigned()), user: UserId(user), expires_s })
        });
        Ok(known.optional()?)
    }

    /// The highest number a credential of the vault has.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn highest_credential(&self) -> Result<CredentialId, VaultError> {
        let sql = "SELECT max(credential_id) FROM
             (SELECT credential_id FROM passwords UNION ALL SELECT credential_id FROM totp_seeds)";
        let highest: Option<u32> = self.db().prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(CredentialId(highest.unwrap_or(0)))
    }

    /// Every number a credential of the vault has; the decoys have none.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn credentials(&self) -> Result<Vec<CredentialId>, VaultError> {
        let sql = "SELECT credential_id FROM passwords UNION SELECT credential_id FROM totp_seeds";
        let db = self.db();
        let mut query = db.prepare_cached(sql)?;
        let ids = query.query_map([], |row| row.get(0).map(CredentialId))?;
        ids.filter(|id| !matches!(id, Ok(CredentialId(0)))).map(|id| id.map_err(VaultError::from)).collect()
    }

    /// Forgets factors that never came to count.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be written.
    pub fn drop_factors(&self, factors: &[CredentialId]) -> Result<(), VaultError> {
        let db = self.db();
        for credential in factors {
            db.prepare_cached("DELETE FROM passwords WHERE credential_id = ?1")?.execute([credential.0])?;
            db.prepare_cached("DELETE FROM totp_seeds WHERE credential_id = ?1")?.execute([credential.0])?;
        }
        Ok(())
    }
}

/// 128 random bits need no stretching.
fn hash(secret: &EnrolSecret) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"turret/enrolment-code/v1\0");
    hash.update(secret.expose());
    hash.finalize().into()
}

fn number(s: u64) -> i64 {
    i64::try_from(s).unwrap_or(i64::MAX)
}
