//! The exchange as a member meets it.

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::Timestamp;
use turret_shared::venue::{Report, ReportKind, RouteNew, VenueClOrdId, VenueExecId};

use super::{Exchange, Execution, Life, Pit};
use crate::listings::listings;
use crate::sim::book::{Book, Entry, Key, Way};

const AAPL: InstrumentId = InstrumentId(1);

fn exchange() -> Exchange {
    let mut exchange = Exchange::new(listings().into_iter().map(|row| (row, Pit::Live(Book::new()))));
    exchange.set_time(Timestamp(1));
    exchange
}

fn offer(exchange: &mut Exchange, key: u64, cents: i64, qty: i64) {
    let (kind, tif) = (OrdType::Limit, TimeInForce::Day);
    let (limit, leaves) = (Some(Price(cents * 10_000_000)), Qty::whole(qty).unwrap());
    exchange.crowd_enter(AAPL, Entry { key: Key::Crowd(key), way: Way::Sell, kind, limit, stop: None, tif, leaves });
}

const fn id(order: u64, revision: u32) -> VenueClOrdId {
    VenueClOrdId { order: OrderId(order), revision }
}

fn buy(order: u64, cents: Option<i64>, qty: i64, tif: TimeInForce) -> RouteNew {
    RouteNew {
        id: id(order, 0),
        instrument: AAPL,
        side: Side::Buy,
        qty: Qty::whole(qty).unwrap(),
        ord_type: if cents.is_some() { OrdType::Limit } else { OrdType::Market },
        price: cents.map(|cents| Price(cents * 10_000_000)),
        stop_px: None,
        tif,
    }
}

/// Short words for what was reported, with sequences checked for gaps.
fn told(exchange: &mut Exchange) -> Vec<String> {
    let reports = exchange.take_outcome().reports;
    let facts: Vec<u64> = reports.iter().map(|r| r.sequence).filter(|s| *s > 0).collect();
    assert!(facts.windows(2).all(|pair| pair[1] == pair[0] + 1));
    reports.iter().map(word).collect()
}

fn word(report: &Report) -> String {
    match &report.kind {
        ReportKind::New { working, .. } => format!("new {working}"),
        ReportKind::Rejected { reason, .. } => format!("rejected {}", reason.code),
        ReportKind::Trade { qty, price, cum_qty, .. } => format!("trade {qty}@{price} cum {cum_qty}"),
        ReportKind::Bust { refers, .. } => format!("bust {}", refers.0),
        ReportKind::Correct { refers, qty, price, .. } => format!("correct {} {qty}@{price}", refers.0),
        ReportKind::Canceled { request, cum_qty, .. } => format!("canceled {} cum {cum_qty}", request.is_some()),
        ReportKind::Replaced { qty, cum_qty, .. } => format!("replaced {qty} cum {cum_qty}"),
        ReportKind::CancelRejected { reason, .. } => format!("cancel rejected {}", reason.code),
        ReportKind::Expired { .. } => "expired".to_owned(),
        ReportKind::DoneForDay { .. } => "done".to_owned(),
        ReportKind::Restated { qty, .. } => format!("restated {qty}"),
        ReportKind::Suspended { .. } => "suspended".to_owned(),
        ReportKind::Triggered { .. } => "triggered".to_owned(),
        ReportKind::Session { open } => format!("session {open}"),
        ReportKind::Halt { halted, .. } => format!("halt {halted}"),
        ReportKind::Status { .. } => "status".to_owned(),
        ReportKind::Unknown { .. } => "unknown".to_owned(),
        ReportKind::SimRefused { reason } => format!("refused: {}", reason.text),
    }
}

#[test]
fn a_repeated_order_is_answered_and_never_executed_twice() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 500);
    exchange.new_order(&buy(256, None, 100, TimeInForce::Day));
    assert_eq!(told(&mut exchange), ["new true", "trade 100@189.50 cum 100"]);
    exchange.new_order(&buy(256, None, 100, TimeInForce::Day));
    assert_eq!(told(&mut exchange), ["status"]);
}

