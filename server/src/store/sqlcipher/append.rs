//! One append as one transaction; it must leave nothing half-written.

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use turret_shared::ids::Sequence;
use turret_shared::limits::ENTRY_BYTES_MAX;
use turret_shared::tlog::{TILE_WIDTH, Tile};

use crate::store::{AppendError, Batch};

const EPOCH: &str = "SELECT epoch FROM fence WHERE id = 1";
const ENTRY: &str = "INSERT INTO entries (sequence, leaf, entry) VALUES (?1, ?2, ?3)";
const TILE: &str = "INSERT INTO tiles (place, hashes) VALUES (?1, ?2)";
const ORDER: &str = "INSERT INTO orders (order_id, body) VALUES (?1, ?2)
     ON CONFLICT (order_id) DO UPDATE SET body = excluded.body";

/// Bits of a tile's place that tell its index; its level stands above them.
const TILE_INDEX_BITS: u32 = 48;

/// The key a tile is stored under.
pub(super) fn tile_place(level: u8, index: u64) -> i64 {
    let place = u64::from(level).wrapping_shl(TILE_INDEX_BITS) | index;
    place.cast_signed()
}

/// The epoch in force.
pub(super) fn epoch(db: &Connection) -> Result<u64, rusqlite::Error> {
    db.prepare_cached(EPOCH)?.query_row([], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// Refuses a batch that does not continue the log.
pub(super) fn check(expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
    let in_sequence = batch.entries.iter().zip(expected.0..).all(|(entry, want)| entry.sequence.0 == want);
    if !in_sequence {
        return Err(AppendError::BadBatch("a gap in the sequence"));
    }
    if batch.entries.iter().any(|entry| entry.bytes.len() > ENTRY_BYTES_MAX) {
        return Err(AppendError::BadBatch("an entry too long"));
    }
    if batch.tiles.iter().any(|tile| tile.hashes.len() != TILE_WIDTH || tile.index >> TILE_INDEX_BITS != 0) {
        return Err(AppendError::BadBatch("a tile of the wrong width"));
    }
    Ok(())
}

/// Writes the batch durably.
pub(super) fn append(db: &mut Connection, epoch_wanted: u64, batch: &Batch) -> Result<(), AppendError> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let in_force = epoch(&change).map_err(failed)?;
    if in_force != epoch_wanted {
        return Err(AppendError::Superseded { epoch: in_force });
    }
    write_rows(&change, batch).map_err(failed)?;
    change.commit().map_err(failed)
}

fn write_rows(change: &Transaction<'_>, batch: &Batch) -> Result<(), rusqlite::Error> {
    let mut insert = change.prepare_cached(ENTRY)?;
    for entry in &batch.entries {
        insert.execute((entry.sequence.0.cast_signed(), entry.leaf.0.as_slice(), entry.bytes.as_slice()))?;
    }
    if !batch.tiles.is_empty() {
        let mut insert = change.prepare_cached(TILE)?;
        for tile in &batch.tiles {
            insert.execute((tile_place(tile.level, tile.index), Tile::to_bytes(tile)))?;
        }
    }
    if !batch.orders.is_empty() {
        let mut upsert = change.prepare_cached(ORDER)?;
        for order in &batch.orders {
            upsert.execute((order.order.0.cast_signed(), order.body.as_slice()))?;
        }
    }
    Ok(())
}

fn failed(source: rusqlite::Error) -> AppendError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => AppendError::Full,
        _ => AppendError::Unknown(source.into()),
    }
}
