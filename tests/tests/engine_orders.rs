//! The engine's orders from end to end in memory: taken, amended, canceled, filled, busted, in doubt; no wire, no store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, Verdict};
use turret_shared::command::{AmendOrder, CancelAll, Command, Verb};
use turret_shared::denial::{DenialCode, RefusalCode, Rule};
use turret_shared::entry::EntryOutcome;
use turret_shared::event::Event;
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::money::{Money, Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::venue::{ReportKind, Route, VenueClOrdId, VenueExecId, VenueReason};
use turret_shared::view::{FillState, PositionView};
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, KIM, px, qty};

fn status(desk: &Desk, order: OrderId) -> OrdStatus {
    desk.row(order).ord_status
}

fn aapl(desk: &Desk) -> PositionView {
    let rows = turret_engine::views::positions(&desk.state, ANN, Some("A1001")).expect("allowed");
    rows.into_iter().find(|p| p.instrument.0 == 0).expect("a position")
}

fn cash(desk: &Desk) -> (Money, Money, Money) {
    let rows = turret_engine::views::accounts(&desk.state, ANN).expect("allowed");
    let row = rows.into_iter().find(|a| a.code == "A1001").expect("an account");
    (row.cash, row.reserved, row.buying_power)
}

fn reason(text: &str) -> VenueReason {
    VenueReason { code: 99, text: text.into() }
}

fn refused(verdict: Verdict) -> RefusalCode {
    match verdict {
        Verdict::Refused(refusal) => refusal.code,
        other => panic!("refused, not {other:?}"),
    }
}

fn denied(verdict: Verdict) -> turret_shared::denial::Denial {
    match verdict {
        Verdict::Denied(denial) => *denial,
        other => panic!("denied, not {other:?}"),
    }
}

#[test]
fn an_order_travels_from_new_to_filled() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    assert!(matches!(&desk.routes[..], [Route::New(new)] if new.id == VenueClOrdId { order, revision: 0 }));
    assert_eq!(status(&desk, order), OrdStatus::PendingNew);
    assert_eq!(desk.state.outbox().len(), 1);
    assert_eq!(cash(&desk), (Money(10_000_000_000), Money(190_000_000), Money(9_810_000_000)));
    desk.ack(order);
    assert_eq!(desk.state.outbox(), []);
    assert!(desk.row(order).working);
    desk.trade(order, 1, 40, 18_990);
    assert_eq!((status(&desk, order), desk.row(order).leaves_qty), (OrdStatus::PartiallyFilled, qty(60)));
    desk.trade(order, 2, 60, 19_000);
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.avg_px, row.leaves_qty), (OrdStatus::Filled, Some(px(18_996)), Qty::ZERO));
    let (left, reserved, power) = cash(&desk);
    assert_eq!((left, reserved), (Money(10_000_000_000 - 189_960_000), Money::ZERO));
    assert_eq!(power, left);
    assert_eq!((aapl(&desk).qty, aapl(&desk).bought), (qty(1_300), qty(100)));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn every_rule_that_trips_is_named_and_what_would_pass_passes() {
    let mut desk = Desk::new();
    let order = desk.limit(Side::Buy, 20_000, 21_000);
    let dry = turret_engine::views::preview(
        &desk.state,
        &desk.market,
        ANN,
        &desk.command(Verb::OrderNew(order.clone())),
        desk.time,
    );
    let rules = dry.expect("may ask").rules;
    let denial = denied(desk.verb(ANN, Verb::OrderNew(order)));
    let tripped: Vec<Rule> = denial.rules.iter().map(|rule| rule.rule).collect();
    assert_eq!(tripped, [Rule::MaxQuantity, Rule::MaxNotional, Rule::PriceCollar, Rule::BuyingPower]);
    // The ticket counts what the dry run names: no more is said to have passed than was shown there.
    let shown = rules.iter().filter(|rule| !rule.tripped).count();
    assert_eq!((denial.passed as usize, rules.len() - shown), (shown, 4));
    let pass: Vec<_> = denial.rules.iter().map(|rule| rule.would_pass).collect();
    assert_eq!(pass, [Some(qty(4_000)), Some(qty(1_190)), None, Some(qty(4_761))]);
    // The row of a denied order keeps its explanation.
    let rows =
        turret_engine::views::orders(&desk.state, ANN, Some(OrdStatus::Denied), None, None, None).expect("allowed");
    assert_eq!(rows[0].denial.as_ref(), Some(&denial));
}

