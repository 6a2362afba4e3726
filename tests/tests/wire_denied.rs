//! Denied attempts over the wire: in the review queue within a second, counted, reviewed by who may, and out of the queue.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "how long a refusal takes is measured by the clock on the wall")]

mod wire;

use std::time::{Duration, Instant};

use turret_certs::{Authority, Profile, tls};
use turret_shared::attempt::{AttemptKind, AttemptView, Review, ReviewEnd};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::ids::{DeviceId, Sequence, SessionId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::{Control, Pem, command, now_s, server_name};
use wire::desk::Person;
use wire::house::House;

/// A refusal is in the queue within this.
const QUEUED_MAX: Duration = Duration::from_secs(1);

async fn queue(control: &Control) -> Vec<AttemptView> {
    match control.ask(Ask::Attempts).await.remove(0).body {
        AnswerBody::Attempts(rows) => rows,
        other => panic!("attempts, not {other:?}"),
    }
}

/// The open row of a kind and somebody, once it is there, and how long that took.
async fn row(control: &Control, kind: AttemptKind, login: &str, count: u32) -> (AttemptView, Duration) {
    let since = Instant::now();
    loop {
        let fits =
            |row: &AttemptView| row.reviewed.is_none() && row.kind == kind && row.login == login && row.count >= count;
        if let Some(row) = queue(control).await.into_iter().find(fits) {
            return (row, since.elapsed());
        }
        assert!(since.elapsed() < 10 * QUEUED_MAX, "never");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn said(control: &mut Control, row: &AttemptView, end: ReviewEnd) -> Outcome {
    let review = Review { first: row.first, last: row.last, end };
    let request = control.command_bytes(command(Verb::Review(review)).to_bytes()).await;
    control.outcome(request).await
}

fn code(outcome: &Outcome) -> Option<DenialCode> {
    match outcome {
        Outcome::Denied(denial) => Some(denial.code),
        _ => None,
    }
}

/// Somebody with a certificate that is not ours.
async fn knock(like: &Person, house: &House) {
    let pem = Pem::of(like);
    let other = Authority::create("a stranger's", now_s()).unwrap();
    let issued = other.issue(&Profile::Device(DeviceId(1)), now_s()).unwrap();
    let credentials = tls::Credentials {
        authority_pem: &pem.authority,
        certificate_pem: &issued.certificate_pem,
        key_pem: &issued.key_pem,
    };
    let config = turret_certs::transport::client(&credentials, turret_shared::wire::ALPN).unwrap();
    let endpoint = quinn::Endpoint::client("127.0.0.9:0".parse().unwrap()).unwrap();
    let attempt = endpoint.connect_with(config, house.address, &server_name(like)).unwrap();
    if let Ok(connection) = attempt.await {
        connection.closed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_in_the_queue_within_a_second_and_leaves_it_by_a_word_of_who_may() {
    let house = House::open().await;
    let step = house.clock.step();
    let enter = async |login: &str| Control::entered(&house.person(login), house.address, step).await.0;
    let (mut mia, mut sam, mut bob) = (enter("mia.ortiz").await, enter("sam.wood").await, enter("bob.ray").await);
    for _ in 0..2 {
        assert!(matches!(bob.ask(Ask::Bans).await.remove(0).body, AnswerBody::Denied { .. }));
    }
    let (bobs, took) = row(&mia, AttemptKind::Access, "bob.ray", 2).await;
    println!("denied_in_queue_ms {}", took.as_millis());
    assert!(took < QUEUED_MAX, "{took:?}");
    assert_eq!((bobs.count, bobs.reason.as_str()), (2, "not_permitted"));
    // An act on people that is none, a certificate that is not ours.
    let manage = Manage { act: Act::EndSession { session: SessionId(1 << 40) }, why: Why::Mistake };
    let request = sam.command_bytes(command(Verb::Manage(manage)).to_bytes()).await;
    assert_eq!(code(&sam.outcome(request).await), Some(DenialCode::UnknownTarget));
    let (sams, _) = row(&mia, AttemptKind::Manage, "sam.wood", 1).await;
    knock(&house.person("ann.lee"), &house).await;
    let (stranger, took) = row(&mia, AttemptKind::Handshake, "", 1).await;
    assert!(took < QUEUED_MAX && stranger.device.is_none(), "{took:?} {stranger:?}");
    // A broker sees and says nothing of it; nobody has a say in what is about themselves.
    assert!(matches!(bob.ask(Ask::Attempts).await.remove(0).body, AnswerBody::Denied { .. }));
    assert_eq!(code(&said(&mut bob, &stranger, ReviewEnd::Expected).await), Some(DenialCode::NotPermitted));
    assert_eq!(code(&said(&mut sam, &sams, ReviewEnd::Mistake).await), Some(DenialCode::NotYourself));
    // More came since: the word would be on what was not seen.
    assert_eq!(code(&said(&mut mia, &bobs, ReviewEnd::Mistake).await), Some(DenialCode::UnknownAttempts));
    let (bobs, _) = row(&mia, AttemptKind::Access, "bob.ray", 4).await;
    for (one, end) in [(&bobs, ReviewEnd::Mistake), (&stranger, ReviewEnd::Followed), (&sams, ReviewEnd::Expected)] {
        assert!(matches!(said(&mut mia, one, end).await, Outcome::Managed), "{one:?}");
    }
    assert_eq!(code(&said(&mut mia, &bobs, ReviewEnd::Mistake).await), Some(DenialCode::UnknownAttempts), "once");
    let over = loop {
        let rows = queue(&sam).await;
        let of = |row: &&AttemptView| row.first == sams.first && row.reviewed.is_some();
        if let Some(row) = rows.iter().find(of).cloned() {
            break row;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let by = over.reviewed.unwrap();
    assert_eq!((by.login.as_str(), by.end), ("mia.ortiz", ReviewEnd::Expected));
    let rows = mia.found(AuditFilter { action: Some("denial_reviewed".into()), ..AuditFilter::default() }).await;
    assert_eq!(rows.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["expected", "followed", "mistake"]);
    // Its own entry is found by what the row quotes.
    let filter = AuditFilter { correlation: Some(bobs.correlation), ..AuditFilter::default() };
    assert!(mia.found(filter).await.iter().any(|entry| entry.sequence == bobs.last), "{bobs:?}");
    let none = Review { first: Sequence(1 << 40), last: Sequence(1 << 40), end: ReviewEnd::Mistake };
    let request = mia.command_bytes(command(Verb::Review(none)).to_bytes()).await;
    assert_eq!(code(&mia.outcome(request).await), Some(DenialCode::UnknownAttempts));
}
