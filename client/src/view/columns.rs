//! The blotter's columns: which fit, and what each shows of an order; it must escape whatever a person or peer wrote.

use turret_shared::order::{OrdStatus, Side};
use turret_shared::text::escaped;
use turret_shared::time::NS_PER_S;

use super::arranged::picked;
use super::table::{self, Cell};
use super::theme::Token;
use crate::app::Model;
use crate::app::layout::{Arranged, Col};
use crate::app::orders::Row;
use crate::format;

/// An answer owed for longer than this shows its age, in nanoseconds.
const OWED_NS: i64 = 2 * NS_PER_S;

/// The two flags of a row.
pub(super) fn flags(model: &Model, row: &Row, cursor: bool) -> [Cell; 2] {
    let halted = model.desk.trading.get(&row.instrument) == Some(&turret_shared::view::TradingState::Halted);
    let missed = model.lost.is_some_and(|away| away.missed(row));
    let second = if row.needs_person() {
        ("!", Token::Error)
    } else if model.blotter.marks.contains(&row.id) {
        ("*", Token::Accent)
    } else if missed {
        ("+", Token::Warn)
    } else if halted && row.is_open() {
        ("H", Token::Warn)
    } else {
        (" ", Token::Text)
    };
    [table::cursor_flag(cursor), (second.0.to_owned(), second.1)]
}

/// How a side looks.
pub(super) const fn side_token(side: Side) -> Token {
    match side {
        Side::Buy => Token::Buy,
        Side::Sell | Side::SellShort | Side::SellShortExempt => Token::Sell,
    }
}

/// How a status looks.
pub(super) const fn status_token(row: &Row) -> Token {
    if row.in_doubt {
        return Token::Error;
    }
    match row.status {
        OrdStatus::Denied | OrdStatus::Rejected => Token::Error,
        OrdStatus::PendingApproval
        | OrdStatus::PendingNew
        | OrdStatus::PendingCancel
        | OrdStatus::PendingReplace
        | OrdStatus::Suspended => Token::Warn,
        OrdStatus::New | OrdStatus::PartiallyFilled => Token::Text,
        _ => Token::Muted,
    }
}

fn dash() -> String {
    format::NONE.into()
}

/// The cells of one order.
pub(super) fn cells(model: &Model, row: &Row, (zone, today): (&format::Zone, format::Day), order: &[Col]) -> Vec<Cell> {
    let desk = &model.desk;
    let decimals = desk.decimals(row.instrument);
    let base = if row.is_open() { Token::Text } else { Token::Muted };
    let waited = model.server_time(model.now.wall).since(row.changed);
    let owed = row.is_pending() && waited > OWED_NS;
    let time = if owed && model.quiet_since().is_none() {
        (format::age(waited), Token::Warn)
    } else if owed {
        (format::clock_listed(row.changed, zone, today), Token::Warn)
    } else {
        (format::clock_listed(row.entered, zone, today), base)
    };
    let price = match (row.price(), row.stop()) {
        (Some(price), _) => format::price_fit(price, decimals, 8),
        (None, Some(stop)) => format!("s{}", format::price_fit(stop, decimals, 7)),
        (None, None) => dash(),
    };
    let avg = row.avg_px().map_or_else(dash, |p| format::avg_px_fit(p, decimals, 8));
    let mut cells = vec![
        time,
        (format::status(row.status, row.working, row.in_doubt).into(), status_token(row)),
        (row.side.word().into(), side_token(row.side)),
        (format::qty_fit(row.qty, 7), base),
        (escaped(desk.symbol(row.instrument)), base),
        (row.ord_type.word().into(), base),
        (row.tif.word().into(), base),
        (price, base),
        (format::qty_fit(row.cum, 7), base),
        (avg, base),
        (escaped(desk.account_code(row.account)), base),
    ];
    let first = Col::ALL.get(..cells.len()).unwrap_or_default();
    if order.iter().any(|col| !first.contains(col)) {
        cells.extend(further(model, row, (zone, today), base));
    }
    picked(order, &cells)
}

fn further(model: &Model, row: &Row, (zone, today): (&format::Zone, format::Day), base: Token) -> Vec<Cell> {
    let desk = &model.desk;
    let decimals = desk.decimals(row.instrument);
    let quote = model.market.quote(row.instrument);
    let last = quote.and_then(|q| q.view.last).map_or_else(dash, |l| format::price_fit(l.price, decimals, 8));
    let words = if model.orders.note(row).is_empty() { model.orders.text(row) } else { model.orders.note(row) };
    let words = if words.is_empty() { dash() } else { escaped(words) };
    let venue = desk.instruments.get(&row.instrument).map_or_else(dash, |i| escaped(&i.mic));
    vec![
        (format::qty_fit(row.leaves, 7), base),
        (away(model, row).map_or_else(dash, |ticks| format!("{ticks}t")), base),
        (escaped(desk.login(row.owner)), base),
        (last, if quote.is_some_and(|q| q.is_stale(model.now.wall)) { Token::Stale } else { base }),
        (row.stop().map_or_else(dash, |p| format::price_fit(p, decimals, 8)), base),
        (format::clock_listed(row.changed, zone, today), base),
        (venue, base),
        (words, base),
        (row.id.to_string(), base),
        (escaped(model.orders.cl_ord_id(row)), base),
    ]
}

/// Ticks between a resting order and the touch of its own side.
pub(super) fn away(model: &Model, row: &Row) -> Option<i64> {
    if !row.working || !row.is_open() {
        return None;
    }
    let tick = model.desk.instruments.get(&row.instrument)?.tick;
    let touch = model.market.quote(row.instrument)?.near(row.side)?.price;
    let price = row.price()?;
    let behind = if row.side == Side::Buy { touch.minus(price) } else { price.minus(touch) };
    behind.ok()?.ticks(tick).map(|ticks| ticks.max(0))
}
