//! Answers meet a person whose hands are full: none takes a key meant for something else, and what may be done is never
//! called undone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::flight::Flight;
use turret_client::app::modal::Modal;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::{Command, Verb};
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::ids::{CorrelationId, PendingId};
use turret_shared::money::Price;
use turret_shared::order::{OrdStatus, OrdType, Side};
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{NOON, a_day, at, feed, names, order, picture, press, quote, signed_in};

const BUY: &str = "2 b Up Enter 1 0 0 Enter Enter y";

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn request(effects: &[Effect]) -> Request {
    let sent = effects.iter().find_map(|effect| match effect {
        Effect::Send { request, .. } | Effect::Prove { request, .. } => Some(*request),
        _ => None,
    });
    sent.expect("something was sent")
}

fn reply(model: &mut Model, request: Request, outcome: Outcome, ms: u64) {
    let correlation = CorrelationId::from_bits(ms);
    update(model, Msg::Reply { request, correlation, outcome: Box::new(outcome) }, at(ms));
}

fn step_up() -> Outcome {
    let expires = NOON.after_ns(60_000_000_000);
    Outcome::StepUp { pending: PendingId(7), expires, reason: "notional".into(), sign: None }
}

fn denied() -> Outcome {
    let denial =
        Denial { code: DenialCode::NotPermitted, rules: Vec::new(), text: "not now".into(), passed: 0, until: None };
    Outcome::Denied(Box::new(denial))
}

/// An order that waits for a code, and the code just sent.
fn proving() -> (Model, Request) {
    let mut model = broker();
    let order = request(&press(&mut model, BUY, 0));
    reply(&mut model, order, step_up(), 3_000);
    let proof = request(&press(&mut model, "1 2 3 4 5 6 Enter", 4_000));
    (model, proof)
}

fn given_up(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::GiveUp(pending) if pending == &[PendingId(7)]))
}

#[test]
fn a_code_that_was_sent_cannot_be_taken_back() {
    let (mut model, proof) = proving();
    let effects = press(&mut model, "Esc", 6_000);
    assert!(!given_up(&effects) && model.drafts.is_empty());
    assert!(picture(&model).contains("the code was sent"), "{}", picture(&model));
    reply(&mut model, proof, Outcome::Proof(vec![denied()]), 7_000);
    assert!(matches!(model.modals.last(), Some(Modal::Denied(_))), "its answer is heard");
}

#[test]
fn a_code_not_sent_gives_the_order_up_and_keeps_the_ticket() {
    let mut model = broker();
    let order = request(&press(&mut model, BUY, 0));
    reply(&mut model, order, step_up(), 3_000);
    let effects = press(&mut model, "1 2 Esc", 4_000);
    assert!(given_up(&effects));
    assert_eq!(model.drafts.len(), 1);
}

#[test]
fn an_answer_to_a_code_that_is_lost_leaves_the_order_in_doubt_and_no_draft() {
    let (mut model, proof) = proving();
    update(&mut model, Msg::NoReply { request: proof, why: "lost".into(), in_doubt: true }, at(8_000));
    assert!(model.modals.is_empty() && model.drafts.is_empty());
    assert!(model.flights.values().any(|flight| matches!(flight, Flight::New { in_doubt: true, .. })));
    assert!(picture(&model).contains("IN DOUBT"));
    // Lost before it was sent: another code may be given.
    let (mut model, proof) = proving();
    update(&mut model, Msg::NoReply { request: proof, why: "not sent".into(), in_doubt: false }, at(8_000));
    assert!(matches!(model.modals.last(), Some(Modal::StepUp(_))));
}

#[test]
fn a_lock_behind_a_code_that_was_sent_tells_of_the_order_and_drafts_none() {
    let (mut model, _) = proving();
    let effects = press(&mut model, "F12", 6_000);
    let left = effects.iter().find_map(|effect| match effect {
        Effect::Leave(left) => Some(left),
        _ => None,
    });
    let left = left.expect("locked");
    assert!(left.aside.unanswered[0].contains("BUY 100 AAPL"), "{:?}", left.aside);
    assert!(left.aside.drafts.is_empty() && !given_up(&effects));
}

