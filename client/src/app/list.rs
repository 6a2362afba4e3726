//! The order list: which rows in which order, kept up to date row by row; it must never sort everything for one change.

use std::collections::BTreeMap;

use turret_shared::ids::OrderId;
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::order::Side;

use super::desk::Desk;
use super::filter::Filter;
use super::orders::{Orders, Row};

/// What a list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// First entry: a row never jumps when it changes.
    #[default]
    Time,
    /// Status word.
    Status,
    /// Side.
    Side,
    /// OrderQty.
    Qty,
    /// Symbol.
    Symbol,
    /// Limit or stop price.
    Price,
    /// CumQty.
    Filled,
    /// Account.
    Account,
    /// Who entered it.
    Trader,
    /// Last change.
    Changed,
}

impl SortKey {
    /// In the order they are stepped through.
    pub const ALL: [Self; 10] = [
        Self::Time,
        Self::Status,
        Self::Side,
        Self::Qty,
        Self::Symbol,
        Self::Price,
        Self::Filled,
        Self::Account,
        Self::Trader,
        Self::Changed,
    ];

    /// Name in the group line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Status => "Status",
            Self::Side => "Side",
            Self::Qty => "Qty",
            Self::Symbol => "Symbol",
            Self::Price => "Price",
            Self::Filled => "Filled",
            Self::Account => "Acct",
            Self::Trader => "Trader",
            Self::Changed => "Changed",
        }
    }

    fn of(self, row: &Row, desk: &Desk) -> (i128, OrderId) {
        let key = match self {
            Self::Time => 0,
            Self::Status => letters(crate::format::status(row.status, row.working, row.in_doubt)),
            Self::Side => letters(row.side.word()),
            Self::Qty => row.qty.0.into(),
            Self::Symbol => letters(desk.symbol(row.instrument)),
            Self::Price => row.price().or(row.stop()).map_or(i128::MIN, |p| p.0.into()),
            Self::Filled => row.cum.0.into(),
            Self::Account => letters(desk.account_code(row.account)),
            Self::Trader => letters(desk.login(row.owner)),
            Self::Changed => row.changed.0.into(),
        };
        (key, row.id)
    }
}

/// The first fifteen bytes as a number, which sorts as the word does, capitals of ASCII aside: more than codes and symbols have.
pub(super) fn letters(word: &str) -> i128 {
    let bytes = word.bytes().map(|byte| byte.to_ascii_lowercase()).chain(std::iter::repeat(0));
    bytes.take(15).fold(0, |n, byte| n << 8 | i128::from(byte))
}

/// Sums over what is shown; never over two currencies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Orders that can still execute.
    pub working: usize,
    /// LeavesQty of buys.
    pub leaves_buy: i128,
    /// LeavesQty of sales.
    pub leaves_sell: i128,
    /// Notional of what is left of limit orders, in 1e-4, by currency.
    pub notional: BTreeMap<Currency, i128>,
}

impl Totals {
    /// Over some orders.
    pub fn of<'r>(rows: impl Iterator<Item = &'r Row>, desk: &Desk) -> Self {
        let mut totals = Self::default();
        for row in rows {
            totals.count(row, desk, true);
        }
        totals
    }

    fn count(&mut self, row: &Row, desk: &Desk, add: bool) {
        if !row.is_open() {
            return;
        }
        let sign: i128 = if add { 1 } else { -1 };
        self.working = if add { self.working.saturating_add(1) } else { self.working.saturating_sub(1) };
        let leaves = i128::from(row.leaves.0).saturating_mul(sign);
        let side = if row.side == Side::Buy { &mut self.leaves_buy } else { &mut self.leaves_sell };
        *side = side.saturating_add(leaves);
        let Some(instrument) = desk.instruments.get(&row.instrument) else { return };
        let at = row.price().or(row.stop()).unwrap_or(instrument.reference);
        let worth = at.notional(row.leaves, instrument.multiplier).unwrap_or(Money::ZERO);
        let sum = self.notional.entry(instrument.currency).or_default();
        *sum = sum.saturating_add(i128::from(worth.0).saturating_mul(sign));
    }

    /// LeavesQty of one side as a quantity.
    #[must_use]
    pub fn leaves(&self, buy: bool) -> Qty {
        Qty(i64::try_from(if buy { self.leaves_buy } else { self.leaves_sell }).unwrap_or(i64::MAX))
    }
}

/// Places of the rows shown, rising by the sort key.
#[derive(Debug, Default)]
pub struct List {
    shown: Vec<u32>,
    /// What is shown at all.
    pub filter: Filter,
    /// Sorted by this, first entry breaking ties.
    pub sort: SortKey,
    /// True for the lowest first.
    pub ascending: bool,
    /// Sums over what is shown.
    pub totals: Totals,
}

impl List {
    /// How many rows are shown.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.shown.len()
    }

    /// True when none is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Place of the row on a line of the list, the topmost being 0.
    #[must_use]
    pub fn place_at(&self, line: usize) -> Option<u32> {
        let at = if self.ascending { line } else { self.shown.len().checked_sub(line)?.checked_sub(1)? };
        self.shown.get(at).copied()
    }

    /// Places from a line on, topmost first.
    pub fn window(&self, line: usize, count: usize) -> impl Iterator<Item = u32> {
        (line..line.saturating_add(count)).map_while(|at| self.place_at(at))
    }

    /// The line an order is shown on.
    #[must_use]
    pub fn line_of(&self, row: &Row, orders: &Orders, desk: &Desk) -> Option<usize> {
        let at = self.search(row, orders, desk).ok()?;
        if self.ascending { Some(at) } else { self.shown.len().checked_sub(at)?.checked_sub(1) }
    }

    /// Makes the list anew: for another filter, another sort, or a whole snapshot.
    pub fn rebuild(&mut self, orders: &Orders, desk: &Desk) {
        self.totals = Totals::default();
        self.shown = orders.iter().filter(|(_, row)| self.filter.shows(row, orders)).map(|(place, _)| place).collect();
        let sort = self.sort;
        self.shown.sort_by_cached_key(|place| orders.at(*place).map(|row| sort.of(row, desk)));
        for place in &self.shown {
            if let Some(row) = orders.at(*place) {
                self.totals.count(row, desk, true);
            }
        }
    }

    /// Takes a row out before it changes.
    pub fn before_change(&mut self, row: &Row, orders: &Orders, desk: &Desk) {
        if let Ok(at) = self.search(row, orders, desk) {
            self.shown.remove(at);
            self.totals.count(row, desk, false);
        }
    }

    /// Puts a row back after it changed, where it now belongs, if it does.
    pub fn after_change(&mut self, place: u32, orders: &Orders, desk: &Desk) {
        let Some(row) = orders.at(place) else { return };
        if !self.filter.shows(row, orders) {
            return;
        }
        if let Err(at) = self.search(row, orders, desk) {
            self.shown.insert(at, place);
            self.totals.count(row, desk, true);
        }
    }

    fn search(&self, row: &Row, orders: &Orders, desk: &Desk) -> Result<usize, usize> {
        let wanted = self.sort.of(row, desk);
        self.shown.binary_search_by(|place| {
            // A place always has its row: both change together.
            orders.at(*place).map_or(std::cmp::Ordering::Less, |at| self.sort.of(at, desk).cmp(&wanted))
        })
    }
}