#[test]
fn an_order_is_found_by_every_name_its_owner_gave_it_and_by_nobody_elses() {
    let mut desk = Desk::new();
    let order = desk.limit(Side::Buy, 100, 18_900);
    let first = order.cl_ord_id.clone();
    let Verdict::Order { order: id, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
    let other = desk.limit(Side::Buy, 200, 18_900);
    desk.verb(ANN, Verb::OrderNew(other));
    let named = |user, name: &ClOrdId| {
        let rows = turret_engine::views::orders(&desk.state, user, None, None, Some(name), None).expect("allowed");
        rows.iter().map(|row| row.order_id).collect::<Vec<_>>()
    };
    assert_eq!(named(ANN, &first), [id]);
    assert_eq!(named(ANN, &ClOrdId::new("never-used").expect("plain")), []);
    assert_eq!(named(BOB, &first), [], "a name is one person's own");
}

#[test]
fn the_same_command_again_gets_the_order_as_it_is_and_another_under_its_name_is_denied() {
    let mut desk = Desk::new();
    let order = desk.limit(Side::Buy, 100, 19_000);
    let command = desk.command(Verb::OrderNew(order.clone()));
    let Verdict::Order { order: id, exec_type: None } = desk.send(ANN, command.clone()) else { panic!("taken") };
    desk.ack(id);
    desk.wait_ms(120_000);
    let again = desk.send(ANN, command.clone());
    assert_eq!(again, Verdict::Order { order: id, exec_type: Some(ExecType::OrderStatus) });
    assert_eq!((desk.events.len(), desk.routes.len()), (0, 0));
    let other = Command { verb: Verb::OrderNew(turret_shared::command::NewOrder { qty: qty(50), ..order }), ..command };
    assert_eq!(denied(desk.send(ANN, other)).code, DenialCode::ClOrdIdReused);
    assert_eq!(desk.row(id).order_qty, qty(100));
    // A denied order's name gets its denial again.
    let mut order = desk.limit(Side::Buy, 9_000, 19_000);
    order.account = "A1001".into();
    let command = desk.command(Verb::OrderNew(order));
    let first = denied(desk.send(ANN, command.clone()));
    assert_eq!(denied(desk.send(ANN, command)), first);
}

#[test]
fn an_amend_waits_for_the_venue_and_reserves_its_worst_case() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    assert_eq!(refused(desk.amend(order, Some(200), None)), RefusalCode::NotYetAcknowledged);
    desk.ack(order);
    desk.amend(order, Some(200), Some(19_100));
    assert!(matches!(&desk.routes[..], [Route::Replace { id, orig, .. }] if id.revision == 1 && orig.revision == 0));
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.order_qty, row.pending_qty), (OrdStatus::PendingReplace, qty(100), Some(qty(200))));
    assert_eq!(cash(&desk).1, Money(382_000_000));
    assert_eq!(refused(desk.amend(order, Some(300), None)), RefusalCode::AmendPending);
    desk.trade(order, 1, 30, 19_000);
    assert_eq!(status(&desk, order), OrdStatus::PendingReplace);
    let id = VenueClOrdId { order, revision: 1 };
    desk.report(ReportKind::Replaced { id, qty: qty(200), price: Some(px(19_100)), cum_qty: qty(30), stop_px: None });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.leaves_qty, row.price), (OrdStatus::PartiallyFilled, qty(170), Some(px(19_100))));
    assert!(row.orig_cl_ord_id.is_some() && row.orig_cl_ord_id != Some(row.cl_ord_id));
    assert_eq!(cash(&desk).1, Money(324_700_000));
    // A total at or below CumQty is sent on; the venue ends the order filled.
    desk.amend(order, Some(10), None);
    let id = VenueClOrdId { order, revision: 2 };
    desk.report(ReportKind::Replaced { id, qty: qty(30), price: Some(px(19_100)), cum_qty: qty(30), stop_px: None });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.exec_type, row.order_qty), (OrdStatus::Filled, ExecType::Replaced, qty(30)));
    assert_eq!(cash(&desk).1, Money::ZERO);
}

