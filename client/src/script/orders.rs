//! Lines that change orders: made into canonical commands, checked for what is plainly wrong, sent once.
//!
//! It must never send a command twice by itself: after a lost link it asks what became of it.

use std::time::Duration;

use turret_shared::command::{AmendOrder, COMMAND_SCHEMA, CancelAll, CancelOrder, Command, NewOrder, SimControl, Verb};
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::OrdType;
use turret_shared::plain::{self, PlainFault};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::figures::{denied, refused};
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::request::NewLine;
use super::rows;
use crate::entropy;
use crate::link::LinkError;

/// A command is void after this, in seconds: long enough for a step-up in between.
const COMMAND_S_MAX: i64 = 150;
/// A day, in nanoseconds.
const NS_PER_DAY: i64 = 86_400 * NS_PER_S;
/// Commands remembered by ClOrdID, at most.
const SENT_MAX: usize = 10_000;
/// How long to wait for a lost link before telling that the order is in doubt, in seconds.
const LINK_BACK_S_MAX: u64 = 15;

fn told(answer: Answer) -> Told {
    Told { answer, order: None }
}

fn no_entropy() -> Told {
    told(Answer::error("no_entropy", "this system gives no random bits for a ClOrdID: give cl_ord_id=", None))
}

/// `named` is true where the line gave its ClOrdID.
pub(super) fn bytes(person: &Person, verb: Verb, named: bool) -> Vec<u8> {
    let expires = expiry(person.server_time(), named);
    Command { schema: COMMAND_SCHEMA, environment: person.environment, expires, verb }.to_bytes()
}

/// When a command is void. The bytes say it, and the same command is the same bytes: one whose ClOrdID the line chose is good
/// to the end of the day (UTC), so that the line again, in another run of that day as well, is the same command and no other.
fn expiry(now: Timestamp, named: bool) -> Timestamp {
    let soonest = now.after_ns(COMMAND_S_MAX.saturating_mul(NS_PER_S));
    if !named {
        return soonest;
    }
    let into_day = soonest.0.rem_euclid(NS_PER_DAY);
    soonest.after_ns(NS_PER_DAY.saturating_sub(into_day))
}

fn id_or_fresh(id: Option<ClOrdId>) -> Option<ClOrdId> {
    id.or_else(|| entropy::cl_ord_id().ok())
}

/// The canonical bytes of a new order, or what is plainly wrong with it.
pub(super) fn new_bytes(person: &mut Person, line: &NewLine) -> Result<Vec<u8>, Told> {
    let cl_ord_id = id_or_fresh(line.cl_ord_id.clone()).ok_or_else(no_entropy)?;
    if let Some((known, sent)) = person.sent.get(&cl_ord_id)
        && known == line
    {
        return Ok(sent.clone());
    }
    let order = NewOrder {
        cl_ord_id: cl_ord_id.clone(),
        account: line.account.clone(),
        symbol: line.symbol.clone(),
        side: line.side,
        qty: line.qty,
        ord_type: line.ord_type,
        price: line.price,
        stop_px: line.stop_px,
        tif: line.tif,
        confirmed: line.confirmed,
        text: line.text.clone(),
        saw: None,
    };
    if let Some(listing) = person.names.listing(&line.symbol) {
        let faults = plain::check_new(&order, listing);
        if !faults.is_empty() {
            return Err(told(denied(DenialCode::Invalid, &plain::sentence(&faults))));
        }
    }
    let made = bytes(person, Verb::OrderNew(order), line.cl_ord_id.is_some());
    if line.cl_ord_id.is_some() && person.sent.len() < SENT_MAX {
        person.sent.insert(cl_ord_id, (line.clone(), made.clone()));
    }
    Ok(made)
}

pub(super) async fn new(person: &mut Person, line: &NewLine) -> Told {
    match new_bytes(person, line) {
        Ok(bytes) => send(person, bytes, Asked::Order).await,
        Err(told) => told,
    }
}

/// What an amend line asks for.
pub(super) struct Amend {
    pub(super) order: OrderId,
    pub(super) qty: Option<Qty>,
    pub(super) price: Option<Price>,
    pub(super) stop_px: Option<Price>,
    pub(super) cl_ord_id: Option<ClOrdId>,
    pub(super) confirmed: bool,
}

pub(super) async fn amend(person: &mut Person, line: Amend) -> Told {
    if line.qty.is_none() && line.price.is_none() && line.stop_px.is_none() {
        return told(refused(RefusalCode::NoChange, "none of qty=, price= and stop= is given"));
    }
    let faults = amend_faults(person, &line);
    if !faults.is_empty() {
        return told(refused(RefusalCode::Invalid, &plain::sentence(&faults)));
    }
    let named = line.cl_ord_id.is_some();
    let Some(cl_ord_id) = id_or_fresh(line.cl_ord_id) else { return no_entropy() };
    let Amend { order, qty, price, stop_px, confirmed, .. } = line;
    let amend = AmendOrder { cl_ord_id, order, qty, price, confirmed, stop_px };
    let bytes = bytes(person, Verb::OrderAmend(amend), named);
    send(person, bytes, Asked::Change).await
}

