//! Each screen at three sizes, drawn in seven-bit characters and compared with the picture kept beside this test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::{Model, Msg, update};
use turret_shared::denial::{Denial, DenialCode, Figure, Override, Rule, RuleUse};
use turret_shared::ids::{CorrelationId, PendingId, Sequence};
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_shared::view::{AuditView, PreviewView};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, at_sign_in, picture, press, signed_in, user, welcomed};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn check(name: &str, make: impl Fn((u16, u16)) -> Model) {
    for size in SIZES {
        let model = make(size);
        let drawn = picture(&model);
        let widest = drawn.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= usize::from(size.0), "{name} {size:?}");
        assert!(drawn.is_ascii(), "{name} {size:?}: {drawn}");
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), drawn);
    }
}

fn denial() -> Denial {
    let usd = |units: i64| Figure::Money(Money(units * 10_000), Currency::USD);
    let whole = |units: i64| Qty(units * 1_000_000);
    let over = Override::Role(Role::Supervisor);
    Denial {
        code: DenialCode::Risk,
        rules: vec![
            RuleUse {
                rule: Rule::MaxQuantity,
                tripped: true,
                limit: Figure::Qty(whole(4_000)),
                used: Figure::Qty(whole(5_000)),
                headroom: Figure::Qty(whole(4_000)),
                would_pass: Some(whole(4_000)),
                use_percent: Some(125),
                overridable: over,
            },
            RuleUse {
                rule: Rule::MaxNotional,
                tripped: true,
                limit: usd(250_000),
                used: usd(644_750),
                headroom: usd(250_000),
                would_pass: Some(whole(1_938)),
                use_percent: Some(258),
                overridable: over,
            },
        ],
        text: "2 rules stand in the way".into(),
        passed: 6,
    }
}

/// A ticket for 500 AAPL, its dry run answered.
fn ticket(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    press(&mut model, "2 b Up Enter 5 0 0", 0);
    let effects = update(&mut model, Msg::Tick, at(5_000));
    let asked = effects.iter().find_map(|effect| match effect {
        turret_client::app::Effect::Ask { request, ask: Ask::Preview(_) } => Some(*request),
        _ => None,
    });
    let view = PreviewView {
        denial: None,
        rules: vec![RuleUse {
            rule: Rule::MaxNotional,
            tripped: false,
            limit: Figure::Money(Money(2_500_000_000), Currency::USD),
            used: Figure::Money(Money(947_400_000), Currency::USD),
            headroom: Figure::Money(Money(2_500_000_000), Currency::USD),
            would_pass: None,
            use_percent: Some(38),
            overridable: Override::Role(Role::Supervisor),
        }],
        closest: None,
        notional: Some(Money(947_400_000)),
        currency: Some(Currency::USD),
        position_before: Qty(1_200_000_000),
        position_after: Qty(1_700_000_000),
        buying_power_before: Money(10_000_000_000),
        buying_power_after: Money(9_052_600_000),
        step_up: false,
    };
    let request = asked.expect("a dry run is asked for");
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Preview(Box::new(view))) }, at(5_010));
    model
}

fn denied(size: (u16, u16)) -> Model {
    let mut model = ticket(size);
    let effects = press(&mut model, "Enter Enter y", 6_000);
    let request = effects.iter().find_map(|effect| match effect {
        turret_client::app::Effect::Send { request, .. } => Some(*request),
        _ => None,
    });
    let request = request.expect("y sends");
    let correlation = CorrelationId::from_bits(0x7F3A_19C2_0B1D);
    let outcome = Box::new(Outcome::Denied(Box::new(denial())));
    update(&mut model, Msg::Reply { request, correlation, outcome }, at(7_000));
    model
}

fn stepped_up(size: (u16, u16)) -> Model {
    let mut model = ticket(size);
    let effects = press(&mut model, "Enter Enter y", 6_000);
    let request = effects.iter().find_map(|effect| match effect {
        turret_client::app::Effect::Send { request, .. } => Some(*request),
        _ => None,
    });
    let outcome = Box::new(Outcome::StepUp {
        pending: PendingId(7),
        expires: NOON.after_ns(60_000_000_000),
        reason: "notional 94,740.00 USD over 50,000.00 USD".into(),
    });
    let request = request.expect("y sends");
    update(&mut model, Msg::Reply { request, correlation: CorrelationId::default(), outcome }, at(7_000));
    model
}

