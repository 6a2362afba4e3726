//! The rows of one append; it must not open a store.

use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::{Frontier, Hash, Tile, leaf_hash};

/// One log entry to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its place in the log.
    pub sequence: Sequence,
    /// Its deterministic CBOR, at most `limits::ENTRY_BYTES_MAX`.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// The newest picture of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Which order.
    pub order: OrderId,
    /// The row as its writer encodes it.
    pub body: Vec<u8>,
}

/// What one commit appends: entries in sequence without a gap, the tiles they complete, the orders they change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// New entries.
    pub entries: Vec<EntryRow>,
    /// Tiles of the tree these entries complete.
    pub tiles: Vec<Tile>,
    /// Orders to insert or replace, each at most once.
    pub orders: Vec<OrderRow>,
}

impl Batch {
    /// An empty one with room for as much as `other` holds: batches of a busy hour are alike.
    #[must_use]
    pub fn with_room_of(other: &Self) -> Self {
        Self {
            entries: Vec::with_capacity(other.entries.len()),
            tiles: Vec::new(),
            orders: Vec::with_capacity(other.orders.len()),
        }
    }

    /// Adds the next entry to batch and tree; gives its sequence and leaf hash.
    pub fn push(&mut self, frontier: &mut Frontier, bytes: Vec<u8>) -> (Sequence, Hash) {
        let sequence = Sequence(frontier.size());
        let leaf = leaf_hash(&bytes);
        frontier.append(leaf, &mut self.tiles);
        self.entries.push(EntryRow { sequence, bytes, leaf });
        (sequence, leaf)
    }

    /// Whether there is nothing to append.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.orders.is_empty()
    }
}
