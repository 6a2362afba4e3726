//! Small things a person at the real screen stumbled over, each held in place: what it says, and what it leaves alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::key::{Mouse, Now, Press};
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::Environment;
use turret_shared::denial::{Denial, DenialCode, Figure, Override, Rule, RuleUse};
use turret_shared::ids::{CorrelationId, PendingId};
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::role::Role;
use turret_shared::view::PreviewView;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{
    NOON, a_day, at, at_sign_in, demo_person, feed, not_connected, picture, press, quote, signed_in, welcomed,
};

fn broker() -> Model {
    a_day(Role::Broker, (80, 24), true)
}

fn demo(model: &mut Model) {
    model.demo.push(demo_person());
}

fn request(effects: &[Effect]) -> Request {
    let sent = effects.iter().find_map(|effect| match effect {
        Effect::Send { request, .. } | Effect::Prove { request, .. } => Some(*request),
        _ => None,
    });
    sent.expect("something was sent")
}

#[test]
fn the_code_key_before_the_connection_says_so_and_works_once_there_is_one() {
    let mut model = not_connected((80, 24), true);
    demo(&mut model);
    press(&mut model, "F9", 0);
    assert!(picture(&model).contains("Still connecting: the demo authenticator comes with the connection."));
    welcomed(&mut model);
    assert!(!picture(&model).contains("Still connecting"));
    press(&mut model, "F9", 300);
    assert_eq!(model.signin.code.count(), 6);
}

#[test]
fn the_date_in_the_corner_is_the_one_of_the_time_beside_it() {
    let mut model = at_sign_in((120, 40), true);
    // 2026-03-13 01:00 UTC is the evening of the 12th in New York.
    let night = Now { mono_ms: 1_000, wall: NOON.after_ns(37_700_000_000_000) };
    update(&mut model, Msg::Tick, night);
    assert!(picture(&model).contains("Fri 13 Mar  01:00:00Z  21:00:00 NY"), "{}", picture(&model));
}

#[test]
fn a_price_emptied_stays_empty() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 1 0 0 Enter", 0);
    press(&mut model, &"Backspace ".repeat(8), 5_000);
    assert_eq!(model.ticket().expect("open").price.text(), "");
    press(&mut model, "1 9 0", 9_000);
    assert_eq!(model.ticket().expect("open").price.text(), "190");
}

fn tripped(rule: Rule, used: Figure, limit: Figure) -> RuleUse {
    let headroom = limit.clone();
    RuleUse {
        rule,
        tripped: true,
        limit,
        used,
        headroom,
        would_pass: None,
        use_percent: Some(200),
        overridable: Override::Role(Role::Supervisor),
    }
}

fn troubles() -> Vec<RuleUse> {
    let usd = |units: i64| Figure::Money(Money(units * 10_000), Currency::USD);
    let whole = |units: i64| Figure::Qty(Qty(units * 1_000_000));
    vec![
        tripped(Rule::MaxQuantity, whole(5_000), whole(4_000)),
        tripped(Rule::MaxNotional, usd(644_750), usd(250_000)),
        tripped(Rule::BuyingPower, usd(644_750), usd(500_000)),
        tripped(Rule::RestrictedList, Figure::Flag(true), Figure::Flag(false)),
    ]
}

/// Answers every dry run asked for, the one of the fields as they are included.
fn previewed(model: &mut Model, mut effects: Vec<Effect>, mono_ms: u64) {
    for round in 1..4 {
        let asked: Vec<Request> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Ask { request, ask: Ask::Preview(_) } => Some(*request),
                _ => None,
            })
            .collect();
        effects = update(model, Msg::Tick, at(mono_ms + 150 * round));
        for request in asked {
            let body = Box::new(AnswerBody::Preview(Box::new(dry_run())));
            effects.extend(update(model, Msg::Answer { request, body }, at(mono_ms + 150 * round)));
        }
    }
}

fn dry_run() -> PreviewView {
    PreviewView {
        denial: None,
        rules: troubles(),
        closest: None,
        notional: Some(Money(6_447_500_000)),
        currency: Some(Currency::USD),
        position_before: Qty(0),
        position_after: Qty(5_000_000_000),
        buying_power_before: Money(10_000_000_000),
        buying_power_after: Money(3_552_500_000),
        step_up: true,
    }
}

