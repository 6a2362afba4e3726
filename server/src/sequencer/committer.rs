//! Makes one sealed batch at a time durable, then tells of it; it must decide nothing.
//!
//! A large batch goes to a thread of its own: while that waits for the disk the writer decides the next one. A small batch
//! is committed where it was decided, for handing it over would cost more than it saves. Either way batches become durable
//! in the order they were sealed, one at a time, and nothing is told of a batch before it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::commit::{Appender, CommitError};
use super::disk::DiskReserve;
use super::inbox::Submission;
use super::limits::RESERVE_RETRY_MS;
use super::mailbox::Nudger;
use super::release::{Outlets, Telling};
use crate::clock::Clock;
use crate::store::Batch;

/// A batch that is decided, and what may be told once it is durable.
pub(super) struct Sealed {
    pub(super) batch: Batch,
    pub(super) telling: Telling,
}

/// What the writer sees of the committer.
#[derive(Debug)]
struct Progress {
    /// A batch was handed over and is not yet told.
    busy: AtomicBool,
    /// The writer has more and wants to hear of the end.
    awaited: AtomicBool,
    /// Something was not made durable: all ends.
    failed: AtomicBool,
    /// When the last commit ended, on the monotonic clock.
    committed_ns: AtomicU64,
    /// The disk reserve is there.
    reserve_held: AtomicBool,
    /// The room of a batch that is told, for one to come.
    room: Mutex<Option<Batch>>,
}

/// What a commit is made with: whoever holds it commits.
struct Ledger {
    appender: Appender,
    outlets: Outlets,
    reserve: DiskReserve,
    reserve_try_ns: Option<u64>,
    clock: Arc<dyn Clock>,
    progress: Arc<Progress>,
    /// A batch was not made durable: nothing that was decided on top of it may be told, though it wrote nothing itself.
    broken: bool,
}

/// The writer's end.
pub(super) struct Committer {
    ledger: Arc<Mutex<Ledger>>,
    work: SyncSender<Sealed>,
    progress: Arc<Progress>,
    thread: JoinHandle<Result<(), CommitError>>,
}

/// What the thread works with.
struct Hands {
    ledger: Arc<Mutex<Ledger>>,
    work: Receiver<Sealed>,
    progress: Arc<Progress>,
    writer: Nudger<Submission>,
}

impl Committer {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`CommitError::Thread`].
    pub(super) fn start(
        appender: Appender,
        outlets: Outlets,
        reserve: DiskReserve,
        clock: Arc<dyn Clock>,
        writer: Nudger<Submission>,
    ) -> Result<Self, CommitError> {
        // One place: a batch is handed over only when the one before is told.
        let (work, sealed) = sync_channel(1);
        let progress = Arc::new(Progress {
            busy: AtomicBool::new(false),
            awaited: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            committed_ns: AtomicU64::new(0),
            reserve_held: AtomicBool::new(reserve.is_held()),
            room: Mutex::new(None),
        });
        let ledger = Ledger {
            appender,
            outlets,
            reserve,
            reserve_try_ns: None,
            clock,
            progress: Arc::clone(&progress),
            broken: false,
        };
        let ledger = Arc::new(Mutex::new(ledger));
        let hands = Hands { ledger: Arc::clone(&ledger), work: sealed, progress: Arc::clone(&progress), writer };
        let thread = Builder::new().name("turret-commit".to_owned()).spawn(move || hands.run());
        Ok(Self { ledger, work, progress, thread: thread.map_err(CommitError::Thread)? })
    }

    /// True while a batch is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.progress.busy.load(Ordering::SeqCst)
    }

    /// Asks to be nudged at the end of the batch under way; false when it has ended already.
    pub(super) fn await_end(&self) -> bool {
        self.progress.awaited.store(true, Ordering::SeqCst);
        self.is_busy()
    }

    /// When the last commit ended, on the monotonic clock.
    pub(super) fn committed_ns(&self) -> u64 {
        self.progress.committed_ns.load(Ordering::Relaxed)
    }

    /// True while the disk reserve is there: everything may be decided.
    pub(super) fn reserve_held(&self) -> bool {
        self.progress.reserve_held.load(Ordering::Acquire)
    }

    /// An empty batch with the room of one before, when there is one: batches of a busy hour are alike.
    pub(super) fn room(&self) -> Batch {
        self.progress.room.lock().ok().and_then(|mut room| room.take()).unwrap_or_default()
    }

    /// True when a batch could not be made durable: [`Self::end`] says why.
    pub(super) fn has_failed(&self) -> bool {
        self.progress.failed.load(Ordering::Acquire)
    }

    /// Makes a batch durable and tells of it here and now; only while it is not busy.
    ///
    /// # Errors
    /// [`CommitError`]: nothing of it is told.
    pub(super) fn commit_here(&self, sealed: Sealed) -> Result<(), CommitError> {
        self.ledger.lock().map_err(|_| CommitError::Panicked)?.commit_and_tell(sealed)
    }

    /// Hands a batch over; only while it is not busy.
    pub(super) fn hand_over(&self, sealed: Sealed) {
        self.progress.busy.store(true, Ordering::SeqCst);
        if self.work.try_send(sealed).is_err() {
            // It never has two; so the thread is gone, and what it was given is told to nobody.
            self.progress.failed.store(true, Ordering::Release);
        }
    }

    /// Waits until what was handed over is told.
    ///
    /// # Errors
    /// [`CommitError`]: what was not durable was told to nobody.
    pub(super) fn end(self) -> Result<(), CommitError> {
        drop(self.work);
        self.thread.join().unwrap_or(Err(CommitError::Panicked))
    }
}

