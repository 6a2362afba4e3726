//! Desks, accounts and listings with the amounts of each account; it must know no single order.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use hashbrown::HashTable;
use minicbor::{Decode, Encode};
use turret_shared::account::Account;
use turret_shared::ids::{AccountId, DeskId, InstrumentId};
use turret_shared::instrument::Instrument;
use turret_shared::money::Money;

use super::hashing::Key;
use super::limits::Figures;
use super::position::Position;
use crate::exact::Exact;

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct AccountBook {
    #[n(0)]
    pub(crate) info: Account,
    /// In 1e-4 of its currency.
    #[n(1)]
    pub(crate) cash: Exact,
    /// Held back by positions and open orders.
    #[n(2)]
    pub(crate) required: Exact,
    #[n(3)]
    pub(crate) limits: Figures,
}

impl AccountBook {
    /// What a purchase may still cost.
    pub(crate) const fn buying_power(&self) -> Exact {
        Exact::from_money(self.cash()).minus(self.required)
    }

    pub(crate) const fn cash(&self) -> Money {
        Money(crate::exact::clamp(self.cash.0))
    }
}

/// One listing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Listing {
    #[n(0)]
    pub(crate) info: Instrument,
    #[n(1)]
    pub(crate) restricted: bool,
    #[n(2)]
    pub(crate) halted: bool,
}

/// Places of ids by their code.
#[derive(Debug, Clone, Default)]
struct Codes {
    key: Key,
    list: HashTable<(Box<str>, u32)>,
}

impl Codes {
    fn get(&self, code: &str) -> Option<u32> {
        let hash = self.key.of_text(0, code.as_bytes());
        self.list.find(hash, |(own, _)| &**own == code).map(|(_, id)| *id)
    }

    fn insert(&mut self, code: &str, id: u32) {
        if self.get(code).is_none() {
            let Self { key, list } = self;
            let hash = |code: &str| key.of_text(0, code.as_bytes());
            list.insert_unique(hash(code), (code.into(), id), |(own, _)| hash(own));
        }
    }
}

/// All of them, by id and by code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Books {
    key: Key,
    pub(crate) desks: Vec<Option<String>>,
    pub(crate) accounts: Vec<Option<AccountBook>>,
    pub(crate) listings: Vec<Option<Listing>>,
    pub(crate) positions: Vec<Position>,
    by_code: Codes,
    by_symbol: Codes,
    by_pair: HashTable<u32>,
}

/// What a snapshot keeps.
pub(crate) type Kept = (Vec<Option<String>>, Vec<Option<AccountBook>>, Vec<Option<Listing>>, Vec<Position>);

impl Books {
    pub(crate) fn new(key: Key) -> Self {
        let codes = || Codes { key, list: HashTable::new() };
        Self { key, by_code: codes(), by_symbol: codes(), ..Self::default() }
    }

    pub(crate) fn from_kept(key: Key, (desks, accounts, listings, positions): Kept) -> Self {
        let mut books = Self { desks, ..Self::new(key) };
        for (id, account) in (0_u32..).zip(&accounts) {
            if let Some(account) = account {
                books.by_code.insert(&account.info.code, id);
            }
        }
        for (id, listing) in (0_u32..).zip(&listings) {
            if let Some(listing) = listing {
                books.by_symbol.insert(&listing.info.symbol, id);
            }
        }
        (books.accounts, books.listings) = (accounts, listings);
        for position in positions {
            books.push_position(position);
        }
        books
    }

    pub(crate) fn desk(&self, desk: DeskId) -> Option<&str> {
        self.desks.get(usize::from(desk.0)).and_then(Option::as_deref)
    }

    pub(crate) fn account(&self, account: AccountId) -> Option<&AccountBook> {
        self.accounts.get(usize::try_from(account.0).ok()?).and_then(Option::as_ref)
    }

    pub(crate) fn account_mut(&mut self, account: AccountId) -> Option<&mut AccountBook> {
        self.accounts.get_mut(usize::try_from(account.0).ok()?).and_then(Option::as_mut)
    }

    pub(crate) fn listing(&self, instrument: InstrumentId) -> Option<&Listing> {
        self.listings.get(usize::try_from(instrument.0).ok()?).and_then(Option::as_ref)
    }

    pub(crate) fn listing_mut(&mut self, instrument: InstrumentId) -> Option<&mut Listing> {
        self.listings.get_mut(usize::try_from(instrument.0).ok()?).and_then(Option::as_mut)
    }

    pub(crate) fn account_by_code(&self, code: &str) -> Option<AccountId> {
        self.by_code.get(code).map(AccountId)
    }

    pub(crate) fn instrument_by_symbol(&self, symbol: &str) -> Option<InstrumentId> {
        self.by_symbol.get(symbol).map(InstrumentId)
    }

    pub(crate) fn put_account(&mut self, book: AccountBook) {
        let id = book.info.id;
        self.by_code.insert(&book.info.code, id.0);
        if let Some(slot) = crate::access::slot_mut(&mut self.accounts, id.0, turret_shared::limits::ACCOUNTS_MAX) {
            *slot = Some(book);
        }
    }

    pub(crate) fn put_listing(&mut self, info: Instrument) {
        let id = info.id;
        self.by_symbol.insert(&info.symbol, id.0);
        let max = turret_shared::limits::INSTRUMENTS_MAX;
        if let Some(slot) = crate::access::slot_mut(&mut self.listings, id.0, max) {
            let (restricted, halted) = slot.as_ref().map_or((false, false), |old| (old.restricted, old.halted));
            *slot = Some(Listing { info, restricted, halted });
        }
    }

    /// The position's place, if there is one.
    pub(crate) fn position_of(&self, account: AccountId, instrument: InstrumentId) -> Option<u32> {
        let same =
            |place: &u32| self.position(*place).is_some_and(|p| p.account == account && p.instrument == instrument);
        self.by_pair.find(self.key.of_two(account.0.into(), instrument.0.into()), same).copied()
    }

    pub(crate) fn position(&self, place: u32) -> Option<&Position> {
        self.positions.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn position_mut(&mut self, place: u32) -> Option<&mut Position> {
        self.positions.get_mut(usize::try_from(place).ok()?)
    }

    /// The position's place, made if need be.
    pub(crate) fn position_made(&mut self, account: AccountId, instrument: InstrumentId) -> u32 {
        if let Some(place) = self.position_of(account, instrument) {
            return place;
        }
        let multiplier = self.listing(instrument).map_or(1, |listing| listing.info.multiplier);
        self.push_position(Position::new(account, instrument, multiplier))
    }

    fn push_position(&mut self, position: Position) -> u32 {
        let place = u32::try_from(self.positions.len()).unwrap_or(super::position::NONE);
        self.positions.push(position);
        let Self { positions, by_pair, key, .. } = self;
        let hash_of = |p: &u32| {
            let pair = usize::try_from(*p).ok().and_then(|at| positions.get(at));
            pair.map_or(0, |p| key.of_two(p.account.0.into(), p.instrument.0.into()))
        };
        by_pair.insert_unique(hash_of(&place), place, hash_of);
        place
    }

    /// Changes a position and carries what it requires to its account.
    pub(crate) fn change(&mut self, place: u32, change: impl FnOnce(&mut Position)) {
        let Some(position) = self.position_mut(place) else { return };
        let before = position.required();
        change(position);
        let (after, account) = (position.required(), position.account);
        if let Some(book) = self.account_mut(account) {
            book.required = book.required.minus(before).plus(after);
        }
    }
}