#[test]
fn what_was_answered_unknown_is_never_taken_later() {
    let mut exchange = exchange();
    exchange.status(id(256, 0));
    assert_eq!(told(&mut exchange), ["unknown"]);
    exchange.new_order(&buy(256, Some(18_000), 100, TimeInForce::Day));
    assert_eq!(told(&mut exchange), ["unknown"]);
    assert_eq!(exchange.order(OrderId(256)).map(|o| o.life), Some(Life::Absent));
    exchange.new_order(&buy(512, Some(18_000), 100, TimeInForce::Day));
    exchange.status(id(512, 1));
    exchange.cancel(id(512, 1));
    exchange.cancel(id(512, 2));
    assert_eq!(told(&mut exchange), ["new true", "unknown", "unknown", "canceled true cum 0"]);
}

#[test]
fn amends_count_what_was_executed() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 100);
    exchange.new_order(&buy(256, Some(18_950), 300, TimeInForce::Day));
    exchange.replace(id(256, 1), Qty::whole(200).unwrap(), Some(Price(189_400_000_000)), None);
    exchange.replace(id(256, 2), Qty::whole(50).unwrap(), None, None);
    exchange.replace(id(256, 3), Qty::whole(500).unwrap(), None, None);
    exchange.cancel(id(256, 4));
    assert_eq!(
        told(&mut exchange),
        [
            "new true",
            "trade 100@189.50 cum 100",
            "replaced 200 cum 100",
            "replaced 100 cum 100",
            "cancel rejected 0",
            "cancel rejected 0"
        ]
    );
}

#[test]
fn plain_wrongs_closed_and_halted_are_rejected() {
    let mut exchange = exchange();
    exchange.new_order(&RouteNew { instrument: InstrumentId(9_999), ..buy(256, None, 1, TimeInForce::Day) });
    exchange.new_order(&RouteNew { price: Some(Price(1)), ..buy(512, Some(1), 1, TimeInForce::Day) });
    exchange.new_order(&RouteNew { qty: Qty(1), ..buy(768, Some(1), 1, TimeInForce::Day) });
    exchange.halt(AAPL, true);
    exchange.new_order(&buy(1_024, None, 1, TimeInForce::Day));
    exchange.halt(AAPL, false);
    exchange.session(false);
    exchange.new_order(&buy(1_280, None, 1, TimeInForce::Day));
    assert_eq!(
        told(&mut exchange),
        [
            "rejected 1",
            "rejected 18",
            "rejected 13",
            "halt true",
            "rejected 99",
            "halt false",
            "session false",
            "rejected 2"
        ]
    );
}

#[test]
fn day_expires_and_gtc_comes_back() {
    let mut exchange = exchange();
    exchange.new_order(&buy(256, Some(18_000), 10, TimeInForce::Day));
    exchange.new_order(&buy(512, Some(18_000), 20, TimeInForce::Gtc));
    exchange.session(false);
    exchange.session(true);
    offer(&mut exchange, 1, 18_000, 50);
    assert_eq!(
        told(&mut exchange),
        [
            "new true",
            "new true",
            "session false",
            "expired",
            "done",
            "session true",
            "restated 20",
            "trade 20@180.00 cum 20"
        ]
    );
}

#[test]
fn immediate_remainders_end_canceled() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 60);
    exchange.new_order(&buy(256, Some(18_950), 100, TimeInForce::Fok));
    exchange.new_order(&buy(512, Some(18_950), 100, TimeInForce::Ioc));
    exchange.new_order(&buy(768, None, 10, TimeInForce::Day));
    assert_eq!(
        told(&mut exchange),
        [
            "new true",
            "canceled false cum 0",
            "new true",
            "trade 60@189.50 cum 60",
            "canceled false cum 60",
            "new true",
            "canceled false cum 0"
        ]
    );
}

#[test]
fn busts_and_corrections_move_what_was_executed() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 100);
    exchange.new_order(&buy(256, Some(18_950), 150, TimeInForce::Day));
    told(&mut exchange);
    let execution =
        |exec, qty| Some(Execution { order: OrderId(256), exec: VenueExecId(exec), qty: Qty::whole(qty).unwrap() });
    exchange.correct(execution(2, 100), Price(189_400_000_000), Qty::whole(80).unwrap());
    exchange.bust(execution(2, 100));
    exchange.bust(execution(3, 80));
    exchange.bust(None);
    assert_eq!(
        told(&mut exchange),
        [
            "correct 2 80@189.40",
            "restated 130",
            "refused: that execution was busted or corrected already",
            "bust 3",
            "restated 50",
            "refused: unknown execution"
        ]
    );
    exchange.unsolicited(OrderId(256));
    exchange.unsolicited(OrderId(256));
    assert_eq!(told(&mut exchange), ["canceled false cum 0", "refused: too late to cancel"]);
}

