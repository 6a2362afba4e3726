//! The entries of one command as a text file, with the second person's word where it took two: anybody verifies it, and
//! compares leaf hashes with a receipt or the log's tree. It must hold nothing the log does not.
//!
//! A line naming the format, a line naming the log, then an entry a line (base64): the keys' registrations, what waited for a
//! proof, the proofs, what came of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::approval::{FirstProof, Judge};
use crate::assertion::{Attested, ORIGIN_BYTES_MAX};
use crate::command::{Command, CommandError, Verb};
use crate::digest::Digest;
use crate::entry::{Actor, Entry};
use crate::event::Event;
use crate::event::approval::ApprovalJudged;
use crate::event::keys::{IntentSigned, KeyRegistered};
use crate::event::session::{CommandBytes, ProofAsked};
use crate::evidence::{EvidenceFault, verify_signed};
use crate::ids::{CredentialId, PendingId, Sequence, UserId};
use crate::limits::ENTRY_BYTES_MAX;
use crate::time::Timestamp;
use crate::tlog::{Hash, leaf_hash};

/// First line of such a file.
pub const FORMAT: &str = "turret-intent-v1";
/// Entries in one.
pub const ENTRIES_MAX: usize = 12;
/// Longest file, in bytes.
pub const FILE_BYTES_MAX: usize = ENTRIES_MAX * (ENTRY_BYTES_MAX / 3 * 4 + 8) + 256;

/// Why a file does not show who signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentFault {
    /// Not such a file.
    Malformed,
    /// An entry is missing.
    Missing(&'static str),
    /// What came of it is not what was signed.
    OtherCommand,
    /// The second person's word names another proof than the first one gave.
    OtherProof,
    /// The command is none.
    Command(CommandError),
    /// The signature or the registration does not hold.
    Evidence(EvidenceFault),
}

impl fmt::Display for IntentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("this is no file of a signed command"),
            Self::Missing(what) => write!(f, "the entry of {what} is missing"),
            Self::OtherCommand => f.write_str("what came of it is not the command that was signed"),
            Self::OtherProof => f.write_str("the second person's word is on another proof than the one that was given"),
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
    /// What was asked for, and its author's proof.
    pub asked: Said,
    /// The second person's word on exactly that, where it took two and one was given.
    pub judged: Option<Said>,
}

/// One person's proof of one command.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who.
    pub user: UserId,
    /// How they proved it.
    pub by: By,
    /// Which, without its text; `None` where a code was given for a command that names a person.
    pub command: Option<Command>,
    /// Commitment to the text, when it had one.
    pub text: Option<Digest>,
    /// When it was recorded, by the server's clock.
    pub recorded: Timestamp,
    /// The entry that records what came of it, with its leaf hash, as on the receipt.
    pub done: Option<(Sequence, Hash)>,
}

/// What proves it.
#[derive(Debug, Clone)]
pub enum By {
    /// A security key signed, which anybody can verify: verified.
    Key {
        /// By our number.
        credential: CredentialId,
        /// And by the id the key gave it.
        id: Vec<u8>,
        /// The key's model.
        aaguid: [u8; 16],
        /// How far its attestation carries.
        attested: Attested,
    },
    /// A code: server-attested, nobody but the server can say so.
    Code,
}

