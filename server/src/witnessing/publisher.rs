//! Has each new checkpoint cosigned and publishes it then; it must publish nothing that a witness refused.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use turret_disk::private;
use turret_shared::tlog::{VerifierKey, consistency};

use super::ask::{AskedWitness, Refused, Said, Silence};
use crate::audit::SignedCheckpoint;
use crate::clock::Clock;
use crate::store::Reader;

/// File of the newest published checkpoint, in clear: hashes only.
const PUBLISHED_FILE: &str = "published";
/// Longest such file read, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;
/// A silent witness is asked again after this, in milliseconds, though nothing new was signed.
const AGAIN_MS: u64 = 1_000;

/// The newest checkpoint, as whoever waits for one hears of it.
pub type Newest = watch::Receiver<Option<Arc<SignedCheckpoint>>>;

/// What has to be told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The witness at this place (from 1) is silent for so many seconds.
    Missing(u32, u32),
    /// The witness at this place (from 1) refused: publication has stopped.
    Refused(u32),
}

/// Why what was published cannot be read or written.
#[derive(Debug)]
pub enum PublishedError {
    /// The file.
    Io(PathBuf, io::Error),
    /// It is not a checkpoint of this log.
    NotGenuine(PathBuf),
}

impl fmt::Display for PublishedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::NotGenuine(path) => write!(f, "{} is no checkpoint of this log", path.display()),
        }
    }
}

impl std::error::Error for PublishedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            Self::NotGenuine(_) => None,
        }
    }
}

/// Where the newest published checkpoint is kept.
#[derive(Debug, Clone)]
pub struct Published(PathBuf);

impl Published {
    /// Beside the signed ones.
    #[must_use]
    pub fn within(checkpoints: &Path) -> Self {
        Self(checkpoints.join(PUBLISHED_FILE))
    }

    /// The newest, signed by a key of this log.
    ///
    /// # Errors
    /// [`PublishedError`].
    pub fn read(&self, keys: &[VerifierKey]) -> Result<Option<SignedCheckpoint>, PublishedError> {
        let failed = |source| PublishedError::Io(self.0.clone(), source);
        match fs::metadata(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
            Ok(found) if found.len() > NOTE_BYTES_MAX => return Err(PublishedError::NotGenuine(self.0.clone())),
            Ok(_) => {}
        }
        let note = fs::read_to_string(&self.0).map_err(failed)?;
        SignedCheckpoint::read_any(&note, keys).map(Some).map_err(|_| PublishedError::NotGenuine(self.0.clone()))
    }

    fn write(&self, note: &str) -> Result<(), PublishedError> {
        private::replace(&self.0, &self.0.with_extension("tmp"), note.as_bytes())
            .map_err(|source| PublishedError::Io(self.0.clone(), source))
    }
}

/// A witness with what is known of its silence.
struct Standing {
    witness: AskedWitness,
    answered_ns: u64,
    told: bool,
}

/// The publisher.
pub struct Publisher {
    signed: Newest,
    published: watch::Sender<Option<Arc<SignedCheckpoint>>>,
    file: Published,
    standings: Vec<Standing>,
    quorum: usize,
    alarm_ns: u64,
    reader: Arc<Mutex<Box<dyn Reader>>>,
    clock: Arc<dyn Clock>,
    tell: Box<dyn Fn(Alarm) + Send + Sync>,
}

/// What it works with.
pub struct Parts {
    /// Checkpoints as they are signed.
    pub signed: Newest,
    /// Where the newest published one is kept.
    pub file: Published,
    /// The log's own keys.
    pub keys: Vec<VerifierKey>,
    /// Who is asked.
    pub witnesses: Vec<AskedWitness>,
    /// How many must say yes.
    pub quorum: u16,
    /// How long one may be silent, in seconds.
    pub alarm_s: u32,
    /// For the proofs.
    pub reader: Box<dyn Reader>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How people are told.
    pub tell: Box<dyn Fn(Alarm) + Send + Sync>,
}