#[test]
fn the_review_line_is_seen_whole_however_many_rules_trip() {
    let mut model = broker();
    let mut effects = press(&mut model, "2 b Up Enter 5 k Enter", 0);
    // A stop-limit has the most fields.
    effects.extend(press(&mut model, "S-Tab Space Space Tab Tab 1 9 0", 3_000));
    previewed(&mut model, effects, 9_000);
    let seen = picture(&model);
    for word in ["Quantity of one order", "Notional of one", "Buying power", "this listing is on it", "fresh code"] {
        assert!(seen.contains(word), "{word}: {seen}");
    }
    press(&mut model, "q", 9_500);
    assert!(picture(&model).contains("q is no part of a number"), "{}", picture(&model));
    press(&mut model, "F2", 10_000);
    let seen = picture(&model);
    assert!(seen.contains("SEND?") && seen.contains("> [Back] Enter"), "{seen}");
}

#[test]
fn a_docked_review_shows_what_is_sent_and_where_on_the_lowest_terminal_it_docks_on() {
    for height in 32..=40 {
        let mut model = a_day(Role::Broker, (120, height), true);
        let mut effects = press(&mut model, "2 b Up Enter 5 k Enter", 0);
        effects.extend(press(&mut model, "S-Tab Space Space Tab Tab 1 9 0", 3_000));
        previewed(&mut model, effects, 9_000);
        press(&mut model, "F2", 10_000);
        let seen = picture(&model);
        for word in ["SEND?", "A1001", "USD SIM", "> [Back] Enter", "Quantity of one order", "fresh code", "Notional"] {
            assert!(seen.contains(word), "{word} at {height}: {seen}");
        }
    }
}

#[test]
fn a_figure_too_wide_for_its_column_never_passes_for_another() {
    let mut model = broker();
    let position = |units: i64| {
        FeedItem::Position(turret_shared::view::PositionView {
            account: turret_shared::ids::AccountId(1001),
            instrument: turret_shared::ids::InstrumentId(1),
            qty: Qty::whole(units).expect("in range"),
            avg_cost: None,
            realised: Money(0),
            bought: Qty::ZERO,
            sold: Qty::ZERO,
            open_buy: Qty::ZERO,
            open_sell: Qty::ZERO,
        })
    };
    press(&mut model, "3", 0);
    feed(&mut model, 60_000, vec![position(1_250_000)]);
    assert!(picture(&model).contains(" +1250000 "), "{}", picture(&model));
    feed(&mut model, 60_001, vec![position(1_250_000_000)]);
    assert!(picture(&model).contains(" ######### "), "{}", picture(&model));
}

#[test]
fn a_click_chooses_the_row_it_is_on_below_what_is_on_its_way() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y 1", 0);
    let rows: Vec<String> = picture(&model).lines().map(str::to_owned).collect();
    let sending = rows.iter().position(|line| line.contains("Sending")).expect("on its way");
    let below = u16::try_from(sending + 2).expect("a row");
    update(&mut model, Msg::Mouse(Mouse::Click { x: 10, y: below }), at(9_000));
    let rows: Vec<String> = picture(&model).lines().map(str::to_owned).collect();
    assert!(rows[usize::from(below)].starts_with('>'), "{}", rows.join("\n"));
}

#[test]
fn a_passing_word_is_read_before_one_that_stays_and_goes_with_the_next_key() {
    let mut model = broker();
    update(&mut model, Msg::NotKept("The cache could not be opened.".into()), at(0));
    press(&mut model, "Q", 1_000);
    assert!(picture(&model).contains("does nothing here"), "{}", picture(&model));
    press(&mut model, "j", 2_000);
    assert!(picture(&model).contains("The cache could not be opened."), "{}", picture(&model));
}

#[test]
fn a_denial_by_a_list_speaks_of_no_figures_and_editing_it_deals_with_it() {
    let mut model = broker();
    let needing = model.needing();
    let effects = press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y", 0);
    let denial = Denial {
        code: DenialCode::Risk,
        rules: vec![tripped(Rule::RestrictedList, Figure::Flag(true), Figure::Flag(false))],
        text: "the listing is restricted".into(),
        passed: 7,
        until: None,
    };
    let outcome = Box::new(Outcome::Denied(Box::new(denial)));
    let correlation = CorrelationId::from_bits(1);
    update(&mut model, Msg::Reply { request: request(&effects), correlation, outcome }, at(7_000));
    let seen = picture(&model);
    assert!(seen.contains("the listing is restricted") && !seen.contains("Headroom"), "{seen}");
    let mut view = turret_tests::station::in_status(
        turret_tests::station::order(3_500_000, 1, turret_shared::order::Side::Buy, 100, "189.48"),
        turret_shared::order::OrdStatus::Denied,
        turret_shared::order::ExecType::Rejected,
    );
    view.correlation = correlation;
    feed(&mut model, 9, vec![FeedItem::Order(Box::new(view))]);
    assert_eq!(model.needing(), needing + 1);
    press(&mut model, "e", 8_000);
    assert!(model.ticket().is_some());
    assert_eq!(model.needing(), needing, "looked at and taken up again");
}

