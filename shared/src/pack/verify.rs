//! Whether a pack shows what it says: entries in the signed log, all of them of this order, and who signed or confirmed
//! what. It must believe nothing that is not proved, and say of what it cannot prove that it cannot.

use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;

use super::file::{parse, read_entries};
use super::gather::{Find, Reference, fits, gather};
use super::story::story;
use super::{Pack, PackError};
use crate::approval::FirstProof;
use crate::entry::{Actor, Entry, ObjectKind};
use crate::event::Event;
use crate::event::approval::ApprovalJudged;
use crate::event::keys::{IntentSigned, KeyRegistered};
use crate::event::session::ProofAsked;
use crate::evidence::{EvidenceFault, verify_signed};
use crate::ids::{CredentialId, OrderId, PendingId, Sequence, UserId};
use crate::intent_file::proof_of;
use crate::tlog::{
    Checkpoint, Hash, Note, VerifierKey, WitnessVerifier, deployment_of, leaf_hash, read_succession, verify_inclusion,
};

/// Something of the log that was kept elsewhere, since whoever holds its key could have written another log.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// A receipt: place and leaf hash of an entry, as whoever caused it was told.
    Receipt(Sequence, Hash),
    /// A signed checkpoint.
    Checkpoint(String),
    /// A witness, known by its key: it cosigns no second history of a log.
    Witness(WitnessVerifier),
}

/// Why a pack shows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackFault {
    /// Not a pack.
    Form(PackError),
    /// The checkpoint is not of this log, or the key did not sign it.
    Checkpoint,
    /// Somebody else signed the checkpoint too, and no key of that name was given, or it does not verify.
    Cosigner(String),
    /// This entry is not in the log the checkpoint is of, or not at its place.
    NotInLog(Sequence),
    /// This entry is not of the order's story.
    Unrelated(Sequence),
    /// This entry refers to one that is missing.
    Missing(Sequence, &'static str),
    /// There is no entry of how the order began.
    NoBeginning,
    /// What was signed for this step-up does not hold.
    Signature(PendingId, EvidenceFault),
    /// What was done is not what was signed or confirmed.
    OtherCommand(Sequence),
    /// The log that an anchor is of says otherwise.
    Anchor,
}

impl fmt::Display for PackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Checkpoint => f.write_str("its checkpoint is not signed by this key for this log"),
            Self::Cosigner(name) => {
                write!(f, "its checkpoint is cosigned as {name}, which no witness's key given here verifies")
            }
            Self::NotInLog(place) => write!(f, "entry {} is not in the log that was signed", place.0),
            Self::Unrelated(place) => write!(f, "entry {} is not of this order's story", place.0),
            Self::Missing(place, what) => write!(f, "entry {} stands without {what}", place.0),
            Self::NoBeginning => f.write_str("the entry that the order began with is missing"),
            Self::Signature(pending, fault) => write!(f, "the signature for step-up {pending} does not hold: {fault}"),
            Self::OtherCommand(place) => write!(f, "entry {} is not of the command that was proved", place.0),
            Self::Anchor => f.write_str("what was kept elsewhere is of another log: one of the two was rewritten"),
        }
    }
}

impl core::error::Error for PackFault {}

/// How a command was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proved {
    /// By the holder of this person's security key: anybody can verify it, and it was.
    Signed(UserId, CredentialId),
    /// By a code: only the server says so.
    ServerAttested(UserId, CredentialId),
}

/// What a pack shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// About which order.
    pub order: OrderId,
    /// The tree its entries are proved to be in.
    pub checkpoint: Checkpoint,
    /// How many entries.
    pub entries: usize,
    /// Each proof in turn, with the step-up it answered.
    pub proofs: Vec<(PendingId, Proved)>,
    /// The story.
    pub story: Vec<String>,
    /// Names of the witnesses that cosigned it, and when, in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Something kept elsewhere agrees, or a witness does.
    pub anchored: bool,
}

struct Known {
    entry: Entry,
    event: Option<Event>,
    leaf: Hash,
}

