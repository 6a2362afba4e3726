//! The rows of one append; it must not open a store.

use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::{Frontier, Hash, Tile, leaf_hash};

/// One log entry to append; its bytes, at most `limits::ENTRY_BYTES_MAX` of deterministic CBOR, lie in its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its place in the log.
    pub sequence: Sequence,
    /// Its leaf hash.
    pub leaf: Hash,
    at: Span,
}

/// The newest picture of one order; its row, as its writer encodes it, lies in its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Which order.
    pub order: OrderId,
    at: Span,
}

/// Where in a batch's bytes something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
}

/// What one commit appends: entries in sequence without a gap, the tiles they complete, the orders they change.
///
/// All their bytes are one buffer: a batch is made by one thread and let go by another, and is used again as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// New entries.
    pub entries: Vec<EntryRow>,
    /// Tiles of the tree these entries complete.
    pub tiles: Vec<Tile>,
    /// Orders to insert or replace, each at most once.
    pub orders: Vec<OrderRow>,
    bytes: Vec<u8>,
}

impl Batch {
    /// Adds the next entry, these bytes, to batch and tree; gives its sequence and leaf hash.
    pub fn push(&mut self, frontier: &mut Frontier, bytes: &[u8]) -> (Sequence, Hash) {
        self.push_written(frontier, |out| out.extend_from_slice(bytes))
    }

    /// The same for an entry that `write` appends to what is there.
    pub fn push_written(&mut self, frontier: &mut Frontier, write: impl FnOnce(&mut Vec<u8>)) -> (Sequence, Hash) {
        let sequence = Sequence(frontier.size());
        let at = self.written(write);
        let leaf = leaf_hash(self.bytes_at(at));
        frontier.append(leaf, &mut self.tiles);
        self.entries.push(EntryRow { sequence, leaf, at });
        (sequence, leaf)
    }

    /// Adds an order whose row `write` appends to what is there.
    pub fn put_order(&mut self, order: OrderId, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.written(write);
        self.orders.push(OrderRow { order, at });
    }

    fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let from = self.bytes.len();
        write(&mut self.bytes);
        Span { from, to: self.bytes.len() }
    }

    fn bytes_at(&self, at: Span) -> &[u8] {
        // What was written stays: there is no other way to a span than through `written`.
        self.bytes.get(at.from..at.to).unwrap_or_default()
    }

    /// The bytes of one of its entries.
    #[must_use]
    pub fn entry(&self, row: &EntryRow) -> &[u8] {
        self.bytes_at(row.at)
    }

    /// The row of one of its orders.
    #[must_use]
    pub fn order(&self, row: &OrderRow) -> &[u8] {
        self.bytes_at(row.at)
    }

    /// Forgets everything and keeps the room.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.tiles.clear();
        self.orders.clear();
        self.bytes.clear();
    }

    /// Whether there is nothing to append.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.orders.is_empty()
    }
}
