//! What whoever runs users is told over the wire of people, sessions and devices, and that nobody else is; no waiting.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_server::clock::Clock as _;
use turret_shared::account::Rights;
use turret_shared::command::{NewUser, Verb};
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::ids::DeskId;
use turret_shared::manage::{Act, Entrusted, Why};
use turret_shared::people::DeviceState;
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Admin;
use wire::client::{Control, command};
use wire::house::House;

async fn asked(control: &Control, ask: Ask) -> AnswerBody {
    control.ask(ask).await.pop().expect("an answer").body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_in_is_told_with_place_and_idle_time_to_those_who_run_users() {
    let house = House::open().await;
    let (ann, _) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    let (sam, _) = Control::entered(&house.person("sam.wood"), house.address, house.clock.step()).await;
    house.clock.advance_s(75);
    let AnswerBody::Sessions(rows) = asked(&sam, Ask::Sessions).await else { panic!("sessions") };
    let logins: Vec<_> =
        rows.iter().map(|row| (row.login.as_str(), row.role, row.place.as_str(), row.idle_s)).collect();
    let here = |login, role| (login, Some(role), "127.0.0.1", Some(75));
    assert_eq!(logins, [here("ann.lee", Role::Broker), here("sam.wood", Role::Admin)]);

    let AnswerBody::Devices(devices) = asked(&sam, Ask::Devices).await else { panic!("devices") };
    let anns: Vec<_> = devices.iter().filter(|device| device.login == "ann.lee").collect();
    assert!(anns.iter().any(|device| device.state == DeviceState::Active && device.sessions == 1), "{anns:?}");
    let lasts = anns.iter().filter_map(|device| device.certificate_ends).next().expect("shown at the handshake");
    assert!(lasts > house.clock.wall() && anns.iter().any(|device| device.place == "127.0.0.1"), "{anns:?}");
    assert!(rows.iter().all(|row| row.round_trip_us.is_some_and(|us| us > 0)), "{rows:?}");
    assert!(rows.iter().all(|row| row.version == env!("CARGO_PKG_VERSION")), "{rows:?}");

    let AnswerBody::People(people) = asked(&sam, Ask::People).await else { panic!("people") };
    let person = people.iter().find(|person| person.login == "ann.lee").expect("ann");
    assert_eq!((person.sessions, person.second_factor, person.desk_code.as_str()), (1, true, "EQ1"));

    let AnswerBody::Person(facts) = asked(&sam, Ask::Person(person.user)).await else { panic!("person") };
    assert_eq!((facts.user, facts.sessions.len(), facts.sessions[0].place.as_str()), (person.user, 1, "127.0.0.1"));
    assert_eq!((facts.sessions[0].idle_s, facts.devices[0].login.as_str()), (Some(75), "ann.lee"));
    assert!(facts.last_in.is_some() && facts.accounts.iter().any(|account| account.code == "A1001"), "{facts:?}");
    let history: Vec<_> = facts.history.iter().map(|row| row.action.as_str()).collect();
    assert!(history.contains(&"signed_in") && history.contains(&"user_created"), "{history:?}");
    assert!(facts.history.is_sorted_by(|a, b| a.sequence > b.sequence), "newest first: {history:?}");

    let AnswerBody::Limits(all) = asked(&sam, Ask::LimitTable).await else { panic!("limits") };
    let AnswerBody::Limits(own) = asked(&ann, Ask::LimitTable).await else { panic!("limits") };
    assert!(all.iter().any(|row| row.scope == "role customer"), "{all:?}");
    assert!(all.iter().all(|row| row.rule != Rule::BuyingPower), "nobody's cash");
    assert!(own.iter().all(|row| row.scope == "role broker" || row.scope.starts_with("account ")), "{own:?}");

    for ask in [Ask::Sessions, Ask::Devices, Ask::People, Ask::Person(person.user)] {
        let answer = asked(&ann, ask).await;
        assert!(matches!(answer, AnswerBody::Denied { code: DenialCode::NotPermitted, .. }), "{answer:?}");
    }
}

fn new_user(login: &str, name: &str) -> Verb {
    let (login, name) = (login.into(), name.into());
    Verb::CreateUser(NewUser { login, name, role: Role::Broker, why: Why::Duties, desk: Some(DeskId(1)) })
}

fn denied(outcome: &Outcome) -> DenialCode {
    match outcome {
        Outcome::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_created_is_listed_by_name_and_the_name_is_not_in_the_log() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let created = sam.done(new_user("gus.fox", "Gus Fox")).await;
    assert!(matches!(created, Outcome::Managed), "{created:?}");
    let gus = loop {
        // The replica follows a moment behind.
        let AnswerBody::People(people) = asked(&sam.control, Ask::People).await else { panic!("people") };
        if let Some(gus) = people.into_iter().find(|person| person.login == "gus.fox") {
            break gus;
        }
    };
    assert_eq!((gus.name.as_str(), gus.role, gus.desk_code.as_str()), ("Gus Fox", Some(Role::Broker), "EQ1"));
    assert_eq!((gus.second_factor, gus.devices), (false, 0));

    assert_eq!(denied(&sam.ask(new_user("gus.fox", "Another")).await), DenialCode::LoginTaken);
    assert_eq!(denied(&sam.ask(new_user("Gus Fox", "Another")).await), DenialCode::Invalid);
    assert_eq!(denied(&sam.ask(new_user("gus.wu", "\u{202e}suG")).await), DenialCode::Invalid);
    // Somebody who may create nobody leaves no name behind.
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    let request = ann.command_bytes(command(new_user("kit.roe", "Kit Roe")).to_bytes()).await;
    assert_eq!(denied(&ann.outcome(request).await), DenialCode::NotPermitted);
    assert!(matches!(sam.ask(new_user("kit.roe", "Kit Roe")).await, Outcome::StepUp { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_on_an_account_come_and_go_within_a_live_session_and_stand_in_the_history() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let (eva, _) = Control::entered(&house.person("eva.koch"), house.address, house.clock.step()).await;
    let AnswerBody::AccountCodes(codes) = asked(&sam.control, Ask::AccountCodes).await else { panic!("codes") };
    let account = codes.iter().find(|row| row.code == "A1001").expect("seeded").account;
    let AnswerBody::People(people) = asked(&sam.control, Ask::People).await else { panic!("people") };
    let user = people.iter().find(|person| person.login == "eva.koch").expect("seeded").user;
    // Codes are the house's: support knows them, and no client knows another's.
    let (mia, _) = Control::entered(&house.person("mia.ortiz"), house.address, house.clock.step()).await;
    let AnswerBody::AccountCodes(seen) = asked(&mia, Ask::AccountCodes).await else { panic!("codes") };
    assert_eq!(seen, codes, "support sees every account");
    let answer = asked(&eva, Ask::AccountCodes).await;
    assert!(matches!(answer, AnswerBody::Denied { code: DenialCode::NotPermitted, .. }), "{answer:?}");

    for (to, seen) in [(Entrusted::View, true), (Entrusted::Nothing, false), (Entrusted::Trade, true)] {
        assert!(matches!(sam.act(Act::SetRights { user, account, to, until: None }).await, Outcome::Managed));
        let mut tries = 0;
        loop {
            // The replica follows a moment behind.
            let AnswerBody::Accounts(rows) = asked(&eva, Ask::Accounts).await else { panic!("accounts") };
            if rows.iter().any(|row| row.account == account) == seen {
                break;
            }
            tries += 1;
            assert!(tries < 1_000, "{to:?}: {rows:?}");
        }
    }
    let limit = Act::SetLimit { account, rule: Rule::OrderRate, value: Some(7) };
    assert!(matches!(sam.act(limit).await, Outcome::Managed));
    let AnswerBody::Person(facts) = asked(&sam.control, Ask::Person(user)).await else { panic!("person") };
    let row = facts.accounts.iter().find(|row| row.account == account).expect("hers now");
    assert!(row.by_account && row.rights.has(Rights::TRADE));
    let acts: Vec<_> = facts.history.iter().filter(|row| row.action == "managed").map(|row| &row.detail).collect();
    assert_eq!(acts.len(), 3, "{:?}", facts.history);
    assert_eq!(acts[0], "eva.koch on A1001: view and trade");
    assert!(facts.history.iter().all(|row| row.action != "entitlement_set" || row.who == "operator"));
}
