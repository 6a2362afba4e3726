//! The limits in force at three sizes, in seven-bit characters and in colour, of a broker and of a supervisor; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Colours, Effect, Look, Model, Msg, update};
use turret_shared::denial::{Figure, Override, Rule};
use turret_shared::ids::UserId;
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::role::Role;
use turret_shared::view::LimitView;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, in_colour, painting, picture, press};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn asked(effects: &[Effect]) -> Request {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::LimitTable } => Some(*request),
        _ => None,
    });
    found.expect("limits are asked for")
}

fn usd(units: i64) -> Figure {
    Figure::Money(Money(units * 10_000), Currency::USD)
}

fn row(rule: Rule, scope: &str, limit: Figure, used: Option<Figure>) -> LimitView {
    let soft = rule == Rule::DuplicateOrder;
    let is_set = rule != Rule::BuyingPower;
    LimitView {
        rule,
        scope: scope.into(),
        limit,
        of: (rule == Rule::OrderRate && used.is_some()).then_some(UserId(1)),
        used,
        soft,
        overridable: if soft { Override::Confirm } else { Override::Role(Role::Supervisor) },
        since: is_set.then_some(NOON.after_ns(-86_400_000_000_000 * 20)),
        set_by: (rule == Rule::MaxNotional).then_some(UserId(2)),
        largest: (rule == Rule::MaxNotional).then(|| usd(97_500)),
    }
}

fn shown(role: Role, size: (u16, u16), rows: Vec<LimitView>) -> Model {
    let mut model = a_day(role, size, true);
    let request = asked(&press(&mut model, "8", 0));
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Limits(rows)) }, at(300));
    model
}

fn of_broker() -> Vec<LimitView> {
    vec![
        row(Rule::MaxQuantity, "role broker", Figure::Qty(Qty(4_000_000_000)), None),
        row(Rule::MaxNotional, "role broker", usd(250_000), None),
        row(Rule::PriceCollar, "role broker", Figure::Count(500), None),
        row(Rule::BuyingPower, "account A1001", usd(1_000_000), Some(usd(910_000))),
        row(Rule::DuplicateOrder, "role broker", Figure::Count(2_000), None),
        row(Rule::OrderRate, "role broker", Figure::Count(60), Some(Figure::Count(3))),
    ]
}

#[test]
fn a_broker_sees_what_binds_them_and_who_set_it() {
    for size in SIZES {
        let mut model = shown(Role::Broker, size, of_broker());
        press(&mut model, "j j j", 400);
        insta::assert_snapshot!(format!("limits_{}x{}", size.0, size.1), picture(&model));
        model.look = Look { ascii: false, colours: Colours::True, ..model.look };
        insta::assert_snapshot!(format!("limits_{}x{}_colour", size.0, size.1), painting(&model));
    }
}

#[test]
fn a_supervisor_sees_whose_use_it_is_and_the_largest_order_of_each_limit() {
    for size in SIZES {
        let mut rows = of_broker();
        rows.push(LimitView { of: Some(UserId(3)), used: Some(Figure::Count(55)), ..rows[5].clone() });
        let mut model = shown(Role::Supervisor, size, rows);
        press(&mut model, "j", 400);
        let seen = picture(&model);
        assert!(seen.contains("Largest now 97,500.00 USD  39 %"), "{seen}");
        press(&mut model, "G", 500);
        let seen = picture(&model);
        insta::assert_snapshot!(format!("supervised_{}x{}", size.0, size.1), seen);
        insta::assert_snapshot!(format!("supervised_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        assert!(seen.contains("orders of") && seen.contains("55 / min"), "{seen}");
    }
}

#[test]
fn amounts_of_several_currencies_have_theirs_beside_them() {
    let mut rows = of_broker();
    let eur = Currency::parse("EUR").unwrap();
    rows.push(row(
        Rule::BuyingPower,
        "account A1002",
        Figure::Money(Money(30_000_000), eur),
        Some(Figure::Money(Money(0), eur)),
    ));
    let seen = picture(&shown(Role::Broker, (80, 24), rows));
    assert!(seen.contains("250,000.00 USD") && seen.contains("3,000.00 EUR"), "{seen}");
}

#[test]
fn how_a_limit_came_to_be_is_sought_for_its_account_alone() {
    let mut rows = of_broker();
    rows.truncate(1);
    for (scope, wanted) in [("account A1002", Some("A1002")), ("role broker", None)] {
        rows[0].scope = scope.to_owned();
        let mut model = shown(Role::Supervisor, (120, 40), rows.clone());
        let asked = press(&mut model, "Enter", 1_000).into_iter().find_map(|effect| match effect {
            Effect::Ask { ask: Ask::Audit(filter), .. } => Some(filter),
            _ => None,
        });
        let asked = asked.expect("the log is asked");
        assert_eq!((asked.action.as_deref(), asked.account.as_deref()), (Some("limit_set"), wanted));
    }
}

#[test]
fn limits_are_sought_as_typed_and_told_to_the_millisecond() {
    let mut rows = of_broker();
    rows[4].limit = Figure::Count(2_550);
    let mut model = shown(Role::Broker, (120, 40), rows);
    press(&mut model, "/ d u p l", 1_000);
    let seen = picture(&model);
    assert!(seen.contains("2.55 s") && !seen.contains("max_notional"), "{seen}");
    press(&mut model, "Esc", 2_000);
    assert!(picture(&model).contains("max_notional"), "{}", picture(&model));
}