#[test]
fn a_wrong_code_does_not_use_up_the_demo_authenticator() {
    let mut model = broker();
    demo(&mut model);
    let effects = press(&mut model, "2 b Up Enter 1 0 0 Enter Enter y", 0);
    let outcome = Box::new(Outcome::StepUp {
        pending: PendingId(7),
        expires: NOON.after_ns(60_000_000_000),
        reason: "notional 299849.40 USD over 100000.00 USD".into(),
        sign: None,
    });
    let correlation = CorrelationId::default();
    update(&mut model, Msg::Reply { request: request(&effects), correlation, outcome }, at(7_000));
    assert!(picture(&model).contains("notional 299,849.40 USD over 100,000.00 USD"), "{}", picture(&model));
    press(&mut model, "0 0 0 0 0 0 Enter", 8_000);
    assert!(!model.demo_code_is_used());
    let outcome = Box::new(Outcome::ProofRefused { spent: false, next_code_s: 0 });
    let wrong = Request(model.flights.keys().next_back().expect("a proof").0);
    update(&mut model, Msg::Reply { request: wrong, correlation, outcome }, at(10_000));
    press(&mut model, "F9 Enter", 11_000);
    assert!(model.demo_code_is_used());
}

#[test]
fn drafts_are_counted_and_d_throws_one_away() {
    let mut model = broker();
    press(&mut model, "2 b Up Enter 7 7 Esc b Up Enter 8 8 Esc 1 [", 0);
    assert!(picture(&model).contains("2 kept, newest first"), "{}", picture(&model));
    // A key held down repeats: it asks, and goes on asking.
    for ms in (9_000..9_900).step_by(30) {
        update(&mut model, Msg::Key(Press::parse("d").expect("a key")), at(ms));
    }
    assert_eq!(model.drafts.len(), 2, "{}", picture(&model));
    press(&mut model, "d", 9_900);
    assert_eq!(model.drafts.iter().map(|draft| draft.quantity.as_str()).collect::<Vec<_>>(), ["77"]);
    press(&mut model, "[", 10_000);
    assert!(!picture(&model).contains("kept, newest first"));
}

#[test]
fn both_sides_of_the_touch_stay_on_the_ladder() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, "2", 0);
        for step in 0..60_i64 {
            let price = |cents: i64| turret_shared::money::Price(cents * 10_000_000).to_string();
            let (bid, ask) = (18_948 + step, 18_951 + step);
            let mut view = quote(1, &price(bid), &price(ask), &price(bid));
            view.sequence = 2 + u64::try_from(step).unwrap();
            update(&mut model, Msg::Quotes(vec![view]), at(1_000));
            let seen = picture(&model);
            let marks = |mark: &str| {
                let price = format!(
                    "{mark}  {:.2}",
                    f64::from(u32::try_from(if mark == "B" { bid } else { ask }).unwrap()) / 100.0
                );
                seen.contains(&price)
            };
            assert!(marks("A") && marks("B"), "{size:?} {step}: {seen}");
        }
    }
}

#[test]
fn where_prices_come_from_is_told_at_first_and_when_it_changes() {
    let mut model = a_day(Role::Broker, (80, 24), true);
    let source = |name: &str| vec![FeedItem::DataSource(name.into())];
    model.server.data_source.clear();
    feed(&mut model, 9, source("REPLAY 2023-12-25 x1"));
    press(&mut model, "2", 0);
    let seen = picture(&model);
    assert!(seen.contains("data REPLAY 2023-12-25 x1") && !seen.contains("puts it away"), "{seen}");
    assert!(seen.contains("Recorded 2026-03-12"), "a picture's own time, marked: {seen}");
    feed(&mut model, 9, source("REPLAY 2023-12-25 ended: ESH4 frozen"));
    let seen = picture(&model);
    assert!(seen.contains("Prices come from elsewhere now: REPLAY 2023-12-25 ended: ESH4 frozen."), "{seen}");
    assert!(seen.contains("data REPLAY 2023-12-25 ended  ann.lee"), "{seen}");
}

