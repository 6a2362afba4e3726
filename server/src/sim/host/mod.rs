//! The exchange as a process: one thread that owns it all, and the door members come in by; it must trade nothing itself.

mod board;
mod clerk;
mod door;
mod pace;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use turret_certs::tls::{Credentials, TlsError};
use turret_shared::secret::SecretKey;
use turret_shared::time::Timestamp;

use super::journal::JournalError;
use super::replay::RecordingError;

pub use clerk::Ask;
pub use run::serve;

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
    /// How old connections are told that they are gone ([`crate::reset`]).
    pub endpoint: quinn::EndpointConfig,
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