#[test]
fn a_busy_server_leaves_the_window_for_another_code() {
    let (mut model, proof) = proving();
    reply(&mut model, proof, Outcome::Busy, 7_000);
    assert!(picture(&model).contains("server is busy"), "{}", picture(&model));
    let again = press(&mut model, "1 2 3 4 5 7 Enter", 8_000);
    assert!(again.iter().any(|effect| matches!(effect, Effect::Prove { .. })));
}

#[test]
fn an_answer_waits_until_the_window_being_typed_in_is_closed() {
    let mut model = broker();
    let first = request(&press(&mut model, BUY, 0));
    press(&mut model, "b", 4_000);
    reply(&mut model, first, denied(), 4_300);
    // Keys meant for the second ticket.
    let effects = press(&mut model, "1 Enter Enter y", 4_300);
    let verbs: Vec<Verb> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { bytes, .. } => Some(Command::from_bytes(bytes).unwrap().verb),
            _ => None,
        })
        .collect();
    let [Verb::OrderNew(order)] = verbs.as_slice() else { panic!("{verbs:?}") };
    assert_eq!(order.qty.to_string(), "1");
    assert!(matches!(model.modals.last(), Some(Modal::Denied(_))), "shown once nothing else is open");
    // A key on its way when it appeared does nothing to it.
    let shown = model.now.mono_ms;
    update(&mut model, Msg::Key(turret_client::app::key::Press::parse("d").unwrap()), at(shown + 50));
    assert!(matches!(model.modals.last(), Some(Modal::Denied(_))));
    press(&mut model, "d", shown + 200);
    assert!(model.modals.is_empty());
    assert_eq!(model.drafts.len(), 1, "no row holds what was typed: it is kept");
}

#[test]
fn a_code_asked_for_meanwhile_waits_and_is_not_given_up_by_an_esc_for_the_ticket() {
    let mut model = broker();
    let first = request(&press(&mut model, BUY, 0));
    press(&mut model, "b 9", 4_000);
    reply(&mut model, first, step_up(), 4_500);
    assert!(picture(&model).contains("A fresh code is asked for"), "{}", picture(&model));
    let effects = press(&mut model, "Esc", 4_600);
    assert!(!given_up(&effects));
    assert!(matches!(model.modals.as_slice(), [Modal::StepUp(_)]));
    assert_eq!(model.drafts.len(), 1, "the ticket, not the order");
    assert!(given_up(&press(&mut model, "F12", 9_000)), "a lock gives it up");
}

#[test]
fn nothing_is_done_by_a_key_while_nothing_can_be_read() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 1 0 0 Enter Enter", 0);
    update(&mut model, Msg::Resized(70, 20), at(4_000));
    assert!(press(&mut model, "y Enter c", 4_000).iter().all(|effect| !matches!(effect, Effect::Send { .. })));
    update(&mut model, Msg::Resized(80, 24), at(6_000));
    assert!(model.ticket().is_some_and(|ticket| ticket.review.is_some()), "as it was");
    update(&mut model, Msg::Resized(70, 20), at(7_000));
    assert!(press(&mut model, "F12", 7_000).iter().any(|effect| matches!(effect, Effect::Leave(_))));
}

#[test]
fn typing_over_what_was_filled_in_replaces_it_and_cursor_keys_edit_it() {
    let mut model = broker();
    let amend = |model: &mut Model, keys: &str| {
        press(model, "1 a", 0);
        let before = model.ticket().expect("an amend").quantity.text().to_owned();
        press(model, keys, 1_000);
        (before, model.ticket().expect("open").quantity.text().to_owned())
    };
    let (before, after) = amend(&mut model, "4 0 0");
    assert_eq!(after, "400", "not {before}400");
    press(&mut model, "Esc", 3_000);
    let (before, after) = amend(&mut model, "Backspace");
    assert_eq!(format!("{after}{}", before.chars().last().unwrap()), before);
}

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// A desk with one stop-limit order, waiting or triggered.
fn with_a_stop(triggered: bool) -> Model {
    let mut model = signed_in(Role::Broker, (80, 24), false);
    let mut stop = order(1, 1, Side::Buy, 500, "190.50");
    (stop.ord_type, stop.stop_px, stop.working) = (OrdType::StopLimit, Some(price("190.00")), triggered);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.extend([FeedItem::Order(Box::new(stop)), FeedItem::SnapshotEnd]);
    feed(&mut model, 9, items);
    update(&mut model, Msg::Quotes(vec![quote(1, "189.48", "189.50", "189.49")]), at(0));
    model
}

