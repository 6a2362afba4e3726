//! The entries of one signed command as a text file: anybody verifies it, and compares leaf hashes with a receipt or the
//! log's tree. It must hold nothing the log does not.
//!
//! A line naming the format, a line naming the log, then an entry a line (base64): the key's registration, the command that
//! waited, the signature, what came of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::assertion::{Attested, ORIGIN_BYTES_MAX, Purpose};
use crate::command::{Command, CommandError};
use crate::digest::Digest;
use crate::entry::{Actor, Entry};
use crate::event::Event;
use crate::event::keys::{IntentSigned, KeyRegistered};
use crate::event::session::ProofAsked;
use crate::evidence::{EvidenceFault, verify_signed};
use crate::ids::{CredentialId, PendingId, Sequence, UserId};
use crate::limits::ENTRY_BYTES_MAX;
use crate::time::Timestamp;
use crate::tlog::{Hash, leaf_hash};

/// First line of such a file.
pub const FORMAT: &str = "turret-intent-v1";
/// Entries in one.
pub const ENTRIES_MAX: usize = 8;
/// Longest file, in bytes.
pub const FILE_BYTES_MAX: usize = ENTRIES_MAX * (ENTRY_BYTES_MAX / 3 * 4 + 8) + 256;

/// Why a file does not show who signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentFault {
    /// Not such a file.
    Malformed,
    /// Somebody gave a code: only the server says so.
    ServerAttested,
    /// An entry is missing.
    Missing(&'static str),
    /// What came of it is not what was signed.
    OtherCommand,
    /// The command is none.
    Command(CommandError),
    /// The signature or the registration does not hold.
    Evidence(EvidenceFault),
}

impl fmt::Display for IntentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("this is no file of a signed command"),
            Self::ServerAttested => {
                f.write_str("server-attested: it was confirmed by a code, and nobody but the server can say so")
            }
            Self::Missing(what) => write!(f, "the entry of {what} is missing"),
            Self::OtherCommand => f.write_str("what came of it is not the command that was signed"),
            Self::Command(error) => write!(f, "what was signed is no command: {error}"),
            Self::Evidence(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for IntentFault {}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct IntentFile {
    origin: String,
    entries: Vec<(Entry, Hash)>,
}

/// What a file shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Of which log.
    pub origin: String,
    /// Who signed.
    pub user: UserId,
    /// With which of their keys, by our number.
    pub credential: CredentialId,
    /// And by the id the key gave it.
    pub key: Vec<u8>,
    /// The key's model.
    pub aaguid: [u8; 16],
    /// How far its attestation carries.
    pub attested: Attested,
    /// What was signed, without its text.
    pub command: Command,
    /// Commitment to the text, when it had one.
    pub text: Option<Digest>,
    /// When it was recorded, by the server's clock.
    pub signed: Timestamp,
    /// The entry that records what came of it, with its leaf hash, as on the receipt.
    pub done: Option<(Sequence, Hash)>,
}

/// Writes a file of entries as they stand in the log.
#[must_use]
pub fn write(origin: &str, entries: &[&[u8]]) -> String {
    let mut text = String::from(FORMAT);
    text.push('\n');
    text.push_str(origin);
    text.push('\n');
    for entry in entries {
        STANDARD.encode_string(entry, &mut text);
        text.push('\n');
    }
    text
}

/// The step-up behind what an event records, if it was let through by one.
#[must_use]
pub const fn proof_of(event: &Event) -> Option<PendingId> {
    match event {
        Event::OrderNew(e) => e.proof,
        Event::Amend(e) => e.proof,
        Event::Managed(e) => Some(e.proof),
        _ => None,
    }
}

