//! Tampering with real encrypted databases, key in hand: each kind must be found and named.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey};
use tempfile::TempDir;
use tokio::sync::watch;
use turret_shared::entry::{Actor, Head, Origin, to_bytes};
use turret_shared::event::{Event, ops};
use turret_shared::ids::{CorrelationId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::time::Timestamp;
use turret_shared::tlog::{Frontier, Hash, VerifierKey, leaf_hash};

use super::{EntryFault, Evidence, Fault, SignedCheckpoint, Signer, Trusted, Verdict, verify};
use crate::encrypted::{Access, open};
use crate::keys::{CheckpointPublic, Exported, KeyError, KeyState, KeyStore, Purpose};
use crate::random::Random;
use crate::store::sqlcipher::{SqlReader, SqlStore, Tuning};
use crate::store::{Batch, OpenError, Reader, Store};

const ORIGIN: &str = "turret.test/log";
const SECOND: i64 = 1_000_000_000;

struct Keys;

impl KeyStore for Keys {
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError> {
        Ok(SecretKey::new([purpose as u8; 32]))
    }

    fn checkpoint_keys(&self) -> Result<Vec<CheckpointPublic>, KeyError> {
        let public = SigningKey::from_bytes(&[77; 32]).verifying_key().to_bytes();
        Ok(vec![CheckpointPublic { version: 1, public, state: KeyState::Active, changed_s: 0, gone: false }])
    }

    fn sign_checkpoint(&self, _: u32, text: &[u8]) -> Result<[u8; 64], KeyError> {
        Ok(SigningKey::from_bytes(&[77; 32]).sign(text).to_bytes())
    }

    fn exported(&self) -> Exported {
        Exported::from_bytes(&[0, 0x80]).unwrap()
    }

    fn next_checkpoint_key(&self, _: Random, _: u64) -> Result<CheckpointPublic, KeyError> {
        Err(KeyError::Missing(Purpose::Checkpoint))
    }
}

struct Log {
    dir: TempDir,
    outside: Vec<String>,
}

/// A stopped server's entry, the smallest there is; `millis` after the epoch.
fn entry(sequence: u64, millis: i64) -> Vec<u8> {
    let head = Head {
        sequence: Sequence(sequence),
        time: Timestamp(millis * SECOND / 1000),
        origin: Origin::of(Actor::Operator, CorrelationId(sequence)),
    };
    to_bytes(&head, &Event::Stopped(ops::Stopped {}))
}

impl Log {
    /// 700 entries a millisecond apart, checkpoints at 100, 300 and 700.
    fn new() -> Self {
        let log = Self { dir: tempfile::tempdir().unwrap(), outside: vec![] };
        let mut store = SqlStore::open(&log.path(), &Keys.key(Purpose::Database).unwrap(), Tuning::default()).unwrap();
        let mut frontier = Frontier::new();
        let evidence = log.evidence();
        for count in [100u64, 200, 400] {
            let expected = Sequence(frontier.size());
            let mut batch = Batch::default();
            for n in 0..count {
                batch.push(&mut frontier, &entry(expected.0 + n, (expected.0 + n) as i64));
            }
            store.append(store.tip().epoch, expected, &batch).unwrap();
            evidence.sign(frontier.size(), frontier.root(), 0).unwrap();
        }
        log
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("log.db")
    }

    fn evidence(&self) -> Evidence {
        Evidence::open(&self.dir.path().join("checkpoints"), ORIGIN, Arc::new(Keys)).unwrap()
    }

    fn key() -> VerifierKey {
        VerifierKey::new(ORIGIN, Keys.checkpoint_keys().unwrap()[0].public).unwrap()
    }

    fn verify(&self) -> Verdict {
        let mut reader = SqlReader::open(&self.path(), &Keys.key(Purpose::Database).unwrap()).unwrap();
        verify(&mut reader, &self.evidence(), &Trusted::of(Some(Self::key()), &self.evidence()).unwrap(), &self.outside)
            .unwrap()
    }

    /// What a thief with the database key can do: drop the triggers and write.
    fn tamper(&self, sql: &str) {
        let db = open(&self.path(), &Keys.key(Purpose::Database).unwrap(), Access::Write).unwrap();
        for trigger in ["entries_never_change", "entries_never_go", "tiles_never_change", "tiles_never_go"] {
            db.execute_batch(&format!("DROP TRIGGER IF EXISTS {trigger}")).unwrap();
        }
        db.execute_batch(sql).unwrap();
    }

    /// Replaces an entry; `deep` says how much of what depends on it is made to agree: leaf, then the tree as well.
    fn replace(&self, index: u64, bytes: &[u8], deep: u8) {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let mut sql = format!("UPDATE entries SET entry = x'{}' WHERE sequence = {index};", hex(bytes));
        let leaf = leaf_hash(bytes);
        if deep >= 1 {
            sql += &format!("UPDATE entries SET leaf = x'{}' WHERE sequence = {index};", hex(&leaf.0));
        }
        if deep >= 2 {
            let (tile, place) = (index / 256, index % 256);
            let mut reader = SqlReader::open(&self.path(), &Keys.key(Purpose::Database).unwrap()).unwrap();
            let mut hashes: Vec<Hash> = reader.tile(0, tile).unwrap().unwrap().hashes;
            hashes[place as usize] = leaf;
            let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
            sql += &format!("UPDATE tiles SET hashes = x'{}' WHERE place = {tile};", hex(&bytes));
        }
        self.tamper(&sql);
    }

    fn fault(&self) -> Option<Fault> {
        self.verify().fault
    }
}

const fn at(index: u64, what: EntryFault) -> Option<Fault> {
    Some(Fault::Entry { index, what })
}

#[test]
fn an_honest_log_is_good_and_a_checkpoint_kept_elsewhere_anchors_it() {
    let mut log = Log::new();
    let verdict = log.verify();
    assert_eq!((verdict.size, verdict.covered, verdict.fault, verdict.exit_status()), (700, 700, None, 3));
    log.outside.push(log.evidence().notes_from(300, 1).unwrap().remove(0).1);
    let verdict = log.verify();
    assert_eq!((verdict.anchors.as_slice(), verdict.exit_status()), ([300].as_slice(), 0));
    assert!(verdict.to_string().starts_with("good: 700 entries"));
}

#[test]
fn an_edit_is_named_by_its_index_until_the_tree_is_rewritten_too() {
    for (deep, want) in [
        (0, at(150, EntryFault::Leaf)),
        (1, at(150, EntryFault::Tile)),
        (2, Some(Fault::Rewritten { from: 100, to: 300 })),
    ] {
        let log = Log::new();
        log.replace(150, &entry(150, 151), deep);
        let found = log.verify();
        assert_eq!(found.fault, want, "{found}");
        assert_eq!(found.exit_status(), 1);
    }
}

#[test]
fn an_edit_after_the_last_full_tile_is_named_too() {
    let log = Log::new();
    log.replace(699, &entry(699, 700), 0);
    assert_eq!(log.fault(), at(699, EntryFault::Leaf));
    let log = Log::new();
    log.replace(699, &entry(699, 700), 1);
    assert_eq!(log.fault(), Some(Fault::Rewritten { from: 300, to: 700 }));
}

#[test]
fn deleted_reordered_and_cut_off_entries_are_named() {
    let log = Log::new();
    log.tamper("DELETE FROM entries WHERE sequence = 42");
    assert_eq!(log.fault(), at(42, EntryFault::Missing));
    let log = Log::new();
    log.tamper("DELETE FROM entries WHERE sequence = 0");
    assert_eq!(log.fault(), at(0, EntryFault::Missing));
    let log = Log::new();
    log.tamper(
        "UPDATE entries SET sequence = -1 WHERE sequence = 10; UPDATE entries SET sequence = 10 WHERE sequence = 11;
         UPDATE entries SET sequence = 11 WHERE sequence = -1;",
    );
    assert_eq!(log.fault(), at(10, EntryFault::Sequence));
    let log = Log::new();
    log.tamper("DELETE FROM entries WHERE sequence >= 650");
    assert_eq!(log.fault(), Some(Fault::Truncated { size: 650, signed: 700 }));
    let log = Log::new();
    log.tamper("DELETE FROM entries; DELETE FROM tiles");
    assert_eq!(log.fault(), Some(Fault::Truncated { size: 0, signed: 700 }));
}

#[test]
fn a_damaged_tree_and_forged_checkpoints_are_named() {
    let log = Log::new();
    log.tamper("DELETE FROM tiles WHERE place = 1");
    assert_eq!(log.fault(), at(511, EntryFault::TileMissing));
    let log = Log::new();
    log.tamper("INSERT INTO tiles SELECT 99, hashes FROM tiles WHERE place = 0");
    assert_eq!(log.fault(), Some(Fault::Tiles { found: 3, expected: 2 }));
    let log = Log::new();
    let db = log.dir.path().join("checkpoints/signed.db");
    let db = open(&db, &Keys.key(Purpose::Database).unwrap(), Access::Write).unwrap();
    db.execute_batch(
        "DROP TRIGGER checkpoints_never_change; UPDATE checkpoints SET note = replace(note, '300', '301') WHERE size = 300",
    )
    .unwrap();
    assert_eq!(log.fault(), Some(Fault::Forged { size: Some(300) }));
    let mut log = Log::new();
    log.outside.push("not a note".into());
    assert_eq!(log.fault(), Some(Fault::Forged { size: None }));
}

#[test]
fn entries_that_no_checkpoint_covers_for_long_are_named() {
    let log = Log::new();
    {
        let mut store = SqlStore::open(&log.path(), &Keys.key(Purpose::Database).unwrap(), Tuning::default()).unwrap();
        let mut frontier = store.tip().frontier.clone();
        for (n, millis) in [(700, 800), (701, 70_000)] {
            let mut batch = Batch::default();
            batch.push(&mut frontier, &entry(n, millis));
            store.append(store.tip().epoch, Sequence(n), &batch).unwrap();
        }
    }
    assert_eq!(log.fault(), Some(Fault::Unsigned { from: 700 }));
}

#[test]
fn a_log_put_back_to_an_older_copy_is_refused_at_opening() {
    let log = Log::new();
    let older = log.dir.path().join("older.db");
    {
        let key = Keys.key(Purpose::Database).unwrap();
        let mut store = SqlStore::open(&older, &key, Tuning::default()).unwrap();
        let mut batch = Batch::default();
        let mut frontier = Frontier::new();
        for n in 0..300 {
            batch.push(&mut frontier, &entry(n, n as i64));
        }
        store.append(store.tip().epoch, Sequence(0), &batch).unwrap();
    }
    let refused = |path: &PathBuf| {
        let mut reader = SqlReader::open(path, &Keys.key(Purpose::Database).unwrap()).unwrap();
        log.evidence().refuse_rollback(&mut reader)
    };
    assert!(refused(&log.path()).is_ok());
    assert!(matches!(refused(&older), Err(OpenError::RolledBack { size: 300, checkpoint: 700 })));
    log.replace(10, &entry(10, 11), 2);
    assert!(matches!(refused(&log.path()), Err(OpenError::RolledBack { size: 700, checkpoint: 700 })));
    std::fs::write(log.dir.path().join("checkpoints/newest"), "forged").unwrap();
    assert!(matches!(refused(&log.path()), Err(OpenError::Damaged(_))));
}

#[test]
fn the_signer_follows_what_is_durable_and_signs_the_rest_when_it_ends() {
    let log = Log::new();
    let mut store = SqlStore::open(&log.path(), &Keys.key(Purpose::Database).unwrap(), Tuning::default()).unwrap();
    let mut frontier = store.tip().frontier.clone();
    let (durable_out, durable) = watch::channel(700);
    let clock = Arc::new(crate::clock::SystemClock::new());
    let signer = Signer::start(log.evidence(), store.reader().unwrap(), durable, clock, Box::new(|_| true)).unwrap();
    let mut newest = signer.newest();
    assert_eq!(newest.borrow().as_ref().unwrap().checkpoint.size, 700);
    let mut grow = |count: u64| {
        let expected = Sequence(frontier.size());
        let mut batch = Batch::default();
        for n in expected.0..expected.0 + count {
            batch.push(&mut frontier, &entry(n, n as i64));
        }
        store.append(store.tip().epoch, expected, &batch).unwrap();
        durable_out.send_replace(frontier.size());
        frontier.root()
    };
    let root = grow(50);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), newest.changed()).await }).unwrap().unwrap();
    let signed: SignedCheckpoint = newest.borrow().as_deref().unwrap().clone();
    assert_eq!((signed.checkpoint.size, signed.checkpoint.root), (750, root));
    assert_eq!(SignedCheckpoint::read(&signed.note, &Log::key()).unwrap(), signed);
    grow(7);
    drop(signer);
    assert_eq!(log.evidence().newest().unwrap().unwrap().checkpoint.size, 757);
    assert_eq!(log.verify().covered, 757);
}
