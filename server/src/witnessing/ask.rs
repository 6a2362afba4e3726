//! One witness asked for one cosignature (C2SP tlog-witness); it must believe no answer it cannot verify.

use std::fmt;

use turret_shared::tlog::{AddCheckpoint, Hash, Note, WitnessVerifier};

use crate::audit::SignedCheckpoint;
use crate::store::ReadError;
use crate::web::{AskError, Asker};

/// Statuses of the protocol.
const OK: u16 = 200;
const CONFLICT: u16 = 409;
const UNPROCESSABLE: u16 = 422;
/// Asked again with the size it told: once, or it tells another each time.
const TRIES_MAX: usize = 2;

/// What a witness that answered says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Yes: its line, verified.
    Cosigned(String),
    /// No, for good.
    Refused(Refused),
}

/// Why a witness that knows this log does not cosign it: each is the sign of another history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It cosigned a larger tree than there is.
    Ahead(u64),
    /// It cosigned another tree of this size.
    Forked(u64),
    /// What it cosigned is not the beginning of this.
    Inconsistent(u64),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(size) => write!(f, "it cosigned {size} entries, more than there are"),
            Self::Forked(size) => write!(f, "it cosigned another tree of {size} entries"),
            Self::Inconsistent(size) => write!(f, "the {size} entries it cosigned are not the beginning of this log"),
        }
    }
}

/// Why there is neither yes nor no.
#[derive(Debug)]
pub enum Silence {
    /// It was not reached.
    Asked(AskError),
    /// It answered something else than the protocol has for this, by its status.
    Status(u16),
    /// It said yes, and its line is not its own or does not verify.
    NotGenuine,
    /// It told a size that is none, or changes with each asking.
    Size,
    /// The proof could not be read.
    Read(ReadError),
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(error) => error.fmt(f),
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::NotGenuine => f.write_str("its cosignature does not verify"),
            Self::Size => f.write_str("it told no size that could be continued"),
            Self::Read(_) => f.write_str("the proof could not be read"),
        }
    }
}

impl std::error::Error for Silence {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Asked(source) => Some(source),
            Self::Read(source) => Some(source),
            _ => None,
        }
    }
}

/// A witness, and what it is known to have cosigned last.
#[derive(Debug)]
pub struct AskedWitness {
    key: WitnessVerifier,
    asker: Asker,
    seen: u64,
}

impl AskedWitness {
    /// Of which nothing is known: its first answer tells the size.
    #[must_use]
    pub const fn new(key: WitnessVerifier, asker: Asker) -> Self {
        Self { key, asker, seen: 0 }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &WitnessVerifier {
        &self.key
    }

    /// Asks for a cosignature; `proof(old, new)` shows that one tree is the beginning of the other.
    ///
    /// # Errors
    /// [`Silence`].
    pub async fn cosign(
        &mut self,
        signed: &SignedCheckpoint,
        proof: impl Fn(u64, u64) -> Result<Vec<Hash>, ReadError>,
    ) -> Result<Said, Silence> {
        let size = signed.checkpoint.size;
        for _ in 0..TRIES_MAX {
            if self.seen > size {
                return Ok(Said::Refused(Refused::Ahead(self.seen)));
            }
            let proof = proof(self.seen, size).map_err(Silence::Read)?;
            let request = AddCheckpoint { old: self.seen, proof, note: signed.note.clone() };
            let (status, answer) = self.asker.post(request.text()).await.map_err(Silence::Asked)?;
            match status {
                OK => {
                    let line = self.line(signed, &answer)?;
                    self.seen = size;
                    return Ok(Said::Cosigned(line));
                }
                CONFLICT => {
                    let told = answer.strip_suffix('\n').and_then(|line| line.parse().ok()).ok_or(Silence::Size)?;
                    if told == self.seen && told == size {
                        return Ok(Said::Refused(Refused::Forked(size)));
                    }
                    self.seen = told;
                }
                UNPROCESSABLE => return Ok(Said::Refused(Refused::Inconsistent(self.seen))),
                other => return Err(Silence::Status(other)),
            }
        }
        if self.seen > size { Ok(Said::Refused(Refused::Ahead(self.seen))) } else { Err(Silence::Size) }
    }

    /// Its own line of an answer, verified over the checkpoint that was sent.
    fn line(&self, signed: &SignedCheckpoint, answer: &str) -> Result<String, Silence> {
        let text = signed.checkpoint.to_string();
        let note: Note = format!("{text}\n{answer}").parse().map_err(|_| Silence::NotGenuine)?;
        self.key.verify(&note).map_err(|_| Silence::NotGenuine)?;
        let place =
            note.signatures.iter().position(|signature| self.key.is_of(signature)).ok_or(Silence::NotGenuine)?;
        answer.lines().nth(place).map(|line| format!("{line}\n")).ok_or(Silence::NotGenuine)
    }
}
