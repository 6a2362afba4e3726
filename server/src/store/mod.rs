//! What the log's keeper must do: compare and append, read back, say what became of a commit; it must not name an adapter.

mod batch;
mod error;
mod reader;
pub mod snapshots;
pub mod sqlcipher;

use turret_shared::ids::Sequence;
use turret_shared::tlog::Frontier;

pub use batch::{Batch, EntryRow, OrderRow};
pub use error::{AppendError, OpenError, ReadError, SnapshotError};
pub use reader::{Reader, StoredEntry, Visit};

/// Where the log stands when it is opened for writing.
#[derive(Debug, Clone)]
pub struct Tip {
    /// Fences writers: each opening for writing gets the next one, and only the newest may append.
    pub epoch: u64,
    /// The tree so far; its size is the sequence the next entry gets.
    pub frontier: Frontier,
}

impl Tip {
    /// The sequence the next entry gets.
    #[must_use]
    pub const fn next(&self) -> Sequence {
        Sequence(self.frontier.size())
    }
}

/// What became of an append whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the log, which now has this many entries.
    Committed {
        /// Entries in the log.
        size: u64,
    },
    /// Nothing of it is in the log.
    Absent,
    /// A writer of a newer epoch has taken over; nothing may be appended under the old one.
    Superseded {
        /// The epoch in force.
        epoch: u64,
    },
}

/// The one writer's side of the log.
pub trait Store: Send {
    /// Where the log stood when this writer opened it.
    fn tip(&self) -> &Tip;

    /// Appends the batch in one durable transaction, if `epoch` is in force and the log has `expected` entries.
    ///
    /// When this returns `Ok`, the batch survives a power loss. An empty batch is a no-op.
    ///
    /// # Errors
    /// [`AppendError`]; after [`AppendError::Unknown`] only [`Store::fate`] tells what became of the batch.
    fn append(&mut self, epoch: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError>;

    /// What became of an append made with these arguments.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn fate(&mut self, epoch: u64, expected: Sequence) -> Result<Fate, ReadError>;

    /// A reader of its own, for another thread.
    ///
    /// # Errors
    /// [`OpenError`] when it cannot be opened.
    fn reader(&self) -> Result<Box<dyn Reader>, OpenError>;
}
