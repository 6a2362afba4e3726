//! One order in full, a list held still, drafts, and the way to an order no list shows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::filter::Tab;
use turret_client::app::key::{Mouse, Now};
use turret_client::app::ticket::Draft;
use turret_client::app::{Effect, Model, Msg, Screen, drafts, update};
use turret_shared::ids::{AccountId, CorrelationId, ExecId, OrderId, Sequence};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_shared::view::{AuditView, OrderView};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, executed, feed, fill, in_status, order, picture, press};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn asked(effects: &[Effect], what: impl Fn(&Ask) -> bool) -> Option<Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask } if what(ask) => Some(*request),
        _ => None,
    })
}

fn story(model: &mut Model, effects: &[Effect], entries: u64) {
    let entry = |n: u64| AuditView {
        sequence: Sequence(n),
        time: NOON.after_ns(i64::try_from(n).unwrap() * NS_PER_S),
        who: "venue".into(),
        action: "told".into(),
        object: String::new(),
        outcome: "ok".into(),
        reason: String::new(),
        detail: format!("word {n}."),
        correlation: CorrelationId::default(),
        session: None,
        order_id: None,
        leaf: vec![0x5d; 32],
        cl_ord_id: None,
    };
    let request = asked(effects, |ask| matches!(ask, Ask::Story(_))).expect("asked");
    let body = Box::new(AnswerBody::Audit((1..=entries).map(entry).collect()));
    update(model, Msg::Answer { request, body }, at(300));
}

#[test]
fn an_order_in_full_scrolls_down_from_its_figures_to_the_end_of_its_story_and_back() {
    for size in [(80, 24), (120, 34), (120, 40), (200, 50)] {
        let mut model = a_day(Role::Broker, size, true);
        let effects = press(&mut model, "Enter", 0);
        story(&mut model, &effects, 60);
        let first = picture(&model);
        assert!(first.contains("Esc back") && first.contains("CumQty") && !first.contains("word 60."), "{first}");
        press(&mut model, "Down", 1_000);
        let second = picture(&model);
        assert_ne!(first, second, "{size:?}");
        press(&mut model, "Up", 2_000);
        assert_eq!(picture(&model), first, "one back is where it was");
        press(&mut model, "G", 3_000);
        let last = picture(&model);
        assert!(last.contains("word 60."), "{last}");
        press(&mut model, "G Up", 4_000);
        assert_ne!(picture(&model), last, "the first key back moves it");
        press(&mut model, "Esc", 5_000);
        assert!(picture(&model).contains("Working+Today"), "{}", picture(&model));
    }
}

#[test]
fn beside_a_docked_detail_enter_is_seen_and_neither_click_nor_space_acts_on_a_list_that_is_not() {
    let mut model = a_day(Role::Broker, (120, 40), true);
    press(&mut model, "Enter", 0);
    assert!(picture(&model).contains("Esc back") && !picture(&model).contains("Working+Today"));
    let cursor = model.blotter.cursor;
    update(&mut model, Msg::Mouse(Mouse::Click { x: 5, y: 8 }), at(500));
    press(&mut model, "Space v", 1_000);
    assert_eq!(model.blotter.cursor, cursor);
    assert!(model.blotter.marks.is_empty() && picture(&model).contains("Orders are marked in the list"));
    press(&mut model, "Esc Space", 2_000);
    assert_eq!(model.blotter.marks.len(), 1);
}

#[test]
fn whatever_an_order_says_can_be_read_in_full() {
    let mut model = broker();
    let mut view =
        in_status(order(3_500_000, 9, Side::Sell, 300, "128.00"), OrdStatus::PendingReplace, ExecType::PendingReplace);
    view.ord_type = turret_shared::order::OrdType::StopLimit;
    view.stop_px = Price::parse("129.00").ok();
    (view.pending_qty, view.pending_price) = (Some(Qty(200_000_000)), Price::parse("127.50").ok());
    view.text = "for the morning book of the second desk, as told on the telephone".into();
    view.note = "the venue holds it until the auction of the listing is over and says so here".into();
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(view))]);
    press(&mut model, "g Enter", 0);
    let mut seen = String::new();
    for n in 0..12 {
        seen.push_str(&picture(&model));
        press(&mut model, "Down", 1_000 + n);
    }
    for words in ["total 200", "price 127.50", "telephone", "says so", "s129.00", "here"] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
}

