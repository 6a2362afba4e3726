//! A store that fails by script: answers lost, commits lost, a full disk, acknowledgements before the commit. It must keep
//! the contract of the store it wraps wherever the script says nothing.

use std::collections::VecDeque;

use turret_server::encrypted::CipherError;
use turret_server::store::{AppendError, Batch, Fate, OpenError, ReadError, Reader, Store, Tip};
use turret_shared::ids::Sequence;

/// What one append does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// As it should.
    None,
    /// It is committed, and the caller is not told so.
    AnswerLost,
    /// It is not committed, and the caller is not told so.
    CommitLost,
    /// Refused for want of room.
    DiskFull,
    /// It says that it is committed and keeps it in memory, this append and all that follow.
    AcknowledgedEarly,
}

/// A store with a script of faults, one for each append; none once the script is at its end.
pub struct FaultyStore<S> {
    inner: S,
    script: VecDeque<Fault>,
    early: bool,
}

impl<S: Store> FaultyStore<S> {
    /// Wraps a store.
    pub fn new(inner: S, script: impl IntoIterator<Item = Fault>) -> Self {
        Self { inner, script: script.into_iter().collect(), early: false }
    }

    /// The store itself.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn tip(&self) -> &Tip {
        self.inner.tip()
    }

    fn append(&mut self, epoch: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
        if self.early {
            return Ok(());
        }
        match self.script.pop_front().unwrap_or(Fault::None) {
            Fault::None => self.inner.append(epoch, expected, batch),
            Fault::AnswerLost => self.inner.append(epoch, expected, batch).and(Err(unknown())),
            Fault::CommitLost => Err(unknown()),
            Fault::DiskFull => Err(AppendError::Full),
            Fault::AcknowledgedEarly => {
                self.early = true;
                Ok(())
            }
        }
    }

    fn fate(&mut self, epoch: u64, expected: Sequence) -> Result<Fate, ReadError> {
        self.inner.fate(epoch, expected)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        self.inner.reader()
    }
}

/// An error that leaves the fate open, as a failing disk gives it.
fn unknown() -> AppendError {
    AppendError::Unknown(CipherError::NotEncrypted)
}
