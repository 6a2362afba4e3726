//! Commands from decisions on the screen to canonical bytes, and orders as sentences; it must send nothing.

use turret_shared::command::{AmendOrder, COMMAND_SCHEMA, CancelAll, CancelOrder, Command, NewOrder, Verb};
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::money::Price;
use turret_shared::time::NS_PER_S;

use super::Model;
use crate::format;

/// A command is void after this, in seconds: long enough for a slow link, too short for a stale thought.
const COMMAND_S_MAX: i64 = 10;
/// The same for one that may wait for a fresh code.
const COMMAND_STEP_UP_S_MAX: i64 = 75;

/// The one encoding of what is to be done.
#[must_use]
pub fn bytes(model: &Model, verb: Verb, may_step_up: bool) -> Vec<u8> {
    let seconds = if may_step_up { COMMAND_STEP_UP_S_MAX } else { COMMAND_S_MAX };
    let server_now = model.now.wall.after_ns(model.server.clock_offset_ns);
    Command {
        schema: COMMAND_SCHEMA,
        environment: model.server.environment,
        expires: server_now.after_ns(seconds.saturating_mul(NS_PER_S)),
        verb,
    }
    .to_bytes()
}

/// Asks the venue to cancel one order.
#[must_use]
pub fn cancel(cl_ord_id: ClOrdId, order: OrderId) -> Verb {
    Verb::OrderCancel(CancelOrder { cl_ord_id, order })
}

/// Asks the venue to cancel every working order of the sender.
#[must_use]
pub fn cancel_all_mine(cl_ord_id: ClOrdId) -> Verb {
    Verb::CancelAll(CancelAll { cl_ord_id, account: None })
}

/// `BUY 500 AAPL LMT 189.50 DAY  A1001`, from the command itself.
#[must_use]
pub fn new_order_line(model: &Model, order: &NewOrder) -> String {
    let decimals = model.desk.instrument_named(&order.symbol).map_or(2, |i| i.price_decimals());
    let at = prices(order.price, order.stop_px, decimals);
    format!(
        "{} {} {} {}{at} {}  {}",
        order.side.word(),
        format::qty(order.qty),
        turret_shared::text::escaped(&order.symbol),
        order.ord_type.word(),
        order.tif.word(),
        turret_shared::text::escaped(&order.account),
    )
}

/// `AMEND O48201 AAPL  qty 500 -> 400  price 189.50 -> 189.46`, from the command itself.
#[must_use]
pub fn amend_line(model: &Model, amend: &AmendOrder) -> String {
    let mut line = format!("AMEND {}", amend.order);
    let Some(row) = model.orders.get(amend.order) else { return line };
    let decimals = model.desk.decimals(row.instrument);
    line.push(' ');
    line.push_str(&turret_shared::text::escaped(model.desk.symbol(row.instrument)));
    if let Some(qty) = amend.qty {
        line.push_str(&format!("  total {} -> {}", format::qty(row.qty), format::qty(qty)));
    }
    if let Some(price) = amend.price {
        let was = row.price().map_or_else(|| format::NONE.into(), |p| format::price(p, decimals));
        line.push_str(&format!("  price {was} -> {}", format::price(price, decimals)));
    }
    if let Some(stop) = amend.stop_px {
        let was = row.stop().map_or_else(|| format::NONE.into(), |p| format::price(p, decimals));
        line.push_str(&format!("  stop {was} -> {}", format::price(stop, decimals)));
    }
    line
}

/// `BUY 500 AAPL LMT 189.46 DAY  A1001`, of an order known here: as it was sent.
#[must_use]
pub fn order_line(model: &Model, order: OrderId) -> String {
    let Some(row) = model.orders.get(order) else { return order.to_string() };
    let decimals = model.desk.decimals(row.instrument);
    format!(
        "{} {} {} {}{} {}  {}",
        row.side.word(),
        format::qty(row.qty),
        turret_shared::text::escaped(model.desk.symbol(row.instrument)),
        row.ord_type.word(),
        prices(row.price(), row.stop(), decimals),
        row.tif.word(),
        turret_shared::text::escaped(model.desk.account_code(row.account)),
    )
}

fn prices(limit: Option<Price>, stop: Option<Price>, decimals: usize) -> String {
    let mut text = String::new();
    if let Some(price) = limit {
        text.push(' ');
        text.push_str(&format::price(price, decimals));
    }
    if let Some(stop) = stop {
        text.push_str(" s");
        text.push_str(&format::price(stop, decimals));
    }
    text
}