#[test]
fn a_stop_that_waits_can_be_moved_and_one_that_triggered_is_what_it_works_as() {
    let mut model = with_a_stop(false);
    press(&mut model, "a Tab Tab 1 9 1", 0);
    insta::assert_snapshot!("amend_a_stop_80x24", picture(&model));
    press(&mut model, "Enter", 1_000);
    let Some(Modal::Ticket(ticket)) = model.modals.last() else { panic!("open") };
    let review = ticket.review.as_ref().expect("reviewed");
    let Verb::OrderAmend(amend) = &review.command.verb else { panic!("an amend") };
    assert_eq!((amend.qty, amend.price, amend.stop_px), (None, None, Some(price("191.00"))));
    assert!(picture(&model).contains("stop 190.00 -> 191.00"), "{}", picture(&model));
    // Sent and not yet answered, the order says what was asked.
    let mut asked = order(1, 1, Side::Buy, 500, "190.50");
    (asked.ord_type, asked.stop_px, asked.working) = (OrdType::StopLimit, Some(price("190.00")), false);
    (asked.pending_stop, asked.ord_status) = (Some(price("191.00")), OrdStatus::PendingReplace);
    press(&mut model, "Esc Esc Enter", 2_000);
    feed(&mut model, 10, vec![FeedItem::Order(Box::new(asked))]);
    assert!(picture(&model).contains("stop 191.00"), "{}", picture(&model));

    let mut model = with_a_stop(true);
    press(&mut model, "a", 0);
    let seen = picture(&model);
    assert!(seen.contains("Price") && !seen.contains("Stop"), "{seen}");
    assert!(!seen.contains("Waits out of the book"), "{seen}");
}

#[test]
fn a_ticket_taken_from_the_drafts_is_kept_while_it_is_typed_on_and_when_one_leaves() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 7 7 Esc 1 [", 0);
    let opened = press(&mut model, "Enter", 3_000);
    assert!(model.ticket().is_some() && model.drafts.is_empty());
    assert!(!opened.iter().any(|effect| matches!(effect, Effect::KeepDrafts(_))), "this device still has it");
    let leaving = press(&mut model, "8 Ctrl-c y", 4_000);
    let kept = leaving.iter().position(|effect| matches!(effect, Effect::KeepDrafts(drafts) if drafts.len() == 1));
    let out = leaving.iter().position(|effect| matches!(effect, Effect::SignOut { .. }));
    assert!(kept.is_some() && kept < out, "before the session ends: {leaving:?}");
}

#[test]
fn every_rule_that_stood_in_the_way_can_be_read_and_the_keys_stay_in_sight() {
    use turret_shared::denial::{Figure, Override, Rule, RuleUse};
    let rules = [Rule::MaxQuantity, Rule::MaxNotional, Rule::PriceCollar, Rule::BuyingPower, Rule::OrderRate];
    let tripped = rules.map(|rule| RuleUse {
        rule,
        tripped: true,
        limit: Figure::Count(4_000),
        used: Figure::Count(5_000),
        headroom: Figure::Count(0),
        would_pass: None,
        use_percent: Some(125),
        overridable: Override::Nobody,
    });
    let denial = Denial { code: DenialCode::Risk, rules: tripped.into(), text: "five".into(), passed: 3, until: None };
    for size in [(80, 24), (120, 34)] {
        let mut model = a_day(Role::Broker, size, true);
        let order = request(&press(&mut model, BUY, 0));
        reply(&mut model, order, Outcome::Denied(Box::new(denial.clone())), 3_000);
        let mut seen = picture(&model);
        assert!(seen.contains("e edit and try again") && seen.contains("d dismiss"), "{seen}");
        for ms in 0..20 {
            press(&mut model, "Down", 4_000 + ms);
            seen.push_str(&picture(&model));
        }
        for words in ["max_quantity", "Also fails", "5,000", "3 other checks", "Ref"] {
            assert!(seen.contains(words), "{size:?} {words}: {seen}");
        }
        let last = picture(&model);
        assert!(last.contains("Ref") && last.contains("d dismiss"), "{last}");
        press(&mut model, "Up", 9_000);
        assert!(size.1 > 24 || picture(&model) != last, "one key back is one line back");
    }
}
