//! What whoever runs users is told of one person, and what a supervisor is told of limits: from the engine; no real codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, SessionInput, views};
use turret_shared::account::Rights;
use turret_shared::denial::{DenialCode, Figure, Rule};
use turret_shared::event::Event;
use turret_shared::event::session::SignInFault;
use turret_shared::event::setup::{CredentialKind, EntitlementScope, EntitlementSet, LimitScope, LimitSet};
use turret_shared::ids::{AccountId, CorrelationId, UserId};
use turret_shared::order::Side;
use turret_shared::people::{DeviceState, LockCause};
use turret_shared::role::Role;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, EVA, KIM, MIA, SAM, device_of};

fn set_up(desk: &mut Desk, event: Event) {
    let decision = desk.input(Input::Setup(operator(), Box::new(event)));
    assert_eq!(decision.fault, None);
}

#[test]
fn a_person_is_told_with_lock_failures_rights_factors_and_who_covers_them() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    let taken = EntitlementSet {
        user: ANN,
        scope: EntitlementScope::Account(AccountId(2)),
        allow: Rights::default(),
        deny: Rights::TRADE,
    };
    set_up(&mut desk, Event::EntitlementSet(taken));
    let (device, now) = (device_of(ANN).0, desk.state.now());
    let failed = SessionInput::Failed {
        user: Some(ANN),
        device: Some(device),
        fault: SignInFault::Code,
        count: 7,
        first: now,
        source: None,
        correlation: CorrelationId(4),
    };
    desk.input(Input::Session(failed));
    let lock = SessionInput::LockDevice {
        device,
        locked: true,
        fault: Some(SignInFault::Code),
        correlation: CorrelationId(5),
    };
    desk.input(Input::Session(lock));

    let facts = views::person(&desk.state, SAM, ANN).expect("who runs users may ask");
    let failed = facts.failed.expect("it failed");
    assert_eq!((failed.device, failed.fault), (Some(device), SignInFault::Code));
    assert_eq!(facts.last_in.map(|(_, on)| on), Some(Some(device)));
    let own = facts.devices.iter().find(|row| row.device == device).expect("hers");
    assert_eq!((own.state, own.locked_for, own.locked_by), (DeviceState::Locked, Some(LockCause::Failures), None));
    assert!(own.locked_since.is_some_and(|since| since >= now));
    assert!(facts.sessions.is_empty(), "her session ended with the lock");
    let kinds: Vec<_> = facts.factors.iter().map(|factor| factor.kind).collect();
    assert!(kinds.contains(&CredentialKind::Totp) && facts.factors.iter().all(|factor| factor.since.is_some()));
    let account = |code: &str| facts.accounts.iter().find(|row| row.code == code).expect("an account of her desk");
    assert!(account("A1001").rights.has(Rights::TRADE) && !account("A1001").by_account);
    assert!(!account("A1002").rights.has(Rights::TRADE) && account("A1002").by_account);
    assert!(facts.grants.iter().any(|grant| grant.code == "A1002" && grant.deny == Rights::TRADE));
    assert!(facts.cover.contains(&KIM) && !facts.cover.contains(&ANN) && !facts.cover.contains(&EVA));
    assert!(facts.limits.iter().any(|row| row.scope == "role broker" && row.rule == Rule::MaxNotional));
    assert!(facts.limits.iter().all(|row| row.rule != Rule::BuyingPower && row.largest.is_none()), "nobody's cash");

    assert_eq!(views::person(&desk.state, SAM, UserId(900)).map(drop), Err(DenialCode::UnknownTarget));
    for other in [ANN, KIM, EVA] {
        assert_eq!(views::person(&desk.state, other, ANN).map(drop), Err(DenialCode::NotPermitted));
    }
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_supervisor_sees_what_binds_each_trader_and_how_much_they_use() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 300, 19_000);
    desk.ack(order);
    let limit =
        LimitSet { scope: LimitScope::Account(AccountId(1)), rule: Rule::MaxQuantity, value: Some(1_000_000_000) };
    set_up(&mut desk, Event::LimitSet(limit));
    let rows = views::limit_table(&desk.state, KIM).expect("supervisors see limits");
    let of_broker = |rule: Rule| rows.iter().filter(move |row| row.rule == rule && row.scope == "role broker");
    let rates: Vec<_> = of_broker(Rule::OrderRate).map(|row| (row.of, row.used.clone())).collect();
    assert!(rates.contains(&(Some(ANN), Some(Figure::Count(1)))), "{rates:?}");
    let largest = of_broker(Rule::MaxNotional).find_map(|row| row.largest.clone());
    assert_eq!(largest.map(|figure| figure.to_string()), Some("57000.00 USD".to_owned()));
    let account = rows.iter().find(|row| row.rule == Rule::MaxQuantity && row.scope == "account A1001").expect("set");
    assert_eq!(account.largest.as_ref().map(ToString::to_string), Some("300".to_owned()));
    assert_eq!((account.since, account.set_by), (Some(desk.state.now()), None), "set by whoever runs the server");
    assert!(rows.iter().any(|row| row.rule == Rule::BuyingPower));

    // What stands on accounts they may not look into is none of a broker's, nor of an admin's.
    let admin = views::limit_table(&desk.state, SAM).expect("admins see limits");
    assert!(admin.iter().all(|row| row.largest.is_none() && row.rule != Rule::BuyingPower));
    assert!(Role::ALL.iter().filter(|role| admin.iter().any(|row| row.scope == format!("role {role}"))).count() > 1);
}

#[test]
fn who_reads_the_log_knows_the_codes_of_the_accounts_they_see_and_who_runs_users_every_one() {
    let desk = Desk::new();
    let codes = |user| {
        let rows = views::account_codes(&desk.state, user)?;
        Ok::<Vec<String>, DenialCode>(rows.into_iter().map(|row| row.code).collect())
    };
    let all = ["A1001", "A1002", "A2001", "A9001"].map(String::from);
    assert_eq!(codes(SAM), Ok(all.to_vec()));
    // Support may look at one desk here, a supervisor watches the same.
    for user in [MIA, KIM] {
        assert_eq!(codes(user), Ok(all[..2].to_vec()));
    }
    for user in [ANN, EVA] {
        assert_eq!(codes(user), Err(DenialCode::NotPermitted));
    }
}