/// By the listing where the order was seen, else by sign and size alone.
fn amend_faults(person: &Person, line: &Amend) -> Vec<PlainFault> {
    let listing = person.listing_of(line.order).and_then(|id| person.names.instrument(id));
    let Some(listing) = listing else {
        return [
            line.qty.filter(|qty| !qty.is_positive()).map(|_| PlainFault::QtyNotPositive),
            line.qty.filter(|qty| *qty > plain::ORDER_QTY_MAX).map(|_| PlainFault::QtyAbsurd),
            line.price.filter(|price| !price.is_positive()).map(|_| PlainFault::PriceNotPositive),
            line.stop_px.filter(|price| !price.is_positive()).map(|_| PlainFault::StopNotPositive),
        ]
        .into_iter()
        .flatten()
        .collect();
    };
    let price = line.price.and_then(|price| plain::check_price(OrdType::Limit, Some(price), listing));
    let stop = line.stop_px.and_then(|stop| plain::check_stop(OrdType::Stop, Some(stop), listing));
    line.qty.and_then(|qty| plain::check_qty(qty, listing)).into_iter().chain(price).chain(stop).collect()
}

pub(super) async fn cancel(person: &mut Person, order: OrderId, cl_ord_id: Option<ClOrdId>) -> Told {
    let named = cl_ord_id.is_some();
    let Some(cl_ord_id) = id_or_fresh(cl_ord_id) else { return no_entropy() };
    let bytes = bytes(person, Verb::OrderCancel(CancelOrder { cl_ord_id, order }), named);
    send(person, bytes, Asked::Change).await
}

pub(super) async fn cancel_all(person: &mut Person, account: String, cl_ord_id: Option<ClOrdId>) -> Told {
    let named = cl_ord_id.is_some();
    let Some(cl_ord_id) = id_or_fresh(cl_ord_id) else { return no_entropy() };
    let bytes = bytes(person, Verb::CancelAll(CancelAll { cl_ord_id, account: Some(account) }), named);
    send(person, bytes, Asked::Change).await
}

pub(super) async fn sim(person: &mut Person, control: SimControl) -> Told {
    let bytes = bytes(person, Verb::Sim(control), false);
    send(person, bytes, Asked::Other).await
}

/// Sends once. If the link is lost before the answer, waits for it and asks by ClOrdID what became of it.
async fn send(person: &mut Person, bytes: Vec<u8>, asked: Asked) -> Told {
    match person.command(bytes.clone()).await {
        Ok(answer) => reply(answer, asked, person),
        Err(LinkError::InDoubt) => in_doubt(person, &bytes).await,
        Err(error) => told(link_error(error, person.end())),
    }
}

async fn in_doubt(person: &mut Person, bytes: &[u8]) -> Told {
    let doubt = told(link_error(LinkError::InDoubt, person.end()));
    let Some(cl_ord_id) = cl_ord_id_of(bytes) else { return doubt };
    if person.link.until_up(Duration::from_secs(LINK_BACK_S_MAX)).await.is_err() {
        return doubt;
    }
    let ask = Ask::Orders { status: None, account: None, cl_ord_id: Some(cl_ord_id) };
    let Ok(AnswerBody::Orders(orders)) = person.link.query(ask).await.map(|answered| answered.body) else {
        return doubt;
    };
    match orders.first() {
        Some(row) => {
            person.saw_order(row.order_id, row.instrument);
            Told { answer: Answer::ok().with_row(rows::order(row, &person.names)), order: Some(row.order_id) }
        }
        None => doubt,
    }
}

fn cl_ord_id_of(bytes: &[u8]) -> Option<ClOrdId> {
    match Command::from_bytes(bytes).ok()?.verb {
        Verb::OrderNew(order) => Some(order.cl_ord_id),
        Verb::OrderAmend(amend) => Some(amend.cl_ord_id),
        Verb::OrderCancel(cancel) => Some(cancel.cl_ord_id),
        Verb::CancelAll(_)
        | Verb::Sim(_)
        | Verb::Manage(_)
        | Verb::CreateUser(_)
        | Verb::Judge(_)
        | Verb::Request(_)
        | Verb::Alert(_)
        | Verb::Own(_)
        | Verb::Ban(_)
        | Verb::Bulk(_)
        | Verb::Review(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_command_is_void_at_the_end_of_the_day_and_any_other_soon() {
        let noon = Timestamp(20_000 * NS_PER_DAY + NS_PER_DAY / 2);
        let midnight = Timestamp(20_001 * NS_PER_DAY);
        assert_eq!(expiry(noon, false), noon.after_ns(150 * NS_PER_S));
        assert_eq!(expiry(noon, true), midnight);
        assert_eq!(expiry(noon.after_ns(3_600 * NS_PER_S), true), midnight, "an hour later it is the same");
        // A minute before midnight it is good for a minute and a day, never for less than any other.
        let late = Timestamp(midnight.0 - 60 * NS_PER_S);
        assert_eq!(expiry(late, true), midnight.after_ns(NS_PER_DAY));
    }
}