#[test]
fn an_amend_refused_by_the_venue_leaves_the_order_as_it_was() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    let before = desk.row(order);
    desk.amend(order, None, Some(18_900));
    let id = VenueClOrdId { order, revision: 1 };
    desk.report(ReportKind::CancelRejected { id, reason: reason("too late") });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.price, row.cl_ord_id), (OrdStatus::New, before.price, before.cl_ord_id));
    assert_eq!(row.note, "too late");
    assert_eq!(refused(desk.amend(order, Some(100), None)), RefusalCode::NoChange);
    assert_eq!(refused(desk.amend(order, Some(100_000), None)), RefusalCode::Risk);
}

/// A stop of this type that waits at the venue.
fn waiting_stop(desk: &mut Desk, ord_type: OrdType, cents: i64) -> OrderId {
    let mut order = desk.limit(Side::Buy, 100, cents);
    (order.ord_type, order.stop_px) = (ord_type, Some(px(cents)));
    order.price = order.price.filter(|_| ord_type.has_price());
    let Verdict::Order { order, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
    desk.report(ReportKind::New { id: VenueClOrdId { order, revision: 0 }, working: false });
    order
}

#[test]
fn a_stop_that_waits_is_moved_and_is_as_it_was_until_the_venue_says_so() {
    let mut desk = Desk::new();
    let order = waiting_stop(&mut desk, OrdType::Stop, 19_100);
    let reserved = cash(&desk).1;
    assert_eq!(refused(desk.amend_stop(order, 19_100)), RefusalCode::NoChange);
    let off_tick = AmendOrder {
        cl_ord_id: desk.name(),
        order,
        qty: None,
        price: None,
        confirmed: true,
        stop_px: Some(Price(px(19_200).0 + 1)),
    };
    assert_eq!(refused(desk.verb(ANN, Verb::OrderAmend(off_tick))), RefusalCode::Invalid);
    assert!(matches!(desk.amend_stop(order, 19_200), Verdict::Order { .. }));
    let route = Route::Replace {
        id: VenueClOrdId { order, revision: 1 },
        orig: VenueClOrdId { order, revision: 0 },
        qty: qty(100),
        price: None,
        stop_px: Some(px(19_200)),
    };
    assert_eq!(desk.routes, std::slice::from_ref(&route));
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.stop_px), (OrdStatus::PendingReplace, Some(px(19_100))));
    assert_eq!(row.pending_stop, Some(px(19_200)));
    // The dearer of old and new is reserved, and a restart knows what was asked, by snapshot and by folding.
    assert!(cash(&desk).1 > reserved);
    let read = turret_engine::State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    for state in [&read, &desk.folded()] {
        assert_eq!(turret_engine::views::order_row(state, order).unwrap(), row);
        assert_eq!(state.outbox(), std::slice::from_ref(&route));
    }
    let id = VenueClOrdId { order, revision: 1 };
    let (stop_px, cum_qty) = (Some(px(19_200)), Qty::ZERO);
    desk.report(ReportKind::Replaced { id, qty: qty(100), price: None, cum_qty, stop_px });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.stop_px, row.pending_stop), (OrdStatus::New, Some(px(19_200)), None));
    assert_eq!(turret_engine::views::order_row(&desk.folded(), order).unwrap(), row);
}

