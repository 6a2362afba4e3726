//! The ceiling: a quinn stream, one writer thread, SQLCipher with the rows and leaves of an order; no engine, no session.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::sizes::Sizes;

/// The writer's database.
pub struct Ceiling {
    db: Connection,
    sequence: i64,
    sizes: Sizes,
}

impl Ceiling {
    /// Opens a fresh encrypted database with the settings of the product's store.
    ///
    /// # Errors
    /// Whatever SQLCipher says.
    pub fn create(folder: &Path, sizes: Sizes) -> rusqlite::Result<Self> {
        let db = Connection::open(folder.join("ceiling.db"))?;
        db.execute_batch(
            "PRAGMA key = \"x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'\";
             PRAGMA cipher_hmac_algorithm = HMAC_SHA256;
             PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cipher_memory_security = OFF; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;
             CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
             CREATE TABLE leaves (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
             CREATE TABLE orders (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;",
        )?;
        Ok(Self { db, sequence: 0, sizes })
    }

    /// Writes `new` orders and `venue` acknowledgements in one commit.
    ///
    /// # Errors
    /// Whatever SQLCipher says.
    pub fn commit(&mut self, new: usize, venue: usize) -> rusqlite::Result<()> {
        let tx = self.db.transaction()?;
        {
            let mut entry = tx.prepare_cached("INSERT INTO entries (seq, entry) VALUES (?1, ?2)")?;
            let mut leaf = tx.prepare_cached("INSERT INTO leaves (seq, hash) VALUES (?1, ?2)")?;
            let mut order = tx.prepare_cached(
                "INSERT INTO orders (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            )?;
            let body = vec![0x5a_u8; self.sizes.order_row];
            let (ordered, acknowledged) = (vec![0x5a_u8; self.sizes.entry_new], vec![0x5b_u8; self.sizes.entry_venue]);
            let mut write = |bytes: &[u8]| -> rusqlite::Result<()> {
                self.sequence += 1;
                entry.execute((self.sequence, bytes))?;
                let mut hasher = Sha256::new_with_prefix([0]);
                hasher.update(bytes);
                let hash: [u8; 32] = hasher.finalize().into();
                leaf.execute((self.sequence, hash.as_slice()))?;
                order.execute((self.sequence / 2, body.as_slice()))?;
                Ok(())
            };
            for _ in 0..new {
                write(&ordered)?;
            }
            for _ in 0..venue {
                write(&acknowledged)?;
            }
        }
        tx.commit()
    }
}
