//! Positions, valued where a mark is known, and accounts with what they may still buy; no sum is over two currencies.

use turret_shared::account::OrderCapacity;
use turret_shared::ids::{AccountId, InstrumentId};
use turret_shared::money::{Money, Qty};
use turret_shared::text::escaped;
use turret_shared::view::{AccountView, PositionView};

use super::arranged::{arranged, filter, heads, picked, sort};
use super::pen::{Pen, columns};
use super::table::{self, Cell};
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::{Area, list_rows};
use crate::app::holdings::{is_halted, is_stale, sums, unrealised, used_percent};
use crate::app::short::{account_keys, position_keys};
use crate::format;

/// Draws the positions.
pub(super) fn positions(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let keys = position_keys(model);
    let list = &model.lists.positions;
    let x = pen.text(area.x, area.y, area.w, "Positions", Token::Focus).saturating_add(2);
    let x = filter(pen, x, area.y, &list.filter, list.typing);
    let room = area.w.saturating_sub(x.saturating_sub(area.x));
    let (text, token) = totals(model, &keys, room);
    pen.cut(x, area.y, room, &text, token);
    let shown = &arranged(&list.arranged, area.w);
    heads(pen, &list.arranged, shown, area, "");
    let top = area.y.saturating_add(2);
    for (y, key) in (top..).zip(keys.iter().skip(model.positions.top).take(list_rows(area))) {
        let Some(position) = model.desk.positions.get(key) else { continue };
        let here = model.positions.at == Some(*key);
        let flags = [table::cursor_flag(here), position_flag(model, position)];
        let cells = picked(&shown.order, &position_cells(model, position));
        table::row(pen, area.x, y, &shown.columns, &flags, &cells);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if keys.is_empty() {
        let why = if model.desk.positions.is_empty() {
            "No positions in the accounts you may see."
        } else {
            "No position fits the filter: Esc clears it."
        };
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    }
}

/// What all that is shown is worth, and what that leaves out, within `room` columns: a sum is told whole or not at all.
fn totals(model: &Model, keys: &[(AccountId, InstrumentId)], room: u16) -> (String, Token) {
    let sums = sums(model, keys.iter().filter_map(|key| model.desk.positions.get(key)));
    let all = model.desk.positions.len();
    let count = if keys.len() == all { format!("{all}") } else { format!("{} of {all}", keys.len()) };
    let sort = sort(&model.lists.positions.arranged);
    let left_out = [(sums.unmarked, "without a mark, left out", "unmarked"), (sums.stale, "at a stale mark", "stale")];
    let most = sums.unrealised.len().saturating_add(sums.realised.len());
    let told = |sort: &str, brief: bool, shown: usize| {
        let mut text = format!("{count}{sort}");
        let named = [("unrealised", "unreal", &sums.unrealised), ("realised", "real", &sums.realised)];
        let each = named.iter().flat_map(|(long, short, sums)| sums.iter().map(move |sum| (*long, *short, sum)));
        for (long, short, (currency, sum)) in each.take(shown) {
            let name = if brief { short } else { long };
            text.push_str(&format!("   {name} {} {currency}", format::profit(Money(*sum))));
        }
        if shown < most {
            text.push_str(&format!("   {} more", format::counted(most.saturating_sub(shown), "sum")));
        }
        for (count, long, short) in left_out.iter().filter(|(count, ..)| *count > 0) {
            text.push_str(&format!("   {count} {}", if brief { short } else { long }));
        }
        text
    };
    // What says least is the first to go where there is no room: the sort, long words, then sum by sum.
    let fewer = (0..=most).rev().map(|shown| told("", true, shown));
    let texts = [told(&sort, false, most), told("", false, most)].into_iter().chain(fewer);
    let mut fitting = texts.skip_while(|text| columns(text) > room);
    let text = fitting.next().unwrap_or_else(|| told("", true, 0));
    (text, if sums.unmarked > 0 || sums.stale > 0 { Token::Warn } else { Token::Muted })
}

fn position_flag(model: &Model, position: &PositionView) -> Cell {
    if is_halted(model, position) {
        ("H".into(), Token::Warn)
    } else if is_stale(model, position) {
        ("~".into(), Token::Stale)
    } else {
        (" ".into(), Token::Text)
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
        (position.avg_cost.map_or_else(|| format::NONE.into(), |p| format::avg_px_fit(p, decimals, 10)), Token::Text),
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
    let list = &model.lists.accounts;
    let keys = account_keys(model);
    let x = filter(pen, x, area.y, &list.filter, list.typing);
    let all = model.desk.accounts.len();
    let count = if keys.len() == all { format!("{all}") } else { format!("{} of {all}", keys.len()) };
    let text = format!("{count} you may see{}", sort(&list.arranged));
    pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
    let shown = &arranged(&list.arranged, area.w);
    heads(pen, &list.arranged, shown, area, "");
    let top = area.y.saturating_add(2);
    let rows = keys.iter().skip(model.accounts.top).take(list_rows(area));
    let rows = rows.filter_map(|key| model.desk.accounts.get(key));
    for (y, account) in (top..).zip(rows) {
        let here = model.accounts.at == Some(account.account);
        let flags = [table::cursor_flag(here), (" ".to_owned(), Token::Text)];
        table::row(pen, area.x, y, &shown.columns, &flags, &picked(&shown.order, &account_cells(account)));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if keys.is_empty() {
        let none = model.desk.accounts.is_empty();
        let why = if none { "No accounts are yours to see." } else { "No account fits the filter: Esc clears it." };
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, why, Token::Muted);
    }
}

fn account_cells(account: &AccountView) -> Vec<Cell> {
    let capacity = match account.capacity {
        OrderCapacity::Agency => "agency",
        OrderCapacity::Principal => "principal",
        OrderCapacity::RisklessPrincipal => "riskless",
    };
    let used = used_percent(account);
    let name = if account.name.is_empty() { "(not for you)".to_owned() } else { escaped(&account.name) };
    vec![
        (escaped(&account.code), Token::Text),
        (name, Token::Text),
        (account.currency.to_string(), Token::Muted),
        (format::money(account.cash), Token::Text),
        (format::money(account.buying_power), Token::Text),
        (format::money(account.reserved), Token::Text),
        (used.map_or_else(|| format::NONE.into(), |n| format!("{n} %")), Token::Text),
        (escaped(&account.desk_code), Token::Text),
        (account.rights.to_string(), Token::Muted),
        (capacity.into(), Token::Muted),
    ]
}
