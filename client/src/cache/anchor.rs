//! The newest checkpoint this device saw, and what the next one must show; it must never give way to another history.

use std::fmt;

use minicbor::{Decode, Encode};
use turret_shared::tlog::{Checkpoint, Note, VerifierKey, deployment_of, newest_key, verify_consistency};
use turret_shared::wire::control::LogHead;

/// A checkpoint that was seen, with the key it was signed by.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Anchor {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    key: [u8; 32],
    #[n(1)]
    note: String,
}

/// Why a head does not continue what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// No checkpoint of this log, or not signed by the key that came with it.
    NotSigned,
    /// Signed by another key than the one seen before, which said nothing of it.
    OtherKey,
    /// The log is shorter than it was.
    Shorter,
    /// The log is another one than it was.
    OtherHistory,
    /// The log was restored from a backup, and goes on under another origin than the one seen before.
    Reopened,
    /// Asked for and not shown.
    NotShown,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSigned => {
                "The server's log is not signed as it should be: tell an administrator before you trade."
            }
            Self::OtherKey => "The server's log has another key than before: tell an administrator before you trade.",
            Self::Shorter => {
                "The server's log is shorter than this device saw it: tell an administrator before you trade."
            }
            Self::Reopened => {
                "The server's log was restored from a backup and has another name: tell an administrator before you trade."
            }
            Self::NotShown => "The server does not show its log: tell an administrator before you trade.",
            Self::OtherHistory => {
                "The server's log is not the one this device saw: tell an administrator before you trade."
            }
        })
    }
}

impl std::error::Error for Broken {}

impl Anchor {
    /// What is to be kept from here on: `head`, if it continues what was `seen` of the log `origin`.
    ///
    /// # Errors
    /// [`Broken`]; what was seen stays kept then.
    pub fn next(seen: Option<&Self>, head: &LogHead, origin: &str) -> Result<Self, Broken> {
        let fresh = Self { key: head.key, note: head.note.clone() };
        let new = fresh.checkpoint(origin)?;
        let Some(seen) = seen else { return Ok(fresh) };
        let words = head.successions.iter().flatten().map(String::as_str);
        let old = seen.checkpoint(origin)?;
        if old.origin != new.origin {
            return Err(Broken::Reopened);
        }
        let known = VerifierKey::new(&old.origin, seen.key).map_err(|_| Broken::OtherKey)?;
        if *newest_key(known, words).public() != head.key {
            return Err(Broken::OtherKey);
        }
        if new.size < old.size {
            return Err(Broken::Shorter);
        }
        verify_consistency(old.size, &old.root, new.size, &new.root, &head.proof).map_err(|_| Broken::OtherHistory)?;
        Ok(fresh)
    }

    /// Entries under it.
    #[must_use]
    pub fn size(&self, origin: &str) -> Option<u64> {
        self.checkpoint(origin).ok().map(|checkpoint| checkpoint.size)
    }

    fn checkpoint(&self, origin: &str) -> Result<Checkpoint, Broken> {
        let note: Note = self.note.parse().map_err(|_| Broken::NotSigned)?;
        let checkpoint: Checkpoint = note.text.parse().map_err(|_| Broken::NotSigned)?;
        // Of whichever epoch of this deployment's log.
        let key = VerifierKey::new(&checkpoint.origin, self.key).map_err(|_| Broken::NotSigned)?;
        key.verify(&note).map_err(|_| Broken::NotSigned)?;
        if deployment_of(&checkpoint.origin).0 == origin { Ok(checkpoint) } else { Err(Broken::NotSigned) }
    }

    /// As it is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// `None` for what is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}
