//! Alerts stay until they are put away, tell each thing once, and survive a snapshot; rows of messages and what must follow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::alerts::{ALERTS_MAX, Kind};
use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::alert::{AlertEnd, AlertStanding, AlertStep, AlertStepView, AlertTally, AlertView, HandleAlert};
use turret_shared::command::{Command, Verb};
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::event::alert::{AlertRule, AnswerDone};
use turret_shared::ids::{AccountId, CorrelationId, DeviceId, PendingId, Sequence, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::{ExecType, OrdStatus, Side, TimeInForce};
use turret_shared::people::PersonView;
use turret_shared::role::Role;
use turret_shared::view::{FillState, OrderView};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{
    NOON, a_day, at, executed, feed, fill, in_status, names, order, person, picture, press, signed_in,
};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn tell(model: &mut Model, view: OrderView) {
    feed(model, 50_000, vec![FeedItem::Order(Box::new(view))]);
}

/// Kinds of the open alerts, newest first.
fn open(model: &Model) -> Vec<Kind> {
    model.alerts.shown().filter(|alert| !alert.dismissed).map(|alert| alert.kind).collect()
}

/// The working sale of 400 MSFT of the day, canceled by the venue.
fn canceled(note: &str) -> OrderView {
    let mut view = in_status(order(3_380_000, 8, Side::Sell, 400, "418.20"), OrdStatus::Canceled, ExecType::Canceled);
    view.note = note.into();
    view
}

#[test]
fn what_a_snapshot_tells_of_needs_somebody_as_well() {
    assert_eq!(open(&broker()), [Kind::InDoubt, Kind::Rejected]);
    assert_eq!(broker().alerts_besides_orders(), 0, "orders that need somebody are counted as such");
}

#[test]
fn a_cancel_nobody_asked_for_is_told_and_one_asked_for_is_not() {
    let mut model = broker();
    tell(&mut model, canceled("market maker protection"));
    assert_eq!(open(&model)[0], Kind::Unasked);
    assert!(picture(&model).contains("CANCELED by the venue, unasked: SELL 400 MSFT"));

    for view in [
        // The answer to a request: the venue gives no reason and the request's name is in force.
        canceled(""),
        OrderView { cl_ord_id: turret_shared::ids::ClOrdId::new("C-1").unwrap(), ..canceled("as asked") },
        // What did not execute at once was never to rest.
        OrderView { tif: TimeInForce::Ioc, ..canceled("remainder") },
        OrderView { owner: UserId(9), ..canceled("a colleague's") },
    ] {
        let mut model = broker();
        tell(&mut model, view.clone());
        assert_eq!(open(&model), [Kind::InDoubt, Kind::Rejected], "{view:?}");
    }
    let mut model = broker();
    let pending =
        in_status(order(3_380_000, 8, Side::Sell, 400, "418.20"), OrdStatus::PendingCancel, ExecType::PendingCancel);
    tell(&mut model, pending);
    tell(&mut model, canceled("as asked"));
    assert_eq!(open(&model).len(), 2, "it was being cancelled");
}

#[test]
fn whoever_watches_the_desk_hears_of_everybody_on_it() {
    let mut model = a_day(Role::Supervisor, (80, 24), true);
    tell(&mut model, OrderView { owner: UserId(9), ..canceled("a colleague's") });
    assert_eq!(open(&model)[0], Kind::Unasked);
}

#[test]
fn busts_and_corrections_stay_until_put_away_and_none_covers_another() {
    let mut model = broker();
    let of = executed(order(3_400_000, 1, Side::Buy, 500, "189.46"), 350, "189.49");
    for (sequence, state) in [(3_400_001, FillState::Busted), (3_400_002, FillState::Corrected)] {
        let mut changed = fill(&of, sequence, 200, "189.49");
        changed.state = state;
        feed(&mut model, 50_001, vec![FeedItem::Fill(Box::new(changed))]);
    }
    assert_eq!(open(&model), [Kind::Corrected, Kind::Busted, Kind::InDoubt, Kind::Rejected]);
    assert!(picture(&model).contains("CORRECTED by the venue: BUY AAPL"));
    press(&mut model, "d", 0);
    assert!(picture(&model).contains("BUSTED by the venue: BUY AAPL"), "the one below comes up");
    press(&mut model, "2 d", 1_000);
    assert!(!picture(&model).contains("puts it away"), "d works on every screen that shows the line");
    assert_eq!(open(&model), [Kind::InDoubt, Kind::Rejected]);
}

#[test]
fn a_denial_told_twice_is_one_alert_and_reading_it_puts_it_away() {
    let correlation = CorrelationId::from_bits(0x7F3A_19C2_0B1D);
    let denial =
        || Denial { code: DenialCode::Risk, rules: Vec::new(), text: "too much".into(), passed: 0, until: None };
    let row = OrderView {
        correlation,
        denial: Some(denial()),
        ..in_status(order(3_590_000, 1, Side::Buy, 500, "189.48"), OrdStatus::Denied, ExecType::Rejected)
    };
    for feed_first in [true, false] {
        let mut model = broker();
        press(&mut model, "2 b Up Enter 5 0 0 Enter Enter", 0);
        let sent = press(&mut model, "y", 5_000);
        let request = sent.iter().find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        });
        let reply = |model: &mut Model| {
            let outcome = Box::new(Outcome::Denied(Box::new(denial())));
            update(model, Msg::Reply { request: request.unwrap(), correlation, outcome }, at(6_000));
        };
        if feed_first {
            tell(&mut model, row.clone());
            reply(&mut model);
        } else {
            reply(&mut model);
            tell(&mut model, row.clone());
        }
        assert_eq!(open(&model), [Kind::Denied, Kind::InDoubt, Kind::Rejected], "feed first: {feed_first}");
        press(&mut model, "d", 7_000);
        assert_eq!(open(&model), [Kind::InDoubt, Kind::Rejected], "feed first: {feed_first}");
        assert!(!model.orders.get(row.order_id).unwrap().needs_person());
    }
}

