//! The newest checkpoint for whoever keeps an older one, with the proof that it continues it; it must sign nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::pack::{Pack, Packed};
use turret_shared::tlog::{Note, VerifierKey, consistency, inclusion, read_succession};
use turret_shared::wire::control::LogHead;

use super::evidence::SignedCheckpoint;
use super::signer::Keys;
use crate::store::{ReadError, Reader};

/// What is published was signed by the keys there are.
const UNSIGNED: ReadError = ReadError::Damaged("a checkpoint is signed by no key of this log");

/// Tells heads of the log; clones share one reader.
#[derive(Clone)]
pub struct Heads {
    newest: watch::Receiver<Option<Arc<SignedCheckpoint>>>,
    keys: watch::Receiver<Keys>,
    reader: Arc<Mutex<Box<dyn Reader>>>,
}

impl fmt::Debug for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heads").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Heads {
    /// Of what the signer tells, under its keys, proved from this reader.
    #[must_use]
    pub fn new(
        newest: watch::Receiver<Option<Arc<SignedCheckpoint>>>,
        keys: watch::Receiver<Keys>,
        reader: Box<dyn Reader>,
    ) -> Self {
        Self { newest, keys, reader: Arc::new(Mutex::new(reader)) }
    }

    /// The newest, and that it continues the tree of `have` entries; `None` while nothing is signed. A tree larger than the
    /// newest is continued by nothing: the answer has no proof, and who asked sees why.
    ///
    /// # Errors
    /// [`ReadError`] when the tree cannot be read.
    pub fn since(&self, have: Option<u64>) -> Result<Option<LogHead>, ReadError> {
        let Some(newest) = self.newest.borrow().clone() else { return Ok(None) };
        // A reader that panicked left no statement half-way that the next would see.
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut node = |level, index| reader.node(level, index);
        let proof = consistency(have.unwrap_or(0), newest.checkpoint.size, &mut node)?;
        let note: Note = newest.note.parse().map_err(|_| UNSIGNED)?;
        let (key, words) = self.signer_of(&note).ok_or(UNSIGNED)?;
        let successions = (!words.is_empty()).then_some(words);
        Ok(Some(LogHead { note: newest.note.clone(), key: *key.public(), proof, successions }))
    }

    /// A checkpoint that covers this entry, as soon as one is signed; `None` when the signer is gone.
    pub async fn covering(&self, last: Sequence) -> Option<Arc<SignedCheckpoint>> {
        let mut newest = self.newest.clone();
        let covers = |signed: &Option<Arc<SignedCheckpoint>>| {
            signed.as_ref().is_some_and(|signed| signed.checkpoint.size > last.0)
        };
        newest.wait_for(covers).await.ok()?.clone()
    }

    /// The newest key that signed it, and the words that lead to that key: a checkpoint may be older than a key.
    fn signer_of(&self, note: &Note) -> Option<(VerifierKey, Vec<String>)> {
        let Keys { mut key, words } = self.keys.borrow().clone();
        let mut words = words.to_vec();
        while key.verify(note).is_err() {
            (key, _) = read_succession(&words.pop()?)?;
        }
        Some((key, words))
    }

    /// The entries with their ways to the root of this checkpoint.
    ///
    /// # Errors
    /// [`ReadError`] when the tree cannot be read.
    pub fn prove(
        &self,
        order: OrderId,
        entries: BTreeMap<Sequence, Vec<u8>>,
        signed: &SignedCheckpoint,
    ) -> Result<Pack, ReadError> {
        // See `since`.
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut node = |level, index| reader.node(level, index);
        let mut packed = Vec::with_capacity(entries.len());
        for (place, bytes) in entries {
            packed.push(Packed { bytes, path: inclusion(place.0, signed.checkpoint.size, &mut node)? });
        }
        // One signature of the log, so that no byte of it is held by nothing.
        let note: Note = signed.note.parse().map_err(|_| UNSIGNED)?;
        let (key, words) = self.signer_of(&note).ok_or(UNSIGNED)?;
        let note = note.signed_by(&key).ok_or(UNSIGNED)?;
        Ok(Pack { order, entries: packed, words, note })
    }
}
