//! What a no and a ticket say besides the figures: who set the limit, what was seen, the collar's prices; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::key::Now;
use turret_client::app::modal::{Denied, Modal};
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::denial::{Denial, DenialCode, Figure, Override, Rule, RuleUse};
use turret_shared::ids::{CorrelationId, UserId};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::role::Role;
use turret_shared::view::{LimitView, PreviewView};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, in_colour, picture, press};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn usd(units: i64) -> Figure {
    Figure::Money(Money(units * 10_000), Currency::USD)
}

fn rule(rule: Rule, limit: Figure, used: Figure, tripped: bool) -> RuleUse {
    RuleUse {
        rule,
        tripped,
        headroom: limit.clone(),
        limit,
        used,
        would_pass: None,
        use_percent: Some(38),
        overridable: Override::Role(Role::Supervisor),
    }
}

fn preview() -> PreviewView {
    let band = Figure::Band(Price(180_020_000_000), Price(198_960_000_000));
    let rules = vec![
        rule(Rule::MaxNotional, usd(250_000), usd(94_740), false),
        rule(Rule::PriceCollar, band, Figure::Price(Price(189_480_000_000)), false),
    ];
    PreviewView {
        denial: None,
        closest: rules.first().cloned(),
        rules,
        notional: Some(Money(947_400_000)),
        currency: Some(Currency::USD),
        position_before: Qty(1_200_000_000),
        position_after: Qty(1_700_000_000),
        buying_power_before: Money(10_000_000_000),
        buying_power_after: Money(9_052_600_000),
        step_up: false,
    }
}

fn asked(effects: &[Effect], which: impl Fn(&Ask) -> bool) -> Option<Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask } if which(ask) => Some(*request),
        _ => None,
    })
}

/// A ticket for 500 AAPL, its dry run answered.
fn ticket(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    press(&mut model, "2 b Up Enter 5 0 0", 0);
    let effects = update(&mut model, Msg::Tick, at(5_000));
    let request = asked(&effects, |ask| matches!(ask, Ask::Preview(_))).expect("a dry run");
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Preview(Box::new(preview()))) }, at(5_010));
    model
}

#[test]
fn a_ticket_shows_the_prices_the_collar_lets_through() {
    for size in SIZES {
        let seen = picture(&ticket(size));
        assert!(seen.contains("180.02 to 198.96"), "{size:?}: {seen}");
        assert!(seen.contains("1,200 -> 1,700") && seen.contains("agency"), "{seen}");
    }
}

#[test]
fn who_enters_no_orders_reads_a_no_and_is_offered_no_ticket() {
    let mut model = a_day(Role::Supervisor, (80, 24), true);
    let mut tripped = rule(Rule::MaxQuantity, Figure::Qty(Qty(4_000_000_000)), Figure::Qty(Qty(5_000_000_000)), true);
    tripped.would_pass = Some(Qty(4_000_000_000));
    let denial =
        Denial { code: DenialCode::Risk, rules: vec![tripped], text: "too many".into(), passed: 5, until: None };
    model.modals.push(Modal::Denied(Box::new(Denied {
        line: "BUY 5,000 AAPL LMT 189.50 DAY  A1001".into(),
        draft: None,
        order: None,
        denial,
        correlation: CorrelationId::from_bits(7),
        time: NOON,
        top: 0,
        saw: None,
    })));
    let seen = picture(&model);
    assert!(!seen.contains("use 4,000") && seen.contains("d dismiss"), "{seen}");
    press(&mut model, "e 1", 2_000);
    let seen = picture(&model);
    assert!(seen.contains("DENIED") && seen.contains("enters no orders"), "{seen}");
    press(&mut model, "d", 3_000);
    assert!(model.modals.is_empty() && model.drafts.is_empty());
}