/// Verifies a pack's text against the key of its log. It does not show that nothing was left out behind the last entry, or
/// of entries that refer to nothing: that the log's own verification shows.
///
/// # Errors
/// [`PackFault`].
pub fn verify(text: &str, key: &VerifierKey, anchors: &[Anchor]) -> Result<Shown, PackFault> {
    let pack = parse(text).map_err(PackFault::Form)?;
    let keys = keys(&pack.words, key)?;
    let (checkpoint, cosigned) = witnessed(&pack.note, keys.last().unwrap_or(key), anchors)?;
    let entries = read_entries(&pack).map_err(PackFault::Form)?;
    let story = story(pack.order, &entries);
    let known = in_log(&pack, entries, &checkpoint)?;
    related(&pack, &known)?;
    let proofs = proved(pack.order, deployment_of(&checkpoint.origin).0, &known)?;
    let anchored = anchored(&known, &checkpoint, &keys, anchors)? || !cosigned.is_empty();
    Ok(Shown { order: pack.order, checkpoint, entries: known.len(), proofs, story, cosigned, anchored })
}

/// Keys whose signature counts, oldest first: `key` alone, or those of which each gave way to the next by its own word, `key`
/// one of them.
fn keys(words: &[String], key: &VerifierKey) -> Result<Vec<VerifierKey>, PackFault> {
    let mut keys: Vec<VerifierKey> = Vec::new();
    for word in words {
        let (old, next) = read_succession(word).ok_or(PackFault::Checkpoint)?;
        match keys.last() {
            None => keys.push(old),
            Some(last) if *last == old => {}
            Some(_) => return Err(PackFault::Checkpoint),
        }
        keys.push(next);
    }
    if keys.is_empty() {
        keys.push(key.clone());
    }
    let from = keys.iter().position(|known| known == key).ok_or(PackFault::Checkpoint)?;
    // What those before it signed, it never vouched for.
    Ok(keys.split_off(from))
}

/// The checkpoint, when this key signed it.
fn signed(note: &Note, key: &VerifierKey) -> Result<Checkpoint, PackFault> {
    key.verify(note).map_err(|_| PackFault::Checkpoint)?;
    let checkpoint: Checkpoint = note.text.parse().map_err(|_| PackFault::Checkpoint)?;
    if checkpoint.origin == key.name() { Ok(checkpoint) } else { Err(PackFault::Checkpoint) }
}

/// The pack's own checkpoint: besides the log only witnesses signed it whose keys are known here, each once. Of another
/// signature nobody could say what it is worth, nor whether it was altered.
fn witnessed(note: &str, key: &VerifierKey, anchors: &[Anchor]) -> Result<(Checkpoint, Vec<(String, u64)>), PackFault> {
    let note: Note = note.parse().map_err(|_| PackFault::Checkpoint)?;
    let checkpoint = signed(&note, key)?;
    let mut cosigned: Vec<(String, u64)> = Vec::new();
    let mut own = 0_u32;
    for signature in &note.signatures {
        if signature.name == key.name() && signature.key_id == key.key_id() {
            own = own.saturating_add(1);
            continue;
        }
        let unknown = || PackFault::Cosigner(signature.name.clone());
        let time_s = anchors.iter().find_map(|anchor| match anchor {
            Anchor::Witness(witness) => witness.verify_line(&note.text, signature).ok(),
            _ => None,
        });
        let time_s = time_s.filter(|_| cosigned.iter().all(|(name, _)| *name != signature.name)).ok_or_else(unknown)?;
        cosigned.push((signature.name.clone(), time_s));
    }
    if own == 1 { Ok((checkpoint, cosigned)) } else { Err(PackFault::Checkpoint) }
}

/// Every entry stands in the signed log at the place it says, and they follow one another.
fn in_log(pack: &Pack, entries: Vec<Entry>, checkpoint: &Checkpoint) -> Result<Vec<Known>, PackFault> {
    let mut known: Vec<Known> = Vec::with_capacity(entries.len());
    for (entry, packed) in entries.into_iter().zip(&pack.entries) {
        let (place, leaf) = (entry.head.sequence, leaf_hash(&packed.bytes));
        let follows = known.last().is_none_or(|last| last.entry.head.sequence < place);
        let proof = verify_inclusion(&leaf, place.0, checkpoint.size, &packed.path, &checkpoint.root);
        if !follows || proof.is_err() {
            return Err(PackFault::NotInLog(place));
        }
        let event = entry.event().ok();
        known.push(Known { entry, event, leaf });
    }
    Ok(known)
}

