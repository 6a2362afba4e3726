//! The whole log recomputed from its bytes and compared with tree and checkpoints; it must trust nothing stored.

use std::collections::VecDeque;
use std::fmt;

use turret_shared::entry::Entry;
use turret_shared::ids::Sequence;
use turret_shared::tlog::{Frontier, Tile, VerifierKey, leaf_hash, newest_key, successor};

use super::evidence::{Evidence, EvidenceError, SignedCheckpoint};
use super::reopened::Reopened;
use super::verdict::{EntryFault, Fault, Verdict};
use crate::store::{ReadError, Reader, StoredEntry, Visit};

/// Entries read in one go: between two, a running server may fold its WAL.
const ENTRIES_AT_ONCE: u64 = 4_096;
/// Checkpoints read in one go.
const CHECKPOINTS_AT_ONCE: u32 = 1_024;
/// Entries may stand without a checkpoint for this long by their own times, in nanoseconds: a generous minute.
const UNSIGNED_NS_MAX: i64 = 60_000_000_000;

/// Why verification could not be carried out: not a verdict.
#[derive(Debug)]
pub enum VerifyError {
    /// The log could not be read.
    Read(ReadError),
    /// The checkpoints could not be read.
    Evidence(EvidenceError),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read(_) => "the log could not be read",
            Self::Evidence(_) => "the checkpoints could not be read",
        })
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(source) => Some(source),
            Self::Evidence(source) => Some(source),
        }
    }
}

impl From<ReadError> for VerifyError {
    fn from(source: ReadError) -> Self {
        Self::Read(source)
    }
}

impl From<EvidenceError> for VerifyError {
    fn from(source: EvidenceError) -> Self {
        Self::Evidence(source)
    }
}

/// Verifies every entry, the tree, and every checkpoint: those kept with the log and `outside`, notes kept elsewhere, each
/// signed by a key that is trusted.
///
/// # Errors
/// [`VerifyError`] when something cannot be read; what is read and wrong is in the [`Verdict`].
pub fn verify(
    reader: &mut dyn Reader,
    evidence: &Evidence,
    keys: &Trusted,
    outside: &[String],
) -> Result<Verdict, VerifyError> {
    let mut scan = Scan::new(evidence, keys, outside)?;
    let mut shown = ENTRIES_AT_ONCE;
    while shown == ENTRIES_AT_ONCE && !scan.broken {
        let next = Sequence(scan.frontier.size());
        shown = match reader.entries(next, ENTRIES_AT_ONCE, &mut |stored| scan.entry(&stored)) {
            Err(ReadError::Damaged(_)) => scan.give_up(EntryFault::Leaf),
            shown => shown?,
        };
        scan.compare_tiles(reader)?;
        scan.error.take().map_or(Ok(()), Err)?;
    }
    scan.finish(reader)
}

/// Whose signature counts.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// Under the newest checkpoint and those kept elsewhere.
    now: Vec<VerifierKey>,
    /// Under the older ones beside the log: those that gave way to these too. A later checkpoint covers what they signed.
    ever: Vec<VerifierKey>,
}

impl Trusted {
    /// A key kept elsewhere, or else the server's own, and what `evidence` says of those before and after it.
    ///
    /// # Errors
    /// [`EvidenceError`] when the words of the keys cannot be read.
    pub fn of(kept: Option<VerifierKey>, evidence: &Evidence) -> Result<Self, EvidenceError> {
        let (mut all, former) = (evidence.verifier_keys(), evidence.former_keys());
        let Some(kept) = kept else {
            all.extend(former);
            return Ok(Self { now: all.clone(), ever: all });
        };
        let words = evidence.every_word()?;
        let words = || words.iter().map(String::as_str);
        let after = newest_key(kept.clone(), words());
        let leads = |key: &&VerifierKey| newest_key((*key).clone(), words()) == after;
        let mut ever: Vec<_> = all.iter().filter(leads).chain([&kept]).cloned().collect();
        // From the kept one on, in the order of the words.
        let follow = |from: VerifierKey| {
            let mut keys = vec![from];
            for word in words() {
                let next = keys.last().and_then(|key| successor(word, key));
                keys.extend(next);
            }
            keys
        };
        let mut now = follow(kept);
        // A recovery key speaks for the log before where that log names it: the scan looks for it.
        for reopened in evidence.reopened() {
            let known = now.iter().any(|key| key.name() == reopened.kept.origin);
            if known && (now.contains(&reopened.by) || reopened.is_by_recovery()) {
                now.extend(follow(reopened.next.clone()));
            }
        }
        ever.extend(former);
        ever.extend(now.iter().cloned());
        Ok(Self { now, ever })
    }
}

