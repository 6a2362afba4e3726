//! The replica: it answers no earlier than asked, shows each session its own, and waits for no slow one.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use turret_engine::{Input, Principal};
use turret_server::random;
use turret_server::replica::folding::{FoldError, Folded};
use turret_server::replica::follower::{Parts, Replica};
use turret_server::replica::handle::{FeedReceiver, Had, Work};
use turret_server::replica::names::Names;
use turret_server::replica::texts::Texts;
use turret_server::sequencer::mailbox::MailboxReceiver;
use turret_server::store::Store;
use turret_server::store::snapshots::Snapshots;
use turret_server::vault::Vault;
use turret_shared::entry::{Actor, Entry, Origin};
use turret_shared::event::Event;
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::{CorrelationId, OrderId, Sequence, SessionId};
use turret_shared::role::Role;
use turret_shared::secret::SecretKey;
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::desk::Desk;
use super::writer::{accepted, acknowledge, open_market};

/// A replica of a desk on a thread of its own, and its folder.
struct Follower {
    thread: JoinHandle<Result<(), FoldError>>,
    folder: tempfile::TempDir,
}

fn key(byte: u8) -> SecretKey {
    SecretKey::new([byte; 32])
}

fn follow(desk: &mut Desk) -> Follower {
    let (parts, folder) = parts(desk);
    Follower { thread: std::thread::spawn(move || Replica::new(parts).run()), folder }
}

/// What a replica of the desk as it is now is made of.
fn parts(desk: &mut Desk) -> (Parts, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = desk.store.reader().unwrap();
    let mut folded = Folded::default();
    let size = *desk.durable.borrow();
    folded.follow(reader.as_mut(), size).unwrap();
    let vault = Vault::open(&folder.path().join("vault.db"), &key(1), &key(2), random::system).unwrap();
    let work: MailboxReceiver<Work> = desk.work.take().unwrap();
    let parts = Parts {
        folded,
        work,
        durable: desk.durable.clone(),
        reader,
        snapshots: Snapshots::open(&folder.path().join("snapshots"), key(3)).unwrap(),
        quotes: desk.quotes.clone(),
        names: Arc::new(Names::default()),
        texts: Texts::new(Arc::new(vault)),
        clock: desk.clock.clone(),
        random: random::system,
        watcher: turret_server::watch::Watcher::new(
            turret_server::watch::Thresholds::default(),
            desk.inbox.clone(),
            random::system,
        ),
    };
    (parts, folder)
}

fn orders_in(message: &FeedMessage) -> Vec<OrderId> {
    let order = |item: &FeedItem| if let FeedItem::Order(order) = item { Some(order.order_id) } else { None };
    message.items.iter().filter_map(order).collect()
}

/// Messages until all of `sequence` is in, with what they held.
async fn until(feed: &mut FeedReceiver, sequence: Sequence) -> Vec<FeedMessage> {
    let mut messages = Vec::new();
    loop {
        let message = feed.recv().await.unwrap();
        let through = message.through;
        messages.push(message);
        if through >= sequence {
            return messages;
        }
    }
}

#[tokio::test]
async fn a_feed_begins_with_a_snapshot_follows_and_resumes() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(10);
    let first = accepted(desk.send(verb).await.unwrap().outcome);
    let follower = follow(&mut desk);
    let mut feed = desk.feeds.subscribe(desk.principal, Had::default()).unwrap();
    let snapshot = until(&mut feed, first.sequence).await;
    assert!(matches!(snapshot.first().unwrap().items.first(), Some(FeedItem::SnapshotBegin)));
    assert!(matches!(snapshot.last().unwrap().items.last(), Some(FeedItem::SnapshotEnd)));
    assert!(snapshot.iter().any(|message| orders_in(message) == [first.order.order_id]));
    let seen = snapshot.last().unwrap().through;

    let verb = desk.buy(20);
    let second = accepted(desk.send(verb).await.unwrap().outcome);
    let changes = until(&mut feed, second.sequence).await;
    assert!(changes.iter().any(|message| orders_in(message) == [second.order.order_id]));
    assert!(!changes.iter().flat_map(|m| &m.items).any(|item| matches!(item, FeedItem::SnapshotBegin)));

    drop(feed);
    let mut feed = desk.feeds.subscribe(desk.principal, Had { have: Some(seen), rights: None }).unwrap();
    let missed = until(&mut feed, second.sequence).await;
    assert!(missed.iter().any(|message| orders_in(message) == [second.order.order_id]));
    assert!(!missed.iter().flat_map(|m| &m.items).any(|item| matches!(item, FeedItem::SnapshotBegin)));
    end(desk, follower);
}

/// The replica follows a moment behind: what a session may see cannot be told before the entry it began with.
#[tokio::test]
async fn a_feed_waits_for_its_session_and_shows_nothing_to_one_that_is_none_or_lacks_its_key() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let verb = desk.buy(10);
    accepted(desk.send(verb).await.unwrap().outcome);
    let wants_key = Event::PolicySet(PolicySet { policy: Policy::SecurityKey, role: Role::Broker, value: Some(1) });
    let origin = Origin::of(Actor::Operator, CorrelationId(0));
    desk.inbox.decided(Input::Setup(origin, Box::new(wants_key))).await.unwrap();
    let follower = follow(&mut desk);
    let none = Principal { session: SessionId(0), ..desk.principal };
    let shown = until(&mut desk.feeds.subscribe(none, Had::default()).unwrap(), Sequence(1)).await;
    assert!(shows_only_themselves(&shown), "{shown:?}");
    // Behind the end of the session before it and the code it spends.
    let coming = Principal { session: SessionId(*desk.durable.borrow() + 2), ..desk.principal };
    let mut early = desk.feeds.subscribe(coming, Had { have: Some(Sequence(1)), rights: None }).unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(200), early.recv()).await;
    assert!(silent.is_err(), "before it has heard of them: {silent:?}");
    desk.sign_in(2).await;
    assert_eq!(desk.principal.session, coming.session);
    let shown = until(&mut early, Sequence(coming.session.0)).await;
    assert!(shows_only_themselves(&shown), "{shown:?}");
    end(desk, follower);
}

