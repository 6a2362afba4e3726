//! The audit search's own tables: columns to search by, never an entry's content; it must be rebuildable from the log.

use rusqlite::Connection;

/// Bumped when the tables or what is written into them change: an older file is thrown away and built again.
const VERSION: i64 = 5;

/// Makes the tables, or empties those of another version.
pub(super) fn prepare(db: &Connection) -> rusqlite::Result<()> {
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != VERSION {
        db.execute_batch(
            "DROP TABLE IF EXISTS audit; DROP TABLE IF EXISTS order_account; DROP TABLE IF EXISTS code;
             DROP TABLE IF EXISTS order_facts; DROP TABLE IF EXISTS name; DROP TABLE IF EXISTS session_user;
             DROP TABLE IF EXISTS owner; DROP TABLE IF EXISTS progress;",
        )?;
    }
    // What is lost in a crash is projected again: it need not be flushed.
    db.execute_batch(
        "PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS audit (
             sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind INTEGER NOT NULL, outcome INTEGER NOT NULL,
             actor INTEGER NOT NULL, about_user INTEGER, account INTEGER, instrument INTEGER, order_id INTEGER,
             correlation INTEGER NOT NULL, device_user INTEGER
         ) STRICT;
         CREATE INDEX IF NOT EXISTS audit_order ON audit (order_id, sequence) WHERE order_id IS NOT NULL;
         CREATE INDEX IF NOT EXISTS audit_correlation ON audit (correlation, sequence) WHERE correlation <> 0;
         CREATE INDEX IF NOT EXISTS audit_about ON audit (about_user, sequence) WHERE about_user IS NOT NULL;
         CREATE INDEX IF NOT EXISTS audit_kind ON audit (kind, sequence);
         CREATE TABLE IF NOT EXISTS order_facts (
             order_id INTEGER PRIMARY KEY, account INTEGER NOT NULL, instrument INTEGER NOT NULL
         ) STRICT;
         CREATE TABLE IF NOT EXISTS name (
             text TEXT NOT NULL, sequence INTEGER NOT NULL, order_id INTEGER, PRIMARY KEY (text, sequence)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS owner (
             kind INTEGER NOT NULL, id INTEGER NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (kind, id)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS code (
             of INTEGER NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (of, id)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS progress (only INTEGER PRIMARY KEY CHECK (only = 1), through INTEGER NOT NULL) STRICT;
         INSERT OR IGNORE INTO progress VALUES (1, 0);",
    )?;
    db.pragma_update(None, "user_version", VERSION)
}

/// Entries projected so far.
pub(super) fn through(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT through FROM progress", [], |row| row.get::<_, i64>(0)).map(|n| u64::try_from(n).unwrap_or(0))
}