#[test]
fn the_round_trip_stays_on_the_top_line_whatever_is_said_of_the_prices() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        for source in ["SIM", "REPLAY 2023-12-25 x1", "REPLAY 2023-12-25 ended: ESH4 frozen", &"REPLAY ".repeat(40)] {
            let mut model = a_day(Role::Broker, size, true);
            feed(&mut model, 48_232, vec![FeedItem::DataSource(source.into())]);
            update(&mut model, Msg::RoundTrip(2_345), at(100));
            let seen = picture(&model);
            let top = seen.lines().next().unwrap_or_default();
            assert!(top.contains(" 2.3 ms ") && top.ends_with("14:31:40Z  10:31:40 NY"), "{size:?} {source}: {top}");
        }
    }
    let mut model = a_day(Role::Broker, (120, 40), true);
    feed(&mut model, 48_232, vec![FeedItem::DataSource("REPLAY 2023-12-25 ended: ESH4 frozen".into())]);
    assert!(picture(&model).contains("data REPLAY 2023-12-25 ended   ann.lee"), "{}", picture(&model));
}

#[test]
fn real_money_looks_like_it_before_a_password_is_typed_and_in_every_window_about_it() {
    let mut model = not_connected((80, 24), false);
    model.server.environment = Environment::Live;
    let seen = picture(&model);
    assert!(seen.starts_with("[LIVE]") && seen.contains("LIVE: real orders") && seen.contains('\u{2554}'), "{seen}");
    for keys in ["c", "X", "q", "a", "b"] {
        let mut model = a_day(Role::Broker, (80, 24), false);
        model.server.environment = Environment::Live;
        press(&mut model, keys, 0);
        let seen = picture(&model);
        assert!(seen.starts_with("[LIVE]") && seen.contains("\u{2550} LIVE"), "{keys}: {seen}");
        assert!(seen.contains('\u{2554}') && !seen.contains('\u{250c}'), "a double frame: {seen}");
        model.look.ascii = true;
        assert!(picture(&model).contains("====="), "in seven bits too");
    }
}

#[test]
fn escape_empties_the_search_of_the_log() {
    let mut model = signed_in(Role::Support, (120, 40), true);
    press(&mut model, "/ O 1 5 0 Enter", 0);
    let body = Box::new(AnswerBody::Audit(Vec::new()));
    let asked = *model.questions.keys().next_back().expect("a search");
    update(&mut model, Msg::Answer { request: asked, body }, at(3_000));
    let effects = press(&mut model, "Esc", 4_000);
    assert!(model.audit.words.is_empty());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask { ask: Ask::Audit(_), .. })));
}

#[test]
fn counts_and_answers_are_said_in_plain_words() {
    let mut model = broker();
    let effects = press(&mut model, "X c a n c e l Enter", 0);
    let outcome = Box::new(Outcome::CancelAll { requested: 1, already: 0 });
    let correlation = CorrelationId::default();
    update(&mut model, Msg::Reply { request: request(&effects), correlation, outcome }, at(7_000));
    assert!(picture(&model).contains("Cancel asked for 1 order."), "{}", picture(&model));
    press(&mut model, "c", 8_000);
    assert!(picture(&model).contains("filled 350, leaves 150"), "{}", picture(&model));
}

#[test]
fn an_amend_says_what_becomes_of_its_place() {
    let mut model = broker();
    press(&mut model, "a", 0);
    assert!(picture(&model).contains("nothing changes yet"));
    press(&mut model, "Backspace Backspace Backspace 4 0 0", 1_000);
    assert!(picture(&model).contains("keeps its place in the queue"), "{}", picture(&model));
    press(&mut model, "Tab Up", 4_000);
    assert!(picture(&model).contains("loses its place in the queue"), "{}", picture(&model));
}

#[test]
fn the_notice_of_a_small_window_is_read_whole() {
    let model = a_day(Role::Broker, (40, 20), true);
    let seen = picture(&model);
    assert!(seen.contains("Turret needs 80x24") && seen.contains("F12 locks."), "{seen}");
    assert!(Press::parse("F12").is_some());
}
