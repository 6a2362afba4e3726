//! The tables, by numbered one-way migrations; it must never change a migration that was released.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::OpenError;

/// Each brings the schema one version further.
const MIGRATIONS: &[&str] = &[
    // 1: the log, its tree, current orders, the writer's fence.
    "CREATE TABLE entries (
         sequence INTEGER PRIMARY KEY,
         leaf     BLOB NOT NULL CHECK (length(leaf) = 32),
         entry    BLOB NOT NULL
     ) STRICT;
     CREATE TABLE tiles (
         place  INTEGER PRIMARY KEY,
         hashes BLOB NOT NULL CHECK (length(hashes) = 8192)
     ) STRICT;
     CREATE TABLE orders (
         order_id INTEGER PRIMARY KEY,
         body     BLOB NOT NULL
     ) STRICT;
     CREATE TABLE fence (
         id    INTEGER PRIMARY KEY CHECK (id = 1),
         epoch INTEGER NOT NULL
     ) STRICT;
     INSERT INTO fence (id, epoch) VALUES (1, 0);
     CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
         BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
     CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
         BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
     CREATE TRIGGER tiles_never_change BEFORE UPDATE ON tiles
         BEGIN SELECT RAISE(ABORT, 'the tree is append-only'); END;
     CREATE TRIGGER tiles_never_go BEFORE DELETE ON tiles
         BEGIN SELECT RAISE(ABORT, 'the tree is append-only'); END;
     CREATE TRIGGER orders_never_go BEFORE DELETE ON orders
         BEGIN SELECT RAISE(ABORT, 'orders are never forgotten'); END;",
];

/// Brings the schema to the newest version this program knows.
pub(super) fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    let found = version(db)?;
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(sql)?;
        change.pragma_update(None, "user_version", i64::try_from(step.saturating_add(1)).unwrap_or(i64::MAX))?;
        change.commit()?;
    }
    Ok(())
}

/// Refuses a schema this program cannot read.
pub(super) fn check(db: &Connection) -> Result<(), OpenError> {
    match version(db)? as usize {
        0 => Err(OpenError::Damaged("it has no tables")),
        found if found < MIGRATIONS.len() => Err(OpenError::Damaged("its tables are of an older version")),
        _ => Ok(()),
    }
}

fn version(db: &Connection) -> Result<u32, OpenError> {
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(found) }
}
