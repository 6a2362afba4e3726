//! Who a login belongs to and what people and clients are called; it must not judge who may see it.

use rusqlite::OptionalExtension;
use turret_shared::ids::{AccountId, UserId};
use turret_shared::limits::LOGIN_BYTES_MAX;
use turret_shared::text;

use super::{Vault, VaultError};

/// Longest name of a person or client, in characters.
const NAME_CHARS_MAX: usize = 80;

/// What a person is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What they type to sign in.
    pub login: String,
    /// What others see.
    pub name: String,
}

impl Vault {
    /// Records a person.
    ///
    /// # Errors
    /// [`VaultError::Taken`] when the id or the login is; [`VaultError::Unfit`] for a login or name that may not be.
    pub fn add_user(&self, user: UserId, login: &str, name: &str) -> Result<(), VaultError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        if login.is_empty() || login.len() > LOGIN_BYTES_MAX || !login.bytes().all(plain) {
            return Err(VaultError::Unfit("a login is a-z 0-9 . - _"));
        }
        fit_name(name)?;
        let sql = "INSERT INTO users (user_id, login, name) VALUES (?1, ?2, ?3)";
        self.db().prepare_cached(sql)?.execute((user.0, login, name))?;
        Ok(())
    }

    /// Whose login this is.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn user_by_login(&self, login: &str) -> Result<Option<UserId>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT user_id FROM users WHERE login = ?1")?;
        Ok(query.query_row([login], |row| row.get(0)).optional()?.map(UserId))
    }

    /// What a person is called.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn person(&self, user: UserId) -> Result<Option<Person>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT login, name FROM users WHERE user_id = ?1")?;
        let person = |row: &rusqlite::Row<'_>| Ok(Person { login: row.get(0)?, name: row.get(1)? });
        Ok(query.query_row([user.0], person).optional()?)
    }

    /// Everyone, by id.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn people(&self) -> Result<Vec<(UserId, Person)>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT user_id, login, name FROM users ORDER BY user_id")?;
        let rows =
            query.query_map([], |row| Ok((UserId(row.get(0)?), Person { login: row.get(1)?, name: row.get(2)? })))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Names the client of an account, or renames it.
    ///
    /// # Errors
    /// [`VaultError::Unfit`] for a name that may not be.
    pub fn name_client(&self, account: AccountId, name: &str) -> Result<(), VaultError> {
        fit_name(name)?;
        let sql = "INSERT INTO clients (account_id, name) VALUES (?1, ?2)
             ON CONFLICT (account_id) DO UPDATE SET name = excluded.name";
        self.db().prepare_cached(sql)?.execute((account.0, name))?;
        Ok(())
    }

    /// The client of an account.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn client(&self, account: AccountId) -> Result<Option<String>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT name FROM clients WHERE account_id = ?1")?;
        Ok(query.query_row([account.0], |row| row.get(0)).optional()?)
    }

    /// Every named client, by account.
    ///
    /// # Errors
    /// [`VaultError`] when the vault cannot be read.
    pub fn clients(&self) -> Result<Vec<(AccountId, String)>, VaultError> {
        let db = self.db();
        let mut query = db.prepare_cached("SELECT account_id, name FROM clients ORDER BY account_id")?;
        let rows = query.query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn fit_name(name: &str) -> Result<(), VaultError> {
    if name.is_empty() || !text::is_clean(name, NAME_CHARS_MAX) {
        return Err(VaultError::Unfit("a name is 1 to 80 visible characters"));
    }
    Ok(())
}
