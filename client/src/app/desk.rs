//! What the session knows besides orders: listings, accounts, people, positions, fills; it must be filled by the feed only.

use std::collections::BTreeMap;

use turret_shared::ids::{AccountId, InstrumentId, OrderId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::money::Qty;
use turret_shared::person::AccountCode;
use turret_shared::role::Role;
use turret_shared::view::{AccountView, FillView, PositionView, TradingState, UserView};

/// Executions kept here, newest last; older ones are asked for when an order is opened.
pub const FILLS_KEPT_MAX: usize = 20_000;

/// Names, positions and fills.
#[derive(Debug, Default)]
pub struct Desk {
    /// Listings.
    pub instruments: BTreeMap<InstrumentId, Instrument>,
    /// The same by symbol, so that no frame sorts them.
    by_symbol: Vec<InstrumentId>,
    /// Accounts with what this session may do with each.
    pub accounts: BTreeMap<AccountId, AccountView>,
    /// Codes of accounts whose rows the feed does not tell.
    codes: BTreeMap<AccountId, String>,
    /// People this session may know by name.
    pub users: BTreeMap<UserId, UserView>,
    /// Positions.
    pub positions: BTreeMap<(AccountId, InstrumentId), PositionView>,
    /// Trading states the feed told.
    pub trading: BTreeMap<InstrumentId, TradingState>,
    /// Executions by rising ExecID, at most [`FILLS_KEPT_MAX`].
    pub fills: Vec<FillView>,
    /// The server's link to its venue, once told.
    pub venue_up: Option<bool>,
    /// Fills booked since the fills screen was last seen.
    pub fills_unseen: usize,
    /// Rises with each change of the executions, or of a name in them.
    fills_epoch: u64,
}

impl Desk {
    /// Forgets everything, for a snapshot.
    pub fn clear(&mut self) {
        let fills_epoch = self.fills_epoch.saturating_add(1);
        *self = Self { fills_unseen: self.fills_unseen, fills_epoch, ..Self::default() };
    }

    /// Rises with each change of the executions, or of a name in them.
    #[must_use]
    pub const fn fills_epoch(&self) -> u64 {
        self.fills_epoch
    }

    /// Somebody or something is called otherwise.
    pub const fn renamed(&mut self) {
        self.fills_epoch = self.fills_epoch.saturating_add(1);
    }

    /// Takes a listing as it is now.
    pub fn put_instrument(&mut self, instrument: Instrument) {
        let id = instrument.id;
        if let Some(before) = self.instruments.get(&id)
            && before.symbol != instrument.symbol
        {
            self.by_symbol.retain(|known| *known != id);
        }
        let key = |one: &InstrumentId| (self.symbol(*one), *one);
        if let Err(at) = self.by_symbol.binary_search_by(|known| key(known).cmp(&(instrument.symbol.as_str(), id))) {
            self.by_symbol.insert(at, id);
        }
        self.instruments.insert(id, instrument);
    }

    /// Their ids by symbol.
    #[must_use]
    pub fn by_symbol(&self) -> &[InstrumentId] {
        &self.by_symbol
    }

    /// Every listing by its symbol.
    pub fn listings(&self) -> impl Iterator<Item = &Instrument> {
        self.by_symbol.iter().filter_map(|id| self.instruments.get(id))
    }

    /// Symbol of a listing.
    #[must_use]
    pub fn symbol(&self, id: InstrumentId) -> &str {
        self.instruments.get(&id).map_or("?", |i| &i.symbol)
    }

    /// Code of an account.
    #[must_use]
    pub fn account_code(&self, id: AccountId) -> &str {
        let told = self.accounts.get(&id).map(|account| &account.code);
        told.or_else(|| self.codes.get(&id)).map_or("?", String::as_str)
    }

    /// Takes the codes of accounts whose rows the feed does not tell.
    pub fn learn_codes(&mut self, rows: &[AccountCode]) {
        self.codes = rows.iter().map(|row| (row.account, row.code.clone())).collect();
    }

    /// Login of a person.
    #[must_use]
    pub fn login(&self, id: UserId) -> &str {
        // Clients alone are not known by name.
        self.users.get(&id).map_or("a client", |u| &u.login)
    }

    /// Decimals prices of a listing are shown with.
    #[must_use]
    pub fn decimals(&self, id: InstrumentId) -> usize {
        self.instruments.get(&id).map_or(2, Instrument::price_decimals)
    }

    /// A listing by its symbol, however typed.
    #[must_use]
    pub fn instrument_named(&self, symbol: &str) -> Option<&Instrument> {
        self.instruments.values().find(|i| i.symbol.eq_ignore_ascii_case(symbol.trim()))
    }

    /// An account by its code, however typed.
    #[must_use]
    pub fn account_named(&self, code: &str) -> Option<&AccountView> {
        self.accounts.values().find(|a| a.code.eq_ignore_ascii_case(code.trim()))
    }

    /// The position of one account in one listing.
    #[must_use]
    pub fn position(&self, account: AccountId, instrument: InstrumentId) -> Option<&PositionView> {
        self.positions.get(&(account, instrument))
    }

    /// The net position of every account seen here in one listing.
    #[must_use]
    pub fn net_position(&self, instrument: InstrumentId) -> Qty {
        let held = self.positions.values().filter(|p| p.instrument == instrument);
        Qty(held.fold(0_i64, |sum, p| sum.saturating_add(p.qty.0)))
    }

    /// People of a role, those of `desk` first.
    #[must_use]
    pub fn people(&self, role: Role, desk_code: &str) -> Vec<&UserView> {
        let mut people: Vec<_> = self.users.values().filter(|u| u.role == role).collect();
        people.sort_by_key(|u| (u.desk_code != desk_code, u.login.as_str()));
        people
    }

    /// Books an execution or what became of it; true when it is new.
    pub fn put_fill(&mut self, fill: FillView) -> bool {
        self.fills_epoch = self.fills_epoch.saturating_add(1);
        match self.fills.binary_search_by_key(&fill.exec_id, |f| f.exec_id) {
            Ok(at) => {
                if let Some(kept) = self.fills.get_mut(at) {
                    *kept = fill;
                }
                false
            }
            Err(at) => {
                self.fills.insert(at, fill);
                if self.fills.len() > FILLS_KEPT_MAX {
                    // A tenth at once, so that a busy day does not move the rest with each fill.
                    self.fills.drain(..FILLS_KEPT_MAX / 10);
                    self.fills_epoch = self.fills_epoch.saturating_add(1);
                }
                true
            }
        }
    }

    /// Executions of one order that are kept here, oldest first.
    pub fn fills_of(&self, order: OrderId) -> impl Iterator<Item = &FillView> {
        self.fills.iter().filter(move |f| f.order_id == order)
    }

    /// Forgets an account.
    pub fn purge(&mut self, account: AccountId) {
        self.accounts.remove(&account);
        self.positions.retain(|(of, _), _| *of != account);
        self.fills.retain(|f| f.account != account);
        self.fills_epoch = self.fills_epoch.saturating_add(1);
    }
}
