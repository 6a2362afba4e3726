//! The short lists: executions, positions, accounts, each filtered, sorted and arranged; it must change none of their rows.

use turret_shared::ids::{AccountId, InstrumentId};
use turret_shared::money::{Currency, Money};
use turret_shared::view::{AccountView, FillState, FillView, PositionView};

use super::field::Field;
use super::fill_order::FillOrder;
use super::filter::{Named, Words};
use super::layout::{Arranged, Arrangement, LEFT, RIGHT, columns};
use super::list::letters;
use super::sought::Soughts;
use super::{Model, Screen, holdings};

/// Longest filter typed.
const FILTER_CHARS_MAX: usize = 40;

columns! {
    /// A column of the executions.
    FillCol "fills-1" false
    Time = "time" "Time" true LEFT 12;
    Side = "side" "Side" true LEFT 4;
    LastQty = "last_qty" "LastQty" true RIGHT 7;
    Symbol = "symbol" "Symbol" true LEFT 6;
    LastPx = "last_px" "LastPx" true RIGHT 9;
    Acct = "account" "Acct" true LEFT 5;
    Venue = "venue" "Venue" false LEFT 5;
    ExecId = "exec_id" "ExecID" false LEFT 8;
    OrderId = "order_id" "OrderID" true LEFT 8;
    CumQty = "cum_qty" "CumQty" true RIGHT 7;
    Trader = "trader" "Trader" true LEFT 8;
    Liq = "liq" "Liq" false LEFT 3;
    State = "state" "State" true LEFT 9;
}

columns! {
    /// A column of the positions.
    PositionCol "positions-1" true
    Symbol = "symbol" "Symbol" true LEFT 6;
    Pos = "pos" "Pos" true RIGHT 9;
    AvgCost = "avg_cost" "AvgCost" true RIGHT 10;
    Mark = "mark" "Mark" false RIGHT 9;
    Unreal = "unreal" "Unreal" true RIGHT 11;
    Realised = "realised" "Realised" true RIGHT 11;
    Acct = "account" "Acct" true LEFT 5;
    By = "by" "By" false LEFT 5;
    Bought = "bought" "Bought" true RIGHT 8;
    Sold = "sold" "Sold" true RIGHT 8;
    WorkB = "work_b" "Work B" true RIGHT 8;
    WorkS = "work_s" "Work S" true RIGHT 8;
}

columns! {
    /// A column of the accounts.
    AccountCol "accounts-2" true
    Acct = "account" "Acct" true LEFT 6;
    Client = "client" "Client" true LEFT 18;
    Ccy = "currency" "CCY" true LEFT 3;
    Cash = "cash" "Cash" true RIGHT 14;
    Power = "buying_power" "Buying power" true RIGHT 14;
    Reserved = "reserved" "Reserved" true RIGHT 13;
    Use = "use" "Use" true RIGHT 4;
    Desk = "desk" "Desk" true LEFT 4;
    May = "may" "You may" false LEFT 27;
    Capac = "capacity" "Capacity" false LEFT 9;
}

/// One of them.
#[derive(Debug)]
pub struct Short<C: 'static> {
    /// Columns and sort.
    pub arranged: Arrangement<C>,
    /// Typed filter.
    pub filter: Field,
    /// Keys go to the filter.
    pub typing: bool,
}

impl<C: Arranged> Short<C> {
    fn new(first: C) -> Self {
        Self { arranged: Arrangement::new(first), filter: Field::new(FILTER_CHARS_MAX), typing: false }
    }
}

/// All of them.
#[derive(Debug)]
pub struct Lists {
    /// Executions.
    pub fills: Short<FillCol>,
    /// Positions.
    pub positions: Short<PositionCol>,
    /// Accounts.
    pub accounts: Short<AccountCol>,
    /// The executions shown, in their order.
    pub booked: FillOrder,
    /// Filters of the lists that are asked for.
    pub sought: Soughts,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            fills: Short::new(FillCol::Time),
            positions: Short::new(PositionCol::Symbol),
            accounts: Short::new(AccountCol::Acct),
            booked: FillOrder::default(),
            sought: Soughts::default(),
        }
    }
}

impl Lists {
    /// The filter of a screen's list, and whether the keys go to it.
    #[must_use]
    pub fn filter(&self, screen: Screen) -> Option<(&Field, bool)> {
        match screen {
            Screen::Fills => Some((&self.fills.filter, self.fills.typing)),
            Screen::Positions => Some((&self.positions.filter, self.positions.typing)),
            Screen::Accounts => Some((&self.accounts.filter, self.accounts.typing)),
            other => self.sought.of(other).map(|sought| (&sought.filter, sought.typing)),
        }
    }

    /// The same, to be typed in.
    pub fn filter_mut(&mut self, screen: Screen) -> Option<(&mut Field, &mut bool)> {
        match screen {
            Screen::Fills => Some((&mut self.fills.filter, &mut self.fills.typing)),
            Screen::Positions => Some((&mut self.positions.filter, &mut self.positions.typing)),
            Screen::Accounts => Some((&mut self.accounts.filter, &mut self.accounts.typing)),
            other => self.sought.of_mut(other).map(|sought| (&mut sought.filter, &mut sought.typing)),
        }
    }
}

