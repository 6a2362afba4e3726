//! The exchange as a process: one thread that owns it all, and the door members come in by; it must trade nothing itself.

mod board;
mod clerk;
mod door;
mod pace;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use turret_certs::tls::{Credentials, TlsError};
use turret_shared::secret::SecretKey;
use turret_shared::time::Timestamp;

use super::journal::JournalError;
use super::limits::{ASKS_MAX, FAREWELL_MS_MAX, REPLAY_STEP_MS, STEP_MS};
use super::replay::RecordingError;
use crate::clock::Clock;

pub use clerk::Ask;

/// A recording to play instead of a crowd.
#[derive(Debug, Clone)]
pub struct ReplayConfig {
    /// The file.
    pub path: PathBuf,
    /// How many times faster than recorded.
    pub speed: u32,
    /// Where to start; 5 s before the first trade otherwise.
    pub from: Option<Timestamp>,
}

/// What an exchange needs to run.
pub struct HostConfig<'a> {
    /// Its journal.
    pub journal: PathBuf,
    /// The journal's key.
    pub key: SecretKey,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate, key and authority.
    pub credentials: Credentials<'a>,
    /// Of the crowd.
    pub seed: u64,
    /// Instead of the crowd.
    pub replay: Option<ReplayConfig>,
}

impl fmt::Debug for HostConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostConfig").field("listen", &self.listen).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Why the exchange could not start or had to stop.
#[derive(Debug)]
pub enum HostError {
    /// The journal failed.
    Journal(JournalError),
    /// The recording cannot be played.
    Recording(RecordingError),
    /// The certificates do not serve.
    Tls(TlsError),
    /// No socket, no thread.
    Io(std::io::Error),
    /// Its thread panicked.
    Thread,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(cause) => cause.fmt(f),
            Self::Recording(cause) => cause.fmt(f),
            Self::Tls(cause) => cause.fmt(f),
            Self::Io(_) => f.write_str("cannot listen"),
            Self::Thread => f.write_str("the exchange's thread ended unexpectedly"),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Journal(cause) => Some(cause),
            Self::Recording(cause) => Some(cause),
            Self::Tls(cause) => Some(cause),
            Self::Io(cause) => Some(cause),
            Self::Thread => None,
        }
    }
}

/// Runs an exchange until `stop` resolves, or until it must not go on. `ready` hears the address listened on.
///
/// # Errors
/// [`HostError`].
pub async fn serve(
    config: HostConfig<'_>,
    clock: Arc<dyn Clock>,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), HostError> {
    let board = Arc::new(board::Board::default());
    let (asks, inbox) = mpsc::channel(ASKS_MAX);
    let (shut, shut_seen) = watch::channel(0_u64);
    let endpoint = door::listen(config.listen, &config.credentials)?;
    let step_ms = if config.replay.is_some() { REPLAY_STEP_MS } else { STEP_MS };
    let clerk = clerk::Clerk::open(&config, Arc::clone(&clock), Arc::clone(&board), shut, inbox)?;
    let (ended, mut has_ended) = mpsc::channel::<()>(1);
    let thread = std::thread::Builder::new()
        .name("exchange".to_owned())
        .spawn(move || {
            let _until_the_thread_ends = ended;
            clerk.run()
        })
        .map_err(HostError::Io)?;
    ready(endpoint.local_addr().map_err(HostError::Io)?);
    tokio::select! {
        () = stop => {}
        _ = has_ended.recv() => {}
        () = steps(asks.clone(), step_ms) => {}
        () = door::admit(&endpoint, &asks, &board, &clock, shut_seen) => {}
    }
    endpoint.close(quinn::VarInt::from_u32(0), b"");
    // So that the member hears of the end instead of waiting for silence.
    let _ = tokio::time::timeout(Duration::from_millis(FAREWELL_MS_MAX), endpoint.wait_idle()).await;
    // A thread that is gone already has closed its journal.
    let _ = asks.send(Ask::Stop).await;
    drop(asks);
    // The database must be closed before the process ends; joining waits for that.
    let outcome = tokio::task::spawn_blocking(move || thread.join()).await;
    outcome.map_err(|_| HostError::Thread)?.map_err(|_| HostError::Thread)?
}

/// Tells the exchange that a step of time has passed. A step that finds no room is left out.
async fn steps(asks: mpsc::Sender<Ask>, step_ms: u64) {
    let mut every = tokio::time::interval(Duration::from_millis(step_ms));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        if let Err(mpsc::error::TrySendError::Closed(_)) = asks.try_send(Ask::Step) {
            return;
        }
    }
}
