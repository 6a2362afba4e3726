//! Ten failures, a revoked device, a right taken away: what a person loses while they are signed in, as it looks on the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use quinn::RecvStream;
use turret_certs::{Profile, tls, transport};
use turret_shared::account::Rights;
use turret_shared::command::Verb;
use turret_shared::event::Event;
use turret_shared::event::setup::{DeviceRevoked, EntitlementScope, EntitlementSet};
use turret_shared::ids::{AccountId, CorrelationId, DeviceId, PendingId, Sequence, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::secret::SecretText;
use turret_shared::wire::ALPN;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::admin::Admin;
use wire::client::{Control, Pem, close_code, connect, connect_as, now_s, server_name};
use wire::desk::Person;
use wire::feed;
use wire::house::House;

/// Failures in a row that lock.
const FAILURES: usize = 10;

/// One sign-in that must fail: the bytes heard, the id to quote aside, and the seconds to wait.
async fn failure(house: &House, person: &Person, password: &str, code: &str) -> (Vec<Vec<u8>>, u32) {
    let (mut control, _) = Control::hello(person, house.address).await;
    let secret = |text: &str| SecretText::new(text.to_owned());
    control.say(&ClientFrame::Password { login: person.login.clone(), password: secret(password) }).await;
    let first = control.try_hear_bytes().await.unwrap();
    control.say(&ClientFrame::Code { code: secret(code) }).await;
    match control.hear().await {
        ServerFrame::SignInFailed { retry_after_s, .. } => {
            let bare = ServerFrame::SignInFailed { correlation: CorrelationId(0), retry_after_s };
            (vec![first, minicbor::to_vec(bare).unwrap()], retry_after_s)
        }
        other => panic!("{other:?}"),
    }
}

/// Rows of one kind in the audit, as support sees them.
async fn audited(support: &Control, action: &str) -> usize {
    support.found(AuditFilter { action: Some(action.into()), ..AuditFilter::default() }).await.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_wrong_passwords_lock_and_the_right_one_then_gets_the_same_answer() {
    let house = House::open().await;
    let (bob, mia) = (house.person("bob.ray"), house.person("mia.ortiz"));
    let (support, _) = Control::entered(&mia, house.address, house.clock.step()).await;
    let mut last = (Vec::new(), 0);
    for _ in 0..FAILURES {
        let code = bob.code_of(house.clock.step());
        last = failure(&house, &bob, "not the password at all", &code).await;
        house.clock.advance_s(last.1);
    }
    while audited(&support, "device_locked").await == 0 {}
    // Everything right, and every byte the same; for as long as anyone tries.
    for _ in 0..3 {
        house.clock.advance_s(30);
        let code = bob.code_of(house.clock.step());
        let right = failure(&house, &bob, &bob.password, &code).await;
        assert_eq!(right.0, last.0);
        house.clock.advance_s(right.1);
    }
    assert_eq!(audited(&support, "device_locked").await, 1, "a lock is one fact");
    // It is theirs alone: a colleague signs in.
    let ann = house.person("ann.lee");
    Control::entered(&ann, house.address, house.clock.step()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_let_in_again_begins_anew_and_its_story_is_its_owners() {
    let house = House::open().await;
    let bob = house.person("bob.ray");
    let mut admin = Admin::sign_in(&house).await;
    // A frame out of turn: nobody signed in for it, but it came from his device.
    let (mut stray, _) = Control::hello(&bob, house.address).await;
    stray.say(&ClientFrame::Activity).await;
    stray.closed().await;
    for _ in 0..FAILURES {
        let code = bob.code_of(house.clock.step());
        let (_, wait_s) = failure(&house, &bob, "not the password at all", &code).await;
        house.clock.advance_s(wait_s);
    }
    while audited(&admin.control, "device_locked").await == 0 {}
    let (_, longest) = failure(&house, &bob, "nor this one", "000000").await;
    house.clock.advance_s(longest);
    assert_eq!(longest, 10, "the pace outlasts the lock");
    let AnswerBody::People(people) = admin.control.ask(Ask::People).await.remove(0).body else { panic!("people") };
    let user = people.iter().find(|person| person.login == "bob.ray").unwrap().user;
    let act = Act::LockUser { user, locked: false };
    let done = admin.done(Verb::Manage(Manage { act, why: Why::Asked })).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    // The edge hears of it a moment later; until then a failure counts on.
    let mut waits = Vec::new();
    while waits.last() != Some(&1) {
        assert!(waits.len() < 5, "what was failed at before the lock is paid for: {waits:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let (_, wait_s) = failure(&house, &bob, "once more not it", "000000").await;
        house.clock.advance_s(wait_s);
        waits.push(wait_s);
    }
    house.clock.advance_s(30);
    let (_, signed_in) = Control::entered(&bob, house.address, house.clock.step()).await;
    assert_eq!(signed_in.user.user, user);
    let story = admin.control.story("bob.ray").await;
    for word in ["device_registered", "device_locked", "bad_input", "managed", "signed_in"] {
        assert!(story.iter().any(|action| action == word), "{word} in {story:?}");
    }
    assert_eq!(story.iter().filter(|action| *action == "device_locked").count(), 2, "and let in again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_codes_in_a_session_locks_as_at_the_door_and_ends_it() {
    let house = House::open().await;
    let bob = house.person("bob.ray");
    let (mut control, signed_in) = Control::entered(&bob, house.address, house.clock.step()).await;
    for guess in 0..FAILURES as u64 {
        let code = SecretText::new(format!("{guess:06}x"));
        control.say(&ClientFrame::Proof { request: guess, pending: vec![PendingId(1)], code }).await;
        if guess + 1 == FAILURES as u64 {
            break;
        }
        match control.outcome(guess).await {
            Outcome::ProofRefused { spent: false, .. } | Outcome::Proof(_) => {}
            other => panic!("{other:?}"),
        }
        house.clock.advance_s(10);
    }
    // The answer to the last guess and the end of the session race; the end comes.
    let ended = loop {
        if let ServerFrame::SessionEnded { reason } = control.hear_news().await {
            break reason;
        }
    };
    assert_eq!(ended, SessionEnd::DeviceLocked);
    control.closed().await;
    let (_, answer) = Control::resume(&bob, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    house.clock.advance_s(60);
    let code = bob.code_of(house.clock.step());
    failure(&house, &bob, &bob.password, &code).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_is_out_at_once_and_stays_out() {
    let house = House::open().await;
    let (ann, bob) = (house.person("ann.lee"), house.person("bob.ray"));
    let (mut control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    let (other, _) = Control::entered(&bob, house.address, house.clock.step()).await;
    // One that has only said hello goes too.
    let (mut waiting, _) = Control::hello(&ann, house.address).await;
    house.fact(Event::DeviceRevoked(DeviceRevoked { device: DeviceId(1) })).await;
    let ended = control.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::DeviceRevoked }), "{ended:?}");
    assert_eq!(control.closed().await, CloseCode::DeviceRefused);
    assert_eq!(waiting.closed().await, CloseCode::DeviceRefused);
    // Neither its token nor its certificate brings it back.
    drop(signed_in);
    let refused = match connect(&ann, house.address).await {
        Ok(connection) => tokio::time::timeout(wire::PATIENCE, connection.closed()).await.expect("a close"),
        Err(error) => error,
    };
    assert_eq!(close_code(&refused), CloseCode::DeviceRefused);
    assert!(!other.ask(Ask::Accounts).await.is_empty(), "nobody else is touched");
}

/// Reads on until a message has an item as wanted; everything read, and how far it goes.
async fn until(feed: &mut RecvStream, wanted: impl Fn(&FeedItem) -> bool) -> (Vec<FeedItem>, Sequence) {
    let mut items = Vec::new();
    loop {
        let message = feed::next(feed).await;
        let found = message.items.iter().any(&wanted);
        items.extend(message.items);
        if found {
            return (items, message.through);
        }
    }
}

/// Takes the sight of an account from a person.
async fn blind(house: &House, user: u32, account: AccountId) {
    house
        .fact(Event::EntitlementSet(EntitlementSet {
            user: UserId(user),
            scope: EntitlementScope::Account(account),
            allow: Rights::default(),
            deny: Rights::VIEW,
        }))
        .await;
}

fn accounts(items: &[FeedItem]) -> Vec<AccountId> {
    let account = |item: &FeedItem| if let FeedItem::Account(row) = item { Some(row.account) } else { None };
    items.iter().filter_map(account).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_taken_away_is_purged_at_once_and_when_the_feed_is_taken_up_again() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let (mut control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    let mut feed = feed::start(&mut control, None).await;
    let (items, _) = until(&mut feed, |item| matches!(item, FeedItem::SnapshotEnd)).await;
    assert!(accounts(&items).contains(&AccountId(1)) && accounts(&items).contains(&AccountId(2)));
    blind(&house, 1, AccountId(1)).await;
    let (items, through) = until(&mut feed, |item| matches!(item, FeedItem::Purge(_))).await;
    assert!(items.iter().all(|item| !matches!(item, FeedItem::Purge(account) if *account != AccountId(1))));
    // Lost while away: who resumes is made to forget everything, and gets back what is still theirs.
    drop(control);
    blind(&house, 1, AccountId(2)).await;
    let (mut control, answer) = Control::resume(&ann, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
    let mut feed = feed::start(&mut control, Some(through)).await;
    let (items, _) = until(&mut feed, |item| matches!(item, FeedItem::SnapshotEnd)).await;
    assert!(matches!(items[0], FeedItem::Gap | FeedItem::SnapshotBegin), "{:?}", items[0]);
    assert_eq!(accounts(&items), [AccountId(3)]);
    // What one asks is the same as what one is told.
    let AnswerBody::Accounts(rows) = control.ask(Ask::Accounts).await.remove(0).body else { panic!("accounts") };
    assert_eq!(rows.iter().map(|row| row.account).collect::<Vec<_>>(), [AccountId(3)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_our_own_authority_lets_in_nobody_who_is_not_registered_with_that_key() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let pem = Pem::of(&ann);
    // A device nobody registered, and a registered one under another key.
    for device in [DeviceId(9_999), DeviceId(1)] {
        let issued = house.authority.issue(&Profile::Device(device), now_s()).unwrap();
        let credentials = tls::Credentials {
            authority_pem: &pem.authority,
            certificate_pem: &issued.certificate_pem,
            key_pem: &issued.key_pem,
        };
        let config = transport::client(&credentials, ALPN).unwrap();
        let refused = match connect_as(config, &server_name(&ann), house.address).await {
            Ok(connection) => tokio::time::timeout(wire::PATIENCE, connection.closed()).await.expect("a close"),
            Err(error) => error,
        };
        assert_eq!(close_code(&refused), CloseCode::DeviceRefused, "{device:?}");
    }
    Control::entered(&ann, house.address, house.clock.step()).await;
}
