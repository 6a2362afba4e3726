//! Tampering with real encrypted databases, key in hand: each kind must be found and named.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey};
use tempfile::TempDir;
use tokio::sync::watch;
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Head, Origin, to_bytes};
use turret_shared::event::custody::{KeyCeremony, LogReopened};
use turret_shared::event::{Event, ops};
use turret_shared::ids::{CorrelationId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::time::Timestamp;
use turret_shared::tlog::{Frontier, Hash, Known, Reopening, VerifierKey, leaf_hash, signature_line};

use super::{
    Archive, ArchiveError, EntryFault, Evidence, Fault, SignedCheckpoint, Signer, Trusted, Verdict, verify, write_tiles,
};
use crate::encrypted::{Access, open};
use crate::keys::{CheckpointPublic, Exported, Fresh, KeyError, KeyState, KeyStore, Purpose};
use crate::random::Random;
use crate::store::sqlcipher::{SqlReader, SqlStore, Tuning};
use crate::store::{Batch, OpenError, Reader, Store};
use crate::versions::Versions;

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

    fn versions(&self, purpose: Purpose) -> Result<Versions, KeyError> {
        Ok(Versions::first(self.key(purpose)?))
    }

    fn next_key(&self, purpose: Purpose, _: Random, _: u64) -> Result<u32, KeyError> {
        Err(KeyError::Missing(purpose))
    }

    fn revoke_retained(&self, purpose: Purpose, _: Random, _: u64) -> Result<Vec<u32>, KeyError> {
        Err(KeyError::Missing(purpose))
    }

    fn rewrap(&self, _: Option<Fresh>, _: Random, _: u64) -> Result<u32, KeyError> {
        Err(KeyError::Missing(Purpose::Wrapping))
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
fn the_published_files_alone_give_every_entry_and_a_change_of_them_is_seen() {
    let log = Log::new();
    let tiles = log.dir.path().join("tiles");
    let mut reader = SqlReader::open(&log.path(), &Keys.key(Purpose::Database).unwrap()).unwrap();
    // Published twice: what was partial then is whole now.
    for (_, note) in log.evidence().notes_from(300, 2).unwrap() {
        write_tiles(&mut reader, &SignedCheckpoint::read(&note, &Log::key()).unwrap(), &tiles).unwrap();
    }
    let read = || {
        let mut entries = Vec::new();
        let archive = Archive::open(&tiles, &Log::key())?;
        archive.entries(|place, bytes| entries.push((place.0, bytes.to_vec())))?;
        Ok::<_, ArchiveError>(entries)
    };
    let whole: Vec<(u64, Vec<u8>)> = (0..700).map(|n| (n, entry(n, n as i64))).collect();
    assert_eq!(read().unwrap(), whole);
    let file = |name: &str| tiles.join("tile/entries").join(name);
    let (first, second) = (std::fs::read(file("000")).unwrap(), std::fs::read(file("001")).unwrap());
    for (name, bytes) in [("000", &first), ("001", &second), ("002.p/188", &std::fs::read(file("002.p/188")).unwrap())]
    {
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        for bad in [&changed[..], &bytes[..bytes.len() - 1], &[&bytes[..], b"\0\0"].concat()] {
            std::fs::write(file(name), bad).unwrap();
            assert!(read().unwrap_err().is_wrong(), "{name}");
        }
        std::fs::write(file(name), bytes).unwrap();
    }
    std::fs::write(file("000"), &second).unwrap();
    std::fs::write(file("001"), &first).unwrap();
    assert!(matches!(read(), Err(ArchiveError::OtherEntries)), "the same ones in another order");
    std::fs::remove_file(file("001")).unwrap();
    assert!(!read().unwrap_err().is_wrong(), "not there is not wrong");
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

const NEXT: &str = "turret.test/log/epoch-2";

fn signer(name: &str, seed: u8) -> (SigningKey, VerifierKey) {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let public = VerifierKey::new(name, key.verifying_key().to_bytes()).unwrap();
    (key, public)
}

impl Log {
    fn append(&self, events: Vec<Event>) -> Frontier {
        let mut store = SqlStore::open(&self.path(), &Keys.key(Purpose::Database).unwrap(), Tuning::default()).unwrap();
        let (mut frontier, mut batch) = (store.tip().frontier.clone(), Batch::default());
        for event in events {
            let place = frontier.size();
            let time = Timestamp(place as i64 * SECOND / 1000);
            let origin = Origin::of(Actor::Operator, CorrelationId(place));
            let head = Head { sequence: Sequence(place), time, origin };
            batch.push(&mut frontier, &to_bytes(&head, &event));
        }
        store.append(store.tip().epoch, store.tip().next(), &batch).unwrap();
        frontier
    }

    /// Goes on under a new origin by the word of `by`, twenty entries lost; what its first entry says.
    fn reopen(&self, by: &(SigningKey, VerifierKey)) -> (Evidence, LogReopened) {
        let mut reader = SqlReader::open(&self.path(), &Keys.key(Purpose::Database).unwrap()).unwrap();
        let size = reader.size().unwrap();
        let known = |size, root| Known { origin: ORIGIN.into(), size, root };
        let next = VerifierKey::new(NEXT, *Self::key().public()).unwrap();
        let (kept, last) = (known(size, reader.frontier_at(size).unwrap().root()), known(size + 20, Hash([9; 32])));
        let reopening = Reopening { by: by.1.clone(), next, kept, last: Some(last) };
        let text = reopening.text();
        let signature = by.0.sign(text.as_bytes()).to_bytes();
        let note = format!("{text}\n{}", signature_line(by.1.name(), by.1.key_id(), &signature));
        let mut evidence = self.evidence();
        evidence.reopen(&note).unwrap();
        (evidence, LogReopened { origin: NEXT.into(), kept: size, lost: Some(20), note })
    }

    fn reopened(&self, by: &(SigningKey, VerifierKey)) {
        let (evidence, said) = self.reopen(by);
        let frontier = self.append(vec![Event::LogReopened(said)]);
        evidence.sign(frontier.size(), frontier.root(), 0).unwrap();
    }
}

/// A ceremony whose recovery key is of this seed.
fn held(seed: u8) -> Event {
    let signs = Digest(signer("any/recovery", seed).0.verifying_key().to_bytes());
    Event::KeyCeremony(KeyCeremony { set: 1, threshold: 2, shares: 3, seals: Digest::default(), signs })
}

#[test]
fn a_log_goes_on_under_a_new_origin_by_the_word_of_its_own_key_and_what_is_lost_is_named() {
    let mut log = Log::new();
    let old = signer(ORIGIN, 77);
    log.reopened(&old);
    let verdict = log.verify();
    assert_eq!((verdict.size, verdict.covered, verdict.fault, verdict.exit_status()), (701, 701, None, 3));
    assert_eq!(log.evidence().verifier_key().name(), NEXT);
    log.outside.push(log.evidence().notes_from(300, 1).unwrap().remove(0).1);
    assert_eq!(log.verify().exit_status(), 0, "what was kept of before still anchors it");
    // Somebody kept a checkpoint of what is not there.
    let text = format!("{ORIGIN}\n720\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n");
    let signature = old.0.sign(text.as_bytes()).to_bytes();
    log.outside.push(format!("{text}\n{}", signature_line(ORIGIN, old.1.key_id(), &signature)));
    assert_eq!(log.fault(), Some(Fault::Lost { from: 700, to: 720 }));
}

#[test]
fn a_recovery_key_opens_a_new_origin_where_the_log_named_it_before_and_nowhere_else() {
    let recovery = signer("turret.test/log/recovery", 5);
    let log = Log::new();
    log.append(vec![held(5)]);
    log.reopened(&recovery);
    assert_eq!((log.fault(), log.verify().size), (None, 702));
    for before in [vec![], vec![held(6)]] {
        let log = Log::new();
        let size = 700 + before.len() as u64;
        log.append(before);
        log.reopened(&recovery);
        assert_eq!(log.fault(), at(size, EntryFault::Reopening), "named by nobody, or another");
    }
}

#[test]
fn an_origin_that_its_first_entry_does_not_open_or_says_otherwise_is_named() {
    let old = signer(ORIGIN, 77);
    let log = Log::new();
    let (evidence, said) = log.reopen(&old);
    let frontier = log.append(vec![Event::Stopped(ops::Stopped {}), Event::LogReopened(said.clone())]);
    evidence.sign(frontier.size(), frontier.root(), 0).unwrap();
    assert_eq!(log.fault(), at(701, EntryFault::Reopening), "an entry late");
    for wrong in [LogReopened { lost: Some(0), ..said.clone() }, LogReopened { kept: 699, ..said }] {
        let log = Log::new();
        let (evidence, _) = log.reopen(&old);
        let frontier = log.append(vec![Event::LogReopened(wrong)]);
        evidence.sign(frontier.size(), frontier.root(), 0).unwrap();
        assert_eq!(log.fault(), at(700, EntryFault::Reopening));
    }
    let log = Log::new();
    let (evidence, _) = log.reopen(&old);
    let frontier = log.append(vec![Event::Stopped(ops::Stopped {})]);
    evidence.sign(frontier.size(), frontier.root(), 0).unwrap();
    assert_eq!(log.fault(), at(700, EntryFault::Reopening), "none at all");
}
