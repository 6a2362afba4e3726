//! The log folded into a state, from its first entry or from the newest snapshot that verifies; it must re-decide nothing.

use std::collections::BTreeMap;
use std::fmt;

use turret_engine::{STATE_VERSION, State};
use turret_shared::digest::Digest;
use turret_shared::entry::{Entry, Head};
use turret_shared::event::Event;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::Hash;

use crate::random::Random;
use crate::store::snapshots::{SnapshotHead, Snapshots};
use crate::store::{ReadError, Reader, SnapshotError, Visit};

/// Entries read in one go: a reader must not hold the log open for long.
const CHUNK_ENTRIES: u64 = 50_000;

/// A state with what is kept beside it.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The state.
    pub state: State,
    /// Commitments to the texts of orders that have one.
    pub(crate) texts: BTreeMap<OrderId, Digest>,
}

/// Why the log could not be folded.
#[derive(Debug)]
pub enum FoldError {
    /// The store failed.
    Read(ReadError),
    /// An entry is damaged, or of a version this program does not know.
    Entry(Sequence),
    /// The log ends before it should.
    Short,
    /// An entry that is not the next one.
    Gap {
        /// The one that should have come.
        wanted: Sequence,
        /// The one that came.
        came: Sequence,
    },
}

impl fmt::Display for FoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the log could not be read: {error}"),
            Self::Entry(sequence) => write!(f, "entry {sequence} cannot be read by this version"),
            Self::Short => f.write_str("the log ends before its own size"),
            Self::Gap { wanted, came } => write!(f, "entry {came} came in place of entry {wanted}"),
        }
    }
}

impl std::error::Error for FoldError {}

impl From<ReadError> for FoldError {
    fn from(source: ReadError) -> Self {
        Self::Read(source)
    }
}

/// What a snapshot begins with: an array of two, then a byte string whose length follows in eight bytes.
const KEPT_HEAD: [u8; 2] = [0x82, 0x5b];

impl Folded {
    /// Folds one event.
    ///
    /// # Errors
    /// [`FoldError::Gap`] when it is not the next: a state with a hole would look whole for ever.
    pub fn evolve(&mut self, head: &Head, event: &Event) -> Result<(), FoldError> {
        let (wanted, came) = (self.state.next_sequence(), head.sequence);
        if came != wanted {
            return Err(FoldError::Gap { wanted, came });
        }
        self.state.evolve(head, event);
        let terms = match event {
            Event::OrderNew(new) => Some(&new.terms),
            Event::OrderDenied(denied) => denied.terms.as_deref(),
            _ => None,
        };
        if let Some(commitment) = terms.and_then(|terms| terms.text) {
            self.texts.insert(OrderId::new(head.sequence, 0), commitment);
        }
        Ok(())
    }

    /// Folds what the log holds up to `size` entries.
    ///
    /// # Errors
    /// [`FoldError`]; nothing may be served from a state that is not whole.
    pub fn follow(&mut self, reader: &mut dyn Reader, size: u64) -> Result<(), FoldError> {
        self.follow_seen(reader, size, |_, _| ())
    }

    /// The same, and shows each fact once it is folded.
    ///
    /// # Errors
    /// [`FoldError`].
    pub(crate) fn follow_seen(
        &mut self,
        reader: &mut dyn Reader,
        size: u64,
        mut seen: impl FnMut(&Head, &Event),
    ) -> Result<(), FoldError> {
        while self.state.next_sequence().0 < size {
            let from = self.state.next_sequence();
            let limit = CHUNK_ENTRIES.min(size.saturating_sub(from.0));
            let mut fault = None;
            let read = reader.entries(from, limit, &mut |stored| {
                let entry = Entry::from_bytes(stored.bytes).ok();
                let folded = match entry.and_then(|entry| entry.event().ok().map(|event| (entry.head, event))) {
                    Some((head, event)) => self.evolve(&head, &event).inspect(|()| seen(&head, &event)),
                    None => Err(FoldError::Entry(stored.sequence)),
                };
                fault = folded.err();
                if fault.is_some() { Visit::Break(()) } else { Visit::Continue(()) }
            })?;
            if let Some(fault) = fault {
                return Err(fault);
            }
            if read == 0 {
                return Err(FoldError::Short);
            }
        }
        Ok(())
    }

    /// The newest snapshot that verifies against the log, or nothing folded at all.
    #[must_use]
    pub fn newest(snapshots: &Snapshots, reader: &mut dyn Reader, size: u64) -> Self {
        let heads = snapshots.list().unwrap_or_else(|error| {
            tracing::warn!(%error, "no snapshots: folding from the first entry");
            Vec::new()
        });
        for head in heads {
            match Self::load(snapshots, reader, size, &head) {
                Ok(Some(folded)) => return folded,
                Ok(None) => tracing::warn!(next = head.next.0, "a snapshot does not verify"),
                Err(error) => tracing::warn!(next = head.next.0, %error, "a snapshot cannot be used"),
            }
        }
        Self::default()
    }

    fn load(
        snapshots: &Snapshots,
        reader: &mut dyn Reader,
        size: u64,
        head: &SnapshotHead,
    ) -> Result<Option<Self>, SnapshotError> {
        if head.state_version != u32::from(STATE_VERSION) || head.next.0 > size {
            return Ok(None);
        }
        let root = reader.frontier_at(head.next.0).map(|frontier| frontier.root()).ok();
        if root != Some(head.root) {
            return Ok(None);
        }
        let bytes = snapshots.load(head)?;
        let Ok((state, texts)) = kept(&bytes) else { return Ok(None) };
        // The hash of a state is that of its bytes.
        if State::hash_of(state).0 != head.state_hash.0 {
            return Ok(None);
        }
        let state = State::from_snapshot(state).ok().filter(|state| state.next_sequence() == head.next);
        Ok(state.map(|state| Self { state, texts }))
    }

    /// Writes a snapshot of this; gives the hash of the state.
    ///
    /// # Errors
    /// [`SnapshotError`]; older ones stand then.
    pub fn save(
        &self,
        snapshots: &Snapshots,
        reader: &mut dyn Reader,
        random: Random,
    ) -> Result<Digest, SnapshotError> {
        let next = self.state.next_sequence();
        let Ok(root) = reader.frontier_at(next.0).map(|frontier| frontier.root()) else {
            return Err(SnapshotError::Seal);
        };
        let (bytes, hash) = self.bytes();
        let head = SnapshotHead { state_version: u32::from(STATE_VERSION), next, root, state_hash: Hash(hash.0) };
        snapshots.save(&head, &bytes, random).map(|()| hash)
    }

    /// What a snapshot holds, made in one piece for it is large, and the hash of the state.
    fn bytes(&self) -> (Vec<u8>, Digest) {
        let start = KEPT_HEAD.len().saturating_add(size_of::<u64>());
        let mut bytes = KEPT_HEAD.to_vec();
        bytes.resize(start, 0);
        self.state.write_snapshot(&mut bytes);
        let state = bytes.get(start..).unwrap_or_default();
        let (length, hash) = (state.len() as u64, State::hash_of(state));
        if let Some(slot) = bytes.get_mut(KEPT_HEAD.len()..start) {
            slot.copy_from_slice(&length.to_be_bytes());
        }
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&self.texts, &mut bytes);
        (bytes, hash)
    }
}

/// The state's bytes and the texts' commitments of a snapshot.
fn kept(bytes: &[u8]) -> Result<(&[u8], BTreeMap<OrderId, Digest>), minicbor::decode::Error> {
    let mut d = minicbor::Decoder::new(bytes);
    d.array()?;
    Ok((d.bytes()?, d.decode()?))
}
