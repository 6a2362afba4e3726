//! Signed checkpoints and where they are kept; it must sign only what it is told is durable, and forget nothing signed.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use turret_disk::private;
use turret_shared::pack::PACK_WORDS_MAX;
use turret_shared::tlog::{
    Checkpoint, Hash, Note, Reopening, VerifierKey, read_succession, signature_line, succession,
};

use super::bequest::bequest;
use super::origins::{Origins, TABLE as ORIGINS};
use crate::encrypted::{Access, CipherError, open};
use crate::keys::{CheckpointPublic, KeyError, KeyState, KeyStore, Purpose};
use crate::random::Random;
use crate::store::{OpenError, ReadError, Reader};

/// Every checkpoint signed, encrypted: beside the log, so that signing never takes the log's write lock.
const SIGNED_FILE: &str = "signed.db";
/// The newest checkpoint as its signed note, in clear: hashes only.
const NEWEST_FILE: &str = "newest";
/// Longest note read from a file, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;
/// Page cache, in KiB.
const CACHE_KIB: u32 = 256;
/// So long after it gave way a key signs beside the next, in seconds: whoever verifies by it has that time to follow.
pub const BOTH_SIGN_S: u64 = 30 * 24 * 3_600;

/// The word of each key on the next, with whether the log has it.
const WORDS: &str = "CREATE TABLE successions (
         version INTEGER PRIMARY KEY,
         note TEXT NOT NULL,
         logged INTEGER NOT NULL
     ) STRICT;";

const TABLES: &str = "CREATE TABLE checkpoints (
         size INTEGER PRIMARY KEY,
         note TEXT NOT NULL
     ) STRICT;
     CREATE TRIGGER checkpoints_never_change BEFORE UPDATE ON checkpoints
         BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
     CREATE TRIGGER checkpoints_never_go BEFORE DELETE ON checkpoints
         BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;";

/// Why checkpoints were not kept or read.
#[derive(Debug)]
pub enum EvidenceError {
    /// The database failed.
    Database(CipherError),
    /// A file could not be read or written.
    Io(PathBuf, std::io::Error),
    /// The signing key cannot be used.
    Key(KeyError),
    /// The origin cannot name a key.
    Origin,
    /// A kept checkpoint is not of its form or not signed by this server.
    NotGenuine,
    /// It was opened for reading.
    ReadOnly,
    /// As many keys gave way to the next as there may be.
    Full,
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the checkpoints' database failed"),
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::Key(_) => f.write_str("the checkpoint key cannot be used"),
            Self::Origin => f.write_str("the origin cannot name a key"),
            Self::Full => f.write_str("as many checkpoint keys gave way to the next as there may be"),
            Self::ReadOnly => f.write_str("the checkpoints were opened for reading"),
            Self::NotGenuine => f.write_str("a kept checkpoint is not signed by this server"),
        }
    }
}

impl std::error::Error for EvidenceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(source) => Some(source),
            Self::Io(_, source) => Some(source),
            Self::Key(source) => Some(source),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for EvidenceError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

impl From<CipherError> for EvidenceError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

impl From<KeyError> for EvidenceError {
    fn from(source: KeyError) -> Self {
        Self::Key(source)
    }
}

/// A checkpoint and the note that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note, as anyone may keep it.
    pub note: String,
}

/// A checkpoint key's word on the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Version of the next.
    pub version: u32,
    /// The note that says so, signed by the one before.
    pub note: String,
}

impl SignedCheckpoint {
    /// The same as [`SignedCheckpoint::read`], of a note that one of these signed.
    ///
    /// # Errors
    /// [`EvidenceError::NotGenuine`] when none did.
    pub fn read_any(note: &str, keys: &[VerifierKey]) -> Result<Self, EvidenceError> {
        keys.iter().find_map(|key| Self::read(note, key).ok()).ok_or(EvidenceError::NotGenuine)
    }

    /// Reads a note and checks that `key` signed it for the log the key is named after.
    ///
    /// # Errors
    /// [`EvidenceError::NotGenuine`] when it is anything else.
    pub fn read(note: &str, key: &VerifierKey) -> Result<Self, EvidenceError> {
        let parsed: Note = note.parse().map_err(|_| EvidenceError::NotGenuine)?;
        key.verify(&parsed).map_err(|_| EvidenceError::NotGenuine)?;
        let checkpoint: Checkpoint = parsed.text.parse().map_err(|_| EvidenceError::NotGenuine)?;
        if checkpoint.origin != key.name() {
            return Err(EvidenceError::NotGenuine);
        }
        Ok(Self { checkpoint, note: note.to_owned() })
    }
}