#[test]
fn the_link_down_and_back_is_one_thing_to_put_away() {
    let mut model = broker();
    update(&mut model, Msg::LinkDown, at(0));
    assert_eq!(open(&model)[0], Kind::Link);
    update(&mut model, Msg::LinkUp { resumed: true }, at(8_000));
    assert_eq!(open(&model), [Kind::Link, Kind::InDoubt, Kind::Rejected]);
    feed(&mut model, 50_002, vec![FeedItem::VenueLink(false)]);
    feed(&mut model, 50_003, vec![FeedItem::VenueLink(true)]);
    assert_eq!(open(&model), [Kind::Venue, Kind::Link, Kind::InDoubt, Kind::Rejected]);
    assert!(picture(&model).contains("alerts 2"), "{}", picture(&model));
}

#[test]
fn the_list_is_worked_off_with_n_and_d_and_enter_opens_the_order() {
    let mut model = broker();
    tell(&mut model, canceled("market maker protection"));
    press(&mut model, "9", 0);
    assert_eq!(model.alerts.chosen().map(|alert| alert.kind), Some(Kind::Unasked));
    press(&mut model, "n", 500);
    assert_eq!(model.alerts.chosen().map(|alert| alert.kind), Some(Kind::InDoubt));
    press(&mut model, "n n", 1_000);
    assert_eq!(model.alerts.chosen().map(|alert| alert.kind), Some(Kind::Unasked), "round to the newest");
    press(&mut model, "d d d", 2_000);
    assert_eq!(open(&model), []);
    assert_eq!(model.needing(), 0, "the orders are dealt with too");
    assert!(picture(&model).contains("Nothing is open. ] shows what you put away."));
    press(&mut model, "]", 3_000);
    assert_eq!(model.alerts.shown().count(), 3);
    press(&mut model, "g Enter", 4_000);
    assert_eq!((model.screen, model.blotter.cursor), (Screen::Blotter, Some(canceled("").order_id)));
}

#[test]
fn what_was_put_away_stays_so_over_a_snapshot_and_a_lost_account_takes_its_alerts() {
    let mut model = broker();
    press(&mut model, "9 d d", 0);
    let mut rejected = in_status(order(3_000_000, 4, Side::Buy, 75, "412.07"), OrdStatus::Rejected, ExecType::Rejected);
    rejected.note = "odd lot not taken".into();
    let snapshot = || {
        let mut items = vec![FeedItem::SnapshotBegin];
        items.extend(names());
        items.extend([FeedItem::Order(Box::new(rejected.clone())), FeedItem::SnapshotEnd]);
        items
    };
    feed(&mut model, 50_010, snapshot());
    assert_eq!((model.needing(), open(&model)), (0, vec![]));

    let mut model = broker();
    feed(&mut model, 50_011, vec![FeedItem::Purge(AccountId(1001))]);
    assert_eq!(open(&model), [Kind::Rights], "nothing that names the account stays");
    assert!(!picture(&model).contains("BRK.B"));
}

