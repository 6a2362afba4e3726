//! The committing thread: one sealed batch at a time is made durable, then told; it must decide nothing.
//!
//! While it waits for the disk the writer decides the next batch. Nothing of that is told before this one is durable, for
//! batches go through here in the order they were sealed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
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
}

/// The writer's end.
pub(super) struct Committer {
    work: SyncSender<Sealed>,
    progress: Arc<Progress>,
    thread: JoinHandle<Result<(), CommitError>>,
}

/// What the thread works with.
struct Hands {
    work: Receiver<Sealed>,
    progress: Arc<Progress>,
    appender: Appender,
    outlets: Outlets,
    reserve: DiskReserve,
    clock: Arc<dyn Clock>,
    writer: Nudger<Submission>,
    reserve_try_ns: Option<u64>,
}

impl Committer {
    /// Starts the thread.
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
        });
        let hands = Hands {
            work: sealed,
            progress: Arc::clone(&progress),
            appender,
            outlets,
            reserve,
            clock,
            writer,
            reserve_try_ns: None,
        };
        let thread = Builder::new().name("turret-commit".to_owned()).spawn(move || hands.run());
        Ok(Self { work, progress, thread: thread.map_err(CommitError::Thread)? })
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

    /// True when a batch could not be made durable: [`Self::end`] says why.
    pub(super) fn has_failed(&self) -> bool {
        self.progress.failed.load(Ordering::Acquire)
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
    fn run(mut self) -> Result<(), CommitError> {
        loop {
            let next = match self.reserve.is_held() {
                true => self.work.recv().map_err(RecvTimeoutError::from),
                false => self.work.recv_timeout(Duration::from_millis(RESERVE_RETRY_MS)),
            };
            match next {
                Ok(sealed) => {
                    let told = self.commit_and_tell(sealed);
                    self.progress.failed.store(told.is_err(), Ordering::Release);
                    self.progress.busy.store(false, Ordering::SeqCst);
                    if told.is_err() || self.progress.awaited.swap(false, Ordering::SeqCst) {
                        self.writer.nudge();
                    }
                    told?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            self.retry_reserve();
        }
    }

    fn commit_and_tell(&mut self, sealed: Sealed) -> Result<(), CommitError> {
        let Sealed { batch, mut telling } = sealed;
        if !batch.is_empty() {
            self.appender.append(&batch, &mut self.reserve)?;
            self.progress.reserve_held.store(self.reserve.is_held(), Ordering::Release);
            self.progress.committed_ns.store(self.clock.monotonic_ns(), Ordering::Relaxed);
        }
        self.appender.give_receipts(&mut telling.answers);
        self.outlets.let_out(telling);
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
