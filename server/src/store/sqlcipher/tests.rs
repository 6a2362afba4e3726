//! The store on real encrypted files; it must leave nothing behind.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::tlog::{Frontier, Hash, consistency, inclusion, leaf_hash, verify_consistency, verify_inclusion};

use super::{SqlReader, SqlStore, Tuning};
use crate::encrypted::{Access, CipherError, open};
use crate::store::{AppendError, Batch, Fate, OpenError, ReadError, Store};

const CANARY: &[u8] = b"canary-in-an-entry";

struct Log {
    dir: TempDir,
    store: SqlStore,
    frontier: Frontier,
}

fn key() -> SecretKey {
    SecretKey::new([9; 32])
}

fn entry(n: u64) -> Vec<u8> {
    [CANARY, &n.to_be_bytes()].concat()
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqlStore::open(&dir.path().join("log.db"), &key(), Tuning::default()).unwrap();
        let frontier = store.tip().frontier.clone();
        Self { dir, store, frontier }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("log.db")
    }

    fn batch(&mut self, count: u64) -> (Sequence, Batch) {
        let expected = Sequence(self.frontier.size());
        let mut batch = Batch::default();
        for n in expected.0..expected.0 + count {
            let (sequence, leaf) = batch.push(&mut self.frontier, &entry(n));
            assert_eq!((sequence, leaf), (Sequence(n), leaf_hash(&entry(n))));
            batch.put_order(OrderId::new(Sequence(n % 10), 0), |out| out.extend_from_slice(&n.to_be_bytes()));
        }
        (expected, batch)
    }

    fn append(&mut self, count: u64) {
        let (expected, batch) = self.batch(count);
        let epoch = self.store.tip().epoch;
        self.store.append(epoch, expected, &batch).unwrap();
    }

    fn reopen(self) -> Self {
        let Self { dir, store, .. } = self;
        drop(store);
        let store = SqlStore::open(&dir.path().join("log.db"), &key(), Tuning::default()).unwrap();
        let frontier = store.tip().frontier.clone();
        Self { dir, store, frontier }
    }
}