/// A checkpoint whose root the scan will compare when it gets there.
struct Expected {
    signed: SignedCheckpoint,
    outside: bool,
}

struct Scan<'a> {
    evidence: &'a Evidence,
    keys: &'a Trusted,
    frontier: Frontier,
    tiles: Vec<Tile>,
    last_time: Option<i64>,
    /// Time of the first entry that no matching checkpoint covers.
    unsigned_since: Option<i64>,
    /// Checkpoints still ahead, smallest first: from files, and the next few of those stored.
    files: VecDeque<Expected>,
    stored: VecDeque<(u64, String)>,
    stored_from: Option<u64>,
    covered: u64,
    anchors: Vec<u64>,
    entry_fault: Option<(u64, EntryFault)>,
    rewritten: Option<Fault>,
    forged: Option<Fault>,
    /// A checkpoint of an origin before that covers what was not kept.
    lost: Option<Fault>,
    origins: Reopened<'a>,
    error: Option<VerifyError>,
    /// An entry is missing: nothing after it can be placed in the tree.
    broken: bool,
}

impl<'a> Scan<'a> {
    fn new(evidence: &'a Evidence, keys: &'a Trusted, outside: &[String]) -> Result<Self, VerifyError> {
        let (mut forged, mut lost) = (None, None);
        let mut files = Vec::new();
        let newest = evidence.newest_note()?;
        for (note, outside) in newest.iter().map(|note| (note, false)).chain(outside.iter().map(|note| (note, true))) {
            match SignedCheckpoint::read_any(note, &keys.now) {
                Ok(signed) => match evidence.kept_of(&signed.checkpoint.origin) {
                    Some(from) if signed.checkpoint.size > from => {
                        lost = Some(Fault::Lost { from, to: signed.checkpoint.size });
                    }
                    _ => files.push(Expected { signed, outside }),
                },
                Err(_) => forged = Some(Fault::Forged { size: None }),
            }
        }
        files.sort_by_key(|expected| expected.signed.checkpoint.size);
        let mut scan = Self {
            evidence,
            keys,
            frontier: Frontier::new(),
            tiles: Vec::new(),
            last_time: None,
            unsigned_since: None,
            files: files.into(),
            stored: VecDeque::new(),
            stored_from: Some(0),
            covered: 0,
            anchors: Vec::new(),
            entry_fault: None,
            rewritten: None,
            forged,
            lost,
            origins: Reopened::new(evidence),
            error: None,
            broken: false,
        };
        scan.compare_checkpoints()?;
        Ok(scan)
    }

    fn entry(&mut self, stored: &StoredEntry<'_>) -> Visit {
        let index = self.frontier.size();
        if stored.sequence.0 != index {
            self.give_up(EntryFault::Missing);
            return Visit::Break(());
        }
        let leaf = leaf_hash(stored.bytes);
        match Entry::from_bytes(stored.bytes) {
            _ if leaf != stored.leaf => self.fault(index, EntryFault::Leaf),
            Err(_) => self.fault(index, EntryFault::NotAnEntry),
            Ok(entry) if entry.event().is_err() => self.fault(index, EntryFault::NotAnEntry),
            Ok(entry) if entry.head.sequence.0 != index => self.fault(index, EntryFault::Sequence),
            Ok(entry) => {
                self.time(index, entry.head.time.0);
                if self.origins.breaks(&entry, &self.frontier) {
                    self.fault(index, EntryFault::Reopening);
                }
            }
        }
        self.frontier.append(leaf, &mut self.tiles);
        match self.compare_checkpoints() {
            Ok(()) => Visit::Continue(()),
            Err(error) => {
                self.error = Some(error);
                Visit::Break(())
            }
        }
    }

    /// The next entry cannot be placed in the tree, nor any after it; gives that none was read.
    fn give_up(&mut self, what: EntryFault) -> u64 {
        self.fault(self.frontier.size(), what);
        self.broken = true;
        0
    }

    fn time(&mut self, index: u64, time: i64) {
        if self.last_time.is_some_and(|last| time < last) {
            self.fault(index, EntryFault::Time);
        }
        self.last_time = Some(time);
        self.unsigned_since.get_or_insert(time);
    }

    /// Keeps the fault of the smallest index.
    fn fault(&mut self, index: u64, what: EntryFault) {
        if self.entry_fault.is_none_or(|(known, _)| index < known) {
            self.entry_fault = Some((index, what));
        }
    }