/// What a row is put in order by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Figure(i128),
    /// Amounts of two currencies are not compared: they stand currency by currency.
    Sum(Currency, i128),
    /// Whole, capitals aside.
    Word(String),
}

impl Rank {
    fn figure(raw: impl Into<i128>) -> Option<Self> {
        Some(Self::Figure(raw.into()))
    }

    fn word(text: &str) -> Option<Self> {
        Some(Self::Word(text.to_lowercase()))
    }

    fn sum(currency: Currency, amount: Money) -> Option<Self> {
        Some(Self::Sum(currency, amount.0.into()))
    }
}

/// Keys in the order of what they are sorted by, those of equal rank by their own; what has no rank stands last either way.
fn in_order<K: Ord + Copy>(ascending: bool, ranked: impl Iterator<Item = (Option<Rank>, K)>) -> Vec<K> {
    let (mut with, mut without): (Vec<_>, Vec<_>) = ranked.partition(|(rank, _)| rank.is_some());
    with.sort_unstable();
    without.sort_unstable();
    if !ascending {
        with.reverse();
    }
    with.into_iter().chain(without).map(|(_, key)| key).collect()
}

/// What became of an execution, as a word.
#[must_use]
pub const fn state(fill: &FillView) -> &'static str {
    match fill.state {
        FillState::Good => "good",
        FillState::Busted => "BUSTED",
        FillState::Corrected => "corrected",
    }
}

/// Positions shown, in their order.
#[must_use]
pub fn position_keys(model: &Model) -> Vec<(AccountId, InstrumentId)> {
    let list = &model.lists.positions;
    let layout = &list.arranged.layout;
    let words = Words::new(list.filter.text(), &model.desk);
    let shown = model.desk.positions.values().filter(|position| {
        words.fit(&Named {
            instrument: Some(position.instrument),
            account: Some(position.account),
            texts: &[client(model, position.account)],
            ..Named::default()
        })
    });
    let rank = |position: &PositionView| {
        // Of equal rank they stand by symbol, then account.
        let symbol = letters(model.desk.symbol(position.instrument));
        (position_rank(model, position, layout.sort), (symbol, position.account, position.instrument))
    };
    let keys = in_order(layout.ascending, shown.map(rank));
    keys.into_iter().map(|(_, account, instrument)| (account, instrument)).collect()
}

fn client(model: &Model, account: AccountId) -> &str {
    model.desk.accounts.get(&account).map_or("", |account| &account.name)
}

fn position_rank(model: &Model, position: &PositionView, by: PositionCol) -> Option<Rank> {
    let currency = || model.desk.instruments.get(&position.instrument).map(|listing| listing.currency);
    match by {
        PositionCol::Symbol => Rank::word(model.desk.symbol(position.instrument)),
        PositionCol::Pos => Rank::figure(position.qty.0),
        PositionCol::AvgCost => Rank::figure(position.avg_cost?.0),
        // One that is flat has nothing at stake, and one without a mark is not known to gain or lose.
        PositionCol::Unreal if position.qty.is_zero() => None,
        PositionCol::Unreal => holdings::unrealised(model, position).and_then(|(gain, of)| Rank::sum(of, gain)),
        PositionCol::Realised => Rank::sum(currency()?, position.realised),
        PositionCol::Acct => Rank::word(model.desk.account_code(position.account)),
        PositionCol::Bought => Rank::figure(position.bought.0),
        PositionCol::Sold => Rank::figure(position.sold.0),
        PositionCol::WorkB => Rank::figure(position.open_buy.0),
        PositionCol::WorkS => Rank::figure(position.open_sell.0),
        PositionCol::Mark | PositionCol::By => None,
    }
}

/// Accounts shown, in their order.
#[must_use]
pub fn account_keys(model: &Model) -> Vec<AccountId> {
    let list = &model.lists.accounts;
    let layout = &list.arranged.layout;
    let words = Words::new(list.filter.text(), &model.desk);
    let shown = model.desk.accounts.values().filter(|account| {
        let currency = account.currency.to_string();
        let texts = [account.name.as_str(), account.desk_code.as_str(), &currency];
        words.fit(&Named { account: Some(account.account), texts: &texts, ..Named::default() })
    });
    in_order(layout.ascending, shown.map(|account| (account_rank(account, layout.sort), account.account)))
}

fn account_rank(account: &AccountView, by: AccountCol) -> Option<Rank> {
    match by {
        AccountCol::Acct => Rank::word(&account.code),
        AccountCol::Client => Rank::word(&account.name),
        AccountCol::Desk => Rank::word(&account.desk_code),
        AccountCol::Ccy => Rank::word(&account.currency.to_string()),
        AccountCol::Power => Rank::sum(account.currency, account.buying_power),
        AccountCol::Reserved => Rank::sum(account.currency, account.reserved),
        AccountCol::Use => Rank::figure(holdings::used_percent(account)?),
        AccountCol::Cash => Rank::sum(account.currency, account.cash),
        AccountCol::Capac | AccountCol::May => None,
    }
}