#[test]
fn more_than_fit_are_counted() {
    let mut model = signed_in(Role::Broker, (80, 24), true);
    for n in 0..ALERTS_MAX + 7 {
        model.insist(&format!("message {n}"), None);
    }
    assert_eq!((model.alerts.len(), model.alerts.lost), (ALERTS_MAX, 7));
    press(&mut model, "9", 0);
    assert!(picture(&model).contains("7 older ones had no room"));
}

#[test]
fn an_act_on_a_person_is_sent_after_y_with_its_reason_and_waits_for_a_code() {
    let mut model = signed_in(Role::Admin, (80, 24), true);
    let body = Box::new(AnswerBody::People(vec![cho()]));
    update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
    let early = press(&mut model, "u Down Down Enter", 0);
    assert!(!early.iter().any(|effect| matches!(effect, Effect::Send { .. })), "Enter goes back");
    let effects = press(&mut model, "u Down Down y", 1_000);
    let sent = effects.iter().find_map(|effect| match effect {
        Effect::Send { request, bytes } => Some((*request, Command::from_bytes(bytes).unwrap().verb)),
        _ => None,
    });
    let (request, verb) = sent.expect("y sends");
    let act = Act::LockUser { user: UserId(3), locked: false };
    assert_eq!(verb, Verb::Manage(Manage { act, why: Why::LostDevice }));
    let step_up = Outcome::StepUp { pending: PendingId(4), expires: NOON, reason: "a fresh code".into(), sign: None };
    let correlation = CorrelationId::default();
    update(&mut model, Msg::Reply { request, correlation, outcome: Box::new(step_up) }, at(2_000));
    assert!(picture(&model).contains("UNLOCK cho.min"));
    let effects = press(&mut model, "1 2 3 4 5 6 Enter", 3_000);
    let proof = effects.iter().find_map(|effect| match effect {
        Effect::Prove { request, .. } => Some(*request),
        _ => None,
    });
    let outcome = Box::new(Outcome::Proof(vec![Outcome::Managed]));
    let effects = update(&mut model, Msg::Reply { request: proof.unwrap(), correlation, outcome }, at(5_000));
    assert!(picture(&model).contains("UNLOCK cho.min: done. It is in the log."));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask { ask: Ask::People, .. })), "asked for again");
}

fn cho() -> PersonView {
    PersonView { devices_locked: 1, working: 2, ..person(3, "cho.min", Some(Role::Broker)) }
}

#[test]
fn denied_attempts_are_one_key_away_in_the_log() {
    let mut model = signed_in(Role::Support, (80, 24), true);
    let asked = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Ask { ask: Ask::Audit(filter), .. } => Some((filter.action.clone(), filter.outcome.clone())),
            _ => None,
        })
    };
    assert_eq!(asked(&press(&mut model, "]", 0)), Some((Some("access_denied".into()), None)));
    assert_eq!(asked(&press(&mut model, "]", 500)), Some((None, Some("denied".into()))));
    assert_eq!(asked(&press(&mut model, "[ [", 1_000)), Some((Some("access_denied".into()), None)));
    assert_eq!(model.audit.words.text(), "");
}

#[test]
fn an_identifier_is_copied_from_every_list_and_enter_works_there() {
    let mut model = signed_in(Role::Admin, (80, 24), true);
    let body = Box::new(AnswerBody::People(vec![cho()]));
    update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
    let effects = press(&mut model, "y", 0);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Copy(text) if text == "cho.min")), "{effects:?}");
    press(&mut model, "Enter", 1_000);
    assert_eq!((model.screen, model.audit.words.text()), (Screen::Audit, "user=cho.min"));
}

