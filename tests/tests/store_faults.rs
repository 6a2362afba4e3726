//! What a caller of the store may believe when appends fail: a checker of acknowledged entries, and proof that it sees a loss.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use turret_server::store::sqlcipher::{SqlStore, Tuning};
use turret_server::store::{AppendError, Batch, Fate, Reader, Store};
use turret_shared::ids::Sequence;
use turret_shared::secret::SecretKey;
use turret_tests::doubles::faulty_store::{Fault, FaultyStore};

fn open(folder: &Path) -> SqlStore {
    SqlStore::open(&folder.join("log.db"), &SecretKey::new([1; 32]), Tuning::default()).unwrap()
}

/// Appends `count` entries one by one as the sequencer would; gives those it may tell people of.
fn run(store: &mut dyn Store, count: u64) -> Vec<u64> {
    let epoch = store.tip().epoch;
    let mut frontier = store.tip().frontier.clone();
    let mut acknowledged = vec![];
    for n in frontier.size()..frontier.size() + count {
        let mut batch = Batch::default();
        batch.push(&mut frontier, &n.to_be_bytes());
        let durable = loop {
            match store.append(epoch, Sequence(n), &batch) {
                Ok(()) => break true,
                // Room was made: the same batch again.
                Err(AppendError::Full) => {}
                Err(AppendError::Unknown(_)) => match store.fate(epoch, Sequence(n)).unwrap() {
                    Fate::Committed { size } => break size == n + 1,
                    Fate::Absent => {}
                    Fate::Superseded { .. } => break false,
                },
                Err(_) => break false,
            }
        };
        if !durable {
            break;
        }
        acknowledged.push(n);
    }
    acknowledged
}

/// Acknowledged entries that the reopened log does not hold as they were, and how many entries it holds.
fn check(folder: &Path, acknowledged: &[u64]) -> (Vec<u64>, u64) {
    let store = open(folder);
    let mut reader: Box<dyn Reader> = store.reader().unwrap();
    let lost = acknowledged
        .iter()
        .copied()
        .filter(|n| reader.entry(Sequence(*n)).unwrap().as_deref() != Some(n.to_be_bytes().as_slice()))
        .collect();
    (lost, reader.size().unwrap())
}

#[test]
fn lost_answers_lost_commits_and_a_full_disk_lose_and_repeat_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let script = [Fault::None, Fault::AnswerLost, Fault::CommitLost, Fault::DiskFull, Fault::None, Fault::AnswerLost];
    let mut store = FaultyStore::new(open(dir.path()), script);
    let acknowledged = run(&mut store, 20);
    drop(store.into_inner());
    assert_eq!(acknowledged.len(), 20);
    assert_eq!(check(dir.path(), &acknowledged), (vec![], 20));
}

#[test]
fn the_checker_sees_an_acknowledgement_before_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = FaultyStore::new(open(dir.path()), [Fault::None, Fault::None, Fault::AcknowledgedEarly]);
    let acknowledged = run(&mut store, 5);
    drop(store);
    assert_eq!(acknowledged, [0, 1, 2, 3, 4]);
    assert_eq!(check(dir.path(), &acknowledged), (vec![2, 3, 4], 2));
}

#[test]
fn a_writer_that_was_superseded_can_append_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let old = store.tip().epoch;
    run(&mut store, 3);
    drop(store);
    let mut store = open(dir.path());
    let mut batch = Batch::default();
    batch.push(&mut store.tip().frontier.clone(), b"late");
    assert!(matches!(store.append(old, Sequence(3), &batch), Err(AppendError::Superseded { .. })));
    assert!(matches!(store.fate(old, Sequence(3)), Ok(Fate::Superseded { .. })));
}
