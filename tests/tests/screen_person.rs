//! The pane of one person on the users' screen: asked for one at a time, drawn at three sizes; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::{Colours, Effect, Look, Model, Msg, update};
use turret_shared::account::Rights;
use turret_shared::denial::{Figure, Override, Rule};
use turret_shared::event::session::SignInFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{AccountId, CorrelationId, DeviceId, Sequence, UserId};
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView};
use turret_shared::person::{EntrustedView, FactorView, FailedSignIn, GrantView, PersonFacts};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::{AuditView, LimitView};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, at, painting, person, picture, press, signed_in};

const DAY_S: i64 = 86_400;

fn before(seconds: i64) -> Timestamp {
    NOON.after_ns(-seconds * NS_PER_S)
}

fn at_work(id: u32, login: &str, name: &str, role: Option<Role>) -> PersonView {
    let ill = id == 3;
    PersonView {
        name: name.into(),
        devices_locked: u32::from(ill),
        sessions: u32::from(!ill),
        working: if ill { 3 } else { 0 },
        last_in: (id != 4).then(|| before(4_800)),
        failures: if ill { 7 } else { 0 },
        ..person(id, login, role)
    }
}

fn entry(sequence: u64, seconds: i64, who: &str, action: &str, outcome: &str, detail: &str, reason: &str) -> AuditView {
    AuditView {
        sequence: Sequence(sequence),
        time: before(seconds),
        who: who.into(),
        action: action.into(),
        object: "cho.min".into(),
        outcome: outcome.into(),
        reason: reason.into(),
        detail: detail.into(),
        correlation: CorrelationId::default(),
        session: None,
        order_id: None,
        leaf: vec![0x5d; 32],
        cl_ord_id: None,
    }
}

fn history() -> Vec<AuditView> {
    vec![
        entry(48_229, 450, "engine", "device_locked", "flagged", "locked", "code"),
        entry(48_220, 460, "engine", "sign_in_failed", "failed", "cho.min, 7 times", "code"),
        entry(47_000, 4_800, "cho.min", "signed_in", "ok", "cho.min on device 7", ""),
        entry(2_400, 30 * DAY_S, "sam.wood", "managed", "ok", "create cho.min: broker, EQ1", "duties"),
    ]
}

fn facts(user: u32) -> PersonFacts {
    let trade = Rights::VIEW.with(Rights::TRADE).with(Rights::ALLOCATE);
    let account = |id: u32, rights, by_account| EntrustedView {
        account: AccountId(id),
        code: format!("A100{id}"),
        desk_code: "EQ1".into(),
        rights,
        by_account,
    };
    let limit = |rule: Rule, limit: Figure, set_by: Option<UserId>| LimitView {
        rule,
        scope: "role broker".into(),
        limit,
        used: None,
        soft: false,
        overridable: Override::Role(Role::Supervisor),
        since: Some(before(30 * DAY_S)),
        set_by,
        of: None,
        largest: None,
    };
    let device = DeviceView {
        device: DeviceId(7),
        user: UserId(user),
        login: "cho.min".into(),
        state: DeviceState::Locked,
        sessions: 0,
        key: "5dc94328aa01bb02".into(),
        locked_for: Some(LockCause::Failures),
        registered: before(30 * DAY_S),
        last_in: Some(before(4_800)),
        failures: 7,
        locked_since: Some(before(450)),
        locked_by: None,
        name: String::new(),
        certificate_ends: Some(before(-5 * DAY_S)),
        place: "10.4.1.27".into(),
    };
    PersonFacts {
        user: UserId(user),
        made: Some(before(30 * DAY_S)),
        role_since: Some(before(30 * DAY_S)),
        desk_since: Some(before(30 * DAY_S)),
        last_in: Some((before(4_800), Some(DeviceId(7)))),
        failed: Some(FailedSignIn { at: before(460), device: Some(DeviceId(7)), fault: SignInFault::Code }),
        factors: [CredentialKind::Password, CredentialKind::Totp]
            .map(|kind| FactorView { kind, since: Some(before(30 * DAY_S)), expired: false })
            .to_vec(),
        grants: vec![GrantView {
            until: None,
            desk: None,
            account: Some(AccountId(3)),
            code: "A1003".into(),
            allow: Rights::default(),
            deny: Rights::TRADE,
        }],
        accounts: vec![account(1, trade, false), account(2, trade, false), account(3, Rights::VIEW, true)],
        accounts_more: 0,
        devices: vec![device],
        sessions: Vec::new(),
        limits: vec![
            limit(Rule::MaxQuantity, Figure::Qty(Qty(4_000_000_000)), None),
            limit(Rule::MaxNotional, Figure::Money(Money(2_500_000_000), Currency::USD), Some(UserId(1))),
            limit(Rule::PriceCollar, Figure::Count(500), None),
            limit(Rule::OrderRate, Figure::Count(60), None),
        ],
        cover: vec![UserId(5), UserId(2)],
        history: history(),
    }
}

