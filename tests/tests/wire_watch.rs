//! Surveillance over the wire: an attack is on the screens of those who watch within a moment, and on nobody else's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use quinn::RecvStream;
use turret_shared::alert::AlertView;
use turret_shared::event::alert::AlertRule;
use turret_shared::wire::control::{ClientFrame, ServerFrame};
use turret_shared::wire::decode_frame;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::query::AuditFilter;
use wire::client::Control;
use wire::house::House;

async fn feed(control: &mut Control) -> RecvStream {
    control.say(&ClientFrame::FeedStart { have: None, rights: None }).await;
    tokio::time::timeout(wire::PATIENCE, control.connection.accept_uni()).await.expect("a feed").unwrap()
}

async fn next(feed: &mut RecvStream) -> FeedMessage {
    let read = async {
        let mut prefix = [0; 4];
        feed.read_exact(&mut prefix).await.unwrap();
        let mut body = vec![0; u32::from_be_bytes(prefix) as usize];
        feed.read_exact(&mut body).await.unwrap();
        decode_frame(&body).unwrap()
    };
    tokio::time::timeout(wire::PATIENCE, read).await.expect("a feed message")
}

/// Reads on until an alert of this rule comes.
async fn alert(feed: &mut RecvStream, rule: AlertRule) -> AlertView {
    loop {
        for item in next(feed).await.items {
            if let FeedItem::Alert(alert) = item
                && alert.rule == rule
            {
                return *alert;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attack_is_on_the_screens_of_those_who_watch_and_in_the_log() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut kim, _) = Control::entered(&house.person("kim.ito"), house.address, step).await;
    let (mut ann, signed_in) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (mut watched, mut brokers) = (feed(&mut kim).await, feed(&mut ann).await);
    // One device tries other people's names.
    let bob = house.person("bob.ray");
    for login in ["ann.lee", "kim.ito", "nobody.here"] {
        let (mut thief, _) = Control::hello(&bob, house.address).await;
        let answer = thief.factors(login, "a guess of his", "000000").await;
        let ServerFrame::SignInFailed { retry_after_s, .. } = answer else { panic!("{answer:?}") };
        house.clock.advance_s(retry_after_s);
    }
    let spraying = alert(&mut watched, AlertRule::Spraying).await;
    assert_eq!((spraying.login.as_str(), spraying.figure, spraying.threshold), ("bob.ray", 3, 3));
    // And then shows a token of hers.
    let (_thief, answer) = Control::resume(&bob, house.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    let replay = alert(&mut watched, AlertRule::TokenReplay).await;
    assert_eq!((replay.login.as_str(), replay.device), ("bob.ray", spraying.device));
    // Who comes in later is told of both; the log has them under what there is to quote.
    let (mut mia, _) = Control::entered(&house.person("mia.ortiz"), house.address, house.clock.step()).await;
    let mut later = feed(&mut mia).await;
    assert_eq!(alert(&mut later, AlertRule::Spraying).await, spraying);
    let rows = mia.found(AuditFilter { action: Some("alert_raised".into()), ..AuditFilter::default() }).await;
    let told: Vec<_> = rows.iter().map(|row| (row.reason.as_str(), row.outcome.as_str(), row.correlation)).collect();
    assert!(told.contains(&("spraying", "flagged", spraying.correlation)), "{told:?}");
    assert!(told.contains(&("token_replay", "flagged", replay.correlation)), "{told:?}");
    // A broker hears nothing of it: her session's end is the last thing she hears.
    loop {
        let mut prefix = [0; 4];
        if brokers.read_exact(&mut prefix).await.is_err() {
            break;
        }
        let mut body = vec![0; u32::from_be_bytes(prefix) as usize];
        brokers.read_exact(&mut body).await.unwrap();
        let message: FeedMessage = decode_frame(&body).unwrap();
        assert!(!message.items.iter().any(|item| matches!(item, FeedItem::Alert(_))));
    }
}