fn shows_only_themselves(messages: &[FeedMessage]) -> bool {
    let mut items = messages.iter().flat_map(|message| &message.items);
    items.all(|item| matches!(item, FeedItem::SnapshotBegin | FeedItem::SnapshotEnd | FeedItem::User(_)))
}

#[tokio::test]
async fn a_slow_session_is_cut_to_a_gap_and_a_snapshot_that_holds_everything() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let follower = follow(&mut desk);
    let mut slow = desk.feeds.subscribe(desk.principal, Had::default()).unwrap();
    let mut last = None;
    // More than a full queue of full messages and the rows kept behind it, however the replica cuts them.
    let count = 24_000;
    for _ in 0..count {
        let verb = desk.buy(1);
        last = Some(accepted(desk.send(verb).await.unwrap().outcome));
    }
    let last = last.unwrap();
    let messages = until(&mut slow, last.sequence).await;
    let gap = messages.iter().position(|m| m.items.iter().any(|item| matches!(item, FeedItem::Gap))).unwrap();
    let mut after: Vec<OrderId> = messages[gap..].iter().flat_map(orders_in).collect();
    after.sort_unstable();
    after.dedup();
    assert_eq!(after.len(), count);
    end(desk, follower);
}

#[tokio::test]
async fn the_replica_stops_with_a_snapshot_that_equals_the_log_folded_from_zero() {
    let mut desk = Desk::open().await;
    open_market(&desk).await;
    let follower = follow(&mut desk);
    for sequence in 2..12 {
        let verb = desk.buy(10);
        let order = accepted(desk.send(verb).await.unwrap().outcome).order.order_id;
        acknowledge(&desk, order, sequence).await;
    }
    let store = desk.store.clone();
    let folder = end(desk, follower);
    let snapshots = Snapshots::open(&folder.path().join("snapshots"), key(3)).unwrap();
    let head = *snapshots.list().unwrap().first().unwrap();
    let size = store.size() as u64;
    assert_eq!(head.next, Sequence(size));
    let mut reader = store.reader().unwrap();
    let mut folded = Folded::default();
    folded.follow(reader.as_mut(), size).unwrap();
    assert_eq!(folded.state.hash().0, head.state_hash.0);
    let restored = Folded::newest(&snapshots, reader.as_mut(), size);
    assert_eq!(restored.state.next_sequence(), Sequence(size));
    assert_eq!(restored.state.hash(), folded.state.hash());
}

#[tokio::test]
async fn a_batch_that_was_dropped_is_read_from_the_log_or_the_replica_ends_and_keeps_nothing() {
    for blind in [false, true] {
        let mut desk = Desk::open().await;
        open_market(&desk).await;
        let (parts, folder) = parts(&mut desk);
        let verb = desk.buy(10);
        let first = accepted(desk.send(verb).await.unwrap().outcome);
        // An answer goes out before the follower hears; only when the log is said to be longer has it been handed over.
        desk.durable.wait_for(|size| *size > first.sequence.0).await.unwrap();
        let mut dropped = Vec::new();
        parts.work.drain(&mut dropped, usize::MAX, Duration::ZERO);
        assert!(dropped.iter().any(|work| matches!(work, Work::Released(_))));
        let verb = desk.buy(20);
        desk.send(verb).await.unwrap();
        desk.end().unwrap();
        assert!(desk.stop_replica());
        desk.store.blind(blind);
        let ended = Replica::new(parts).run();
        let snapshots = Snapshots::open(&folder.path().join("snapshots"), key(3)).unwrap();
        let kept = snapshots.list().unwrap();
        if blind {
            assert!(matches!(ended, Err(FoldError::Read(_))), "{ended:?}");
            assert_eq!(kept, []);
        } else {
            ended.unwrap();
            assert_eq!(kept.first().unwrap().next, Sequence(desk.store.size() as u64));
        }
    }
}

#[tokio::test]
async fn an_entry_that_is_not_the_next_is_not_folded() {
    let desk = Desk::open().await;
    let mut reader = desk.store.reader().unwrap();
    let mut folded = Folded::default();
    folded.follow(reader.as_mut(), 3).unwrap();
    let before = folded.state.hash();
    let entry = Entry::from_bytes(&reader.entry(Sequence(4)).unwrap().unwrap()).unwrap();
    let refused = folded.evolve(&entry.head, &entry.event().unwrap());
    assert!(matches!(refused, Err(FoldError::Gap { wanted: Sequence(3), came: Sequence(4) })), "{refused:?}");
    assert_eq!(folded.state.hash(), before);
}

fn end(mut desk: Desk, follower: Follower) -> tempfile::TempDir {
    desk.end().unwrap();
    assert!(desk.stop_replica());
    follower.thread.join().unwrap().unwrap();
    follower.folder
}
