//! The vault's tables, by numbered one-way migrations; it must never change a migration that was released.

use rusqlite::{Connection, TransactionBehavior};

use super::VaultError;

/// Each brings the schema one version further.
const MIGRATIONS: &[&str] = &[
    // 1: people, clients, credentials, sealed personal values.
    "CREATE TABLE users (
         user_id INTEGER PRIMARY KEY,
         login   TEXT NOT NULL UNIQUE,
         name    TEXT NOT NULL
     ) STRICT;
     CREATE TABLE clients (
         account_id INTEGER PRIMARY KEY,
         name       TEXT NOT NULL
     ) STRICT;
     CREATE TABLE passwords (
         credential_id INTEGER PRIMARY KEY,
         user_id       INTEGER NOT NULL,
         memory_kib    INTEGER NOT NULL,
         passes        INTEGER NOT NULL,
         salt          BLOB NOT NULL CHECK (length(salt) = 16),
         sealed        BLOB NOT NULL
     ) STRICT;
     CREATE TABLE totp_seeds (
         credential_id INTEGER PRIMARY KEY,
         user_id       INTEGER NOT NULL,
         sealed        BLOB NOT NULL
     ) STRICT;
     CREATE TABLE subjects (
         kind    INTEGER NOT NULL,
         id      INTEGER NOT NULL,
         version INTEGER NOT NULL,
         wrapped BLOB NOT NULL,
         PRIMARY KEY (kind, id, version)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE personal (
         commitment   BLOB PRIMARY KEY CHECK (length(commitment) = 32),
         kind         INTEGER NOT NULL,
         subject_kind INTEGER NOT NULL,
         subject_id   INTEGER NOT NULL,
         key_version  INTEGER NOT NULL,
         sealed       BLOB NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // 2: the server's halves of the keys of clients' caches.
    "CREATE TABLE cache_shares (
         user_id    INTEGER NOT NULL,
         device_id  INTEGER NOT NULL,
         generation INTEGER NOT NULL,
         sealed     BLOB NOT NULL,
         PRIMARY KEY (user_id, device_id)
     ) STRICT, WITHOUT ROWID;",
    // 3: since when a person's name waits for their creation, seconds since 1970; null for those of set-up.
    "ALTER TABLE users ADD COLUMN asked_s INTEGER;",
    // 4: what proves enrolment codes, hashed.
    "CREATE TABLE enrolment_codes (
         code_id   INTEGER PRIMARY KEY,
         hash      BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
         user_id   INTEGER NOT NULL,
         expires_s INTEGER NOT NULL
     ) STRICT;",
    // 5: a password's next version beside the one that counts, until an event names it.
    "CREATE TABLE password_versions (
         credential_id INTEGER NOT NULL,
         version       INTEGER NOT NULL,
         user_id       INTEGER NOT NULL,
         memory_kib    INTEGER NOT NULL,
         passes        INTEGER NOT NULL,
         salt          BLOB NOT NULL CHECK (length(salt) = 16),
         sealed        BLOB NOT NULL,
         PRIMARY KEY (credential_id, version)
     ) STRICT, WITHOUT ROWID;
     INSERT INTO password_versions SELECT credential_id, 1, user_id, memory_kib, passes, salt, sealed FROM passwords;
     DROP TABLE passwords;
     ALTER TABLE password_versions RENAME TO passwords;",
    // 6: the version of the key each row is sealed under.
    "ALTER TABLE passwords ADD COLUMN sealer INTEGER NOT NULL DEFAULT 1;
     ALTER TABLE totp_seeds ADD COLUMN sealer INTEGER NOT NULL DEFAULT 1;
     ALTER TABLE subjects ADD COLUMN sealer INTEGER NOT NULL DEFAULT 1;
     ALTER TABLE cache_shares ADD COLUMN sealer INTEGER NOT NULL DEFAULT 1;
     CREATE INDEX passwords_by_sealer ON passwords (sealer);
     CREATE INDEX totp_seeds_by_sealer ON totp_seeds (sealer);
     CREATE INDEX subjects_by_sealer ON subjects (sealer);
     CREATE INDEX cache_shares_by_sealer ON cache_shares (sealer);",
];

/// Brings the schema to the newest version this program knows.
pub(super) fn migrate(db: &mut Connection) -> Result<(), VaultError> {
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found as usize > MIGRATIONS.len() {
        return Err(VaultError::Newer);
    }
    for (sql, version) in MIGRATIONS.iter().zip(1i64..).skip(found as usize) {
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(sql)?;
        change.pragma_update(None, "user_version", version)?;
        change.commit()?;
    }
    Ok(())
}
