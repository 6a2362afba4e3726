//! Each screen at three sizes, drawn in seven-bit characters and in colour, compared with the pictures kept beside this test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::Effect;
use turret_client::app::effect::Request;
use turret_client::app::{Colours, Look, Model, Msg, update};
use turret_shared::bar::{BAR_NS, BarView};
use turret_shared::denial::{Denial, DenialCode, Figure, Override, Rule, RuleUse};
use turret_shared::ids::{CorrelationId, DeviceId, PendingId, Sequence, SessionId, UserId};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView, SessionView};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;
use turret_shared::view::{AuditView, FillState, PreviewView};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::floor::seed::junior;
use turret_tests::station::{
    NOON, a_day, at, at_sign_in, executed, feed, fill, in_status, order, painting, person, picture, press, signed_in,
    welcomed,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn check(name: &str, make: impl Fn((u16, u16)) -> Model) {
    for size in SIZES {
        let model = make(size);
        let drawn = picture(&model);
        let widest = drawn.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= usize::from(size.0) && drawn.is_ascii(), "{name} {size:?}: {drawn}");
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), drawn);
        let mut coloured = model;
        coloured.look = Look { ascii: false, colours: Colours::True, ..coloured.look };
        insta::assert_snapshot!(format!("{name}_{}x{}_colour", size.0, size.1), painting(&coloured));
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
        until: None,
    }
}

/// A ticket for 500 AAPL, its dry run answered.
fn ticket(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    press(&mut model, "2 b Up Enter 5 0 0", 0);
    let effects = update(&mut model, Msg::Tick, at(5_000));
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Preview(_) } => Some(*request),
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

fn at_work(id: u32, login: &str, role: Option<Role>) -> PersonView {
    PersonView {
        sessions: 1,
        last_in: (id != 4).then(|| NOON.after_ns(-5_400_000_000_000)),
        failures: if id == 3 { 7 } else { 0 },
        ..person(id, login, role)
    }
}

/// The question among the effects.
fn asked(effects: &[Effect]) -> Request {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, .. } => Some(*request),
        _ => None,
    });
    found.expect("something is asked")
}

/// A day on which a link was lost, an order canceled unasked and an execution busted.
fn a_bad_day(size: (u16, u16)) -> Model {
    let mut model = a_day(Role::Broker, size, true);
    update(&mut model, Msg::LinkDown, at(0));
    update(&mut model, Msg::LinkUp { resumed: true }, at(8_000));
    let mut canceled =
        in_status(order(3_380_000, 8, Side::Sell, 400, "418.20"), OrdStatus::Canceled, ExecType::Canceled);
    canceled.note = "market maker protection".into();
    let partly = executed(order(3_400_000, 1, Side::Buy, 500, "189.46"), 350, "189.494285714");
    let mut busted = fill(&partly, 3_400_001, 200, "189.49");
    busted.state = FillState::Busted;
    feed(&mut model, 48_240, vec![FeedItem::Order(Box::new(canceled)), FeedItem::Fill(Box::new(busted))]);
    model
}

