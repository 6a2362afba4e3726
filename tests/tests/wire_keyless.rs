//! A session that has yet to register the security key its role takes: it reads nothing, over the wire, from the moment the
//! house wants it so; it must assert no time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::time::Duration;

use quinn::RecvStream;
use turret_client::keys::SignWanted;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::InstrumentId;
use turret_shared::role::Role;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};
use wire::client::Control;
use wire::feed;
use wire::house::House;
use wire::keyed::{Holder, registered};
use wire::token::{PIN, drawn, with_pin};

async fn wants_keys(house: &House, role: Role) {
    house.fact(Event::PolicySet(PolicySet { policy: Policy::SecurityKey, role, value: Some(1) })).await;
}

/// Everything up to the end of a snapshot, from its beginning, and the name of what it shows.
async fn snapshot(feed: &mut RecvStream) -> (Vec<FeedItem>, FeedMessage) {
    let mut items = Vec::new();
    loop {
        let message = feed::next(feed).await;
        let last = message.clone();
        for item in message.items {
            match item {
                FeedItem::SnapshotBegin => items.clear(),
                FeedItem::SnapshotEnd => return (items, last),
                other => items.push(other),
            }
        }
    }
}

/// Orders and accounts in it.
fn shows(items: &[FeedItem]) -> usize {
    items
        .iter()
        .filter(|item| matches!(item, FeedItem::Order(_) | FeedItem::Account(_) | FeedItem::Instrument(_)))
        .count()
}

/// What every question is answered with, but for what is one's own, once the replica has heard that it takes a key.
async fn reads_nothing(control: &Control) {
    let whole = AuditFilter::default();
    let asks = [
        Ask::Orders { status: None, account: None, cl_ord_id: None },
        Ask::Accounts,
        Ask::Instruments,
        Ask::Positions(None),
        Ask::Users,
        Ask::Quote("MSFT".into()),
        Ask::Limits("A1001".into()),
        Ask::Audit(Box::new(whole)),
        Ask::Alerts,
    ];
    for ask in asks {
        let asked = format!("{ask:?}");
        let body = loop {
            // The replica follows a moment behind.
            let body = control.ask(ask.clone()).await.remove(0).body;
            if matches!(body, AnswerBody::Denied { .. }) {
                break body;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(matches!(body, AnswerBody::Denied { code: DenialCode::KeyWanted, .. }), "{asked}: {body:?}");
    }
    let own = control.ask(Ask::Own).await.remove(0).body;
    assert!(matches!(own, AnswerBody::Own(_)), "{own:?}");
}

/// Nothing is quoted to it.
async fn is_quoted_nothing(control: &mut Control) {
    control.say(&ClientFrame::Watch { instruments: (0..64).map(InstrumentId).collect() }).await;
    let quoted = tokio::time::timeout(Duration::from_millis(1_500), control.connection.read_datagram()).await;
    assert!(quoted.is_err(), "a picture of the market");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_yet_to_register_a_key_is_told_nothing_but_of_their_own_until_they_come_with_it() {
    let house = House::open().await;
    wants_keys(&house, Role::Broker).await;
    let (_, signed_in) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    assert!(signed_in.cache.is_none(), "what the device keeps stays closed");
    assert!(signed_in.register_key, "and they are told why");
    house.clock.advance_s(30);
    let mut ann = Holder::by_code(&house).await;
    let mut told = feed::start(&mut ann.control, None).await;
    let (items, end) = snapshot(&mut told).await;
    assert!(matches!(&items[..], [FeedItem::User(own)] if own.user == ann.user), "{items:?}");
    reads_nothing(&ann.control).await;
    is_quoted_nothing(&mut ann.control).await;
    // Going on from what it was told is no way past: that begins anew.
    let mut again = feed::start(&mut ann.control, Some(end.through)).await;
    assert_eq!(shows(&snapshot(&mut again).await.0), 0);
    let mut token = with_pin(41);
    let credential = registered(&ann.register(&mut token).await);
    reads_nothing(&ann.control).await;
    // With the key everything is there, whatever is said of what was told before.
    let (mut ann, asked) = Holder::asked_for_key(&house).await;
    let ceremony = ann.ceremony();
    let wanted = SignWanted { intent: ceremony.sign_in(asked.nonce, &asked.keys[0].id) };
    let assertion = token.sign(&wanted, PIN, &drawn()).unwrap();
    ann.control.say(&ClientFrame::Key { credential, assertion }).await;
    let ServerFrame::SignedIn(signed_in) = ann.control.hear().await else { panic!("in") };
    assert!(!signed_in.register_key);
    ann.control.say(&ClientFrame::FeedStart { have: Some(end.through), rights: end.rights }).await;
    let mut told = feed::opened(&ann.control).await;
    let (items, whole) = snapshot(&mut told).await;
    assert!(shows(&items) > 10);
    let names = (whole.rights, end.rights);
    assert!(names.0.is_some() && names.0 != names.1, "what was told then is known by another name: {names:?}");
    assert!(
        matches!(ann.control.ask(Ask::Accounts).await.remove(0).body, AnswerBody::Accounts(rows) if !rows.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_session_goes_blind_the_moment_its_role_takes_a_key_and_only_that_role_does() {
    let house = House::open().await;
    let mut ann = Holder::by_code(&house).await;
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, house.clock.step()).await;
    let mut told = feed::start(&mut ann.control, None).await;
    assert!(shows(&snapshot(&mut told).await.0) > 10);
    let mut beside = feed::start(&mut kim, None).await;
    snapshot(&mut beside).await;
    wants_keys(&house, Role::Broker).await;
    let (items, _) = snapshot(&mut told).await;
    assert!(matches!(&items[..], [FeedItem::User(_)]), "what was shown is taken back: {items:?}");
    reads_nothing(&ann.control).await;
    is_quoted_nothing(&mut ann.control).await;
    // What happens on the desk goes by: a customer's order, which she saw a moment ago.
    let mut eva = Holder::by_code_as(&house, "eva.koch").await;
    let mut order = eva.bid("hidden", 2, "").await;
    if let turret_shared::command::Verb::OrderNew(new) = &mut order.verb {
        new.account = "A9001".into();
    }
    let request = eva.control.command_bytes(order.to_bytes()).await;
    let taken = eva.control.outcome(request).await;
    assert!(matches!(taken, Outcome::Order(_)), "{taken:?}");
    loop {
        // The other one sees it; by then it has gone past her.
        let message = feed::next(&mut beside).await;
        if shows(&message.items) > 0 {
            break;
        }
    }
    let silent = tokio::time::timeout(Duration::from_millis(500), feed::next(&mut told)).await;
    assert!(silent.as_ref().is_ok_and(|message| shows(&message.items) == 0) || silent.is_err(), "{silent:?}");
    let accounts = kim.ask(Ask::Accounts).await.remove(0).body;
    assert!(matches!(accounts, AnswerBody::Accounts(rows) if !rows.is_empty()), "another role sees on");
    let read = house.log().into_iter().filter(|(_, event)| matches!(event, Event::AuditRead(_)));
    assert_eq!(read.count(), 0, "no look into the log");
}
