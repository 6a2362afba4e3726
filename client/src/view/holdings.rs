//! Positions, valued where a mark is known, and accounts with what they may still buy; no sum is over two currencies.

use std::collections::BTreeMap;

use turret_shared::account::{OrderCapacity, Rights};
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::text::escaped;
use turret_shared::view::{AccountView, PositionView};

use super::pen::Pen;
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::{Area, list_rows};
use crate::format;

const POSITIONS: [Column; 12] = [
    left("Symbol", 6),
    right("Pos", 9),
    right("AvgCost", 10),
    right("Mark", 9),
    right("Unreal", 11),
    right("Realised", 11),
    left("Acct", 5),
    left("By", 5),
    right("Bought", 8),
    right("Sold", 8),
    right("Work B", 8),
    right("Work S", 8),
];

const ACCOUNTS: [Column; 10] = [
    left("Acct", 6),
    left("Client", 18),
    left("Desk", 4),
    left("Capac", 5),
    left("CCY", 3),
    right("Buying power", 14),
    right("Reserved", 13),
    right("Use", 4),
    right("Cash", 14),
    left("You may", 27),
];

/// Unrealised profit at the mark, in the instrument's currency.
fn unrealised(model: &Model, position: &PositionView) -> Option<(Money, Currency)> {
    let instrument = model.desk.instruments.get(&position.instrument)?;
    let (mark, _) = model.market.quote(position.instrument)?.mark(position.qty)?;
    let gain = mark.minus(position.avg_cost?).ok()?;
    gain.notional(position.qty, instrument.multiplier).ok().map(|money| (money, instrument.currency))
}

/// Draws the positions.
pub(super) fn positions(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let keys = crate::app::position_keys(model);
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for (gain, currency) in model.desk.positions.values().filter_map(|p| unrealised(model, p)) {
        let sum = sums.entry(currency).or_default();
        *sum = sum.saturating_add(gain.0);
    }
    let x = pen.text(area.x, area.y, area.w, "Positions", Token::Focus).saturating_add(2);
    let mut text = format!("{}", keys.len());
    for (currency, sum) in sums {
        text.push_str(&format!("   unrealised {} {currency}", format::profit(Money(sum))));
    }
    pen.text(x, area.y, area.w, &text, Token::Muted);
    let columns = table::fitting(&POSITIONS, area.w);
    table::heads(pen, area.x, area.y.saturating_add(1), columns, "");
    let top = area.y.saturating_add(2);
    for (y, key) in (top..).zip(keys.iter().skip(model.positions.top).take(list_rows(area))) {
        let Some(position) = model.desk.positions.get(key) else { continue };
        let here = model.positions.at == Some(*key);
        let flags = [table::cursor_flag(here), (" ".to_owned(), Token::Text)];
        table::row(pen, area.x, y, columns, &flags, &position_cells(model, position));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if keys.is_empty() {
        pen.text(
            area.x.saturating_add(3),
            top.saturating_add(1),
            area.w,
            "No positions in the accounts you may see.",
            Token::Muted,
        );
    }
}

fn gain_cell(money: Option<Money>) -> Cell {
    match money {
        None => (format::UNKNOWN.into(), Token::Muted),
        Some(money) if money.is_negative() => (format::profit(money), Token::Down),
        Some(money) => (format::profit(money), Token::Up),
    }
}

fn position_cells(model: &Model, position: &PositionView) -> Vec<Cell> {
    let decimals = model.desk.decimals(position.instrument);
    let mark = model.market.quote(position.instrument).and_then(|quote| quote.mark(position.qty));
    let flat = position.qty.is_zero();
    let open = |qty: Qty| (format::qty_fit(qty, 8), Token::Text);
    vec![
        (escaped(model.desk.symbol(position.instrument)), Token::Text),
        (format::position(position.qty), Token::Text),
        (position.avg_cost.map_or_else(|| format::NONE.into(), |p| format::avg_px(p, decimals)), Token::Text),
        (mark.map_or_else(|| format::UNKNOWN.into(), |(p, _)| format::price_fit(p, decimals, 9)), Token::Text),
        if flat { (format::NONE.into(), Token::Muted) } else { gain_cell(unrealised(model, position).map(|(m, _)| m)) },
        gain_cell(Some(position.realised)),
        (escaped(model.desk.account_code(position.account)), Token::Text),
        (mark.map_or(format::UNKNOWN, |(_, by)| by).into(), Token::Muted),
        open(position.bought),
        open(position.sold),
        open(position.open_buy),
        open(position.open_sell),
    ]
}

/// Draws the accounts.
pub(super) fn accounts(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let x = pen.text(area.x, area.y, area.w, "Accounts", Token::Focus).saturating_add(2);
    pen.text(x, area.y, area.w, &format!("{} you may see", model.desk.accounts.len()), Token::Muted);
    let columns = table::fitting(&ACCOUNTS, area.w);
    table::heads(pen, area.x, area.y.saturating_add(1), columns, "");
    let top = area.y.saturating_add(2);
    let rows = model.desk.accounts.values().skip(model.accounts.top).take(list_rows(area));
    for (y, account) in (top..).zip(rows) {
        let here = model.accounts.at == Some(account.account);
        let flags = [table::cursor_flag(here), (" ".to_owned(), Token::Text)];
        table::row(pen, area.x, y, columns, &flags, &account_cells(account));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if model.desk.accounts.is_empty() {
        pen.text(
            area.x.saturating_add(3),
            top.saturating_add(1),
            area.w,
            "No accounts are yours to see.",
            Token::Muted,
        );
    }
}

fn account_cells(account: &AccountView) -> Vec<Cell> {
    let capacity = match account.capacity {
        OrderCapacity::Agency => "agent",
        OrderCapacity::Principal => "princ",
        OrderCapacity::RisklessPrincipal => "riskl",
    };
    let whole = i128::from(account.reserved.0).saturating_add(i128::from(account.buying_power.0));
    let used = i128::from(account.reserved.0).saturating_mul(100).checked_div(whole);
    let rights: Vec<&str> = [
        (Rights::VIEW, "view"),
        (Rights::TRADE, "trade"),
        (Rights::ALLOCATE, "allocate"),
        (Rights::APPROVE, "approve"),
    ]
    .into_iter()
    .filter(|(right, _)| account.rights.has(*right))
    .map(|(_, word)| word)
    .collect();
    let name = if account.name.is_empty() { "(not for you)".to_owned() } else { escaped(&account.name) };
    vec![
        (escaped(&account.code), Token::Text),
        (name, Token::Text),
        (escaped(&account.desk_code), Token::Text),
        (capacity.into(), Token::Muted),
        (account.currency.to_string(), Token::Muted),
        (format::money(account.buying_power), Token::Text),
        (format::money(account.reserved), Token::Text),
        (used.map_or_else(|| format::NONE.into(), |n| format!("{n} %")), Token::Text),
        (format::money(account.cash), Token::Text),
        (rights.join(" "), Token::Muted),
    ]
}