#[test]
fn what_was_appended_is_read_back_and_survives_reopening() {
    let mut log = Log::new();
    for count in [1, 30, 256, 700] {
        log.append(count);
    }
    let root = log.frontier.root();
    let mut reader = log.store.reader().unwrap();
    assert_eq!(reader.size().unwrap(), 987);
    assert_eq!(reader.entry(Sequence(986)).unwrap(), Some(entry(986)));
    assert_eq!(reader.entry(Sequence(987)).unwrap(), None);
    let mut seen = vec![];
    let shown = reader
        .entries(Sequence(980), 100, &mut |stored| {
            assert_eq!((stored.bytes, stored.leaf), (entry(stored.sequence.0).as_slice(), leaf_hash(stored.bytes)));
            seen.push(stored.sequence.0);
            if stored.sequence.0 == 984 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((shown, seen), (5, vec![980, 981, 982, 983, 984]));
    assert_eq!(reader.order_count().unwrap(), 10);
    assert_eq!(reader.order(OrderId::new(Sequence(6), 0)).unwrap(), Some(986u64.to_be_bytes().to_vec()));
    let mut orders = 0;
    reader
        .orders(OrderId::new(Sequence(5), 0), 3, &mut |_, _| {
            orders += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(orders, 3);
    let epoch = log.store.tip().epoch;
    let log = log.reopen();
    assert_eq!((log.frontier.size(), log.frontier.root(), log.store.tip().epoch), (987, root, epoch + 1));
}

#[test]
fn any_earlier_root_and_proof_comes_from_the_stored_tree() {
    let mut log = Log::new();
    let mut roots: Vec<Hash> = vec![log.frontier.root()];
    for _ in 0..700 {
        log.append(1);
        roots.push(log.frontier.root());
    }
    log.append(66_000 - 700);
    let mut reader = log.store.reader().unwrap();
    for size in [0u64, 1, 255, 256, 257, 512, 700] {
        assert_eq!(reader.frontier_at(size).unwrap().root(), roots[size as usize], "size {size}");
        let proof = consistency(size, 66_000, &mut |level, index| reader.node(level, index)).unwrap();
        assert!(verify_consistency(size, &roots[size as usize], 66_000, &log.frontier.root(), &proof).is_ok());
    }
    assert_eq!(reader.frontier_at(66_000).unwrap().root(), log.frontier.root());
    for index in [0u64, 255, 256, 65_535, 65_536, 65_999] {
        let path = inclusion(index, 66_000, &mut |level, index| reader.node(level, index)).unwrap();
        assert!(verify_inclusion(&leaf_hash(&entry(index)), index, 66_000, &path, &log.frontier.root()).is_ok());
    }
    assert!(matches!(reader.frontier_at(66_001), Err(ReadError::Missing | ReadError::Damaged(_))));
    assert!(matches!(reader.node(0, 66_000), Err(ReadError::Missing)));
}

#[test]
fn a_batch_that_does_not_continue_the_log_is_refused_whole() {
    let mut log = Log::new();
    log.append(3);
    let epoch = log.store.tip().epoch;
    let mut behind = log.frontier.clone();
    let (expected, good) = log.batch(2);
    assert!(matches!(log.store.append(epoch, Sequence(2), &good), Err(AppendError::Unexpected { next: 3 })));
    assert!(matches!(log.store.append(epoch - 1, expected, &good), Err(AppendError::Superseded { .. })));
    let mut gap = good.clone();
    gap.entries[1].sequence = Sequence(9);
    assert!(matches!(log.store.append(epoch, expected, &gap), Err(AppendError::BadBatch(_))));
    let mut long = Batch::default();
    long.push(&mut behind, &[0; 61 * 1024]);
    assert!(matches!(log.store.append(epoch, expected, &long), Err(AppendError::BadBatch(_))));
    assert_eq!(log.store.fate(epoch, expected).unwrap(), Fate::Absent);
    log.store.append(epoch, expected, &good).unwrap();
    assert_eq!(log.store.fate(epoch, expected).unwrap(), Fate::Committed { size: 5 });
    assert!(matches!(log.store.fate(epoch - 1, expected).unwrap(), Fate::Superseded { .. }));
}

#[test]
fn a_second_writer_and_a_wrong_key_are_refused() {
    let mut log = Log::new();
    log.append(1);
    let again = SqlStore::open(&log.path(), &key(), Tuning::default());
    assert!(matches!(again, Err(OpenError::InUse(_))));
    let other = SecretKey::new([8; 32]);
    assert!(matches!(SqlReader::open(&log.path(), &other), Err(OpenError::Database(CipherError::WrongKey))));
    let absent = log.dir.path().join("absent.db");
    assert!(SqlReader::open(&absent, &key()).is_err());
    assert!(!absent.exists());
}

#[test]
fn the_log_refuses_update_delete_and_replace_and_a_reader_refuses_every_write() {
    let mut log = Log::new();
    log.append(300);
    drop(log.store.reader().unwrap());
    let db = open(&log.path(), &key(), Access::Write).unwrap();
    for sql in [
        "UPDATE entries SET entry = x'00' WHERE sequence = 1",
        "DELETE FROM entries WHERE sequence = 1",
        "REPLACE INTO entries (sequence, leaf, entry) VALUES (1, zeroblob(32), x'00')",
        "UPDATE tiles SET hashes = zeroblob(8192)",
        "DELETE FROM tiles",
        "REPLACE INTO tiles (place, hashes) VALUES (0, zeroblob(8192))",
        "DELETE FROM orders",
    ] {
        assert!(db.execute_batch(sql).is_err(), "{sql}");
    }
    let reader = open(&log.path(), &key(), Access::Read).unwrap();
    assert!(reader.execute_batch("INSERT INTO orders (order_id, body) VALUES (99, x'00')").is_err());
}

#[test]
fn no_file_of_the_store_shows_an_entry_or_what_it_is() {
    let mut log = Log::new();
    log.append(600);
    assert_sealed(log.dir.path(), &[CANARY]);
    let dir = log.reopen();
    assert_sealed(dir.dir.path(), &[CANARY]);
}

/// No file under `folder` holds a canary or says that it is a SQLite database.
fn assert_sealed(folder: &Path, canaries: &[&[u8]]) {
    let mut looked = 0;
    for item in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(item.unwrap().path()).unwrap();
        looked += bytes.len();
        for canary in canaries.iter().copied().chain([b"SQLite format 3".as_slice(), b"CREATE TABLE"]) {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary));
        }
    }
    assert!(looked > 4096, "there was something to look at");
}

#[test]
fn a_wal_is_copied_beside_the_writer_and_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    let tuning = Tuning { wal_pages: 20, ..Tuning::default() };
    let mut store = SqlStore::open(&path, &key(), tuning).unwrap();
    let (epoch, mut frontier) = (store.tip().epoch, store.tip().frontier.clone());
    let length = |name: &str| std::fs::metadata(dir.path().join(name)).map_or(0, |file| file.len());
    let (mut rounds, page) = (0, 4_096);
    // A commit is a page at least: a file with fewer pages than commits has begun again.
    while (length("log.db") < 200 * page || length("log.db-wal") > rounds * page / 4) && rounds < 20_000 {
        rounds += 1;
        let expected = Sequence(frontier.size());
        let mut batch = Batch::default();
        for n in expected.0..expected.0 + 20 {
            batch.push(&mut frontier, &entry(n));
        }
        store.append(epoch, expected, &batch).unwrap();
    }
    assert!(length("log.db") >= 200 * page, "nothing was copied in {rounds} commits");
    assert!(length("log.db-wal") <= rounds * page / 4, "the WAL never began again in {rounds} commits");
    let mut seen = 0;
    let mut reader = store.reader().unwrap();
    let shown = reader.entries(Sequence(0), u64::MAX >> 1, &mut |stored| {
        assert_eq!(stored.bytes, entry(seen));
        seen += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((shown.unwrap(), seen), (frontier.size(), frontier.size()));
}
