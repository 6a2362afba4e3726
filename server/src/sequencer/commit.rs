//! The log's end: takes whole batches and says when they are durable; it must decide nothing and tell nobody.

use std::fmt;

use turret_shared::ids::Sequence;
use turret_shared::tlog::leaf_hash;
use turret_shared::wire::control::{Accepted, Outcome};

use super::assembly::Assembly;
use super::disk::DiskReserve;
use super::release::Answer;
use crate::store::{AppendError, Batch, Fate, ReadError, Reader, Store};

/// Why the process must stop: what is in the store is the truth, and start-up finds it.
#[derive(Debug)]
pub enum CommitError {
    /// The store did not take the batch.
    Append(AppendError),
    /// It cannot even say what became of it.
    Fate(ReadError),
    /// It says that nothing of it is there.
    Lost,
    /// The committing thread cannot be started.
    Thread(std::io::Error),
    /// The committing thread panicked.
    Panicked,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(error) => write!(f, "commit failed: {error}"),
            Self::Fate(error) => write!(f, "commit failed and its fate is unknown: {error}"),
            Self::Lost => f.write_str("commit failed and is not in the log"),
            Self::Thread(error) => write!(f, "no committing thread: {error}"),
            Self::Panicked => f.write_str("the committing thread panicked"),
        }
    }
}

impl std::error::Error for CommitError {}

/// Both halves of the way into the log. Set-up uses them one after the other, a writer and its committer at once.
pub struct Commits {
    /// What is decided.
    pub assembly: Assembly,
    /// What becomes durable.
    pub appender: Appender,
}

impl Commits {
    /// Behind the store's tip.
    #[must_use]
    pub fn new(store: Box<dyn Store>, reader: Box<dyn Reader>) -> Self {
        let assembly = Assembly::new(store.tip().frontier.clone());
        Self { assembly, appender: Appender::new(store, reader) }
    }
}

/// The durable half: the log's end.
pub struct Appender {
    store: Box<dyn Store>,
    reader: Box<dyn Reader>,
    epoch: u64,
    durable: Sequence,
    last_leaves: Vec<[u8; 32]>,
    last_first: Sequence,
}

impl Appender {
    fn new(store: Box<dyn Store>, reader: Box<dyn Reader>) -> Self {
        let (epoch, durable) = (store.tip().epoch, store.tip().next());
        Self { store, reader, epoch, durable, last_leaves: Vec::new(), last_first: durable }
    }

    /// Makes the batch durable, giving up the disk reserve if that is what it takes.
    ///
    /// # Errors
    /// [`CommitError`]; nothing may be told to anyone then.
    pub fn append(&mut self, batch: &Batch, reserve: &mut DiskReserve) -> Result<(), CommitError> {
        let next = Sequence(self.durable.0.saturating_add(batch.entries.len() as u64));
        match self.store.append(self.epoch, self.durable, batch) {
            Ok(()) => {}
            Err(AppendError::Full) if reserve.give_up() => {
                tracing::error!("disk full: the reserve is given up and only cancels are taken");
                self.store.append(self.epoch, self.durable, batch).map_err(CommitError::Append)?;
            }
            Err(AppendError::Unknown(error)) => {
                tracing::error!(%error, "a commit's answer was lost");
                self.settle(next)?;
            }
            Err(error) => return Err(CommitError::Append(error)),
        }
        self.last_first = self.durable;
        self.last_leaves.clear();
        self.last_leaves.extend(batch.entries.iter().map(|row| row.leaf.0));
        self.durable = next;
        Ok(())
    }

    /// Asks what became of a commit whose answer was lost: it is there when the log ends at `next`.
    fn settle(&mut self, next: Sequence) -> Result<(), CommitError> {
        match self.store.fate(self.epoch, self.durable).map_err(CommitError::Fate)? {
            Fate::Committed { size } if size == next.0 => Ok(()),
            _ => Err(CommitError::Lost),
        }
    }

    /// Puts the leaf beside the sequence of each receipt, now that both are durable.
    pub fn give_receipts(&mut self, answers: &mut [Answer]) {
        for answer in answers {
            if let Some(outcome) = &mut answer.decided.outcome {
                self.receipt(outcome);
            }
        }
    }

    fn receipt(&mut self, outcome: &mut Outcome) {
        match outcome {
            Outcome::Order(accepted) => self.leaf_of(accepted),
            Outcome::Proof(outcomes) => outcomes.iter_mut().for_each(|outcome| self.receipt(outcome)),
            _ => {}
        }
    }

    fn leaf_of(&mut self, accepted: &mut Accepted) {
        let place = accepted.sequence.0.checked_sub(self.last_first.0).and_then(|at| usize::try_from(at).ok());
        if let Some(leaf) = place.and_then(|at| self.last_leaves.get(at)) {
            accepted.leaf = leaf.to_vec();
            return;
        }
        // The same command came again: its entry lies further back.
        match self.reader.entry(accepted.sequence) {
            Ok(Some(bytes)) => accepted.leaf = leaf_hash(&bytes).0.to_vec(),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no receipt for a repeated command"),
        }
    }
}
