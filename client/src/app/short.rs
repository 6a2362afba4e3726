//! The short lists: executions, positions, accounts, each filtered, sorted and arranged; it must change none of their rows.

use turret_shared::ids::{AccountId, ExecId, InstrumentId};
use turret_shared::view::{AccountView, FillState, FillView, PositionView};

use super::field::Field;
use super::filter::{Named, Words};
use super::layout::{Arranged, Arrangement, LEFT, RIGHT, columns};
use super::list::letters;
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
    AccountCol "accounts-1" true
    Acct = "account" "Acct" true LEFT 6;
    Client = "client" "Client" true LEFT 18;
    Desk = "desk" "Desk" true LEFT 4;
    Capac = "capacity" "Capac" false LEFT 5;
    Ccy = "currency" "CCY" true LEFT 3;
    Power = "buying_power" "Buying power" true RIGHT 14;
    Reserved = "reserved" "Reserved" true RIGHT 13;
    Use = "use" "Use" true RIGHT 4;
    Cash = "cash" "Cash" true RIGHT 14;
    May = "may" "You may" false LEFT 27;
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
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            fills: Short::new(FillCol::Time),
            positions: Short::new(PositionCol::Symbol),
            accounts: Short::new(AccountCol::Acct),
        }
    }
}

impl Lists {
    /// The filter of a screen's list, and whether the keys go to it.
    #[must_use]
    pub const fn filter(&self, screen: Screen) -> Option<(&Field, bool)> {
        match screen {
            Screen::Fills => Some((&self.fills.filter, self.fills.typing)),
            Screen::Positions => Some((&self.positions.filter, self.positions.typing)),
            Screen::Accounts => Some((&self.accounts.filter, self.accounts.typing)),
            _ => None,
        }
    }

    /// The same, to be typed in.
    pub const fn filter_mut(&mut self, screen: Screen) -> Option<(&mut Field, &mut bool)> {
        match screen {
            Screen::Fills => Some((&mut self.fills.filter, &mut self.fills.typing)),
            Screen::Positions => Some((&mut self.positions.filter, &mut self.positions.typing)),
            Screen::Accounts => Some((&mut self.accounts.filter, &mut self.accounts.typing)),
            _ => None,
        }
    }
}

/// Keys in the order of what they are sorted by, those of equal rank by their own.
fn in_order<K: Ord + Copy>(ascending: bool, ranked: impl Iterator<Item = (i128, K)>) -> Vec<K> {
    let mut ranked: Vec<(i128, K)> = ranked.collect();
    ranked.sort_unstable();
    if !ascending {
        ranked.reverse();
    }
    ranked.into_iter().map(|(_, key)| key).collect()
}

fn word(text: &str) -> i128 {
    letters(text).into()
}

/// Executions shown, in their order.
#[must_use]
pub fn fill_keys(model: &Model) -> Vec<ExecId> {
    let list = &model.lists.fills;
    let layout = &list.arranged.layout;
    let words = Words::new(list.filter.text(), &model.desk);
    let shown = model.desk.fills.iter().filter(|fill| {
        let exec = if words.is_empty() { String::new() } else { fill.exec_id.to_string() };
        words.fit(&Named {
            instrument: Some(fill.instrument),
            account: Some(fill.account),
            owner: Some(fill.owner),
            side: Some(fill.side),
            order: Some(fill.order_id),
            texts: &[&exec, state(fill)],
        })
    });
    if layout.sort == FillCol::Time {
        // They lie by rising ExecID.
        let keys = shown.map(|fill| fill.exec_id);
        return if layout.ascending { keys.collect() } else { keys.rev().collect() };
    }
    in_order(layout.ascending, shown.map(|fill| (fill_rank(model, fill, layout.sort), fill.exec_id)))
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

fn fill_rank(model: &Model, fill: &FillView, by: FillCol) -> i128 {
    match by {
        FillCol::Side => word(fill.side.word()),
        FillCol::LastQty => fill.last_qty.0.into(),
        FillCol::Symbol => word(model.desk.symbol(fill.instrument)),
        FillCol::LastPx => fill.last_px.0.into(),
        FillCol::Acct => word(model.desk.account_code(fill.account)),
        FillCol::OrderId => fill.order_id.0.into(),
        FillCol::CumQty => fill.cum_qty.0.into(),
        FillCol::Trader => word(model.desk.login(fill.owner)),
        FillCol::State => word(state(fill)),
        FillCol::Time | FillCol::Venue | FillCol::ExecId | FillCol::Liq => 0,
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
        let symbol = word(model.desk.symbol(position.instrument));
        (position_rank(model, position, layout.sort), (symbol, position.account, position.instrument))
    };
    let keys = in_order(layout.ascending, shown.map(rank));
    keys.into_iter().map(|(_, account, instrument)| (account, instrument)).collect()
}

fn client(model: &Model, account: AccountId) -> &str {
    model.desk.accounts.get(&account).map_or("", |account| &account.name)
}

fn position_rank(model: &Model, position: &PositionView, by: PositionCol) -> i128 {
    match by {
        PositionCol::Symbol => word(model.desk.symbol(position.instrument)),
        PositionCol::Pos => position.qty.0.into(),
        PositionCol::AvgCost => position.avg_cost.map_or(0, |price| price.0.into()),
        PositionCol::Unreal => holdings::unrealised(model, position).map_or(0, |(gain, _)| gain.0.into()),
        PositionCol::Realised => position.realised.0.into(),
        PositionCol::Acct => word(model.desk.account_code(position.account)),
        PositionCol::Bought => position.bought.0.into(),
        PositionCol::Sold => position.sold.0.into(),
        PositionCol::WorkB => position.open_buy.0.into(),
        PositionCol::WorkS => position.open_sell.0.into(),
        PositionCol::Mark | PositionCol::By => 0,
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

fn account_rank(account: &AccountView, by: AccountCol) -> i128 {
    match by {
        AccountCol::Acct => word(&account.code),
        AccountCol::Client => word(&account.name),
        AccountCol::Desk => word(&account.desk_code),
        AccountCol::Ccy => word(&account.currency.to_string()),
        AccountCol::Power => account.buying_power.0.into(),
        AccountCol::Reserved => account.reserved.0.into(),
        AccountCol::Use => holdings::used_percent(account).unwrap_or(-1),
        AccountCol::Cash => account.cash.0.into(),
        AccountCol::Capac | AccountCol::May => 0,
    }
}
