//! The thread that signs a checkpoint soon after entries are durable; it must sign only what it read back from the store.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use turret_shared::time::NS_PER_S;
use turret_shared::tlog::VerifierKey;

use super::evidence::{Evidence, EvidenceError, SignedCheckpoint, Word};
use crate::clock::Clock;
use crate::random;
use crate::store::{ReadError, Reader};

/// Between two looks at the log, in milliseconds: with the time to sign, well under the second promised.
const LOOK_MS: u64 = 400;
/// Longest wait for a next key, in milliseconds: a look, and a token that takes its time.
const TURN_MS_MAX: u64 = 20_000;

/// Why a checkpoint was not signed this time; the next look tries again.
#[derive(Debug)]
pub enum SignerError {
    /// The thread did not start.
    Start(std::io::Error),
    /// The tree could not be read.
    Read(ReadError),
    /// It could not be signed or kept.
    Evidence(EvidenceError),
    /// The signer is gone, or has as much to do as it takes.
    Busy,
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(_) => "the checkpoint signer did not start",
            Self::Read(_) => "the log's tree could not be read",
            Self::Evidence(_) => "a checkpoint could not be signed",
            Self::Busy => "the checkpoint signer takes nothing more now",
        })
    }
}

impl std::error::Error for SignerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(source) => Some(source),
            Self::Read(source) => Some(source),
            Self::Evidence(source) => Some(source),
            Self::Busy => None,
        }
    }
}

/// What is asked of a running signer's keys.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// Make the next one.
    Turn,
    /// End those that sign beside the active one.
    Revoke,
}

/// What is asked, and where the answer goes.
type Turn = (Asked, SyncSender<Result<u32, SignerError>>);

/// Makes the next key of a running signer, and ends those before it; clones ask the same one.
#[derive(Debug, Clone)]
pub struct Turner(SyncSender<Turn>);

impl Turner {
    /// Makes it, and waits until it signs: its version.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn turn(&self) -> Result<u32, SignerError> {
        self.ask(Asked::Turn)
    }

    /// Ends the keys that sign beside the active one, and waits until it signs alone: the newest of them, 0 for none.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn revoke(&self) -> Result<u32, SignerError> {
        self.ask(Asked::Revoke)
    }

    fn ask(&self, asked: Asked) -> Result<u32, SignerError> {
        let (answer, answered) = sync_channel(1);
        self.0.try_send((asked, answer)).map_err(|_| SignerError::Busy)?;
        answered.recv_timeout(Duration::from_millis(TURN_MS_MAX)).map_err(|_| SignerError::Busy)?
    }
}

/// Hears a key's word on the next; true when the log will have it.
pub type Tell = Box<dyn Fn(&Word) -> bool + Send>;

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
    keys: watch::Receiver<Keys>,
    turner: Turner,
    thread: Option<JoinHandle<()>>,
}

/// The key that signs, and the word of each key before it on the next.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The active one.
    pub key: VerifierKey,
    /// Oldest first.
    pub words: Arc<Vec<String>>,
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
        clock: Arc<dyn Clock>,
        tell: Tell,
    ) -> Result<Self, SignerError> {
        let kept = evidence.newest().map_err(SignerError::Evidence)?.map(Arc::new);
        let (newest_out, newest) = watch::channel(kept);
        let stop = Arc::new(Stop::default());
        let (keys_out, keys) = watch::channel(keys_of(&evidence));
        let (turner, turns) = sync_channel(1);
        let again = newest
            .borrow()
            .as_ref()
            .is_some_and(|kept| SignedCheckpoint::read(&kept.note, evidence.verifier_key()).is_err());
        let mut work =
            Work { evidence, reader, durable, newest: newest_out, keys: keys_out, clock, tell, again, turns };
        work.sign()?;
        let until = Arc::clone(&stop);
        let thread =
            Builder::new().name("checkpoints".into()).spawn(move || work.run(&until)).map_err(SignerError::Start)?;
        Ok(Self { stop, newest, keys, turner: Turner(turner), thread: Some(thread) })
    }

    /// The newest checkpoint, and a way to hear of the next.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<Option<Arc<SignedCheckpoint>>> {
        self.newest.clone()
    }
}

impl Signer {
    /// What signs now, and a way to hear of the next.
    #[must_use]
    pub fn keys(&self) -> watch::Receiver<Keys> {
        self.keys.clone()
    }

    /// The way to the next key.
    #[must_use]
    pub fn turner(&self) -> Turner {
        self.turner.clone()
    }
}

fn keys_of(evidence: &Evidence) -> Keys {
    Keys { key: evidence.verifier_key().clone(), words: evidence.words() }
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
    keys: watch::Sender<Keys>,
    clock: Arc<dyn Clock>,
    tell: Tell,
    /// Sign what is signed once more: there is a key that did not.
    again: bool,
    turns: Receiver<Turn>,
}

impl Work {
    fn run(mut self, stop: &Stop) {
        loop {
            let stopped = stop.wait();
            if let Ok((asked, answer)) = self.turns.try_recv() {
                // Whoever asked may have waited long enough.
                let _ = answer.send(match asked {
                    Asked::Turn => self.turn(),
                    Asked::Revoke => self.revoke(),
                });
            }
            if let Err(error) = self.tell() {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "a key's word is not told");
            }
            if let Err(error) = self.sign() {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "no checkpoint");
            }
            if stopped {
                return;
            }
        }
    }

    fn now_s(&self) -> u64 {
        u64::try_from(self.clock.wall().0 / NS_PER_S).unwrap_or(0)
    }

    /// Before anybody sees the new key sign, they can be shown the word of the old one.
    fn turn(&mut self) -> Result<u32, SignerError> {
        let turned = self.evidence.turn(random::system, self.now_s()).map_err(SignerError::Evidence)?;
        self.again = true;
        self.sign()?;
        Ok(turned)
    }

    fn revoke(&mut self) -> Result<u32, SignerError> {
        let ended = self.evidence.revoke(random::system, self.now_s()).map_err(SignerError::Evidence)?;
        self.again = true;
        self.sign()?;
        Ok(ended.into_iter().max().unwrap_or(0))
    }

    fn tell(&self) -> Result<(), SignerError> {
        for word in self.evidence.unlogged().map_err(SignerError::Evidence)? {
            if (self.tell)(&word) {
                self.evidence.logged(&word).map_err(SignerError::Evidence)?;
            }
        }
        Ok(())
    }

    fn sign(&mut self) -> Result<(), SignerError> {
        let size = *self.durable.borrow();
        let signed = self.newest.borrow().as_ref().map_or(0, |newest| newest.checkpoint.size);
        if size <= signed && !(self.again && size > 0) {
            return Ok(());
        }
        let root = self.reader.frontier_at(size).map_err(SignerError::Read)?.root();
        let checkpoint = self.evidence.sign(size, root, self.now_s()).map_err(SignerError::Evidence)?;
        self.newest.send_replace(Some(Arc::new(checkpoint)));
        if std::mem::take(&mut self.again) {
            self.keys.send_replace(keys_of(&self.evidence));
        }
        Ok(())
    }
}