fn denied(size: (u16, u16)) -> Model {
    let mut model = ticket(size);
    let effects = press(&mut model, "Enter Enter y", 6_000);
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Send { request, .. } => Some(*request),
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
        Effect::Send { request, .. } => Some(*request),
        _ => None,
    });
    let outcome = Box::new(Outcome::StepUp {
        pending: PendingId(7),
        expires: NOON.after_ns(60_000_000_000),
        reason: "notional 94,740.00 USD over 50,000.00 USD".into(),
        sign: None,
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
        feed(&mut model, 1, vec![]);
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
fn alerts() {
    check("alerts", |size| {
        let mut model = a_bad_day(size);
        press(&mut model, "9", 9_000);
        model
    });
    check("alerts_none", |size| {
        let mut model = signed_in(Role::Support, size, true);
        press(&mut model, "9", 0);
        model
    });
}

#[test]
fn charts() {
    for (name, keys) in [("chart_candles", "2 v"), ("chart_line", "2 v v"), ("chart_zoomed", "2 v +")] {
        check(name, |size| {
            let mut model = a_day(Role::Broker, size, true);
            let effects = press(&mut model, keys, 0);
            let request = effects.iter().find_map(|effect| match effect {
                Effect::Ask { request, ask: Ask::Bars(_) } => Some(*request),
                _ => None,
            });
            let bar = |n: i64| {
                let wave = (n * 37 + n * n * 11) % 41;
                let open = Price(189_000_000_000 + wave * 10_000_000);
                let close = Price(189_000_000_000 + ((n + 1) * 37 + (n + 1) * (n + 1) * 11) % 41 * 10_000_000);
                let start = Timestamp(BarView::minute(NOON).0 - (60 - n) * BAR_NS);
                BarView {
                    start,
                    open,
                    high: Price(open.0.max(close.0) + 30_000_000),
                    low: Price(open.0.min(close.0) - 20_000_000),
                    close,
                    volume: Qty((100 + wave * 40) * 1_000_000),
                }
            };
            let body = Box::new(AnswerBody::Bars((0..60).map(bar).collect()));
            let request = request.expect("bars are asked for");
            update(&mut model, Msg::Answer { request, body }, at(1_000));
            model
        });
    }
}

#[test]
fn what_other_roles_see() {
    check("supervisor", |size| a_day(Role::Supervisor, size, true));
}

#[test]
fn lists_of_who_runs_users() {
    check("admin_users", |size| {
        let mut model = signed_in(Role::Admin, size, true);
        let people = vec![
            at_work(2, "sam.wood", Some(Role::Admin)),
            at_work(1, "ann.lee", Some(Role::Broker)),
            PersonView { devices_locked: 1, ..at_work(3, "cho.min", Some(Role::Broker)) },
            at_work(4, "dee.fox", None),
        ];
        update(&mut model, Msg::Answer { request: Request(1), body: Box::new(AnswerBody::People(people)) }, at(0));
        model
    });
    check("admin_sessions", |size| {
        let mut model = signed_in(Role::Admin, size, true);
        let request = asked(&press(&mut model, "2", 0));
        let session = |n: u64, login: &str, role: Role, place: &str| SessionView {
            session: SessionId(n),
            user: UserId(1),
            login: login.into(),
            role: Some(role),
            device: DeviceId(7),
            script: place.is_empty(),
            since: NOON,
            idle_s: Some(75),
            place: place.into(),
            working: 3,
            round_trip_us: (!place.is_empty()).then_some(2_140),
            version: if place.is_empty() { String::new() } else { "0.1.0".into() },
            composed: None,
        };
        let rows = vec![
            SessionView { composed: Some(junior()), ..session(9, "ann.lee", Role::Broker, "10.4.1.22") },
            session(12, "eva.koch", Role::Customer, ""),
        ];
        update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Sessions(rows)) }, at(300));
        model
    });
    check("admin_devices", |size| {
        let mut model = signed_in(Role::Admin, size, true);
        let request = asked(&press(&mut model, "3", 0));
        let device = |n: u32, login: &str, state: DeviceState| DeviceView {
            device: DeviceId(n),
            user: UserId(1),
            login: login.into(),
            state,
            sessions: 1,
            key: "5dc94328aa01bb02".into(),
            locked_for: (state == DeviceState::Locked).then_some(LockCause::Token),
            registered: NOON.after_ns(-86_400_000_000_000 * 30),
            last_in: (n != 3).then_some(NOON),
            failures: n / 2,
            locked_since: (state == DeviceState::Locked).then_some(NOON),
            locked_by: None,
            name: String::new(),
            certificate_ends: (n != 3).then(|| NOON.after_ns(3_600_000_000_000 * (24 * i64::from(n) + 4))),
            place: if n == 3 { String::new() } else { "10.4.1.22".into() },
        };
        let rows = vec![
            device(2, "cho.min", DeviceState::Locked),
            device(1, "ann.lee", DeviceState::Active),
            device(3, "ann.lee", DeviceState::Revoked),
        ];
        update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Devices(rows)) }, at(300));
        model
    });
}

#[test]
fn acts_on_people() {
    for (name, keys) in [
        ("manage_lock", "b Down"),
        ("manage_role", "r Right"),
        ("manage_desk", "p"),
        ("new_person", "c g u s Tab G u s Space F o x Tab Right"),
        ("manage_creation", "c g u s Tab G u s Tab Tab Enter"),
    ] {
        check(name, |size| {
            let mut model = signed_in(Role::Admin, size, true);
            let people = vec![
                PersonView { working: 3, ..at_work(1, "ann.lee", Some(Role::Broker)) },
                at_work(2, "sam.wood", Some(Role::Admin)),
            ];
            let body = Box::new(AnswerBody::People(people));
            update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
            press(&mut model, keys, 0);
            model
        });
    }
}

#[test]
fn what_support_sees() {
    check("support_audit", |size| {
        let mut model = signed_in(Role::Support, size, true);
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
            cl_ord_id: None,
        };
        let rows = vec![row(48_201, "order_new", "ok"), row(48_224, "order_cancel", "denied")];
        update(&mut model, Msg::Answer { request: Request(1), body: Box::new(AnswerBody::Audit(rows)) }, at(0));
        model
    });
    check("support_timeline", |size| {
        let mut model = signed_in(Role::Support, size, true);
        let request = asked(&press(&mut model, "/ O 4 8 2 0 1 Enter", 0));
        let row = |sequence: u64, ms: i64, who: &str, action: &str, detail: &str| AuditView {
            sequence: Sequence(sequence),
            time: NOON.after_ns(ms * 1_000_000),
            who: who.into(),
            action: action.into(),
            object: "O48201".into(),
            outcome: if action == "access_denied" { "flagged".into() } else { "ok".into() },
            reason: if action == "access_denied" { "unknown_order".into() } else { String::new() },
            detail: detail.into(),
            correlation: CorrelationId::from_bits(sequence),
            session: Some(SessionId(12)),
            order_id: None,
            leaf: vec![0x5d; 32],
            cl_ord_id: None,
        };
        let rows = vec![
            row(48_201, 0, "ann.lee", "order_new", "BUY 500 AAPL LMT 189.50"),
            row(48_205, 8, "venue", "venue_new", "taken by the venue, working"),
            row(48_209, 4_339, "venue", "trade", "350 at 189.49"),
            row(48_215, 21_904, "ann.lee", "amend", "to 500 at 189.46"),
            row(48_217, 21_906, "venue", "trade", "50 at 189.50"),
            row(48_218, 21_910, "venue", "replaced", "now 500 at 189.46"),
            row(48_224, 163_629, "bob.ray", "access_denied", "OrderCancel: not theirs"),
            row(48_226, 180_901, "ann.lee", "cancel", "ClOrdID T48201-3"),
            row(48_227, 180_905, "venue", "canceled", "as asked"),
        ];
        update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Audit(rows)) }, at(2_000));
        press(&mut model, "n", 3_000);
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