#[test]
fn executions_that_could_not_be_had_are_said_to_be_missing_and_asked_for_again() {
    let mut model = broker();
    let view = executed(order(3_500_000, 13, Side::Sell, 900, "176.05"), 900, "176.055");
    let known = fill(&view, 3_500_002, 500, "176.06");
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(view.clone())), FeedItem::Fill(Box::new(known.clone()))]);
    let fills = |ask: &Ask| matches!(ask, Ask::Fills(Some(_)));
    let request = asked(&press(&mut model, "g", 0), fills).expect("asked");
    press(&mut model, "Enter", 500);
    let seen = picture(&model);
    assert!(seen.contains("Fetching the executions ...") && !seen.contains("176.0600 good"), "{seen}");
    update(&mut model, Msg::NoAnswer { request, why: "too slow".into() }, at(1_000));
    let seen = picture(&model);
    assert!(seen.contains("Executions are missing: too slow. Enter asks again."), "{seen}");
    let request = asked(&press(&mut model, "Esc Enter", 2_000), fills).expect("asked again");
    let all = vec![known, fill(&view, 3_500_001, 400, "176.05")];
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Fills(all)) }, at(3_000));
    let seen = picture(&model);
    assert!(seen.contains("176.0556 good") && !seen.contains("missing"), "{seen}");
}

#[test]
fn a_list_held_still_keeps_the_cursor_and_the_marks_among_the_rows_that_are_seen() {
    let mut model = turret_tests::station::with_orders(100, (80, 24));
    press(&mut model, "f", 0);
    let seen: Vec<OrderId> = model.blotter.frozen.as_ref().unwrap().rows.iter().map(|row| row.id).collect();
    let later = (101..=130).map(|n| FeedItem::Order(Box::new(turret_tests::station::nth(n)))).collect();
    feed(&mut model, 130, later);
    press(&mut model, &"Down ".repeat(40), 1_000);
    assert_eq!(model.blotter.cursor, seen.last().copied());
    assert!(picture(&model).lines().any(|line| line.starts_with('>')), "{}", picture(&model));
    press(&mut model, "g v G v", 10_000);
    assert_eq!(model.blotter.marks.iter().copied().collect::<Vec<_>>(), {
        let mut all = seen.clone();
        all.sort_unstable();
        all
    });
    press(&mut model, "2 Esc 1", 12_000);
    assert!(model.blotter.frozen.is_some(), "Esc elsewhere is about what is there");
    press(&mut model, "]", 13_000);
    assert!(model.blotter.frozen.is_none() && picture(&model).contains("held no longer"), "{}", picture(&model));
}

/// A ticket of so many shares, left with `Esc`.
fn draft(model: &mut Model, quantity: usize, ms: u64) {
    let digits: Vec<String> = quantity.to_string().chars().map(String::from).collect();
    press(model, &format!("b Tab Tab {} Esc", digits.join(" ")), ms);
}

#[test]
fn a_draft_at_hand_is_in_sight_and_stays_the_one_at_hand() {
    let mut model = broker();
    for n in 1..=50 {
        draft(&mut model, 1_000 + n, u64::try_from(n).unwrap() * 10_000);
    }
    assert_eq!(model.drafts.len(), 50, "{}", picture(&model));
    model.blotter.list.filter.tab = Tab::WorkingToday;
    press(&mut model, "] ] ] ] ] G", 600_000);
    let here = |model: &Model| {
        picture(model).lines().find(|line| line.starts_with('>')).map(str::to_owned).expect("a cursor in sight")
    };
    assert!(here(&model).contains(" 1,001 "), "the oldest: {}", picture(&model));
    update(&mut model, Msg::Mouse(Mouse::Click { x: 5, y: 4 }), at(601_000));
    assert!(!here(&model).contains(" 1,001 "), "a click chooses");
    press(&mut model, "G d", 602_000);
    // An order that came back is kept above meanwhile.
    let back = Draft { quantity: "7".into(), ..model.drafts[0].clone() };
    drafts::rescue(&mut model, back);
    press(&mut model, "d", 602_600);
    assert!(!model.drafts.iter().any(|draft| draft.quantity == "1001"), "{}", picture(&model));
    assert_eq!(model.drafts.len(), 50);
    press(&mut model, "]", 650_000);
    draft(&mut model, 2_000, 700_000);
    assert_eq!(model.drafts.len(), 50);
    press(&mut model, "Down", 710_000);
    assert!(picture(&model).contains("Drafts are full, the oldest was thrown away: BUY 1002"), "{}", picture(&model));
}

#[test]
fn a_ticket_left_says_what_became_of_it() {
    let mut model = broker();
    press(&mut model, "b", 0);
    assert!(picture(&model).contains("Esc back"), "{}", picture(&model));
    press(&mut model, "Esc", 500);
    assert!(picture(&model).contains("Nothing was typed: no draft is kept.") && model.drafts.is_empty());
    press(&mut model, "a", 1_000);
    assert!(picture(&model).contains("Esc back"), "{}", picture(&model));
    press(&mut model, "Esc", 1_500);
    assert!(picture(&model).contains("Nothing was sent"), "{}", picture(&model));
    draft(&mut model, 77, 2_000);
    press(&mut model, "] ] ] ] ]", 4_000);
    let kept = model.drafts.clone();
    press(&mut model, "Enter Ctrl-u Esc", 6_000);
    assert_eq!(model.drafts, kept, "{}", picture(&model));
}

