//! The thread that uses keys which can go, once a second, and says when they went and came back; it must decide nothing.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use turret_shared::time::NS_PER_S;

use super::KeyStore;
use crate::clock::Clock;

/// Between two looks, in milliseconds.
const BEAT_MS: u64 = 1_000;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The keys cannot be used: why, in a word.
    Lost(&'static str),
    /// They can again, after so many seconds.
    Back(u32),
}

/// A running look at a key store. Dropping it ends the thread.
pub struct Pulse {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pulse")
    }
}

impl Pulse {
    /// Looks after `keys` where they can go; `tell` says whether it was heard, and is told again if not.
    ///
    /// # Errors
    /// What the system says when there is no thread.
    pub fn start(
        keys: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        tell: impl Fn(Beat) -> bool + Send + 'static,
    ) -> Result<Self, std::io::Error> {
        if !keys.can_go() {
            return Ok(Self { stop: None, thread: None });
        }
        let (stop, stopped) = sync_channel(1);
        let look = move || {
            let mut lost: Option<u64> = None;
            while matches!(stopped.recv_timeout(Duration::from_millis(BEAT_MS)), Err(RecvTimeoutError::Timeout)) {
                lost = beat(keys.as_ref(), clock.monotonic_ns(), lost, &tell);
            }
        };
        let thread = Builder::new().name("turret-keys".into()).spawn(look)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// One look: since when the keys are lost, if they are and somebody heard it.
fn beat(keys: &dyn KeyStore, now_ns: u64, lost: Option<u64>, tell: &impl Fn(Beat) -> bool) -> Option<u64> {
    match (keys.tend(), lost) {
        (Ok(()), None) => None,
        (Ok(()), Some(since)) => {
            let after_s = now_ns.saturating_sub(since) / NS_PER_S.unsigned_abs();
            let after_s = u32::try_from(after_s).unwrap_or(u32::MAX);
            if tell(Beat::Back(after_s)) { None } else { Some(since) }
        }
        (Err(error), None) => {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "the keys cannot be used");
            tell(Beat::Lost(error.word())).then_some(now_ns)
        }
        (Err(_), Some(since)) => Some(since),
    }
}