    /// Compares every checkpoint of exactly the size read so far.
    fn compare_checkpoints(&mut self) -> Result<(), VerifyError> {
        let size = self.frontier.size();
        while self.files.front().is_some_and(|expected| expected.signed.checkpoint.size <= size) {
            if let Some(expected) = self.files.pop_front() {
                self.compare_root(&expected);
            }
        }
        loop {
            if self.stored.is_empty() && !self.refill()? {
                return Ok(());
            }
            if self.stored.front().is_none_or(|(kept_size, _)| *kept_size > size) {
                return Ok(());
            }
            let Some((kept_size, note)) = self.stored.pop_front() else { return Ok(()) };
            match SignedCheckpoint::read_any(&note, &self.keys.ever) {
                Ok(signed) if signed.checkpoint.size == kept_size => {
                    self.compare_root(&Expected { signed, outside: false });
                }
                _ => {
                    self.forged.get_or_insert(Fault::Forged { size: Some(kept_size) });
                }
            }
        }
    }

    fn refill(&mut self) -> Result<bool, VerifyError> {
        let Some(from) = self.stored_from else { return Ok(false) };
        self.stored = self.evidence.notes_from(from, CHECKPOINTS_AT_ONCE)?.into();
        self.stored_from = self.stored.back().map(|(size, _)| size.saturating_add(1));
        Ok(!self.stored.is_empty())
    }

    fn compare_root(&mut self, expected: &Expected) {
        let checkpoint = &expected.signed.checkpoint;
        if checkpoint.root == self.frontier.root() {
            if self.rewritten.is_none() {
                self.covered = checkpoint.size;
                self.unsigned_since = None;
            }
            if expected.outside {
                self.anchors.push(checkpoint.size);
            }
        } else if self.rewritten.is_none() {
            self.rewritten = Some(Fault::Rewritten { from: self.covered, to: checkpoint.size });
        }
    }

    /// Compares the tiles completed since the last call with those stored.
    fn compare_tiles(&mut self, reader: &mut dyn Reader) -> Result<(), VerifyError> {
        for tile in std::mem::take(&mut self.tiles) {
            let width = 1u64.wrapping_shl(u32::from(tile.level).saturating_mul(8));
            let index_of = |place: u64| tile.index.saturating_mul(256).saturating_add(place).saturating_mul(width);
            match reader.tile(tile.level, tile.index) {
                Ok(Some(stored)) => {
                    let differs = stored.hashes.iter().zip(&tile.hashes).position(|(one, other)| one != other);
                    if let Some(place) = differs {
                        self.fault(index_of(place as u64), EntryFault::Tile);
                    }
                }
                Ok(None) => self.fault(index_of(256).saturating_sub(1), EntryFault::TileMissing),
                Err(ReadError::Damaged(_)) => self.fault(index_of(0), EntryFault::Tile),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn finish(mut self, reader: &mut dyn Reader) -> Result<Verdict, VerifyError> {
        let size = self.frontier.size();
        if let Some(index) = self.origins.missing(size) {
            self.fault(index, EntryFault::Reopening);
        }
        let ahead = self.files.iter().map(|expected| expected.signed.checkpoint.size);
        let truncated = match self.stored.back().map(|(size, _)| *size).into_iter().chain(ahead).max() {
            Some(signed) if !self.broken => Some(Fault::Truncated { size, signed }),
            _ => None,
        };
        let expected: u64 = (1..8u32).filter_map(|level| size.checked_shr(level.saturating_mul(8))).sum();
        let found = reader.tile_count()?;
        let tiles = (found != expected && !self.broken).then_some(Fault::Tiles { found, expected });
        let unsigned = match (self.unsigned_since, self.last_time) {
            (Some(since), Some(last)) if last.saturating_sub(since) > UNSIGNED_NS_MAX => {
                Some(Fault::Unsigned { from: self.covered })
            }
            _ => None,
        };
        // An entry named exactly says more than an interval; but an interval that ends before it comes first.
        let entry = self.entry_fault.map(|(index, what)| Fault::Entry { index, what });
        let first = match (entry, self.rewritten.take()) {
            (Some(Fault::Entry { index, .. }), Some(Fault::Rewritten { from, to })) if index >= to => {
                Some(Fault::Rewritten { from, to })
            }
            (Some(entry), _) => Some(entry),
            (None, rewritten) => rewritten,
        };
        let fault = first.or(truncated).or(self.lost).or(self.forged).or(tiles).or(unsigned);
        Ok(Verdict { size, root: self.frontier.root(), covered: self.covered, anchors: self.anchors, fault })
    }
}