#[test]
fn what_has_no_stop_or_has_triggered_keeps_its_price() {
    let mut desk = Desk::new();
    let limit = desk.order(Side::Buy, 10, 18_900);
    desk.ack(limit);
    assert_eq!(refused(desk.amend_stop(limit, 19_100)), RefusalCode::NoStop);
    let stop = waiting_stop(&mut desk, OrdType::StopLimit, 19_100);
    desk.report(ReportKind::Triggered { order: stop });
    assert_eq!(refused(desk.amend_stop(stop, 19_200)), RefusalCode::StopTriggered);
    // What it works as is amended as before.
    assert!(matches!(desk.amend(stop, Some(50), None), Verdict::Order { .. }));
}

#[test]
fn a_stop_moved_is_judged_as_a_new_one() {
    let mut desk = Desk::new();
    // A stop-limit's collar is measured from its stop: moving that away from the limit trips it.
    let order = waiting_stop(&mut desk, OrdType::StopLimit, 19_100);
    let Verdict::Refused(refusal) = desk.amend_stop(order, 15_000) else { panic!("refused") };
    assert_eq!((refusal.code, refusal.rules[0].rule), (RefusalCode::Risk, Rule::PriceCollar));
    // A stop without a limit is reserved at its stop and the margin: so dear is more than there is.
    let order = waiting_stop(&mut desk, OrdType::Stop, 19_100);
    assert_eq!(refused(desk.amend_stop(order, 900_000)), RefusalCode::Risk);
}

#[test]
fn a_cancel_can_always_be_sent_and_only_the_venue_ends_it() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    assert!(matches!(desk.cancel(order), Verdict::Order { .. }));
    assert_eq!(refused(desk.cancel(order)), RefusalCode::CancelPending);
    desk.ack(order);
    desk.trade(order, 1, 100, 19_000);
    assert_eq!(status(&desk, order), OrdStatus::PendingCancel);
    let id = VenueClOrdId { order, revision: 1 };
    desk.report(ReportKind::CancelRejected { id, reason: reason("filled") });
    assert_eq!(status(&desk, order), OrdStatus::Filled);
    assert_eq!(refused(desk.cancel(order)), RefusalCode::TooLate);
}

#[test]
fn cancel_all_takes_ones_own_or_one_account() {
    let mut desk = Desk::new();
    let orders =
        [desk.order(Side::Buy, 10, 18_900), desk.order(Side::Buy, 11, 18_900), desk.order(Side::Sell, 5, 19_100)];
    orders.iter().for_each(|order| desk.ack(*order));
    desk.cancel(orders[0]);
    let cl_ord_id = desk.name();
    let own = Verb::CancelAll(CancelAll { cl_ord_id, account: None });
    assert_eq!(desk.verb(ANN, own), Verdict::CancelAll { requested: 2, already: 1 });
    assert_eq!(desk.routes.len(), 2);
    let cl_ord_id = desk.name();
    let foreign = Verb::CancelAll(CancelAll { cl_ord_id, account: Some("A1001".into()) });
    assert_eq!(denied(desk.verb(BOB, foreign)).code, DenialCode::UnknownAccount);
    let cl_ord_id = desk.name();
    let watched = Verb::CancelAll(CancelAll { cl_ord_id, account: Some("A1001".into()) });
    assert_eq!(desk.verb(KIM, watched), Verdict::CancelAll { requested: 0, already: 3 });
}

#[test]
fn an_order_says_who_asked_for_its_newest_request_across_a_snapshot() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 10, 18_900);
    desk.ack(order);
    assert_eq!(desk.row(order).asked_by, None);
    desk.amend(order, Some(20), None);
    assert_eq!(desk.row(order).asked_by, Some(ANN));
    let cl_ord_id = desk.name();
    let watched = Verb::CancelAll(CancelAll { cl_ord_id, account: Some("A1001".into()) });
    assert_eq!(desk.verb(KIM, watched), Verdict::CancelAll { requested: 1, already: 0 });
    assert_eq!((desk.row(order).owner, desk.row(order).asked_by), (ANN, Some(KIM)));
    let read = turret_engine::State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!(turret_engine::views::order_row(&read, order).unwrap().asked_by, Some(KIM));
}