fn question(effects: &[Effect]) -> Option<(Request, UserId)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Person(user) } => Some((*request, *user)),
        _ => None,
    })
}

/// The list told, the cursor on the first of it.
fn listed(size: (u16, u16)) -> (Model, Vec<Effect>) {
    let mut model = signed_in(Role::Admin, size, true);
    let people = vec![
        at_work(2, "ann.lee", "Ann Lee", Some(Role::Broker)),
        at_work(3, "cho.min", "Cho Min-jun", Some(Role::Broker)),
        at_work(4, "dee.fox", "Dee Fox", None),
        at_work(5, "kim.ito", "Kim Ito", Some(Role::Supervisor)),
        at_work(1, "sam.wood", "Sam Wood", Some(Role::Admin)),
    ];
    let body = Box::new(AnswerBody::People(people));
    let effects = update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
    (model, effects)
}

fn answer(model: &mut Model, request: Request, user: u32, ms: u64) -> Vec<Effect> {
    let body = Box::new(AnswerBody::Person(Box::new(facts(user))));
    update(model, Msg::Answer { request, body }, at(ms))
}

#[test]
fn the_person_under_the_cursor_is_told_in_full() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let (mut model, effects) = listed(size);
        let (request, user) = question(&effects).expect("the first of the list is asked for");
        assert_eq!(user, UserId(2));
        let effects = press(&mut model, "n", 100);
        assert_eq!(question(&effects), None, "one question at a time");
        let effects = answer(&mut model, request, 2, 200);
        let (request, user) = question(&effects).expect("the one the cursor stands on by then");
        assert_eq!(user, UserId(3));
        assert!(picture(&model).contains("Fetching"), "nothing of another is shown meanwhile");
        answer(&mut model, request, 3, 300);
        let seen = picture(&model);
        insta::assert_snapshot!(format!("person_{}x{}", size.0, size.1), seen);
        for told in ["wrong codes, device 7", "kim.ito, ann.lee", "view trade allocate: A1001", "250,000.00"] {
            assert!(seen.contains(told), "{told} at {size:?}: {seen}");
        }
        let plain = model.look;
        model.look = Look { ascii: false, colours: Colours::True, ..plain };
        insta::assert_snapshot!(format!("person_{}x{}_colour", size.0, size.1), painting(&model));
        model.look = plain;
        assert!(size.0 < 120 || seen.contains("You cannot unlock, promote or limit"), "{seen}");
    }
}

#[test]
fn what_could_not_be_had_says_why_and_is_asked_for_again() {
    let (mut model, effects) = listed((120, 40));
    let (request, _) = question(&effects).expect("asked");
    let effects = update(&mut model, Msg::NoAnswer { request, why: "busy".into() }, at(100));
    assert_eq!(question(&effects), None, "not at once");
    assert!(picture(&model).contains("be had: busy"), "{}", picture(&model));
    let effects = update(&mut model, Msg::Tick, at(20_000));
    assert!(question(&effects).is_some(), "but while it is looked at");
}

#[test]
fn people_are_sought_as_typed_and_n_finds_who_is_hidden() {
    let (mut model, _) = listed((120, 40));
    let logins = |model: &Model| {
        let seen = picture(model);
        let all = ["ann.lee", "cho.min", "dee.fox", "kim.ito", "sam.wood"];
        let line = |login: &&str| seen.lines().any(|line| line.get(3..).is_some_and(|text| text.starts_with(login)));
        all.into_iter().filter(|login| line(login)).collect::<Vec<_>>().join(" ")
    };
    press(&mut model, "/ b r o k", 1_000);
    assert_eq!(logins(&model), "ann.lee cho.min", "{}", picture(&model));
    press(&mut model, "Enter", 2_000);
    press(&mut model, "j", 3_000);
    assert_eq!(model.users.chosen_person().map(|person| person.user), Some(UserId(3)));
    press(&mut model, "/ Esc / s u p e r v", 4_000);
    assert_eq!(logins(&model), "kim.ito");
    assert_eq!(
        model.users.chosen_person().map(|person| person.user),
        Some(UserId(5)),
        "no key acts on one out of sight"
    );
    press(&mut model, "/ x x", 5_000);
    assert!(picture(&model).contains("Nothing fits the filter: Esc clears it."), "{}", picture(&model));
    assert!(model.users.chosen_person().is_none());
    press(&mut model, "Enter n", 6_000);
    assert_eq!(model.users.chosen_person().map(|person| person.user), Some(UserId(3)), "{}", picture(&model));
    assert_eq!(logins(&model).split(' ').count(), 5);
}