/// The pack itself, as a log to gather from.
struct Within<'a>(&'a Pack, &'a [Known]);

impl Find for Within<'_> {
    type Error = Infallible;

    fn find(&mut self, reference: Reference) -> Result<Vec<Vec<u8>>, Infallible> {
        let all = self.1.iter().zip(&self.0.entries);
        let fitting = all.filter(|(one, _)| one.event.as_ref().is_some_and(|event| fits(reference, &one.entry, event)));
        Ok(fitting.map(|(_, packed)| packed.bytes.clone()).collect())
    }
}

/// Nothing is in it that does not belong.
fn related(pack: &Pack, known: &[Known]) -> Result<(), PackFault> {
    let Ok(found) = gather(pack.order, &mut Within(pack, known));
    match known.iter().find(|one| !found.contains_key(&one.entry.head.sequence)) {
        Some(stranger) => Err(PackFault::Unrelated(stranger.entry.head.sequence)),
        None => Ok(()),
    }
}

/// How the order began, and that whatever was let through by a proof has it here.
fn proved(order: OrderId, origin: &str, known: &[Known]) -> Result<Vec<(PendingId, Proved)>, PackFault> {
    let begins = |one: &Known| {
        one.entry.head.sequence == order.sequence()
            && matches!(one.event, Some(Event::OrderNew(_) | Event::OrderDenied(_)))
    };
    if !known.iter().any(begins) {
        return Err(PackFault::NoBeginning);
    }
    let mut proofs = Vec::new();
    for one in known {
        let Some(event) = &one.event else { continue };
        named(one, event, known)?;
        if let Event::ApprovalJudged(judged) = event {
            on_first(one, judged, known)?;
        }
        if let Some(pending) = proof_of(event) {
            let (proof, command) = how(origin, pending, one, known)?;
            let same = match event {
                Event::OrderNew(e) => command.is_none_or(|command| command == e.terms.command),
                Event::Amend(e) => command.is_none_or(|command| command == e.terms.command),
                _ => true,
            };
            if !same {
                return Err(PackFault::OtherCommand(one.entry.head.sequence));
            }
            proofs.push((pending, proof));
        }
    }
    Ok(proofs)
}

/// What an entry only names by number stands here too: session, listing, account.
fn named(one: &Known, event: &Event, known: &[Known]) -> Result<(), PackFault> {
    let place = one.entry.head.sequence;
    let has = |what: &'static str, is: &dyn Fn(&Known, &Event) -> bool| {
        let found = known.iter().any(|other| other.event.as_ref().is_some_and(|event| is(other, event)));
        if found { Ok(()) } else { Err(PackFault::Missing(place, what)) }
    };
    let about = one.entry.object.is_some_and(|object| object.kind == ObjectKind::Order);
    if let (true, Actor::User(_), Some(session)) = (about, one.entry.head.origin.actor, one.entry.head.origin.session) {
        has("the session it came from", &|other, event| {
            matches!(event, Event::SignedIn(_)) && other.entry.head.sequence.0 == session.0
        })?;
    }
    let terms = match event {
        Event::OrderNew(e) => Some(&e.terms),
        Event::OrderDenied(e) => e.terms.as_deref(),
        _ => None,
    };
    let Some(terms) = terms else { return Ok(()) };
    has("its listing", &|_, event| matches!(event, Event::InstrumentListed(e) if e.instrument.id == terms.instrument))?;
    has("its account", &|_, event| matches!(event, Event::AccountOpened(e) if e.account.id == terms.account))
}

