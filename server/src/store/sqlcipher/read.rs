//! A reader's connection: entries, order rows and hashes of the tree; it must never write.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::tlog::{Frontier, Hash, TILE_BITS, TILE_WIDTH, Tile, perfect_root};

use super::append::tile_place;
use super::migrate;
use crate::encrypted::{Access, open};
use crate::store::{OpenError, ReadError, Reader, StoredEntry, Visit};

/// Page cache of a reader, in KiB: readers stream, so little helps as much as a lot.
const CACHE_KIB: u32 = 2 * 1024;

/// Roots of whole tiles a reader keeps: those below one unfinished tile of each level, and as many again.
const TILE_ROOTS_MAX: usize = 4 * TILE_WIDTH;

/// Roots of tiles read before. A whole tile never changes, so that signing a checkpoint each moment need not read every
/// tile of the unfinished ones again.
#[derive(Debug, Default)]
pub(super) struct TileRoots(BTreeMap<(u8, u64), Hash>);

impl TileRoots {
    fn of(&mut self, db: &Connection, level: u8, index: u64) -> Result<Hash, ReadError> {
        if let Some(root) = self.0.get(&(level, index)) {
            return Ok(*root);
        }
        let root = tile(db, level, index)?.ok_or(ReadError::Missing)?.root();
        if self.0.len() >= TILE_ROOTS_MAX {
            // The oldest of the lowest level: nothing unfinished lies above it.
            self.0.pop_first();
        }
        self.0.insert((level, index), root);
        Ok(root)
    }
}

/// The log, open for reading.
pub struct SqlReader {
    db: Connection,
    roots: TileRoots,
}

impl std::fmt::Debug for SqlReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqlReader")
    }
}

impl SqlReader {
    /// Opens the log at `path`, which must be there.
    ///
    /// # Errors
    /// [`OpenError`] when it is not, or under another key.
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, OpenError> {
        let db = open(path, key, Access::Read)?;
        db.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB};"))?;
        migrate::check(&db)?;
        Ok(Self { db, roots: TileRoots::default() })
    }
}

impl Reader for SqlReader {
    fn size(&mut self) -> Result<u64, ReadError> {
        size_of(&self.db)
    }