#[test]
fn a_long_sale_is_bounded_by_what_is_long_and_not_yet_offered() {
    let mut desk = Desk::new();
    let first = desk.order(Side::Sell, 500, 19_000);
    desk.ack(first);
    desk.order(Side::Sell, 500, 19_000);
    let order = desk.limit(Side::Sell, 300, 19_000);
    let denial = denied(desk.verb(ANN, Verb::OrderNew(order)));
    assert_eq!((denial.rules[0].rule, denial.rules[0].would_pass), (Rule::LongSell, Some(qty(200))));
    desk.order(Side::Sell, 200, 19_000);
}

#[test]
fn immediate_remainders_and_the_close_end_orders() {
    let mut desk = Desk::new();
    let mut order = desk.limit(Side::Buy, 100, 19_010);
    order.tif = TimeInForce::Ioc;
    let Verdict::Order { order: ioc, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
    desk.ack(ioc);
    desk.trade(ioc, 1, 70, 19_002);
    desk.report(ReportKind::Canceled { order: ioc, request: None, reason: None, cum_qty: qty(70) });
    let row = desk.row(ioc);
    assert_eq!((row.ord_status, row.cum_qty, row.leaves_qty), (OrdStatus::Canceled, qty(70), Qty::ZERO));
    assert_eq!(desk.events[0].outcome(), EntryOutcome::Ok);
    let day = desk.order(Side::Buy, 10, 18_000 + 200);
    desk.ack(day);
    desk.report(ReportKind::Expired { order: day, cum_qty: Qty::ZERO });
    assert_eq!(status(&desk, day), OrdStatus::Expired);
    let mut order = desk.limit(Side::Buy, 10, 18_300);
    order.tif = TimeInForce::Gtc;
    let Verdict::Order { order: gtc, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
    desk.ack(gtc);
    desk.report(ReportKind::DoneForDay { order: gtc });
    assert_eq!((status(&desk, gtc), desk.row(gtc).leaves_qty), (OrdStatus::DoneForDay, qty(10)));
    desk.report(ReportKind::Restated { order: gtc, qty: qty(10), reason: reason("new session") });
    assert_eq!((status(&desk, gtc), desk.row(gtc).working), (OrdStatus::New, true));
}

#[test]
fn a_stop_waits_until_it_is_triggered() {
    let mut desk = Desk::new();
    let mut order = desk.limit(Side::Sell, 100, 18_500);
    (order.ord_type, order.stop_px, order.price) = (OrdType::Stop, Some(px(18_500)), None);
    let Verdict::Order { order, .. } = desk.verb(ANN, Verb::OrderNew(order)) else { panic!("taken") };
    desk.report(ReportKind::New { id: VenueClOrdId { order, revision: 0 }, working: false });
    assert_eq!((status(&desk, order), desk.row(order).working), (OrdStatus::New, false));
    desk.report(ReportKind::Triggered { order });
    assert!(desk.row(order).working);
}

#[test]
fn busts_and_corrections_refold_position_and_cash() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    desk.trade(order, 1, 60, 19_000);
    desk.trade(order, 2, 40, 18_900);
    let refers = VenueExecId(1);
    desk.report(ReportKind::Correct { order, exec: VenueExecId(3), refers, qty: qty(50), price: px(18_800) });
    assert_eq!((status(&desk, order), desk.row(order).cum_qty), (OrdStatus::PartiallyFilled, qty(90)));
    // The next report about that trade names the latest id of it; an older one is booked and flagged.
    desk.report(ReportKind::Bust { order, exec: VenueExecId(4), refers });
    assert_eq!(desk.events[0].outcome(), EntryOutcome::Flagged);
    assert_eq!(desk.row(order).cum_qty, qty(40));
    desk.report(ReportKind::Bust { order, exec: VenueExecId(5), refers: VenueExecId(2) });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.cum_qty, row.avg_px), (OrdStatus::New, Qty::ZERO, None));
    assert_eq!((aapl(&desk).qty, cash(&desk).0), (qty(1_200), Money(10_000_000_000)));
    let fills = turret_engine::views::fills(&desk.state, ANN, Some(order), None).expect("allowed");
    assert!(fills.iter().all(|fill| fill.state == FillState::Busted && fill.was.is_some()));
    desk.report(ReportKind::Bust { order, exec: VenueExecId(6), refers: VenueExecId(5) });
    assert!(matches!(&desk.events[..], [Event::Unmatched(_)]));
}