#[test]
fn a_dry_run_that_failed_is_asked_again() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 1 0 0", 0);
    let preview = |ask: &Ask| matches!(ask, Ask::Preview(_));
    let request = asked(&update(&mut model, Msg::Tick, at(3_000)), preview).expect("asked");
    update(&mut model, Msg::NoAnswer { request, why: "busy".into() }, at(3_100));
    assert!(asked(&update(&mut model, Msg::Tick, at(4_000)), preview).is_none(), "not at once");
    assert!(asked(&update(&mut model, Msg::Tick, at(5_200)), preview).is_some());
}

#[test]
fn an_order_of_an_earlier_day_is_found_where_it_is_listed_or_stands_in_full() {
    let yesterday = |mut view: OrderView| {
        view.changed = NOON.after_ns(-30 * 3_600 * NS_PER_S);
        view.entered = view.changed;
        view
    };
    let mut model = broker();
    let old = yesterday(executed(order(100, 13, Side::Sell, 900, "176.05"), 900, "176.05"));
    let mut old_fill = fill(&old, 101, 900, "176.05");
    old_fill.account = AccountId(1001);
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(old.clone())), FeedItem::Fill(Box::new(old_fill))]);
    model.screen = Screen::Fills;
    model.fills.at = Some(ExecId::new(Sequence(101), 0));
    press(&mut model, "Enter Esc", 0);
    assert_eq!((model.blotter.tab(), model.order_here()), (Tab::Filled, Some(old.order_id)), "{}", picture(&model));

    let mut model = broker();
    let rejected =
        yesterday(in_status(order(200, 4, Side::Buy, 75, "412.07"), OrdStatus::Rejected, ExecType::Rejected));
    feed(&mut model, 48_300, vec![FeedItem::Order(Box::new(rejected.clone()))]);
    model.dismiss(rejected.order_id);
    press(&mut model, "/ a a p l Enter", 0);
    update(&mut model, Msg::Go("O200".into()), at(3_000));
    let seen = picture(&model);
    assert!(seen.contains("BUY 75 BRK.B  Rejected") && seen.contains("no view lists it"), "{seen}");
    assert_eq!((model.blotter.filter.text(), model.order_here()), ("aapl", Some(rejected.order_id)));
    press(&mut model, "Esc", 4_000);
    assert_eq!(model.order_here(), None);
}

#[test]
fn the_countdown_names_a_key_only_where_one_helps() {
    for (ms, want) in [(850_000, "press any key"), (43_150_000, "12 h limit")] {
        let mut model = a_day(Role::Broker, (120, 40), true);
        if ms > 900_000 {
            update(&mut model, Msg::SessionClock { idle_left_s: 90, absolute_left_s: 50 }, at(0));
        } else {
            update(&mut model, Msg::SessionClock { idle_left_s: 50, absolute_left_s: 5_000 }, at(0));
        }
        assert!(picture(&model).contains(want), "{}", picture(&model));
    }
}

#[test]
fn what_is_in_doubt_is_asked_for_again_when_the_question_failed() {
    let mut model = broker();
    let effects = press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y", 0);
    let request =
        effects.iter().find_map(|e| if let Effect::Send { request, .. } = e { Some(*request) } else { None }).unwrap();
    update(&mut model, Msg::NoReply { request, why: "lost".into(), in_doubt: true }, at(9_000));
    update(&mut model, Msg::LinkDown, at(9_000));
    let orders = |ask: &Ask| matches!(ask, Ask::Orders { .. });
    let mut probe = asked(&update(&mut model, Msg::LinkUp { resumed: true }, at(10_000)), orders).expect("asked");
    for ms in [11_000, 17_000, 23_000] {
        update(&mut model, Msg::NoAnswer { request: probe, why: "too slow".into() }, at(ms));
        let tick = |ms| Now { mono_ms: ms, wall: NOON };
        assert!(asked(&update(&mut model, Msg::Tick, tick(ms + 1_000)), orders).is_none(), "in a while");
        probe = asked(&update(&mut model, Msg::Tick, tick(ms + 5_000)), orders).expect("asked again");
    }
    let told = model.alerts.all().iter().filter(|alert| alert.text.contains("could not be asked")).count();
    assert_eq!(told, 1, "said once");
    update(&mut model, Msg::Answer { request: probe, body: Box::new(AnswerBody::Orders(Vec::new())) }, at(40_000));
    assert_eq!((model.flights.len(), model.drafts.len()), (0, 1));
}