#[test]
fn a_busted_fill_of_a_filled_order_does_not_work_again() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 100);
    exchange.new_order(&buy(256, None, 100, TimeInForce::Day));
    told(&mut exchange);
    exchange.bust(Some(Execution { order: OrderId(256), exec: VenueExecId(2), qty: Qty::whole(100).unwrap() }));
    assert_eq!(told(&mut exchange), ["bust 2", "canceled false cum 0"]);
}

#[test]
fn a_stop_waits_then_works() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 10);
    offer(&mut exchange, 2, 18_960, 100);
    let stop = RouteNew {
        ord_type: OrdType::Stop,
        stop_px: Some(Price(189_500_000_000)),
        ..buy(256, None, 20, TimeInForce::Day)
    };
    exchange.new_order(&stop);
    exchange.new_order(&buy(512, None, 10, TimeInForce::Day));
    assert_eq!(
        told(&mut exchange),
        ["new false", "new true", "trade 10@189.50 cum 10", "triggered", "trade 20@189.60 cum 20"]
    );
}

#[test]
fn a_stop_moved_waits_for_the_new_price_and_one_that_triggered_stays() {
    let mut exchange = exchange();
    offer(&mut exchange, 1, 18_950, 10);
    offer(&mut exchange, 2, 18_960, 100);
    let (first, second, off_tick) = (Price(189_500_000_000), Price(189_600_000_000), Price(189_605_000_000));
    let stop = RouteNew { ord_type: OrdType::Stop, stop_px: Some(first), ..buy(256, None, 20, TimeInForce::Day) };
    exchange.new_order(&stop);
    let total = Qty::whole(20).unwrap();
    exchange.replace(id(256, 1), total, None, Some(off_tick));
    exchange.replace(id(256, 2), total, None, Some(second));
    assert_eq!(exchange.order(OrderId(256)).unwrap().stop_px, Some(second));
    // The first stop's price trades, and nothing works yet.
    exchange.new_order(&buy(512, None, 10, TimeInForce::Day));
    assert_eq!(
        told(&mut exchange),
        ["new false", "cancel rejected 18", "replaced 20 cum 0", "new true", "trade 10@189.50 cum 10"]
    );
    // Moved to where the last trade is, it works at once; from then on it has no stop to move.
    exchange.replace(id(256, 3), total, None, Some(first));
    exchange.replace(id(256, 4), total, None, Some(second));
    assert_eq!(told(&mut exchange), ["replaced 20 cum 0", "triggered", "trade 20@189.60 cum 20", "cancel rejected 0"]);
    // A limit order never had one.
    exchange.new_order(&buy(1_024, Some(18_000), 10, TimeInForce::Day));
    exchange.replace(id(1_024, 1), Qty::whole(10).unwrap(), None, Some(first));
    assert_eq!(told(&mut exchange), ["new true", "cancel rejected 11"]);
}

#[test]
fn restored_orders_keep_their_turn() {
    let mut exchange = exchange();
    for order in [512, 256] {
        exchange.new_order(&buy(order, Some(18_000), 10, TimeInForce::Day));
    }
    let open = [256, 512].map(|order| exchange.order(OrderId(order)).cloned().unwrap()).to_vec();
    let mut again = Exchange::new(listings().into_iter().map(|row| (row, Pit::Live(Book::new()))));
    again.restore(exchange.sequence(), Some(OrderId(512)), &exchange.phase(), open, Timestamp(2));
    offer(&mut again, 1, 18_000, 10);
    let reports = again.take_outcome().reports;
    assert!(
        matches!(reports[..], [Report { sequence: 3, kind: ReportKind::Trade { id, .. }, .. }] if id.order == OrderId(512))
    );
}