impl Shown {
    /// True when nothing in it rests on the server's word.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let signed = |said: &Said| matches!(said.by, By::Key { .. });
        signed(&self.asked) && self.judged.as_ref().is_none_or(signed)
    }
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
        Event::ApprovalAsked(e) => Some(PendingId(e.approval.0)),
        Event::ApprovalJudged(e) => Some(e.proof),
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

    /// Verifies who signed what; where it took two, that the second person's word is on that command and that proof.
    ///
    /// # Errors
    /// [`IntentFault`].
    pub fn verify(&self) -> Result<Shown, IntentFault> {
        let judgement = self.events().find_map(|(entry, leaf, event)| match event {
            Event::ApprovalJudged(judged) => Some((judged, (entry.head.sequence, leaf))),
            _ => None,
        });
        let first = match &judgement {
            Some((judged, _)) => PendingId(judged.judge.approval.0),
            None => self.proofs().next().map(|(_, pending, _)| pending).ok_or(IntentFault::Missing("the proof"))?,
        };
        let (asked, command, proof) = self.said(first)?;
        let judged = judgement.map(|(judged, done)| self.judged(&judged, done, (command, proof))).transpose()?;
        let done = self.done(first, command)?;
        Ok(Shown { origin: self.origin.clone(), asked: Said { done, ..asked }, judged })
    }

    fn events(&self) -> impl Iterator<Item = (&Entry, Hash, Event)> {
        self.entries.iter().filter_map(|(entry, leaf)| entry.event().ok().map(|event| (entry, *leaf, event)))
    }

    /// What was proved, with when it was recorded.
    fn proofs(&self) -> impl Iterator<Item = (&Entry, PendingId, Event)> {
        self.events().filter_map(|(entry, _, event)| match &event {
            Event::IntentSigned(signed) => signed.pending.map(|pending| (entry, pending, event)),
            Event::ProofGiven(given) => Some((entry, given.pending, event)),
            _ => None,
        })
    }

    /// The proof of one command, verified as far as it can be, with the command's digest and its own.
    fn said(&self, pending: PendingId) -> Result<(Said, Option<Digest>, FirstProof), IntentFault> {
        let proof = self.proofs().find(|(_, of, _)| *of == pending);
        let (entry, _, event) = proof.ok_or(IntentFault::Missing("the proof"))?;
        let (user, asked) = self.asked(pending).ok_or(IntentFault::Missing("the command"))?;
        let first = FirstProof::of(&event).ok_or(IntentFault::Missing("the proof"))?;
        let by = match &event {
            Event::IntentSigned(signed) => self.signature(pending, (user, &asked), signed)?,
            _ => By::Code,
        };
        let command = asked.bytes.as_ref().map(|bytes| Command::from_bytes(&bytes.bytes)).transpose();
        let command = command.map_err(IntentFault::Command)?;
        let (digest, text) = (asked.bytes.as_ref().map(CommandBytes::digest), asked.bytes.and_then(|bytes| bytes.text));
        Ok((Said { user, by, command, text, recorded: entry.head.time, done: None }, digest, first))
    }

    fn signature(
        &self,
        pending: PendingId,
        (user, asked): (UserId, &ProofAsked),
        signed: &IntentSigned,
    ) -> Result<By, IntentFault> {
        let key = self.key(signed.credential).ok_or(IntentFault::Missing("the security key"))?;
        if signed.user != user {
            return Err(IntentFault::Evidence(EvidenceFault::OtherKey));
        }
        verify_signed(&self.origin, &key, Some((pending, asked)), signed).map_err(IntentFault::Evidence)?;
        let KeyRegistered { credential, id, aaguid, attested, .. } = key;
        Ok(By::Key { credential, id, aaguid, attested })
    }

    /// The second person's word: theirs, as it is recorded, on the command and the proof of the first.
    fn judged(
        &self,
        judged: &ApprovalJudged,
        done: (Sequence, Hash),
        (command, proof): (Option<Digest>, FirstProof),
    ) -> Result<Said, IntentFault> {
        let (said, ..) = self.said(judged.proof)?;
        let word = said.command.as_ref().and_then(|command| word(&command.verb));
        if said.user != judged.by || word != Some(judged.judge) {
            return Err(IntentFault::OtherCommand);
        }
        if command.is_some_and(|command| command != judged.judge.command) || judged.judge.first != Some(proof.digest) {
            return Err(IntentFault::OtherProof);
        }
        Ok(Said { done: Some(done), ..said })
    }

    fn asked(&self, pending: PendingId) -> Option<(UserId, ProofAsked)> {
        self.events().find_map(|(entry, _, event)| match (event, entry.head.origin.actor) {
            (Event::ProofAsked(asked), Actor::User(user)) if entry.head.sequence.0 == pending.0 => Some((user, asked)),
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
    fn done(&self, pending: PendingId, digest: Option<Digest>) -> Result<Option<(Sequence, Hash)>, IntentFault> {
        let mut last = None;
        for (entry, leaf, event) in self.events() {
            if proof_of(&event) != Some(pending) {
                continue;
            }
            let command = match &event {
                Event::OrderNew(e) => Some(e.terms.command),
                Event::Amend(e) => Some(e.terms.command),
                Event::ApprovalAsked(e) => Some(e.command),
                _ => None,
            };
            if command.zip(digest).is_some_and(|(command, digest)| command != digest) {
                return Err(IntentFault::OtherCommand);
            }
            last = Some((entry.head.sequence, leaf));
        }
        Ok(last)
    }
}

/// The second person's word in a command, where it is one.
const fn word(verb: &Verb) -> Option<Judge> {
    match verb {
        Verb::Judge(word) => Some(*word),
        _ => None,
    }
}
