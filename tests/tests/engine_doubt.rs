//! When a request comes into doubt and when it must not: a server that comes back late, a link that is down; no wire, no store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, State};
use turret_shared::event::Event;
use turret_shared::event::ops::Started;
use turret_shared::ids::OrderId;
use turret_shared::order::{OrdStatus, Side};
use turret_shared::venue::{ReportKind, Route, VenueClOrdId};
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;

/// Far beyond the two seconds a venue has to answer.
const LATE_MS: i64 = 60_000;

/// The server is there again after a kill.
fn start_again(desk: &mut Desk) {
    let started = Event::Started(Started { version: "0.1.0".into() });
    desk.input(Input::Note(operator(), Box::new(started)));
}

/// Nothing is due, and the timer does nothing if it comes all the same.
fn nothing_is_overdue(desk: &mut Desk) {
    assert_eq!(desk.state.next_deadline(), None);
    assert_eq!(desk.input(Input::Timer).events, []);
}

/// An order without an answer, an amend and a cancel without one.
fn three_unanswered(desk: &mut Desk) -> [OrderId; 3] {
    let orders = [0, 1, 2].map(|n| desk.order(Side::Buy, 100 + n, 19_000));
    desk.ack(orders[1]);
    desk.ack(orders[2]);
    drop(desk.amend(orders[1], Some(200), None));
    drop(desk.cancel(orders[2]));
    orders
}

#[test]
fn a_server_that_comes_back_late_repeats_what_was_not_answered_and_asks_about_nothing() {
    let mut desk = Desk::new();
    let [new, amend, cancel] = three_unanswered(&mut desk);
    let before = desk.state.outbox();
    assert!(matches!(&before[..], [Route::New(_), Route::Replace { .. }, Route::Cancel { .. }]), "{before:?}");

    desk.wait_ms(LATE_MS);
    start_again(&mut desk);
    assert!(!desk.state.venue_link(), "nobody has heard of the venue in this life");
    nothing_is_overdue(&mut desk);
    desk.wait_ms(LATE_MS);
    nothing_is_overdue(&mut desk);
    // The venue takes each id once: what it had is answered as it stands, what it never got it gets now.
    assert_eq!(desk.state.outbox(), before);

    desk.input(Input::VenueLink(true));
    let up = desk.time;
    assert_eq!(desk.state.next_deadline(), Some(up.after_ns(2_000_000_000)));
    desk.wait_ms(1_999);
    assert_eq!(desk.input(Input::Timer).events, []);
    desk.ack(new);
    desk.wait_ms(1);
    desk.input(Input::Timer);
    let doubts = |row: OrderId| desk.row(row).in_doubt;
    assert_eq!((doubts(new), doubts(amend), doubts(cancel)), (false, true, true));
    assert_eq!(desk.row(new).ord_status, OrdStatus::New);
    let asked = |order| Route::Status { id: VenueClOrdId { order, revision: 1 } };
    assert_eq!(desk.routes, [asked(amend), asked(cancel)]);
    assert_eq!(desk.folded().hash(), desk.state.hash());
    let bytes = desk.state.snapshot_bytes();
    assert_eq!(State::from_snapshot(&bytes).unwrap().hash(), desk.state.hash());
}

#[test]
fn what_is_entered_while_the_link_is_down_waits_for_it_and_is_sent_when_it_is_up() {
    let mut desk = Desk::new();
    desk.input(Input::VenueLink(false));
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.wait_ms(LATE_MS);
    nothing_is_overdue(&mut desk);
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.in_doubt), (OrdStatus::PendingNew, false));
    desk.input(Input::VenueLink(true));
    let id = VenueClOrdId { order, revision: 0 };
    assert!(matches!(&desk.state.outbox()[..], [Route::New(new)] if new.id == id));
    desk.report(ReportKind::New { id, working: true });
    assert_eq!(desk.row(order).ord_status, OrdStatus::New);
    nothing_is_overdue(&mut desk);
}

#[test]
fn what_was_in_doubt_before_a_restart_is_asked_about_and_never_sent_as_new() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.wait_ms(2_000);
    desk.input(Input::Timer);
    desk.wait_ms(LATE_MS);
    start_again(&mut desk);
    desk.input(Input::VenueLink(true));
    let id = VenueClOrdId { order, revision: 0 };
    assert_eq!(desk.state.outbox(), [Route::Status { id }]);
    desk.venue_answer(ReportKind::Status { id, as_of: 0 });
    desk.ack(order);
    assert_eq!((desk.row(order).ord_status, desk.row(order).in_doubt), (OrdStatus::New, false));
}