/// The folder of checkpoints and the keys that sign them.
pub struct Evidence {
    folder: PathBuf,
    /// `None` where only reading is wanted and there is no file.
    db: Option<Connection>,
    keys: Arc<dyn KeyStore>,
    /// Newest first, as the key store has them; the first signs, some of the others beside it.
    known: Vec<(CheckpointPublic, VerifierKey)>,
    /// The active one.
    key: VerifierKey,
    /// What the log was called before, and what it is called.
    origins: Origins,
    /// Oldest first.
    words: Arc<Vec<String>>,
}

/// Every key that signs checkpoints under this origin or did, newest first, and the active one.
type Known = (Vec<(CheckpointPublic, VerifierKey)>, VerifierKey);

fn known(origin: &str, keys: &dyn KeyStore) -> Result<Known, EvidenceError> {
    let named = |key: CheckpointPublic| VerifierKey::new(origin, key.public).map(|name| (key, name));
    let known = keys.checkpoint_keys()?.into_iter().map(named).collect::<Result<Vec<_>, _>>();
    let known = known.map_err(|_| EvidenceError::Origin)?;
    let key = known.first().map(|(_, key)| key.clone()).ok_or(KeyError::Missing(Purpose::Checkpoint))?;
    Ok((known, key))
}

/// True for a key that signs at this moment.
fn signs(key: &CheckpointPublic, now_s: u64) -> bool {
    match key.state {
        KeyState::Active => true,
        KeyState::Retained => now_s < key.changed_s.saturating_add(BOTH_SIGN_S),
        KeyState::Revoked => false,
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Evidence {
    /// Opens the folder, making it if it is not there. `origin` names log and key.
    ///
    /// # Errors
    /// [`EvidenceError`] when it does not open.
    pub fn open(folder: &Path, origin: &str, keys: Arc<dyn KeyStore>) -> Result<Self, EvidenceError> {
        private::make_dir(folder).map_err(|source| EvidenceError::Io(folder.to_owned(), source))?;
        let mut db = open(&folder.join(SIGNED_FILE), &keys.key(Purpose::Database)?, Access::Create)?;
        db.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB};"))?;
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if change.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? == 0 {
            change.execute_batch(TABLES)?;
            change.pragma_update(None, "user_version", 1)?;
        }
        if change.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? == 1 {
            change.execute_batch(WORDS)?;
            change.pragma_update(None, "user_version", 2)?;
        }
        if change.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? == 2 {
            change.execute_batch(ORIGINS)?;
            change.pragma_update(None, "user_version", 3)?;
        }
        change.commit()?;
        let origins = Origins::read(&db, origin)?;
        let (known, key) = known(&origins.current(), keys.as_ref())?;
        let (folder, words) = (folder.to_owned(), Arc::default());
        let mut evidence = Self { folder, db: Some(db), keys, known, key, origins, words };
        evidence.give_words()?;
        Ok(evidence)
    }

    /// Opens the folder for reading only; one that is not there holds no checkpoint.
    ///
    /// # Errors
    /// [`EvidenceError`] when it is there and does not open.
    pub fn open_read(folder: &Path, origin: &str, keys: Arc<dyn KeyStore>) -> Result<Self, EvidenceError> {
        let path = folder.join(SIGNED_FILE);
        let db = match path.exists() {
            true => Some(open(&path, &keys.key(Purpose::Database)?, Access::Read)?),
            false => None,
        };
        let origins = match &db {
            Some(db) => Origins::read(db, origin)?,
            None => Origins::first(origin),
        };
        let (known, key) = known(&origins.current(), keys.as_ref())?;
        let mut evidence = Self { folder: folder.to_owned(), db, keys, known, key, origins, words: Arc::default() };
        evidence.words = Arc::new(evidence.words_kept()?);
        Ok(evidence)
    }

    /// Every key whose signature counts under the origin of now, newest first.
    #[must_use]
    pub fn verifier_keys(&self) -> Vec<VerifierKey> {
        self.known.iter().filter(|(key, _)| !key.gone).map(|(_, key)| key.clone()).collect()
    }

    /// Every key by the names it had under the origins before.
    #[must_use]
    pub fn former_keys(&self) -> Vec<VerifierKey> {
        let named = |origin| self.known.iter().filter_map(move |(key, _)| VerifierKey::new(origin, key.public).ok());
        self.origins.former().flat_map(named).collect()
    }

    /// How the log came to its origin, oldest first.
    #[must_use]
    pub fn reopened(&self) -> &[Reopening] {
        self.origins.reopened()
    }

    /// Entries that are kept of what was signed under an origin before; `None` of the one of now.
    #[must_use]
    pub fn kept_of(&self, origin: &str) -> Option<u64> {
        self.origins.kept_of(origin)
    }

    /// Goes on under the origin that this note names.
    ///
    /// # Errors
    /// [`EvidenceError::NotGenuine`] when it is not of the origin of now, or of another key than the active one.
    pub fn reopen(&mut self, note: &str) -> Result<(), EvidenceError> {
        let db = self.db.as_ref().ok_or(EvidenceError::ReadOnly)?;
        self.origins.reopen(db, note)?;
        (self.known, self.key) = known(&self.origins.current(), self.keys.as_ref())?;
        let named = self.origins.reopened().last().is_some_and(|reopened| reopened.next == self.key);
        self.words = Arc::new(self.words_kept()?);
        if named { Ok(()) } else { Err(EvidenceError::NotGenuine) }
    }

    /// The word of each key on the next, oldest first.
    #[must_use]
    pub fn words(&self) -> Arc<Vec<String>> {
        Arc::clone(&self.words)
    }

    /// The word of each key on the next under every origin there was, oldest first.
    ///
    /// # Errors
    /// [`EvidenceError::Database`].
    pub fn every_word(&self) -> Result<Vec<String>, EvidenceError> {
        let Some(db) = &self.db else { return Ok(Vec::new()) };
        // A folder that was only ever read since has none.
        if db.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? < 2 {
            return Ok(Vec::new());
        }
        let mut query = db.prepare_cached("SELECT note FROM successions ORDER BY version")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Those of them that were given under the origin of now.
    fn words_kept(&self) -> Result<Vec<String>, EvidenceError> {
        let here = |word: &String| read_succession(word).is_some_and(|(old, _)| old.name() == self.key.name());
        Ok(self.every_word()?.into_iter().filter(here).collect())
    }

    /// Makes the next key, at `now_s`: it signs from now on, and the one before beside it for a while.
    ///
    /// # Errors
    /// [`EvidenceError`]; a key that was made and not spoken for yet is spoken for at the next opening.
    pub fn turn(&mut self, random: Random, now_s: u64) -> Result<u32, EvidenceError> {
        if self.words.len() >= PACK_WORDS_MAX {
            return Err(EvidenceError::Full);
        }
        let next = self.keys.next_checkpoint_key(random, now_s)?;
        let origin = self.key.name().to_owned();
        (self.known, self.key) = known(&origin, self.keys.as_ref())?;
        self.give_words()?;
        Ok(next.version)
    }

    /// Ends every key that signs beside the active one, at `now_s`: what it signed is verified still. Which they were.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn revoke(&mut self, random: Random, now_s: u64) -> Result<Vec<u32>, EvidenceError> {
        let ended = self.keys.revoke_retained(Purpose::Checkpoint, random, now_s)?;
        let origin = self.key.name().to_owned();
        (self.known, self.key) = known(&origin, self.keys.as_ref())?;
        Ok(ended)
    }

    /// Has each key give its word on the next where it has not.
    fn give_words(&mut self) -> Result<(), EvidenceError> {
        let db = self.db.as_ref().ok_or(EvidenceError::ReadOnly)?;
        for pair in self.known.windows(2).rev() {
            let [(next, next_key), (old, old_key)] = pair else { continue };
            if old.gone {
                // It says nothing any more; the log's new origin says what came after it.
                continue;
            }
            let sql = "SELECT 1 FROM successions WHERE version = ?1";
            if db.query_row(sql, [next.version], |_| Ok(())).optional()?.is_some() {
                continue;
            }
            let note = match bequest(&self.folder, old_key, next_key) {
                Some(kept) => kept,
                None => {
                    let text = succession(old_key, next_key);
                    let signature = self.keys.sign_checkpoint(old.version, text.as_bytes())?;
                    format!("{text}\n{}", signature_line(old_key.name(), old_key.key_id(), &signature))
                }
            };
            let sql = "INSERT INTO successions (version, note, logged) VALUES (?1, ?2, 0)";
            db.execute(sql, (next.version, &note))?;
        }
        self.words = Arc::new(self.words_kept()?);
        Ok(())
    }

    /// Words that the log may not have yet.
    ///
    /// # Errors
    /// [`EvidenceError::Database`].
    pub fn unlogged(&self) -> Result<Vec<Word>, EvidenceError> {
        let db = self.db.as_ref().ok_or(EvidenceError::ReadOnly)?;
        let mut query = db.prepare_cached("SELECT version, note FROM successions WHERE logged = 0 ORDER BY version")?;
        let rows = query.query_map([], |row| Ok(Word { version: row.get(0)?, note: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The log has it.
    ///
    /// # Errors
    /// [`EvidenceError::Database`].
    pub fn logged(&self, word: &Word) -> Result<(), EvidenceError> {
        let db = self.db.as_ref().ok_or(EvidenceError::ReadOnly)?;
        db.execute("UPDATE successions SET logged = 1 WHERE version = ?1", [word.version])?;
        Ok(())
    }

    /// The key outsiders verify with: `origin+id+key`.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.key
    }

    /// Signs the tree of `size` entries at `now_s` and keeps the checkpoint, durably.
    ///
    /// # Errors
    /// [`EvidenceError`]; then nothing was signed that anyone could have seen.
    pub fn sign(&self, size: u64, root: Hash, now_s: u64) -> Result<SignedCheckpoint, EvidenceError> {
        let checkpoint = Checkpoint { origin: self.key.name().to_owned(), size, root };
        let text = checkpoint.to_string();
        let mut note = format!("{text}\n");
        for (key, name) in self.known.iter().filter(|(key, _)| signs(key, now_s)) {
            let signature = self.keys.sign_checkpoint(key.version, text.as_bytes())?;
            note.push_str(&signature_line(name.name(), name.key_id(), &signature));
        }
        let db = self.db.as_ref().ok_or(EvidenceError::ReadOnly)?;
        db.prepare_cached("INSERT OR IGNORE INTO checkpoints (size, note) VALUES (?1, ?2)")?
            .execute((size.cast_signed(), &note))?;
        self.write_newest(&note)?;
        Ok(SignedCheckpoint { checkpoint, note })
    }

    /// The newest checkpoint kept in either place.
    ///
    /// # Errors
    /// [`EvidenceError::NotGenuine`] when one is there that this server did not sign.
    pub fn newest(&self) -> Result<Option<SignedCheckpoint>, EvidenceError> {
        let sql = "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1";
        let stored: Option<String> = match &self.db {
            Some(db) => db.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?,
            None => None,
        };
        let mut keys: Vec<_> = self.known.iter().map(|(_, key)| key.clone()).collect();
        keys.extend(self.former_keys());
        let mut newest: Option<SignedCheckpoint> = None;
        for note in [stored, self.newest_note()?].into_iter().flatten() {
            let found = SignedCheckpoint::read_any(&note, &keys)?;
            if newest.as_ref().is_none_or(|other| found.checkpoint.size > other.checkpoint.size) {
                newest = Some(found);
            }
        }
        Ok(newest)
    }

    /// Notes kept for trees of at least `size` entries, smallest first, at most `limit`, with the size each is kept under.
    ///
    /// # Errors
    /// [`EvidenceError::Database`].
    pub fn notes_from(&self, size: u64, limit: u32) -> Result<Vec<(u64, String)>, EvidenceError> {
        let sql = "SELECT size, note FROM checkpoints WHERE size >= ?1 ORDER BY size LIMIT ?2";
        let Some(db) = &self.db else { return Ok(Vec::new()) };
        let mut query = db.prepare_cached(sql)?;
        let rows = query.query_map((i64::try_from(size).unwrap_or(i64::MAX), limit), |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The note in the file of the newest checkpoint, unverified.
    ///
    /// # Errors
    /// [`EvidenceError::Io`] when it is there and cannot be read.
    pub fn newest_note(&self) -> Result<Option<String>, EvidenceError> {
        let path = self.folder.join(NEWEST_FILE);
        let failed = |source| EvidenceError::Io(path.clone(), source);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        let mut note = String::new();
        file.take(NOTE_BYTES_MAX).read_to_string(&mut note).map_err(failed)?;
        Ok(Some(note))
    }

    /// Refuses a log that does not contain the newest checkpoint: an older copy, or another history, was put back.
    ///
    /// # Errors
    /// [`OpenError::RolledBack`]; [`OpenError::Damaged`] when a checkpoint was not signed by this server.
    pub fn refuse_rollback(&self, reader: &mut dyn Reader) -> Result<(), OpenError> {
        let newest = self.newest().map_err(|error| match error {
            EvidenceError::Database(source) => OpenError::Database(source),
            EvidenceError::Io(path, source) => OpenError::Io(path, source),
            _ => OpenError::Damaged("the newest checkpoint was not signed by this server"),
        })?;
        let Some(SignedCheckpoint { checkpoint, .. }) = newest else { return Ok(()) };
        let size = reader.size()?;
        let rolled_back = OpenError::RolledBack { size, checkpoint: checkpoint.size };
        if size < checkpoint.size {
            return Err(rolled_back);
        }
        match reader.frontier_at(checkpoint.size) {
            Ok(frontier) if frontier.root() == checkpoint.root => Ok(()),
            Ok(_) | Err(ReadError::Missing) => Err(rolled_back),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces the file of the newest checkpoint so that it is the old one or the new one whatever happens.
    fn write_newest(&self, note: &str) -> Result<(), EvidenceError> {
        let path = self.folder.join(NEWEST_FILE);
        private::replace(&path, &path.with_extension("tmp"), note.as_bytes())
            .map_err(|source| EvidenceError::Io(path.clone(), source))
    }
}