#[test]
fn what_a_colleague_asked_of_ones_order_is_told_once_with_who() {
    let working = || order(3_380_000, 8, Side::Sell, 400, "418.20");
    let by = |view: OrderView, sequence: u64, user: u32| OrderView {
        asked_by: Some(UserId(user)),
        sequence: Sequence(sequence),
        ..view
    };
    let pending =
        |sequence, user| by(in_status(working(), OrdStatus::PendingCancel, ExecType::PendingCancel), sequence, user);
    let mut model = broker();
    tell(&mut model, pending(3_390_000, 2));
    tell(&mut model, pending(3_390_000, 2));
    assert_eq!(open(&model)[0], Kind::ByOther);
    assert!(picture(&model).contains("asked to cancel your order"), "{}", picture(&model));
    tell(&mut model, by(canceled(""), 3_390_001, 2));
    assert_eq!(open(&model).iter().filter(|kind| **kind == Kind::ByOther).count(), 1, "once a request");

    let mut model = broker();
    tell(&mut model, by(canceled(""), 3_390_001, 2));
    assert_eq!(open(&model)[0], Kind::ByOther, "its end may be all the feed tells");

    // One's own, and what the venue did after a colleague had asked something else before.
    let mut model = broker();
    tell(&mut model, pending(3_390_000, 1));
    assert_eq!(open(&model).len(), 2);
    let mut model = broker();
    tell(&mut model, by(canceled("market maker protection"), 3_390_001, 2));
    assert_eq!(open(&model)[0], Kind::Unasked);
    assert!(!open(&model).contains(&Kind::ByOther));
}

#[test]
fn what_surveillance_found_is_said_at_once_and_stands_in_the_list_once() {
    let mut model = a_day(Role::Supervisor, (120, 34), true);
    let before = model.alerts.open();
    let alert = AlertView {
        alert: Sequence(48_300),
        time: NOON,
        rule: AlertRule::BruteForce,
        login: "bob.ray\u{1b}[2J".into(),
        device: Some(DeviceId(2)),
        figure: 10,
        threshold: 5,
        correlation: CorrelationId::from_bits(0x51),
        standing: AlertStanding::Open,
        assigned: None,
        steps: Vec::new(),
        tally: AlertTally::default(),
        evidence: Sequence(48_299),
        handle: true,
        answered: None,
    };
    for through in [48_300, 48_301] {
        feed(&mut model, through, vec![FeedItem::Alert(Box::new(alert.clone()))]);
    }
    assert_eq!(model.alerts.open(), before + 1, "once, however often it is told");
    let frame = picture(&model);
    assert!(frame.contains("BRUTE FORCE: bob.ray"), "{frame}");
    press(&mut model, "9", 1_000);
    let frame = picture(&model);
    assert!(frame.contains("WATCH") && frame.contains("10 of 5"), "{frame}");
}

fn found(alert: u64, login: &str) -> AlertView {
    AlertView {
        alert: Sequence(alert),
        time: NOON,
        rule: AlertRule::Probing,
        login: login.into(),
        device: None,
        figure: 5,
        threshold: 3,
        correlation: CorrelationId::from_bits(alert),
        standing: AlertStanding::Open,
        assigned: None,
        steps: Vec::new(),
        tally: AlertTally::default(),
        evidence: Sequence(alert - 1),
        handle: true,
        answered: None,
    }
}

fn did(login: &str, step: AlertStep, to: &str) -> AlertStepView {
    AlertStepView { time: NOON, login: login.into(), step, to_login: to.into() }
}

fn handled(effects: &[Effect]) -> Option<HandleAlert> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => match Command::from_bytes(bytes).unwrap().verb {
            Verb::Alert(handle) => Some(handle),
            other => panic!("{other:?}"),
        },
        _ => None,
    })
}

