//! Bans over the wire: an admin sets one by hand and lifts it, and the source is out meanwhile and nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use turret_shared::ban::{BanView, NewBan};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::ids::BanId;
use turret_shared::limits::BAN_MINUTES_MAX;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::admin::Admin;
use wire::client::{Control, Pem, server_name};
use wire::desk::Person;
use wire::house::House;

const SOURCE: &str = "127.0.0.7";

/// Whether a device of ours is let in from there.
async fn lets_in(person: &Person, from: &str, address: SocketAddr) -> bool {
    let endpoint = quinn::Endpoint::client(format!("{from}:0").parse().unwrap()).unwrap();
    let pem = Pem::of(person);
    let config = turret_certs::transport::client(&pem.credentials(), turret_shared::wire::ALPN).unwrap();
    let attempt = endpoint.connect_with(config, address, &server_name(person)).unwrap();
    matches!(tokio::time::timeout(Duration::from_secs(1), attempt).await, Ok(Ok(_)))
}

fn ban(source: &str, minutes: u32) -> Verb {
    Verb::Ban(NewBan { source: source.into(), minutes, why: Why::Suspicion })
}

async fn listed(control: &Control) -> Vec<BanView> {
    let AnswerBody::Bans(rows) = control.ask(Ask::Bans).await.remove(0).body else { panic!("bans") };
    rows
}

/// The edge follows the log a moment later.
async fn until(mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to be so");
}

fn code(outcome: &Outcome) -> Option<DenialCode> {
    match outcome {
        Outcome::Denied(denial) => Some(denial.code),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_bans_a_source_and_lets_it_in_again_alone() {
    let house = House::open().await;
    let mut admin = Admin::sign_in(&house).await;
    let ann = house.person("ann.lee");
    assert!(lets_in(&ann, SOURCE, house.address).await);
    let done = admin.proved(ban(SOURCE, 60)).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    until(async || listed(&admin.control).await.len() == 1).await;
    let row = listed(&admin.control).await.remove(0);
    let told = (row.source.as_str(), row.why.as_str(), row.by.as_str(), row.times);
    assert_eq!(told, (SOURCE, "suspicion", "sam.wood", 1));
    let left_s = row.until.since(row.since) / 1_000_000_000;
    assert!((3_590..=3_600).contains(&left_s), "{left_s}");
    assert!(!lets_in(&ann, SOURCE, house.address).await, "a device of ours neither: it is about the source");
    assert!(lets_in(&ann, "127.0.0.1", house.address).await);
    // Of the address the log has a commitment only.
    for action in ["ban_set", "managed", "proof_asked"] {
        let found = admin.control.found(AuditFilter { action: Some(action.into()), ..AuditFilter::default() }).await;
        assert!(!found.is_empty() && !format!("{found:?}").contains(SOURCE), "{action}: {found:?}");
    }
    let lift = Verb::Manage(Manage { act: Act::LiftBan { ban: row.ban }, why: Why::Mistake });
    let done = admin.proved(lift.clone()).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    until(async || listed(&admin.control).await.is_empty()).await;
    assert!(lets_in(&ann, SOURCE, house.address).await);
    assert_eq!(code(&admin.ask(lift).await), Some(DenialCode::UnknownBan), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_source_or_one_s_own_is_not_banned_and_it_ends_by_itself() {
    let house = House::open().await;
    let mut admin = Admin::sign_in(&house).await;
    let ann = house.person("ann.lee");
    for (wanted, no) in [
        (ban("127.0.0.1", 60), DenialCode::OwnSource),
        (ban("::ffff:127.0.0.1", 60), DenialCode::OwnSource),
        (ban("desk.example", 60), DenialCode::Invalid),
        (ban("", 60), DenialCode::Invalid),
        (ban(SOURCE, 0), DenialCode::Invalid),
        (ban(SOURCE, BAN_MINUTES_MAX + 1), DenialCode::Invalid),
        (Verb::Manage(Manage { act: Act::LiftBan { ban: BanId(4) }, why: Why::Mistake }), DenialCode::UnknownBan),
    ] {
        assert_eq!(code(&admin.ask(wanted.clone()).await), Some(no), "{wanted:?}");
    }
    let found =
        admin.control.found(AuditFilter { action: Some("manage_denied".into()), ..AuditFilter::default() }).await;
    let told = found.iter().filter(|entry| entry.reason == "own_source").count();
    assert_eq!(told, 2, "every no is in the log: {found:?}");
    assert!(!format!("{found:?}").contains("desk.example"), "and none with what was typed");
    let supervisor = &mut admin.second;
    assert_eq!(code(&supervisor.ask(ban(SOURCE, 60)).await), Some(DenialCode::NotPermitted));
    assert!(matches!(admin.proved(ban(SOURCE, 1)).await, Outcome::Managed));
    until(async || listed(&admin.control).await.len() == 1).await;
    assert!(!lets_in(&ann, SOURCE, house.address).await);
    house.clock.advance_s(61);
    assert!(lets_in(&ann, SOURCE, house.address).await, "by itself");
    assert_eq!(listed(&admin.control).await, []);
}
