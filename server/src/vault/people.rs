//! Who a login belongs to and what people and clients are called; it must not judge who may see it.

use rusqlite::{OptionalExtension, TransactionBehavior};
use turret_shared::ids::{AccountId, UserId};
use turret_shared::limits::PENDING_STEP_UPS_MAX;
use turret_shared::people;

use super::{Vault, VaultError};

/// Whoever asks to create a person has long proved it after this, in seconds, or never will.
const ASKED_S_MAX: i64 = 300;

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
        fit(login, name)?;
        let sql = "INSERT INTO users (user_id, login, name) VALUES (?1, ?2, ?3)";
        self.db().prepare_cached(sql)?.execute((user.0, login, name))?;
        Ok(())
    }

    /// Keeps the name of a person somebody asks to create, under a number nobody has or had: at least `from`. A name kept
    /// so and never created (`is_there` says who was) is forgotten when the next one is kept, once its asking is over.
    ///
    /// # Errors
    /// [`VaultError::Taken`] when the login is; [`VaultError::Unfit`] for a login or name that may not be;
    /// [`VaultError::Full`] when too many are asked for and not created yet.
    pub fn name_new_user(
        &self,
        login: &str,
        name: &str,
        from: UserId,
        now_s: u64,
        is_there: impl Fn(UserId) -> bool,
    ) -> Result<UserId, VaultError> {
        fit(login, name)?;
        let mut db = self.db();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now_s = i64::try_from(now_s).unwrap_or(i64::MAX);
        let since_s = now_s.saturating_sub(ASKED_S_MAX);
        let asked: Vec<(u32, bool)> = {
            let mut query =
                change.prepare_cached("SELECT user_id, asked_s < ?1 FROM users WHERE asked_s IS NOT NULL")?;
            let rows = query.query_map([since_s], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let (stale, waiting): (Vec<_>, Vec<_>) =
            asked.into_iter().filter(|(user, _)| !is_there(UserId(*user))).partition(|(_, stale)| *stale);
        if waiting.len() >= PENDING_STEP_UPS_MAX {
            return Err(VaultError::Full);
        }
        let highest: Option<u32> = change.query_row("SELECT max(user_id) FROM users", [], |row| row.get(0))?;
        for (user, _) in stale {
            change.prepare_cached("DELETE FROM users WHERE user_id = ?1")?.execute([user])?;
        }
        let user = UserId(highest.map_or(0, |highest| highest.saturating_add(1)).max(from.0));
        change
            .prepare_cached("INSERT INTO users (user_id, login, name, asked_s) VALUES (?1, ?2, ?3, ?4)")?
            .execute((user.0, login, name, now_s))?;
        change.commit()?;
        Ok(user)
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

fn fit(login: &str, name: &str) -> Result<(), VaultError> {
    if !people::is_login(login) {
        return Err(VaultError::Unfit("a login is a-z 0-9 . - _"));
    }
    fit_name(name)
}

fn fit_name(name: &str) -> Result<(), VaultError> {
    if people::is_name(name) { Ok(()) } else { Err(VaultError::Unfit("a name is 1 to 80 visible characters")) }
}
