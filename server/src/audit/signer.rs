//! The thread that signs a checkpoint soon after entries are durable; it must sign only what it read back from the store.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::evidence::{Evidence, EvidenceError, SignedCheckpoint};
use crate::store::{ReadError, Reader};

/// Between two looks at the log, in milliseconds: with the time to sign, well under the second promised.
const LOOK_MS: u64 = 400;

/// Why a checkpoint was not signed this time; the next look tries again.
#[derive(Debug)]
pub enum SignerError {
    /// The thread did not start.
    Start(std::io::Error),
    /// The tree could not be read.
    Read(ReadError),
    /// It could not be signed or kept.
    Evidence(EvidenceError),
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "the checkpoint signer did not start",
            Self::Read(_) => "the log's tree could not be read",
            Self::Evidence(_) => "a checkpoint could not be signed",
        })
    }
}

impl std::error::Error for SignerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(source) => Some(source),
            Self::Read(source) => Some(source),
            Self::Evidence(source) => Some(source),
        }
    }
}

/// Stopped once; whoever waits on it wakes.
#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn stop(&self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits at most a look; true when stopped.
    fn wait(&self) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let look = Duration::from_millis(LOOK_MS);
        let (stopped, _) =
            self.changed.wait_timeout_while(stopped, look, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner);
        *stopped
    }
}

/// A running signer. Dropping it signs what is still unsigned, then ends the thread.
pub struct Signer {
    stop: Arc<Stop>,
    newest: watch::Receiver<Option<Arc<SignedCheckpoint>>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Signs what is there, then follows `durable`, the number of entries that survive a power loss.
    ///
    /// What a crash left unsigned is so covered before anything follows it.
    ///
    /// # Errors
    /// [`SignerError::Start`] without a thread; otherwise why what is there could not be signed.
    pub fn start(
        evidence: Evidence,
        reader: Box<dyn Reader>,
        durable: watch::Receiver<u64>,
    ) -> Result<Self, SignerError> {
        let kept = evidence.newest().map_err(SignerError::Evidence)?.map(Arc::new);
        let (newest_out, newest) = watch::channel(kept);
        let stop = Arc::new(Stop::default());
        let mut work = Work { evidence, reader, durable, newest: newest_out };
        work.sign()?;
        let until = Arc::clone(&stop);
        let thread =
            Builder::new().name("checkpoints".into()).spawn(move || work.run(&until)).map_err(SignerError::Start)?;
        Ok(Self { stop, newest, thread: Some(thread) })
    }

    /// The newest checkpoint, and a way to hear of the next.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<Option<Arc<SignedCheckpoint>>> {
        self.newest.clone()
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            // A panic in it was reported when it happened.
            let _ = thread.join();
        }
    }
}

struct Work {
    evidence: Evidence,
    reader: Box<dyn Reader>,
    durable: watch::Receiver<u64>,
    newest: watch::Sender<Option<Arc<SignedCheckpoint>>>,
}

impl Work {
    fn run(mut self, stop: &Stop) {
        loop {
            let stopped = stop.wait();
            if let Err(error) = self.sign() {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "no checkpoint");
            }
            if stopped {
                return;
            }
        }
    }

    fn sign(&mut self) -> Result<(), SignerError> {
        let size = *self.durable.borrow();
        let signed = self.newest.borrow().as_ref().map_or(0, |newest| newest.checkpoint.size);
        if size <= signed {
            return Ok(());
        }
        let root = self.reader.frontier_at(size).map_err(SignerError::Read)?.root();
        let checkpoint = self.evidence.sign(size, root).map_err(SignerError::Evidence)?;
        self.newest.send_replace(Some(Arc::new(checkpoint)));
        Ok(())
    }
}