impl Hands {
    fn run(self) -> Result<(), CommitError> {
        loop {
            let next = self.work.recv_timeout(Duration::from_millis(RESERVE_RETRY_MS));
            let mut ledger = self.ledger.lock().map_err(|_| CommitError::Panicked)?;
            match next {
                Ok(sealed) => {
                    let told = ledger.commit_and_tell(sealed);
                    drop(ledger);
                    self.progress.failed.store(told.is_err(), Ordering::Release);
                    self.progress.busy.store(false, Ordering::SeqCst);
                    if told.is_err() || self.progress.awaited.swap(false, Ordering::SeqCst) {
                        self.writer.nudge();
                    }
                    told?;
                }
                Err(RecvTimeoutError::Timeout) => ledger.retry_reserve(),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }
}

impl Ledger {
    fn commit_and_tell(&mut self, sealed: Sealed) -> Result<(), CommitError> {
        let Sealed { mut batch, mut telling } = sealed;
        if std::mem::replace(&mut self.broken, true) {
            return Err(CommitError::Lost);
        }
        if !batch.is_empty() {
            self.appender.append(&batch, &mut self.reserve)?;
            self.progress.reserve_held.store(self.reserve.is_held(), Ordering::Release);
            self.progress.committed_ns.store(self.clock.monotonic_ns(), Ordering::Relaxed);
        }
        self.appender.give_receipts(&mut telling.answers);
        self.outlets.let_out(telling);
        batch.clear();
        if let Ok(mut room) = self.progress.room.lock() {
            *room = Some(batch);
        }
        self.retry_reserve();
        self.broken = false;
        Ok(())
    }

    /// Lays the reserve again once there may be room: some time after it was given up, and not at every commit.
    fn retry_reserve(&mut self) {
        if self.reserve.is_held() {
            self.reserve_try_ns = None;
            return;
        }
        let now = self.clock.monotonic_ns();
        let next = now.saturating_add(RESERVE_RETRY_MS.saturating_mul(1_000_000));
        let due = *self.reserve_try_ns.get_or_insert(next);
        if now >= due {
            self.reserve_try_ns = Some(next);
            self.reserve.restore();
            self.progress.reserve_held.store(self.reserve.is_held(), Ordering::Release);
        }
    }
}

impl Drop for Hands {
    /// A panic is a failure like any other: the writer must not wait for it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.progress.failed.store(true, Ordering::Release);
            self.writer.nudge();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot, watch};
    use turret_engine::State;
    use turret_shared::secret::SecretKey;
    use turret_shared::time::Timestamp;
    use turret_shared::tlog::{Frontier, Hash};
    use turret_shared::venue::Route;

    use super::*;
    use crate::clock::SystemClock;
    use crate::sequencer::commit::Commits;
    use crate::sequencer::inbox::{ReplyTo, inbox};
    use crate::sequencer::mailbox::mailbox;
    use crate::sequencer::release::{Access, Answer};
    use crate::sequencer::reply::Decided;
    use crate::store::Store;
    use crate::store::sqlcipher::{SqlStore, Tuning};
    use crate::venue::Venue;

    struct NoVenue;

    impl Venue for NoVenue {
        fn route(&self, _: Vec<Route>) {}

        fn recover(&self, _: Vec<Route>) {}
    }

    #[test]
    fn after_a_batch_that_is_lost_not_even_an_answer_that_writes_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqlStore::open(&folder.path().join("log.db"), &SecretKey::new([9; 32]), Tuning::default()).unwrap();
        let reader = store.reader().unwrap();
        let Commits { appender, .. } = Commits::new(Box::new(store), reader);
        let (work, _work) = mailbox(8);
        let (access, _access) = Access::new(State::new().access_copy());
        let (ended, _ended) = mpsc::channel(1);
        let outlets = Outlets::new(work, access, ended, Arc::new(NoVenue), watch::Sender::new(0));
        let reserve = DiskReserve::lay(folder.path().join("reserve"), 0);
        let (_inbox, submissions) = inbox();
        let clock = Arc::new(SystemClock::new());
        let committer = Committer::start(appender, outlets, reserve, clock, submissions.nudger()).unwrap();

        // A batch with a gap before it: the store refuses it.
        let (mut frontier, mut tiles) = (Frontier::default(), Vec::new());
        frontier.append(Hash([0; 32]), &mut tiles);
        let mut lost = Batch::default();
        lost.push(&mut frontier, &[1]);
        assert!(committer.commit_here(Sealed { batch: lost, telling: Telling::default() }).is_err());
        let (asked, mut told) = oneshot::channel();
        let decided = Decided { first: None, time: Timestamp(0), outcome: None, session: None, fault: None };
        let answers = vec![Answer { reply: ReplyTo::Task(asked), decided }];
        let telling = Telling { answers, ..Telling::default() };
        assert!(committer.commit_here(Sealed { batch: Batch::default(), telling }).is_err());
        assert!(matches!(told.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        assert!(committer.end().is_ok(), "the thread itself has lost nothing");
    }
}