#[test]
fn surprises_are_booked_and_flagged() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    desk.report(ReportKind::Canceled { order, request: None, reason: Some(reason("self trade")), cum_qty: Qty::ZERO });
    assert_eq!(desk.events[0].reason().as_deref(), Some("unasked"));
    assert_eq!(desk.row(order).note, "self trade");
    // A late fill is booked, the status stays; so is more than was ordered.
    desk.trade(order, 1, 150, 19_000);
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.cum_qty, row.leaves_qty), (OrdStatus::Canceled, qty(150), Qty::ZERO));
    assert_eq!(desk.events[0].outcome(), EntryOutcome::Flagged);
    assert_eq!(aapl(&desk).qty, qty(1_350));
    // The same execution under another count is kept and not booked again.
    desk.trade(order, 1, 150, 19_000);
    assert!(matches!(&desk.events[..], [Event::Unmatched(_)]));
    assert_eq!(aapl(&desk).qty, qty(1_350));
    desk.trade(order, 1, 150, 19_000);
    let unknown = OrderId(1 << 40);
    let id = VenueClOrdId { order: unknown, revision: 0 };
    desk.report(ReportKind::New { id, working: true });
    assert!(matches!(&desk.events[..], [Event::Unmatched(_)]));
    // A report seen before changes nothing.
    let last = desk.state.venue_sequence();
    let kind = ReportKind::Session { open: false };
    let decision = desk.input(Input::Venue(turret_shared::venue::Report { sequence: last, time: desk.time, kind }));
    assert_eq!(decision.events, []);
}

#[test]
fn no_answer_puts_an_order_in_doubt_and_nothing_is_sent_again() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.wait_ms(1_999);
    assert_eq!(desk.input(Input::Timer).events, []);
    desk.wait_ms(1);
    assert_eq!(desk.state.next_deadline(), Some(desk.time));
    desk.input(Input::Timer);
    let id = VenueClOrdId { order, revision: 0 };
    assert_eq!(desk.routes, [Route::Status { id }]);
    assert!(desk.row(order).in_doubt);
    assert_eq!(desk.state.outbox(), [Route::Status { id }]);
    assert_eq!(desk.input(Input::Timer).events, []);
    desk.venue_answer(ReportKind::Unknown { id });
    let row = desk.row(order);
    assert_eq!((row.ord_status, row.in_doubt, row.leaves_qty), (OrdStatus::Rejected, false, Qty::ZERO));
    assert!(row.note.contains("never reached"));
    assert_eq!((cash(&desk).1, desk.state.outbox()), (Money::ZERO, vec![]));
}

#[test]
fn a_lost_link_puts_what_was_being_sent_in_doubt() {
    let mut desk = Desk::new();
    let quiet = desk.order(Side::Buy, 1, 19_000);
    desk.ack(quiet);
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.input(Input::VenueLink(false));
    assert!(desk.row(order).in_doubt && !desk.row(quiet).in_doubt);
    desk.input(Input::VenueLink(true));
    let id = VenueClOrdId { order, revision: 0 };
    // What is outstanding is sent once, by whoever sees the whole batch: the outbox, not this decision.
    assert_eq!((desk.routes.clone(), desk.state.outbox()), (vec![], vec![Route::Status { id }]));
    desk.venue_answer(ReportKind::Status { id, as_of: 9 });
    assert!(!desk.row(order).in_doubt);
    desk.ack(order);
    assert_eq!(status(&desk, order), OrdStatus::New);
    assert_eq!(desk.state.next_deadline(), None);
}
