//! Whether a log that goes on under a new origin does so by the word of a key of the log before; it must believe no other.

use turret_shared::entry::Entry;
use turret_shared::event::Event;
use turret_shared::event::custody::LogReopened;
use turret_shared::tlog::{Frontier, Reopening, VerifierKey};

use super::Evidence;

/// What a scan has seen of it.
pub(super) struct Reopened<'a> {
    evidence: &'a Evidence,
    /// Every key that signed checkpoints under an origin before.
    former: Vec<VerifierKey>,
    /// The recovery keys that the log named.
    recovery: Vec<[u8; 32]>,
    /// So many were there.
    found: usize,
}

impl<'a> Reopened<'a> {
    pub(super) fn new(evidence: &'a Evidence) -> Self {
        Self { evidence, former: evidence.former_keys(), recovery: Vec::new(), found: 0 }
    }

    /// True when an entry opens an origin that it may not; `before` is the tree without it.
    pub(super) fn breaks(&mut self, entry: &Entry, before: &Frontier) -> bool {
        match entry.event() {
            Ok(Event::KeyCeremony(ceremony)) => {
                self.recovery.push(ceremony.signs.0);
                false
            }
            Ok(Event::LogReopened(said)) => !self.holds(&said, before),
            _ => false,
        }
    }

    fn holds(&mut self, said: &LogReopened, before: &Frontier) -> bool {
        let kept = self.evidence.reopened().get(self.found);
        self.found = self.found.saturating_add(1);
        let Some(read) = Reopening::read(&said.note).filter(|read| Some(read) == kept) else { return false };
        let speaks = match read.is_by_recovery() {
            true => self.recovery.contains(read.by.public()),
            false => self.former.contains(&read.by),
        };
        speaks
            && said.origin == read.next.name()
            && (said.kept, said.lost) == (read.kept.size, read.lost())
            && (read.kept.size, read.kept.root) == (before.size(), before.root())
    }

    /// The place of an entry that should open an origin, within the first `size`, and is not there.
    pub(super) fn missing(&self, size: u64) -> Option<u64> {
        let next = self.evidence.reopened().get(self.found)?;
        // A log cut short before it is named as such.
        (next.kept.size < size).then_some(next.kept.size)
    }
}
