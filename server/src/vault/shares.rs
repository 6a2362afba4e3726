//! The server's halves of the keys of clients' caches, one a person and device; it must release none by itself.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use turret_shared::ids::{DeviceId, UserId};
use turret_shared::secret::SecretKey;

use super::{Vault, VaultError};
use crate::cipher::{seal, unseal};
use crate::random::array;

/// What is kept for the cache of one person on one device.
#[derive(Debug, Clone)]
pub struct CacheShare {
    /// Random, and the same until it is dropped.
    pub share: SecretKey,
    /// The newest generation the client said is durable.
    pub generation: u64,
}

impl Vault {
    /// The share of a person on a device, made when there is none. Release it after both factors only.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] when the row was altered or moved.
    pub fn cache_share(&self, user: UserId, device: DeviceId) -> Result<CacheShare, VaultError> {
        let mut db = self.db();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let keys = self.keys();
        if let Some((generation, sealed, sealer)) = row(&change, user, device)? {
            let key = keys.rows.of(sealer).ok_or(VaultError::NotGenuine)?;
            let plain = unseal(key, &cell(user, device), &sealed).map_err(|_| VaultError::NotGenuine)?;
            let share = plain.as_slice().try_into().map_err(|_| VaultError::NotGenuine)?;
            return Ok(CacheShare { share: SecretKey::new(share), generation: generation.cast_unsigned() });
        }
        let share = SecretKey::new(array(self.random)?);
        let (sealer, key) = keys.rows.active();
        let sealed = seal(key, &cell(user, device), share.expose(), self.random).map_err(|_| VaultError::NotGenuine)?;
        let sql =
            "INSERT INTO cache_shares (user_id, device_id, generation, sealed, sealer) VALUES (?1, ?2, 0, ?3, ?4)";
        change.prepare_cached(sql)?.execute((user.0, device.0, sealed, sealer))?;
        change.commit()?;
        Ok(CacheShare { share, generation: 0 })
    }

    /// The client's cache is durable at this generation; an older word than known is no word.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be written.
    pub fn cache_kept(&self, user: UserId, device: DeviceId, generation: u64) -> Result<(), VaultError> {
        let db = self.db();
        let Some((known, ..)) = row(&db, user, device)? else { return Ok(()) };
        if generation > known.cast_unsigned() {
            db.prepare_cached("UPDATE cache_shares SET generation = ?3 WHERE user_id = ?1 AND device_id = ?2")?
                .execute((user.0, device.0, generation.cast_signed()))?;
        }
        Ok(())
    }

    /// Drops the shares of every device that is gone: what it kept opens for nobody any more.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be written.
    pub fn drop_cache_shares(&self, is_gone: impl Fn(DeviceId) -> bool) -> Result<(), VaultError> {
        let db = self.db();
        let mut all = db.prepare_cached("SELECT DISTINCT device_id FROM cache_shares")?;
        let devices = all.query_map([], |row| row.get(0).map(DeviceId))?.collect::<Result<Vec<_>, _>>()?;
        for device in devices.into_iter().filter(|device| is_gone(*device)) {
            db.prepare_cached("DELETE FROM cache_shares WHERE device_id = ?1")?.execute([device.0])?;
        }
        Ok(())
    }
}

fn row(db: &Connection, user: UserId, device: DeviceId) -> Result<Option<(i64, Vec<u8>, u32)>, VaultError> {
    let sql = "SELECT generation, sealed, sealer FROM cache_shares WHERE user_id = ?1 AND device_id = ?2";
    let found =
        db.prepare_cached(sql)?.query_row((user.0, device.0), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    Ok(found.optional()?)
}

/// The cell of a stored row.
pub(super) fn stored_cell(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    Ok(cell(UserId(row.get("user_id")?), DeviceId(row.get("device_id")?)))
}

/// Table, column and row, so that a sealed share opens nowhere else.
fn cell(user: UserId, device: DeviceId) -> Vec<u8> {
    let mut name = b"turret/vault/cache_shares/sealed\0".to_vec();
    name.extend_from_slice(&user.0.to_be_bytes());
    name.extend_from_slice(&device.0.to_be_bytes());
    name
}
