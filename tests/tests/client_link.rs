//! The client's link against a server of a few lines: many in flight, a lost link, a resumed session; it must use no product server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod link;

use std::time::Duration;

use link::{MiniServer, Plan};
use turret_client::link::{Had, Link, LinkError, LinkEvent};
use turret_shared::ids::{InstrumentId, Sequence};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::Outcome;

const LIMIT: Duration = Duration::from_secs(30);

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

async fn signed_in(server: &MiniServer) -> (Link, tokio::sync::mpsc::Receiver<LinkEvent>) {
    let (link, events) = Link::connect(&server.profile(), true).await.expect("a connection");
    link.sign_in("ann.lee", secret("a long password"), secret("123456")).await.expect("a session");
    assert!(link.has_session());
    (link, events)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_commands_in_flight_are_answered_in_any_order() {
    let server = MiniServer::start(Plan { answer_in_pairs_reversed: true, ..Plan::default() });
    let (link, _events) = signed_in(&server).await;
    let mut waiting = Vec::new();
    for n in 0..512_u32 {
        waiting.push((n, link.submit(n.to_be_bytes().to_vec()).await.expect("room")));
    }
    for (n, answering) in waiting {
        let reply = answering.reply().await.expect("an answer");
        // The little server puts the command's number into the answer.
        assert!(matches!(reply.outcome, Outcome::CancelAll { requested, .. } if requested == n), "{n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_lost_link_the_session_goes_on_and_nothing_is_sent_twice() {
    let server = MiniServer::start(Plan { close_at_command: Some(3), ..Plan::default() });
    let (link, mut events) = signed_in(&server).await;
    link.start_feed(Had::default()).await.expect("up");
    link.watch(vec![InstrumentId(7)]).await.expect("up");
    let Some(LinkEvent::Feed(first)) = events.recv().await else { panic!("a feed first") };
    assert_eq!(first.through, Sequence(40));

    for n in 0..2_u32 {
        assert!(link.command(n.to_be_bytes().to_vec()).await.is_ok());
    }
    let lost = link.command(2_u32.to_be_bytes().to_vec()).await;
    assert_eq!(lost.err(), Some(LinkError::InDoubt));

    let resumed_feed = loop {
        match tokio::time::timeout(LIMIT, events.recv()).await.expect("in time").expect("the link lives") {
            LinkEvent::Up { resumed, .. } => assert!(resumed),
            LinkEvent::Feed(message) => break message.through,
            _ => {}
        }
    };
    // The feed went on behind what was applied, with the same instruments, on the same session.
    assert_eq!(resumed_feed, Sequence(41));
    link.until_up(LIMIT).await.expect("up");
    assert!(link.command(3_u32.to_be_bytes().to_vec()).await.is_ok());
    let seen = server.seen();
    assert_eq!(seen.commands, [0, 1, 2, 3], "each command once");
    assert_eq!(seen.resumes, 1);
    assert_eq!(seen.feed_have, [None, Some(Sequence(40))]);
    assert_eq!(seen.watched, [vec![InstrumentId(7)], vec![InstrumentId(7)]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_over_is_said_to_be_over() {
    let server = MiniServer::start(Plan { close_at_command: Some(1), forget_sessions: true, ..Plan::default() });
    let (link, mut events) = signed_in(&server).await;
    assert!(link.command(0_u32.to_be_bytes().to_vec()).await.is_err());
    loop {
        let event = tokio::time::timeout(LIMIT, events.recv()).await.expect("in time");
        if let LinkEvent::Up { resumed, .. } = event.expect("the link lives") {
            assert!(!resumed);
            break;
        }
    }
    assert!(!link.has_session());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_ends_is_no_link_that_is_up() {
    let server = MiniServer::start(Plan { end_first_feed: true, ..Plan::default() });
    let (link, mut events) = signed_in(&server).await;
    link.start_feed(Had::default()).await.expect("up");
    let mut heard = Vec::new();
    while heard.last() != Some(&"feed 41") {
        heard.push(match tokio::time::timeout(LIMIT, events.recv()).await.expect("in time").expect("the link lives") {
            LinkEvent::Feed(message) if message.through == Sequence(40) => "feed 40",
            LinkEvent::Feed(message) if message.through == Sequence(41) => "feed 41",
            LinkEvent::Down { .. } => "down",
            LinkEvent::Up { resumed: true, .. } => continue,
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(heard, ["feed 40", "down", "feed 41"]);
    assert_eq!(server.seen().feed_have, [None, Some(Sequence(40))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_says_first_what_was_kept() {
    let server = MiniServer::start(Plan::default());
    let (link, _events) = signed_in(&server).await;
    link.leave(7).await;
    assert_eq!(server.seen().kept, [7]);
    assert!(!link.is_up() || link.activity().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_authority_is_not_believed() {
    let server = MiniServer::start(Plan::default());
    let other = MiniServer::start(Plan::default());
    let mut profile = server.profile();
    profile.authority_pem = other.profile().authority_pem;
    assert!(Link::connect(&profile, true).await.is_err());
    assert!(server.seen().commands.is_empty());
}
