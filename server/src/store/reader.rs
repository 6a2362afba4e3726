//! What reads the store while it is written, on a connection of its own; it must change nothing.

use std::ops::ControlFlow;

use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::{Frontier, Hash, Tile};

use super::ReadError;

/// One entry as it is stored, borrowed while it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct StoredEntry<'a> {
    /// Its place in the log.
    pub sequence: Sequence,
    /// The entry's deterministic CBOR.
    pub bytes: &'a [u8],
    /// The leaf hash stored beside it.
    pub leaf: Hash,
}

/// What a visitor of rows answers: go on, or stop here.
pub type Visit = ControlFlow<()>;

/// The readers' side of the log; each has its own connection and sees only what is durable.
pub trait Reader: Send {
    /// Entries in the log.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn size(&mut self) -> Result<u64, ReadError>;

    /// Shows entries from `from` on, in order, at most `limit`; gives how many were shown.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn entries(
        &mut self,
        from: Sequence,
        limit: u64,
        visit: &mut dyn FnMut(StoredEntry<'_>) -> Visit,
    ) -> Result<u64, ReadError>;

    /// One entry's bytes.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn entry(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, ReadError>;

    /// Shows current order rows from `from` on, by order id, at most `limit`; gives how many were shown.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn orders(
        &mut self,
        from: OrderId,
        limit: u64,
        visit: &mut dyn FnMut(OrderId, &[u8]) -> Visit,
    ) -> Result<u64, ReadError>;

    /// One current order row.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn order(&mut self, order: OrderId) -> Result<Option<Vec<u8>>, ReadError>;

    /// How many orders the log has brought forth.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn order_count(&mut self) -> Result<u64, ReadError>;

    /// One full tile, if it is stored.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked, or the tile is not of its form.
    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Tile>, ReadError>;

    /// Full tiles stored, of all levels.
    ///
    /// # Errors
    /// [`ReadError`] when the store cannot be asked.
    fn tile_count(&mut self) -> Result<u64, ReadError>;

    /// The stored hash over leaves `index << level .. (index + 1) << level`, from tiles and leaf hashes.
    ///
    /// # Errors
    /// [`ReadError::Missing`] when the log does not cover it.
    fn node(&mut self, level: u8, index: u64) -> Result<Hash, ReadError>;

    /// The open edge of the tree as it was with `size` entries; its root is the root of that size.
    ///
    /// # Errors
    /// [`ReadError::Missing`] when the log has fewer entries.
    fn frontier_at(&mut self, size: u64) -> Result<Frontier, ReadError>;
}
