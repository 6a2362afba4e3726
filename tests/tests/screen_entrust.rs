//! The forms for rights on an account and for an account's limit, at three sizes, and what they send; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::{Command, Verb};
use turret_shared::denial::{Figure, Override, Rule};
use turret_shared::event::setup::Policy;
use turret_shared::ids::{AccountId, UserId};
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::money::{Currency, Money};
use turret_shared::people::PersonView;
use turret_shared::person::AccountCode;
use turret_shared::policy::PolicyView;
use turret_shared::role::Role;
use turret_shared::time::NS_PER_S;
use turret_shared::view::LimitView;
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, at, in_colour, person, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn eva() -> PersonView {
    PersonView { name: "Eva Koch".into(), ..person(6, "eva.koch", Some(Role::Customer)) }
}

fn admin(size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Admin, size, true);
    let body = Box::new(AnswerBody::People(vec![eva()]));
    update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
    model
}

/// The question about accounts among the effects, answered.
fn told(model: &mut Model, effects: &[Effect]) {
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::AccountCodes } => Some(*request),
        _ => None,
    });
    let code = |id: u32, code: &str, desk: &str| AccountCode {
        account: AccountId(id),
        code: code.into(),
        desk_code: desk.into(),
        currency: Currency::USD,
    };
    let rows = vec![code(1, "A1001", "EQ1"), code(2, "A1002", "EQ1"), code(3, "A2001", "EQ2")];
    let body = Box::new(AnswerBody::AccountCodes(rows));
    update(model, Msg::Answer { request: request.expect("accounts are asked for"), body }, at(500));
}

fn sent(effects: &[Effect]) -> Option<Verb> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { bytes, .. } => Some(Command::from_bytes(bytes).unwrap().verb),
        _ => None,
    })
}

#[test]
fn an_account_is_given_by_as_much_of_its_code_as_it_takes() {
    for size in SIZES {
        let mut model = admin(size);
        let effects = press(&mut model, "v", 100);
        assert!(picture(&model).contains("Fetching"), "{}", picture(&model));
        told(&mut model, &effects);
        press(&mut model, "a 1 Enter", 1_000);
        assert!(picture(&model).contains("go on typing"), "two begin so: {}", picture(&model));
        press(&mut model, "0 0 2 Enter Right", 2_000);
        insta::assert_snapshot!(format!("rights_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("rights_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "Enter Enter", 3_000);
        insta::assert_snapshot!(format!("rights_asked_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("rights_asked_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let verb = sent(&press(&mut model, "Down y", 10_000)).expect("sent after the reason");
        let act = Act::SetRights { user: UserId(6), account: AccountId(2), to: Entrusted::View, until: None };
        assert_eq!(verb, Verb::Manage(Manage { act, why: Why::LostDevice }));
    }
}

#[test]
fn rights_are_given_for_a_time_that_is_said_before_they_are_asked_for() {
    let mut model = admin((120, 40));
    let effects = press(&mut model, "v", 100);
    told(&mut model, &effects);
    press(&mut model, "a 1 0 0 2 Enter Enter 8 x Enter", 1_000);
    assert!(picture(&model).contains("8h, 5d, at most 92d"), "{}", picture(&model));
    press(&mut model, "Ctrl-u 8 h Enter", 2_000);
    let seen = picture(&model);
    assert!(seen.contains("RIGHTS OF eva.koch ON A1002: view and trade until"), "{seen}");
    let Some(Verb::Manage(Manage { act: Act::SetRights { until, .. }, .. })) = sent(&press(&mut model, "y", 10_000))
    else {
        panic!("rights")
    };
    // By the server's clock, which is this one's here.
    assert!(until.is_some_and(|until| until.since(NOON) >= 8 * 3_600 * NS_PER_S), "{until:?}");
}

#[test]
fn a_limit_is_set_from_its_row_or_lifted_by_nothing() {
    for size in SIZES {
        let mut model = admin(size);
        let effects = press(&mut model, "8", 100);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::Ask { request, ask: Ask::LimitTable } => Some(*request),
            _ => None,
        });
        let row = LimitView {
            rule: Rule::MaxNotional,
            scope: "account A1001".into(),
            limit: Figure::Money(Money(2_500_000_000), Currency::USD),
            used: None,
            soft: false,
            overridable: Override::Role(Role::Supervisor),
            since: None,
            set_by: None,
            of: None,
            largest: None,
        };
        let body = Box::new(AnswerBody::Limits(vec![row]));
        update(&mut model, Msg::Answer { request: request.expect("asked"), body }, at(200));
        let effects = press(&mut model, "s", 300);
        told(&mut model, &effects);
        insta::assert_snapshot!(format!("limit_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("limit_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "3 0 0 k Enter", 1_000);
        let seen = picture(&model);
        assert!(seen.contains("LIMIT OF A1001: max_notional 300,000.00 USD"), "{seen}");
        let verb = sent(&press(&mut model, "y", 10_000)).expect("sent");
        let act = |value| Act::SetLimit { account: AccountId(1), rule: Rule::MaxNotional, value };
        assert_eq!(verb, Verb::Manage(Manage { act: act(Some(3_000_000_000)), why: Why::Duties }));
        let effects = press(&mut model, "s", 20_000);
        told(&mut model, &effects);
        press(&mut model, "Ctrl-u Enter", 21_000);
        assert!(picture(&model).contains("max_notional none"), "{}", picture(&model));
        assert_eq!(
            sent(&press(&mut model, "y", 30_000)),
            Some(Verb::Manage(Manage { act: act(None), why: Why::Duties }))
        );
    }
}

#[test]
fn nobody_else_is_offered_either() {
    let mut model = signed_in(Role::Supervisor, (80, 24), true);
    press(&mut model, "8 s", 100);
    assert!(model.modals.is_empty(), "{}", picture(&model));
}

#[test]
fn policy_is_seen_role_by_role_and_a_figure_is_asked_about_before_it_is_sent() {
    for size in SIZES {
        let mut model = admin(size);
        press(&mut model, "8", 100);
        let effects = press(&mut model, "p", 200);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::Ask { request, ask: Ask::Policies } => Some(*request),
            _ => None,
        });
        let row = |policy, role, value| PolicyView { policy, role, value };
        let rows = vec![
            row(Policy::StepUpNotional, Role::Broker, Some(1_000_000_000)),
            row(Policy::ApprovalNotional, Role::Broker, None),
            row(Policy::SecurityKey, Role::Broker, None),
            row(Policy::SecurityKey, Role::Admin, Some(1)),
            row(Policy::StepUpNotional, Role::Customer, Some(100_000_000)),
        ];
        let body = Box::new(AnswerBody::Policies(rows));
        update(&mut model, Msg::Answer { request: request.expect("asked"), body }, at(300));
        insta::assert_snapshot!(format!("policy_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("policy_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "Down Ctrl-u 2 0 0 0 0 0 Enter", 2_000);
        let seen = picture(&model);
        assert!(seen.contains("200,000.00") && seen.contains("after a code"), "{seen}");
        assert!(sent(&press(&mut model, "y", 10_000)).is_some());
    }
}