#[test]
fn a_no_says_who_set_the_limit_and_what_was_on_the_screen() {
    for size in SIZES {
        let mut model = ticket(size);
        let effects = press(&mut model, "Enter Enter y", 10_000);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        });
        let denial = Denial {
            code: DenialCode::Risk,
            rules: vec![rule(Rule::MaxNotional, usd(90_000), usd(94_740), true)],
            text: "1 rule stands in the way".into(),
            passed: 7,
            until: None,
        };
        let (request, correlation) = (request.expect("sent"), CorrelationId::from_bits(0x7f3a_19c2_0b1d));
        let outcome = Box::new(Outcome::Denied(Box::new(denial)));
        let effects = update(&mut model, Msg::Reply { request, correlation, outcome }, at(20_000));
        let request = asked(&effects, |ask| matches!(ask, Ask::Limits(code) if code == "A1001"));
        assert!(!picture(&model).contains("set by"), "not before it is known");
        let row = |scope: &str, units, set_by| LimitView {
            rule: Rule::MaxNotional,
            scope: scope.into(),
            limit: usd(units),
            used: None,
            soft: false,
            overridable: Override::Role(Role::Supervisor),
            since: Some(NOON.after_ns(-86_400_000_000_000)),
            set_by,
            of: None,
            largest: None,
        };
        let rows = vec![row("role broker", 250_000, None), row("account A1001", 90_000, Some(UserId(2)))];
        let body = Box::new(AnswerBody::Limits(rows));
        let effects = update(&mut model, Msg::Answer { request: request.expect("asked once"), body }, at(20_100));
        assert_eq!(asked(&effects, |ask| matches!(ask, Ask::Limits(_))), None, "and once only");
        let seen = picture(&model);
        assert!(seen.contains("kim.ito, 11 Mar 14:31Z") && seen.contains("189.48 / 189.50"), "{seen}");
        assert!(seen.contains("dismiss"), "the keys stay in sight: {seen}");
        insta::assert_snapshot!(format!("who_set_it_{}x{}", size.0, size.1), seen);
        insta::assert_snapshot!(format!("who_set_it_{}x{}_colour", size.0, size.1), in_colour(&mut model));
    }
}

#[test]
fn quotes_say_what_is_at_work_where_there_is_room() {
    let mut model = a_day(Role::Broker, (200, 50), true);
    press(&mut model, "2", 0);
    let seen = picture(&model);
    assert!(seen.contains("Work B/S") && seen.contains("150/300"), "{seen}");
}

#[test]
fn a_no_that_only_time_stands_behind_counts_down_to_when_it_is_taken() {
    for size in SIZES {
        let mut model = ticket(size);
        let effects = press(&mut model, "Enter Enter y", 10_000);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        });
        let (request, correlation) = (request.expect("sent"), CorrelationId::from_bits(0x7f3a_19c2_0b1d));
        let until = Some(NOON.after_ns(80_000_000_000));
        let text = "surveillance makes you wait a little: taken again from 12:01:20Z".into();
        let denial = Denial { code: DenialCode::Delayed, rules: Vec::new(), text, passed: 0, until };
        let outcome = Box::new(Outcome::Denied(Box::new(denial)));
        update(&mut model, Msg::Reply { request, correlation, outcome }, at(20_000));
        let seen = picture(&model);
        assert!(seen.contains("it is taken in 1:20"), "{size:?}: {seen}");
        insta::assert_snapshot!(format!("delayed_{}x{}", size.0, size.1), seen);
        insta::assert_snapshot!(format!("delayed_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let later = |s: i64, mono_ms| Now { wall: NOON.after_ns(s * 1_000_000_000), ..at(mono_ms) };
        update(&mut model, Msg::Tick, later(57, 57_000));
        assert!(picture(&model).contains("it is taken in 0:23"), "{size:?}: {}", picture(&model));
        update(&mut model, Msg::Tick, later(81, 81_000));
        assert!(picture(&model).contains("over: it is taken again"), "{size:?}: {}", picture(&model));
    }
}