/// A second person's word is on the very proof of the first, and on this order.
fn on_first(one: &Known, judged: &ApprovalJudged, known: &[Known]) -> Result<(), PackFault> {
    let first = PendingId(judged.judge.approval.0);
    let given = known.iter().find(|other| matches!(&other.event, Some(Event::ProofGiven(e)) if e.pending == first));
    let signed = known.iter().find(|other| of_pending(other, first).is_some());
    let proof = signed.or(given).and_then(|other| other.event.as_ref()).and_then(FirstProof::of);
    let same = proof.is_some() && proof.map(|proof| proof.digest) == judged.judge.first;
    if same { Ok(()) } else { Err(PackFault::OtherCommand(one.entry.head.sequence)) }
}

/// How one step-up was answered, and the digest of what was signed.
fn how(
    origin: &str,
    pending: PendingId,
    done: &Known,
    known: &[Known],
) -> Result<(Proved, Option<crate::digest::Digest>), PackFault> {
    let missing = |what| PackFault::Missing(done.entry.head.sequence, what);
    let asked = asked(pending, known).ok_or_else(|| missing("the command that waited"))?;
    if let Some(signed) = known.iter().find_map(|one| of_pending(one, pending)) {
        let key = registered(signed, known).ok_or_else(|| missing("the security key's registration"))?;
        let command = verify_signed(origin, key, Some((pending, asked)), signed)
            .map_err(|fault| PackFault::Signature(pending, fault))?;
        return Ok((Proved::Signed(signed.user, signed.credential), Some(command)));
    }
    let given = known.iter().find_map(|one| match (&one.event, one.entry.head.origin.actor) {
        (Some(Event::ProofGiven(given)), Actor::User(user)) if given.pending == pending => {
            Some((user, given.credential))
        }
        _ => None,
    });
    let (user, credential) = given.ok_or_else(|| missing("its proof"))?;
    Ok((Proved::ServerAttested(user, credential), None))
}

fn asked(pending: PendingId, known: &[Known]) -> Option<&ProofAsked> {
    known.iter().find_map(|one| match &one.event {
        Some(Event::ProofAsked(asked)) if one.entry.head.sequence.0 == pending.0 => Some(asked),
        _ => None,
    })
}

const fn of_pending(one: &Known, pending: PendingId) -> Option<&IntentSigned> {
    match &one.event {
        Some(Event::IntentSigned(signed)) => match signed.pending {
            Some(of) if of.0 == pending.0 => Some(signed),
            _ => None,
        },
        _ => None,
    }
}

fn registered<'a>(signed: &IntentSigned, known: &'a [Known]) -> Option<&'a KeyRegistered> {
    known.iter().find_map(|one| match &one.event {
        Some(Event::KeyRegistered(key)) if key.credential == signed.credential => Some(key),
        _ => None,
    })
}

/// A checkpoint kept elsewhere, signed by one of these, whoever signed it besides.
fn kept(note: &str, keys: &[VerifierKey]) -> Option<Checkpoint> {
    let note: Note = note.parse().ok()?;
    let by = keys.iter().find(|key| key.verify(&note).is_ok())?;
    note.text.parse().ok().filter(|checkpoint: &Checkpoint| checkpoint.origin == by.name())
}

/// Whether anything kept elsewhere agrees. What is of another entry or another size says nothing here; what disagrees says
/// that the log was rewritten.
fn anchored(
    known: &[Known],
    checkpoint: &Checkpoint,
    keys: &[VerifierKey],
    anchors: &[Anchor],
) -> Result<bool, PackFault> {
    let mut agrees = false;
    for anchor in anchors {
        let same = match anchor {
            Anchor::Receipt(place, leaf) => {
                known.iter().find(|one| one.entry.head.sequence == *place).map(|one| one.leaf == *leaf)
            }
            Anchor::Checkpoint(note) => {
                let kept = kept(note, keys).ok_or(PackFault::Anchor)?;
                (kept.size == checkpoint.size).then_some(kept.root == checkpoint.root)
            }
            // Its word stands under the checkpoint or nowhere.
            Anchor::Witness(_) => None,
        };
        match same {
            Some(true) => agrees = true,
            Some(false) => return Err(PackFault::Anchor),
            None => {}
        }
    }
    Ok(agrees)
}