#[test]
fn sign_in() {
    check("sign_in", |size| at_sign_in(size, true));
}

#[test]
fn lock() {
    check("lock", |size| {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, "F12", 0);
        welcomed(&mut model);
        model
    });
}

#[test]
fn blotter() {
    check("blotter", |size| a_day(Role::Broker, size, true));
    check("blotter_filtered", |size| {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, "/ a a p l", 0);
        model
    });
    check("blotter_empty", |size| {
        let mut model = signed_in(Role::Broker, size, true);
        turret_tests::station::feed(&mut model, 1, vec![]);
        model
    });
}

#[test]
fn order_detail() {
    check("order_detail", |size| {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, "Enter", 0);
        model
    });
}

#[test]
fn ticket_and_review() {
    check("ticket", ticket);
    check("ticket_review", |size| {
        let mut model = ticket(size);
        press(&mut model, "Enter Enter", 6_000);
        model
    });
    check("amend", |size| {
        let mut model = a_day(Role::Broker, size, true);
        press(&mut model, "a", 0);
        model
    });
}

#[test]
fn windows() {
    check("denied", denied);
    check("step_up", stepped_up);
    for (name, keys) in [
        ("cancel", "c"),
        ("cancel_marked", "Space Space C"),
        ("cancel_all", "X"),
        ("quit", "q"),
        ("help", "?"),
        ("palette", ": c a n"),
    ] {
        check(name, |size| {
            let mut model = a_day(Role::Broker, size, true);
            press(&mut model, keys, 0);
            model
        });
    }
}

#[test]
fn quotes_fills_positions_accounts() {
    for (name, keys) in [("quotes", "2"), ("positions", "3"), ("fills", "4"), ("accounts", "5")] {
        check(name, |size| {
            let mut model = a_day(Role::Broker, size, true);
            press(&mut model, keys, 0);
            model
        });
    }
}

#[test]
fn what_other_roles_see() {
    check("supervisor", |size| a_day(Role::Supervisor, size, true));
    check("admin_users", |size| {
        let mut model = signed_in(Role::Admin, size, true);
        let request = turret_client::app::effect::Request(1);
        let people = vec![user(1, "ann.lee", Role::Broker), user(2, "sam.wood", Role::Admin)];
        update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Users(people)) }, at(0));
        model
    });
    check("support_audit", |size| {
        let mut model = signed_in(Role::Support, size, true);
        let request = turret_client::app::effect::Request(1);
        let row = |sequence: u64, action: &str, outcome: &str| AuditView {
            sequence: Sequence(sequence),
            time: NOON,
            who: "ann.lee".into(),
            action: action.into(),
            object: "O48201".into(),
            outcome: outcome.into(),
            reason: String::new(),
            detail: "BUY 500 AAPL LMT 189.50\u{1b}[2J".into(),
            correlation: CorrelationId::from_bits(sequence),
            session: None,
            order_id: None,
            leaf: vec![0x5d; 32],
        };
        let rows = vec![row(48_201, "order_new", "ok"), row(48_224, "order_cancel", "denied")];
        update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Audit(rows)) }, at(0));
        model
    });
}

#[test]
fn a_lost_link_says_so_and_disables_sending() {
    check("link_lost", |size| {
        let mut model = a_day(Role::Broker, size, true);
        update(&mut model, Msg::LinkDown, at(0));
        press(&mut model, "b", 100);
        model
    });
}

#[test]
fn too_small_says_the_size_needed() {
    let model = a_day(Role::Broker, (72, 20), true);
    assert!(picture(&model).starts_with("Turret needs 80x24, this is 72x20."));
}

#[test]
fn every_size_and_look_draws() {
    for ascii in [true, false] {
        for size in [(80, 24), (81, 25), (100, 30), (119, 60), (120, 24), (120, 36), (160, 45), (199, 24), (300, 90)] {
            for keys in ["", "2", "2 +", "2 Tab +", "3", "4", "5", "+", "b", "Enter", "c", "? x", ": q"] {
                let mut model = a_day(Role::Broker, size, ascii);
                press(&mut model, keys, 0);
                assert!(picture(&model).lines().count() == usize::from(size.1));
            }
        }
    }
    let mut model = a_day(Role::Broker, (80, 24), true);
    press(&mut model, "s", 0);
    assert!(picture(&model).contains(Side::Sell.word()));
}