impl Publisher {
    /// Begins with what was published before.
    ///
    /// # Errors
    /// [`PublishedError`].
    pub fn new(parts: Parts) -> Result<(Self, Newest), PublishedError> {
        let Parts { signed, file, keys, witnesses, quorum, alarm_s, reader, clock, tell } = parts;
        let (published, newest) = watch::channel(file.read(&keys)?.map(Arc::new));
        let answered_ns = clock.monotonic_ns();
        let standing = |witness| Standing { witness, answered_ns, told: false };
        let publisher = Self {
            signed,
            published,
            file,
            standings: witnesses.into_iter().map(standing).collect(),
            quorum: quorum.into(),
            alarm_ns: u64::from(alarm_s).saturating_mul(1_000_000_000),
            reader: Arc::new(Mutex::new(reader)),
            clock,
            tell,
        };
        Ok((publisher, newest))
    }

    /// Follows what is signed until the signer is gone or a witness refuses.
    pub async fn run(mut self) {
        loop {
            let signed = self.signed.borrow_and_update().clone();
            let wanted = signed.filter(|signed| {
                let published = self.published.borrow();
                published.as_ref().is_none_or(|published| published.checkpoint.size < signed.checkpoint.size)
                    || self.standings.iter().any(|standing| standing.told)
            });
            let mut full = true;
            if let Some(signed) = wanted {
                match self.once(&signed).await {
                    Ok(all) => full = all,
                    Err(refused) => {
                        tracing::error!(%refused, "a witness refused: nothing is published any more");
                        return;
                    }
                }
            }
            let again = async {
                if full {
                    std::future::pending().await
                } else {
                    tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await
                }
            };
            tokio::select! {
                () = again => {}
                changed = self.signed.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Asks every witness at once; true when all of them answered.
    async fn once(&mut self, signed: &Arc<SignedCheckpoint>) -> Result<bool, Refused> {
        let mut asked = JoinSet::new();
        for (place, mut standing) in self.standings.drain(..).enumerate() {
            let (signed, reader) = (Arc::clone(signed), Arc::clone(&self.reader));
            asked.spawn(async move {
                let said = standing.witness.cosign(&signed, |old, new| {
                    // A reader that panicked left no statement half-way that the next would see.
                    let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                    consistency(old, new, &mut |level, index| reader.node(level, index))
                });
                let said = said.await;
                (place, standing, said)
            });
        }
        let mut came: Vec<(usize, Standing, Result<Said, Silence>)> = Vec::new();
        while let Some(one) = asked.join_next().await {
            // One that panicked is not asked any more, and is not counted.
            came.extend(one);
        }
        came.sort_unstable_by_key(|(place, ..)| *place);
        self.judge(signed, came)
    }

    fn judge(
        &mut self,
        signed: &SignedCheckpoint,
        came: Vec<(usize, Standing, Result<Said, Silence>)>,
    ) -> Result<bool, Refused> {
        let now_ns = self.clock.monotonic_ns();
        let (mut lines, mut refused, mut all) = (Vec::new(), None, true);
        for (place, mut standing, said) in came {
            let number = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
            let name = standing.witness.key().name();
            match said {
                Ok(Said::Cosigned(line)) => {
                    if standing.told {
                        tracing::info!(witness = name, "a witness answers again");
                    }
                    (standing.answered_ns, standing.told) = (now_ns, false);
                    lines.push(line);
                }
                Ok(Said::Refused(why)) => {
                    tracing::error!(witness = name, %why, "a witness refused");
                    (self.tell)(Alarm::Refused(number));
                    refused = Some(why);
                }
                Err(silence) => {
                    all = false;
                    let silent_ns = now_ns.saturating_sub(standing.answered_ns);
                    if silent_ns >= self.alarm_ns && !standing.told {
                        let source = std::error::Error::source(&silence);
                        tracing::warn!(witness = name, %silence, ?source, "a witness is silent");
                        let silent_s = u32::try_from(silent_ns / 1_000_000_000).unwrap_or(u32::MAX);
                        (self.tell)(Alarm::Missing(number, silent_s));
                        standing.told = true;
                    }
                }
            }
            self.standings.push(standing);
        }
        if let Some(why) = refused {
            return Err(why);
        }
        if lines.len() >= self.quorum {
            self.publish(signed, &lines);
        }
        Ok(all)
    }

    fn publish(&self, signed: &SignedCheckpoint, lines: &[String]) {
        let note = format!("{}{}", signed.note, lines.concat());
        // What is told is kept first: after a restart nobody is shown less.
        if let Err(error) = self.file.write(&note) {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "a cosigned checkpoint could not be kept");
            return;
        }
        self.published.send_replace(Some(Arc::new(SignedCheckpoint { checkpoint: signed.checkpoint.clone(), note })));
    }
}
