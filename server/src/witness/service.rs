//! A witness as it is asked over HTTPS; it must answer with a cosignature only what is durable.

use std::sync::{Arc, Mutex, PoisonError};

use turret_shared::tlog::{ADD_CHECKPOINT_BYTES_MAX, WitnessVerifier, cosigned_message};

use super::judge::{Logs, Refusal};
use super::kept::{Kept, KeptError};
use crate::clock::Clock;
use crate::keys::KeyStore;
use crate::web::{Answer, Asked, Service};

/// Where a checkpoint is posted (C2SP tlog-witness).
const ADD_CHECKPOINT: &str = "/add-checkpoint";
/// Where anybody reads the witness's own key.
pub const PUBLIC_PATH: &str = "/vkey";
/// Media type of a size that conflicts (C2SP tlog-witness).
const TLOG_SIZE: &str = "text/x.tlog.size";

/// A witness.
pub struct Witness {
    key: WitnessVerifier,
    logs: Logs,
    keys: Arc<dyn KeyStore>,
    kept: Mutex<Kept>,
    clock: Arc<dyn Clock>,
}

/// Why a checkpoint was not cosigned.
enum Not {
    Refused(Refusal),
    Kept(KeptError),
    Key(crate::keys::KeyError),
}

impl From<Refusal> for Not {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<KeptError> for Not {
    fn from(error: KeptError) -> Self {
        Self::Kept(error)
    }
}

impl Witness {
    /// Of these logs, by this key.
    #[must_use]
    pub fn new(key: WitnessVerifier, logs: Logs, keys: Arc<dyn KeyStore>, kept: Kept, clock: Arc<dyn Clock>) -> Self {
        Self { key, logs, keys, kept: Mutex::new(kept), clock }
    }

    fn cosign(&self, request: &str) -> Result<String, Not> {
        let claim = self.logs.claim(request)?;
        let origin = claim.checkpoint.origin.as_str();
        // What panicked while it held this left no transaction half done: SQLite rolls it back.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let time_s = self.clock.wall().0.checked_div(1_000_000_000).unwrap_or_default().max(0);
        if let Err(refusal) = kept.advance(origin, claim.note(), |seen| claim.after(seen))? {
            if matches!(refusal, Refusal::Forked(_) | Refusal::Inconsistent) {
                tracing::error!(
                    origin,
                    size = claim.checkpoint.size,
                    "a signed checkpoint does not continue what was cosigned"
                );
                kept.keep_fork(origin, time_s, claim.note())?;
            }
            return Err(refusal.into());
        }
        drop(kept);
        let time_s = time_s.unsigned_abs();
        let message = cosigned_message(time_s, &claim.text);
        let version = self.keys.checkpoint_key().map_err(Not::Key)?.version;
        let signature = self.keys.sign_checkpoint(version, &message).map_err(Not::Key)?;
        Ok(self.key.line(time_s, &signature))
    }

    fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let Ok(request) = std::str::from_utf8(body) else {
            return Answer::text(Refusal::Malformed.status(), Refusal::Malformed.says());
        };
        match self.cosign(request) {
            Ok(line) => Answer { body: line.into_bytes(), ..Answer::text(200, "") },
            Err(Not::Refused(Refusal::Elsewhere(size) | Refusal::Forked(size))) => {
                Answer { kind: TLOG_SIZE, ..Answer::text(409, &size.to_string()) }
            }
            Err(Not::Refused(refusal)) => Answer::text(refusal.status(), refusal.says()),
            Err(Not::Kept(error)) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "nothing cosigned");
                Answer::text(500, "this could not be kept, so it is not cosigned")
            }
            Err(Not::Key(error)) => {
                tracing::error!(%error, "nothing cosigned");
                Answer::text(500, "this could not be cosigned")
            }
        }
    }
}

impl Service for Witness {
    const BODY_BYTES_MAX: usize = ADD_CHECKPOINT_BYTES_MAX;

    fn answer(&self, asked: &Asked) -> Answer {
        match (asked.path.as_str(), asked.posted) {
            (ADD_CHECKPOINT, true) => self.add_checkpoint(&asked.body),
            (PUBLIC_PATH, false) => Answer::text(200, &self.key.to_string()),
            (ADD_CHECKPOINT | PUBLIC_PATH, _) => Answer::text(405, "POST add-checkpoint, GET vkey"),
            _ => Answer::text(404, "nothing here"),
        }
    }
}
