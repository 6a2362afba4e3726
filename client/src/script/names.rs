//! Codes for the numbers in rows, as far as the session may know them; it must ask nothing itself.

use std::collections::HashMap;

use turret_shared::ids::{AccountId, InstrumentId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::money::Price;
use turret_shared::person::AccountCode;
use turret_shared::view::{AccountView, UserView};

/// What one session learned at sign-in.
#[derive(Debug, Default)]
pub(super) struct Names {
    instruments: HashMap<InstrumentId, Instrument>,
    accounts: HashMap<AccountId, String>,
    users: HashMap<UserId, String>,
}

impl Names {
    pub(super) fn learn_instruments(&mut self, rows: Vec<Instrument>) {
        self.instruments.extend(rows.into_iter().map(|row| (row.id, row)));
    }

    pub(super) fn learn_accounts(&mut self, rows: &[AccountView]) {
        self.accounts.extend(rows.iter().map(|row| (row.account, row.code.clone())));
    }

    pub(super) fn learn_codes(&mut self, rows: Vec<AccountCode>) {
        self.accounts.extend(rows.into_iter().map(|row| (row.account, row.code)));
    }

    pub(super) fn learn_users(&mut self, rows: &[UserView]) {
        self.users.extend(rows.iter().map(|row| (row.user, row.login.clone())));
    }

    pub(super) fn listing(&self, symbol: &str) -> Option<&Instrument> {
        self.instruments.values().find(|instrument| instrument.symbol == symbol)
    }

    /// The symbol of the first listing.
    pub(super) fn any_symbol(&self) -> Option<String> {
        self.instruments.values().min_by_key(|instrument| instrument.id).map(|instrument| instrument.symbol.clone())
    }

    pub(super) fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instruments.get(&id)
    }

    /// The symbol, or `#` and the number where the session does not know it.
    pub(super) fn symbol(&self, id: InstrumentId) -> String {
        self.instrument(id).map_or_else(|| format!("#{id}"), |instrument| instrument.symbol.clone())
    }

    /// The account's code, or `#` and the number where the session may not know it.
    pub(super) fn account(&self, id: AccountId) -> String {
        self.accounts.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// The login, or `#` and the number where the session may not know it.
    pub(super) fn user(&self, id: UserId) -> String {
        self.users.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// A price with the decimals of its listing's tick.
    pub(super) fn price(&self, id: InstrumentId, price: Price) -> String {
        let decimals = self.instrument(id).map_or(2, Instrument::price_decimals);
        format!("{price:.decimals$}")
    }
}
