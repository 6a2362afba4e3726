//! One append as one transaction; it must leave nothing half-written.

use std::sync::LazyLock;

use rusqlite::{Connection, ErrorCode, Statement, Transaction, TransactionBehavior};
use turret_shared::ids::Sequence;
use turret_shared::limits::ENTRY_BYTES_MAX;
use turret_shared::tlog::{TILE_WIDTH, Tile};

use crate::store::{AppendError, Batch};

const EPOCH: &str = "SELECT epoch FROM fence WHERE id = 1";
const TILE: &str = "INSERT INTO tiles (place, hashes) VALUES (?1, ?2)";

/// Rows one statement writes while there are as many: starting a statement costs more than a row.
const ROWS_PER_STATEMENT: usize = 16;
/// Columns of an entry's row.
const ENTRY_COLUMNS: usize = 3;
/// Columns of an order's row.
const ORDER_COLUMNS: usize = 2;

static ENTRY: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("INSERT OR ROLLBACK INTO entries (sequence, leaf, entry) VALUES ", ENTRY_COLUMNS, ""));
static ORDER: LazyLock<Insert> = LazyLock::new(|| {
    let newest = " ON CONFLICT (order_id) DO UPDATE SET body = excluded.body";
    Insert::new("INSERT OR ROLLBACK INTO orders (order_id, body) VALUES ", ORDER_COLUMNS, newest)
});

/// An insertion of one row, and of many. A failure rolls the whole append back, so that SQLite need not remember how each
/// statement began.
struct Insert {
    one: String,
    many: String,
}

impl Insert {
    fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let rows = vec![row.as_str(); ROWS_PER_STATEMENT].join(", ");
        Self { one: format!("{head}{row}{tail}"), many: format!("{head}{rows}{tail}") }
    }

    /// Writes the rows; `bind` gives a row's columns, the number of the first being given.
    fn run<T>(
        &self,
        change: &Transaction<'_>,
        rows: &[T],
        bind: impl Fn(&mut Statement<'_>, usize, &T) -> Result<usize, rusqlite::Error>,
    ) -> Result<(), rusqlite::Error> {
        let (chunks, rest) = rows.as_chunks::<ROWS_PER_STATEMENT>();
        if !chunks.is_empty() {
            let mut many = change.prepare_cached(&self.many)?;
            for chunk in chunks {
                chunk.iter().try_fold(1, |column, row| bind(&mut many, column, row))?;
                many.raw_execute()?;
            }
        }
        if !rest.is_empty() {
            let mut one = change.prepare_cached(&self.one)?;
            for row in rest {
                bind(&mut one, 1, row)?;
                one.raw_execute()?;
            }
        }
        Ok(())
    }
}

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
    if batch.entries.iter().any(|row| batch.entry(row).len() > ENTRY_BYTES_MAX) {
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
    ENTRY.run(change, &batch.entries, |insert, column, entry| {
        insert.raw_bind_parameter(column, entry.sequence.0.cast_signed())?;
        insert.raw_bind_parameter(column.saturating_add(1), entry.leaf.0.as_slice())?;
        insert.raw_bind_parameter(column.saturating_add(2), batch.entry(entry))?;
        Ok(column.saturating_add(ENTRY_COLUMNS))
    })?;
    if !batch.tiles.is_empty() {
        let mut insert = change.prepare_cached(TILE)?;
        for tile in &batch.tiles {
            insert.execute((tile_place(tile.level, tile.index), Tile::to_bytes(tile)))?;
        }
    }
    ORDER.run(change, &batch.orders, |upsert, column, order| {
        upsert.raw_bind_parameter(column, order.order.0.cast_signed())?;
        upsert.raw_bind_parameter(column.saturating_add(1), batch.order(order))?;
        Ok(column.saturating_add(ORDER_COLUMNS))
    })
}

fn failed(source: rusqlite::Error) -> AppendError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => AppendError::Full,
        _ => AppendError::Unknown(source.into()),
    }
}
