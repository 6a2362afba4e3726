//! Rows sealed anew under the newest key of their kind, a few at a time while people sign in; it must lose none, and leave none
//! behind that an older key is wanted for.

use rusqlite::{Connection, Row, TransactionBehavior};

use super::{Vault, VaultError, VaultKeys, sealed, shares, verifiers};
use crate::cipher::{seal, unseal};
use crate::versions::Versions;

/// Rows sealed anew in one transaction: so long somebody who signs in may wait.
const ROWS_AT_ONCE: u32 = 64;

/// Rows of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those under [`VaultKeys::rows`].
    Sealed,
    /// Those under [`VaultKeys::peppers`].
    Passwords,
}

/// A table with one sealed column, and the version of the key beside it.
struct Table {
    name: &'static str,
    sealed: &'static str,
    /// Its primary key.
    place: &'static [&'static str],
    /// What the cell is bound to.
    cell: fn(&Row<'_>) -> rusqlite::Result<Vec<u8>>,
}

const PASSWORDS: [Table; 1] = [Table {
    name: "passwords",
    sealed: "sealed",
    place: &["credential_id", "version"],
    cell: verifiers::stored_password_cell,
}];

const SEALED: [Table; 3] = [
    Table { name: "subjects", sealed: "wrapped", place: &["kind", "id", "version"], cell: sealed::stored_key_name },
    Table { name: "totp_seeds", sealed: "sealed", place: &["credential_id"], cell: verifiers::stored_seed_cell },
    Table { name: "cache_shares", sealed: "sealed", place: &["user_id", "device_id"], cell: shares::stored_cell },
];

impl Rows {
    const fn tables(self) -> &'static [Table] {
        match self {
            Self::Sealed => &SEALED,
            Self::Passwords => &PASSWORDS,
        }
    }

    const fn of(self, keys: &VaultKeys) -> &Versions {
        match self {
            Self::Sealed => &keys.rows,
            Self::Passwords => &keys.peppers,
        }
    }
}

impl Vault {
    /// Seals with these from now on. Every row there is must be under one of them.
    pub fn take_up(&self, keys: VaultKeys) {
        let held = self.db();
        *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = keys;
        drop(held);
    }

    /// How many rows are under a key that gave way.
    ///
    /// # Errors
    /// [`VaultError::Database`].
    pub fn left(&self, rows: Rows) -> Result<u64, VaultError> {
        let db = self.db();
        let keys = self.keys();
        let mut left = 0_u64;
        for table in rows.tables() {
            let sql = format!("SELECT count(*) FROM {} WHERE sealer = ?1", table.name);
            for version in rows.of(&keys).retained() {
                let count: i64 = db.prepare_cached(&sql)?.query_row([version], |row| row.get(0))?;
                left = left.saturating_add(count.unsigned_abs());
            }
        }
        Ok(left)
    }

    /// Seals the next few of them anew; how many, none when nothing is left.
    ///
    /// # Errors
    /// [`VaultError::NotGenuine`] for a row that was altered or moved; those of this turn are then as they were.
    pub fn reseal(&self, rows: Rows) -> Result<u64, VaultError> {
        let mut db = self.db();
        let keys = self.keys();
        let versions = rows.of(&keys);
        for table in rows.tables() {
            for before in versions.retained() {
                let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let count = self.reseal_some(&change, table, versions, before)?;
                change.commit()?;
                if count > 0 {
                    return Ok(count);
                }
            }
        }
        Ok(0)
    }

    fn reseal_some(
        &self,
        change: &Connection,
        table: &Table,
        versions: &Versions,
        before: u32,
    ) -> Result<u64, VaultError> {
        let old = versions.of(before).ok_or(VaultError::NotGenuine)?;
        let (sealer, key) = versions.active();
        let found: Vec<(Vec<i64>, Vec<u8>, Vec<u8>)> = {
            let sql = format!("SELECT * FROM {} WHERE sealer = ?1 LIMIT {ROWS_AT_ONCE}", table.name);
            let mut query = change.prepare_cached(&sql)?;
            let read = |row: &Row<'_>| {
                let place = table.place.iter().map(|column| row.get(*column)).collect::<Result<_, _>>()?;
                Ok((place, (table.cell)(row)?, row.get(table.sealed)?))
            };
            query.query_map([before], read)?.collect::<Result<_, _>>()?
        };
        let at: Vec<_> = (3_usize..).zip(table.place).map(|(n, column)| format!("{column} = ?{n}")).collect();
        let sql = format!("UPDATE {} SET {} = ?1, sealer = ?2 WHERE {}", table.name, table.sealed, at.join(" AND "));
        let mut update = change.prepare_cached(&sql)?;
        for (place, cell, sealed) in &found {
            let plain = unseal(old, cell, sealed).map_err(|_| VaultError::NotGenuine)?;
            let anew = seal(key, cell, &plain, self.random).map_err(|_| VaultError::NotGenuine)?;
            let mut values: Vec<&dyn rusqlite::ToSql> = vec![&anew, &sealer];
            values.extend(place.iter().map(|value| value as &dyn rusqlite::ToSql));
            update.execute(values.as_slice())?;
        }
        Ok(found.len() as u64)
    }
}