#[test]
fn an_alert_is_seen_taken_given_and_resolved_by_keys_and_stands_so_for_everybody() {
    let mut model = a_day(Role::Supervisor, (120, 40), true);
    let me = model.session.as_ref().unwrap().user.user;
    let tell = |model: &mut Model, through, view: &AlertView| {
        feed(model, through, vec![FeedItem::Alert(Box::new(view.clone()))]);
    };
    let view = found(48_300, "bob.ray");
    tell(&mut model, 48_300, &view);
    press(&mut model, "9 g", 1_000);
    assert!(picture(&model).contains("nobody looked into it yet"), "{}", picture(&model));
    let alert = Sequence(48_300);
    let sent = handled(&press(&mut model, "a", 2_000));
    assert_eq!(sent, Some(HandleAlert { alert, step: AlertStep::Acknowledge }));
    assert_eq!(
        handled(&press(&mut model, "t", 3_000)),
        Some(HandleAlert { alert, step: AlertStep::Assign { to: me } })
    );
    // A window for what needs a choice, and no key that was under way answers it.
    press(&mut model, "r", 4_000);
    assert!(picture(&model).contains("What was it?"), "{}", picture(&model));
    assert_eq!(handled(&press(&mut model, "y", 4_010)), None);
    let sent = handled(&press(&mut model, "Down Down y", 5_000));
    let end = AlertEnd::FalsePositive;
    assert_eq!(sent, Some(HandleAlert { alert, step: AlertStep::Resolve { end } }));
    // Somebody else's word is told here as fast as the alert was.
    let taken = AlertView {
        standing: AlertStanding::Acknowledged,
        assigned: Some(UserId(41)),
        steps: vec![did("sam.wood", AlertStep::Acknowledge, "")],
        ..view.clone()
    };
    tell(&mut model, 48_301, &taken);
    assert!(picture(&model).contains("sam.wood looks into it"), "{}", picture(&model));
    let open_before = model.alerts.open();
    let over = AlertView {
        standing: AlertStanding::Resolved(end),
        steps: vec![did("sam.wood", AlertStep::Acknowledge, ""), did("sam.wood", AlertStep::Resolve { end }, "")],
        tally: AlertTally { resolved: 4, false_positives: 3, suggested: Some(6) },
        ..taken
    };
    tell(&mut model, 48_302, &over);
    assert_eq!(model.alerts.open(), open_before - 1, "what is over is put away for everybody");
    tell(&mut model, 48_303, &found(48_303, "cho.min"));
    press(&mut model, "] g", 6_000);
    assert!(picture(&model).contains("not resolved") && picture(&model).contains("cho.min"), "{}", picture(&model));
    assert!(!picture(&model).contains("bob.ray:"), "{}", picture(&model));
    let seen = picture(&model);
    assert!(seen.contains("3 of 4 resolved"), "beside the next of its rule: {seen}");
    press(&mut model, "] ] g", 7_000);
    let seen = picture(&model);
    assert!(seen.contains("surveillance, resolved") && seen.contains("sam.wood resolved"), "{seen}");
    press(&mut model, "a", 8_000);
    assert!(picture(&model).contains("It is over"), "{}", picture(&model));
}

#[test]
fn what_is_about_oneself_and_what_is_the_desks_own_is_not_handled() {
    let mut model = a_day(Role::Supervisor, (120, 40), true);
    let own = AlertView { handle: false, ..found(48_300, "kim.ito") };
    feed(&mut model, 48_300, vec![FeedItem::Alert(Box::new(own))]);
    assert_eq!(handled(&press(&mut model, "9 g a", 1_000)), None);
    assert!(picture(&model).contains("somebody else looks into it"), "{}", picture(&model));
    assert_eq!(handled(&press(&mut model, "r", 2_000)), None);
    let mut model = a_day(Role::Supervisor, (120, 40), true);
    assert_eq!(handled(&press(&mut model, "9 g a", 1_000)), None);
    assert!(picture(&model).contains("Not of surveillance"), "{}", picture(&model));
    let mut model = a_day(Role::Support, (120, 40), true);
    feed(&mut model, 48_300, vec![FeedItem::Alert(Box::new(AlertView { handle: false, ..found(48_300, "bob.ray") }))]);
    assert_eq!(handled(&press(&mut model, "9 g a t r y", 1_000)), None, "support changes nothing");
}

#[test]
fn what_the_server_did_about_it_by_itself_stands_beside_the_alert() {
    let mut model = a_day(Role::Supervisor, (120, 34), true);
    let answered = AlertView { answered: Some(AnswerDone::SessionEnded), ..found(48_300, "bob.ray") };
    feed(&mut model, 48_300, vec![FeedItem::Alert(Box::new(answered))]);
    press(&mut model, "9", 1_000);
    let frame = picture(&model);
    assert!(frame.contains("Answered") && frame.contains("session ended"), "{frame}");
}