impl IntentFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`IntentFault::Malformed`].
    pub fn parse(text: &str) -> Result<Self, IntentFault> {
        let mut lines = text.lines();
        let format = lines.next();
        let origin = lines.next().filter(|origin| !origin.is_empty() && origin.len() <= ORIGIN_BYTES_MAX);
        let (Some(FORMAT), Some(origin), true) = (format, origin, text.len() <= FILE_BYTES_MAX) else {
            return Err(IntentFault::Malformed);
        };
        let mut entries = Vec::new();
        for line in lines {
            let bytes = STANDARD.decode(line).ok().filter(|bytes| bytes.len() <= ENTRY_BYTES_MAX);
            let bytes = bytes.filter(|_| entries.len() < ENTRIES_MAX).ok_or(IntentFault::Malformed)?;
            let entry = Entry::from_bytes(&bytes).map_err(|_| IntentFault::Malformed)?;
            entries.push((entry, leaf_hash(&bytes)));
        }
        Ok(Self { origin: origin.into(), entries })
    }

    /// Verifies who signed what.
    ///
    /// # Errors
    /// [`IntentFault`].
    pub fn verify(&self) -> Result<Shown, IntentFault> {
        let (head, signed) = self.signature()?;
        let pending = signed.pending.ok_or(IntentFault::Missing("the command"))?;
        let asked = self.asked(pending, signed.user).ok_or(IntentFault::Missing("the command"))?;
        let key = self.key(signed.credential).ok_or(IntentFault::Missing("the security key"))?;
        let digest =
            verify_signed(&self.origin, &key, Some((pending, &asked)), &signed).map_err(IntentFault::Evidence)?;
        let bytes = asked.bytes.ok_or(IntentFault::Missing("the command"))?;
        let command = Command::from_bytes(&bytes.bytes).map_err(IntentFault::Command)?;
        let done = self.done(pending, digest)?;
        let KeyRegistered { id: key, aaguid, attested, .. } = key;
        let (origin, text) = (self.origin.clone(), bytes.text);
        let IntentSigned { user, credential, .. } = signed;
        Ok(Shown { origin, user, credential, key, aaguid, attested, command, text, signed: head, done })
    }

    fn events(&self) -> impl Iterator<Item = (&Entry, Hash, Event)> {
        self.entries.iter().filter_map(|(entry, leaf)| entry.event().ok().map(|event| (entry, *leaf, event)))
    }

    fn signature(&self) -> Result<(Timestamp, IntentSigned), IntentFault> {
        let mut by_code = false;
        for (entry, _, event) in self.events() {
            match event {
                Event::IntentSigned(signed) if signed.purpose == Purpose::Command => {
                    return Ok((entry.head.time, signed));
                }
                Event::ProofGiven(_) => by_code = true,
                _ => {}
            }
        }
        Err(if by_code { IntentFault::ServerAttested } else { IntentFault::Missing("the signature") })
    }

    fn asked(&self, pending: PendingId, user: UserId) -> Option<ProofAsked> {
        let theirs = |entry: &Entry| entry.head.sequence.0 == pending.0 && entry.head.origin.actor == Actor::User(user);
        self.events().find_map(|(entry, _, event)| match event {
            Event::ProofAsked(asked) if theirs(entry) => Some(asked),
            _ => None,
        })
    }

    fn key(&self, credential: CredentialId) -> Option<KeyRegistered> {
        self.events().find_map(|(_, _, event)| match event {
            Event::KeyRegistered(key) if key.credential == credential => Some(key),
            _ => None,
        })
    }

    /// What came of it, which must be of the very command.
    fn done(&self, pending: PendingId, digest: Digest) -> Result<Option<(Sequence, Hash)>, IntentFault> {
        for (entry, leaf, event) in self.events() {
            if proof_of(&event) != Some(pending) {
                continue;
            }
            let command = match &event {
                Event::OrderNew(e) => Some(e.terms.command),
                Event::Amend(e) => Some(e.terms.command),
                _ => None,
            };
            if command.is_some_and(|command| command != digest) {
                return Err(IntentFault::OtherCommand);
            }
            return Ok(Some((entry.head.sequence, leaf)));
        }
        Ok(None)
    }
}