    fn entries(
        &mut self,
        from: Sequence,
        limit: u64,
        visit: &mut dyn FnMut(StoredEntry<'_>) -> Visit,
    ) -> Result<u64, ReadError> {
        let sql = "SELECT sequence, leaf, entry FROM entries WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((from.0.cast_signed(), limit.min(i64::MAX as u64).cast_signed()))?;
        let mut shown = 0u64;
        while let Some(row) = rows.next()? {
            let sequence = Sequence(row.get::<_, i64>(0)?.cast_unsigned());
            let leaf = hash_from(row.get_ref(1)?.as_blob().ok())?;
            let bytes = row.get_ref(2)?.as_blob().map_err(|_| ReadError::Damaged("an entry is no bytes"))?;
            shown = shown.saturating_add(1);
            if visit(StoredEntry { sequence, bytes, leaf }).is_break() {
                break;
            }
        }
        Ok(shown)
    }

    fn entry(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, ReadError> {
        let mut query = self.db.prepare_cached("SELECT entry FROM entries WHERE sequence = ?1")?;
        Ok(query.query_row([sequence.0.cast_signed()], |row| row.get(0)).optional()?)
    }

    fn orders(
        &mut self,
        from: OrderId,
        limit: u64,
        visit: &mut dyn FnMut(OrderId, &[u8]) -> Visit,
    ) -> Result<u64, ReadError> {
        let sql = "SELECT order_id, body FROM orders WHERE order_id >= ?1 ORDER BY order_id LIMIT ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((from.0.cast_signed(), limit.min(i64::MAX as u64).cast_signed()))?;
        let mut shown = 0u64;
        while let Some(row) = rows.next()? {
            let order = OrderId(row.get::<_, i64>(0)?.cast_unsigned());
            let body = row.get_ref(1)?.as_blob().map_err(|_| ReadError::Damaged("an order is no bytes"))?;
            shown = shown.saturating_add(1);
            if visit(order, body).is_break() {
                break;
            }
        }
        Ok(shown)
    }

    fn order(&mut self, order: OrderId) -> Result<Option<Vec<u8>>, ReadError> {
        let mut query = self.db.prepare_cached("SELECT body FROM orders WHERE order_id = ?1")?;
        Ok(query.query_row([order.0.cast_signed()], |row| row.get(0)).optional()?)
    }

    fn order_count(&mut self) -> Result<u64, ReadError> {
        let mut query = self.db.prepare_cached("SELECT count(*) FROM orders")?;
        Ok(query.query_row([], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<Option<Tile>, ReadError> {
        tile(&self.db, level, index)
    }

    fn tile_count(&mut self) -> Result<u64, ReadError> {
        let mut query = self.db.prepare_cached("SELECT count(*) FROM tiles")?;
        Ok(query.query_row([], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }

    fn node(&mut self, level: u8, index: u64) -> Result<Hash, ReadError> {
        node(&self.db, &mut self.roots, level, index)
    }

    fn frontier_at(&mut self, size: u64) -> Result<Frontier, ReadError> {
        frontier_at(&self.db, &mut self.roots, size)
    }
}

/// Entries in the log: one more than the last sequence.
pub(super) fn size_of(db: &Connection) -> Result<u64, ReadError> {
    let mut query = db.prepare_cached("SELECT max(sequence) FROM entries")?;
    let last: Option<i64> = query.query_row([], |row| row.get(0))?;
    Ok(last.map_or(0, |last| last.cast_unsigned().saturating_add(1)))
}

/// See [`Reader::frontier_at`].
pub(super) fn frontier_at(db: &Connection, roots: &mut TileRoots, size: u64) -> Result<Frontier, ReadError> {
    let mut open = Vec::new();
    let mut level = 0u8;
    let mut whole = size;
    while whole > 0 {
        let start = whole & !(TILE_WIDTH as u64).wrapping_sub(1);
        open.push(hashes(db, roots, level, start, whole)?);
        level = level.saturating_add(1);
        whole = whole.wrapping_shr(u32::from(TILE_BITS));
    }
    Frontier::from_open(size, open).map_err(|_| ReadError::Damaged("the tree's edge has the wrong length"))
}

/// Hashes `start..end` of a tile level, all within one tile.
fn hashes(db: &Connection, roots: &mut TileRoots, level: u8, start: u64, end: u64) -> Result<Vec<Hash>, ReadError> {
    let tile_index = start.wrapping_shr(u32::from(TILE_BITS));
    if let Some(tile) = tile(db, level, tile_index)? {
        let skip = (start & 0xff) as usize;
        return Ok(tile.hashes.into_iter().skip(skip).take(end.saturating_sub(start) as usize).collect());
    }
    let found = match level.checked_sub(1) {
        None => leaves(db, start, end)?,
        Some(below) => {
            (start..end).map(|index| roots.of(db, below, index)).collect::<Result<Vec<Hash>, ReadError>>()?
        }
    };
    if found.len() as u64 == end.saturating_sub(start) { Ok(found) } else { Err(ReadError::Missing) }
}

/// See [`Reader::node`].
fn node(db: &Connection, roots: &mut TileRoots, level: u8, index: u64) -> Result<Hash, ReadError> {
    let (tile_level, within) = (level.wrapping_div(TILE_BITS), level.wrapping_rem(TILE_BITS));
    let start = index.wrapping_shl(u32::from(within));
    let row = hashes(db, roots, tile_level, start, start.saturating_add(1u64.wrapping_shl(u32::from(within))))?;
    Ok(perfect_root(&row))
}

fn tile(db: &Connection, level: u8, index: u64) -> Result<Option<Tile>, ReadError> {
    let mut query = db.prepare_cached("SELECT hashes FROM tiles WHERE place = ?1")?;
    let mut rows = query.query([tile_place(level, index)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = row.get_ref(0)?.as_blob().map_err(|_| ReadError::Damaged("a tile is no bytes"))?;
    Tile::from_bytes(level, index, bytes).map(Some).ok_or(ReadError::Damaged("a tile of the wrong width"))
}

fn leaves(db: &Connection, start: u64, end: u64) -> Result<Vec<Hash>, ReadError> {
    let mut query =
        db.prepare_cached("SELECT leaf FROM entries WHERE sequence >= ?1 AND sequence < ?2 ORDER BY sequence")?;
    let mut rows = query.query((start.cast_signed(), end.cast_signed()))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(hash_from(row.get_ref(0)?.as_blob().ok())?);
    }
    Ok(found)
}

fn hash_from(bytes: Option<&[u8]>) -> Result<Hash, ReadError> {
    bytes.and_then(|bytes| Hash::try_from(bytes).ok()).ok_or(ReadError::Damaged("a leaf hash of the wrong width"))
}
