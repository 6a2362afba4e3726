//! Names and texts that the log does not hold, for rows shown to those allowed; it must not be asked for anyone else.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use turret_shared::ids::{AccountId, UserId};

/// What the vault knows of people by name, held while the server runs.
#[derive(Debug, Default)]
pub struct Names {
    users: RwLock<BTreeMap<UserId, (String, String)>>,
    accounts: BTreeMap<AccountId, String>,
}

impl Names {
    /// From the vault's rows: login and name of each person, client name of each account.
    #[must_use]
    pub fn new(
        users: impl IntoIterator<Item = (UserId, String, String)>,
        accounts: impl IntoIterator<Item = (AccountId, String)>,
    ) -> Self {
        Self {
            users: RwLock::new(users.into_iter().map(|(user, login, name)| (user, (login, name))).collect()),
            accounts: accounts.into_iter().collect(),
        }
    }

    fn users(&self) -> RwLockReadGuard<'_, BTreeMap<UserId, (String, String)>> {
        // Every change under this lock is whole even where a later step panicked.
        self.users.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vault knows one more person, or another under a login whose owner it has forgotten.
    pub fn named(&self, user: UserId, login: &str, name: &str) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        users.retain(|_, (known, _)| known != login);
        users.insert(user, (login.to_owned(), name.to_owned()));
    }

    /// What a person types at sign-in, or `user <number>` for one the vault has forgotten.
    #[must_use]
    pub fn login(&self, user: UserId) -> String {
        self.users().get(&user).map_or_else(|| format!("user {user}"), |(login, _)| login.clone())
    }

    /// A person's name, or nothing.
    #[must_use]
    pub fn name(&self, user: UserId) -> String {
        self.users().get(&user).map_or_else(String::new, |(_, name)| name.clone())
    }

    /// The person of a login.
    #[must_use]
    pub fn user(&self, login: &str) -> Option<UserId> {
        self.users().iter().find(|(_, (known, _))| known == login).map(|(user, _)| *user)
    }

    /// A client's name, or nothing.
    #[must_use]
    pub fn client(&self, account: AccountId) -> &str {
        self.accounts.get(&account).map_or("", String::as_str)
    }
}
