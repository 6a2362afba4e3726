//! The tables of a cache: rows of the feed with where they stand, drafts and other blobs, the outbox; it must decide nothing.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction};
use turret_shared::ids::{AccountId, ClOrdId, EntitlementVersion, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use zeroize::Zeroizing;

use super::error::CacheError;
use super::file;
use super::limits::{BLOB_BYTES_MAX, OUTBOX_MAX};
use super::read::{self, Rows, Shelf};

/// Form of the tables; another one is no cache of ours.
const FORMAT: u32 = 1;
/// Rows are as this program decodes them.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Without an index beside a table: opening reads every page there is, so that damage is found then and not later.
const SCHEMA: &str = "
    CREATE TABLE standing (
        only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
        format     INTEGER NOT NULL,
        program    TEXT NOT NULL,
        generation INTEGER NOT NULL,
        have       INTEGER,
        rights     INTEGER
    ) STRICT;
    CREATE TABLE rows (
        kind    INTEGER NOT NULL,
        first   INTEGER NOT NULL,
        second  INTEGER NOT NULL,
        account INTEGER,
        body    BLOB NOT NULL,
        PRIMARY KEY (kind, first, second)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox (
        name    TEXT PRIMARY KEY,
        place   INTEGER NOT NULL,
        command BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE blobs (
        name TEXT PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;";

/// What the rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// How often it was opened and closed.
    pub(super) generation: u64,
    /// Everything up to here is in; `None` while a snapshot is not complete.
    pub(super) have: Option<Sequence>,
    /// What could be seen then.
    pub(super) rights: Option<EntitlementVersion>,
    /// Written by this very program.
    pub(super) of_this_program: bool,
}

/// A command sent and not known to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its owner's name for it.
    pub name: ClOrdId,
    /// Its canonical bytes.
    pub command: Vec<u8>,
}

/// An open database.
#[derive(Debug)]
pub(super) struct Store {
    db: Connection,
    /// Names in the outbox, so that rows need not be looked up in it.
    waiting: BTreeSet<ClOrdId>,
}

impl Store {
    /// Makes the tables in an empty file.
    pub(super) fn create(path: &Path, key: &SecretKey, generation: u64) -> Result<Self, CacheError> {
        let db = file::open(path, key)?;
        db.execute_batch(SCHEMA)?;
        db.execute(
            "INSERT INTO standing (only_one, format, program, generation) VALUES (1, ?1, ?2, ?3)",
            (FORMAT, PROGRAM, generation.cast_signed()),
        )?;
        let store = Self { db, waiting: BTreeSet::new() };
        store.settle_on_disk()?;
        Ok(store)
    }

    /// Opens what [`Self::create`] made.
    pub(super) fn open(path: &Path, key: &SecretKey) -> Result<Self, CacheError> {
        Ok(Self { db: file::open(path, key)?, waiting: BTreeSet::new() })
    }

    /// Where it stands; `None` for tables of another form.
    pub(super) fn standing(&self) -> Result<Option<Standing>, CacheError> {
        let sql = "SELECT format, program, generation, have, rights FROM standing";
        let found = self.db.query_row(sql, [], |row| {
            let number = |at: usize| row.get::<_, Option<i64>>(at).map(|n| n.map(i64::cast_unsigned));
            let standing = Standing {
                generation: row.get::<_, i64>(2)?.cast_unsigned(),
                have: number(3)?.map(Sequence),
                rights: number(4)?.map(EntitlementVersion),
                of_this_program: row.get::<_, String>(1)? == PROGRAM,
            };
            Ok((row.get::<_, u32>(0)?, standing))
        });
        Ok(found.optional()?.filter(|(format, _)| *format == FORMAT).map(|(_, standing)| standing))
    }

    /// Every row onto the shelf, names before what they name.
    pub(super) fn rows<S: Shelf>(&self, shelf: S) -> Result<Rows<S>, CacheError> {
        read::rows(&self.db, shelf)
    }

    /// Forgets every row, on the disk too.
    pub(super) fn purge(&mut self) -> Result<(), CacheError> {
        let change = self.db.transaction()?;
        forget_rows(&change)?;
        change.execute("UPDATE standing SET program = ?1", [PROGRAM])?;
        change.commit()?;
        self.settle_on_disk()
    }

    /// What was sent and not known to be answered, oldest first; a name that is none is damage.
    pub(super) fn outbox(&mut self) -> Result<Option<Vec<Sent>>, CacheError> {
        let mut query = self.db.prepare("SELECT name, command FROM outbox ORDER BY place")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut sent = Vec::new();
        for row in rows {
            let (name, command) = row?;
            let Ok(name) = ClOrdId::new(&name) else { return Ok(None) };
            sent.push(Sent { name, command });
        }
        self.waiting = sent.iter().map(|one| one.name.clone()).collect();
        Ok(Some(sent))
    }

    /// A named blob.
    pub(super) fn blob(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, CacheError> {
        let found = self.db.query_row("SELECT body FROM blobs WHERE name = ?1", [name], |row| row.get(0));
        Ok(found.optional()?.map(Zeroizing::new))
    }

    /// Counts another opening or closing, durably even if power is lost at once.
    pub(super) fn set_generation(&self, generation: u64) -> Result<(), CacheError> {
        self.db.execute("UPDATE standing SET generation = ?1", [generation.cast_signed()])?;
        self.settle_on_disk()
    }

    /// Everything committed is in the database file and flushed; the log ahead is empty.
    fn settle_on_disk(&self) -> Result<(), CacheError> {
        let blocked: i64 = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if blocked == 0 { Ok(()) } else { Err(CacheError::Held) }
    }

    /// Several changes as one.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut Change<'_>) -> Result<(), CacheError>,
    ) -> Result<(), CacheError> {
        let transaction = self.db.transaction()?;
        let mut open = Change { transaction, waiting: &mut self.waiting };
        change(&mut open)?;
        Ok(open.transaction.commit()?)
    }
}

/// Changes that become so together.
pub(super) struct Change<'s> {
    transaction: Transaction<'s>,
    waiting: &'s mut BTreeSet<ClOrdId>,
}

impl Change<'_> {
    /// A command is about to be sent.
    pub(super) fn sent(&mut self, name: &ClOrdId, command: &[u8]) -> Result<(), CacheError> {
        let db = &self.transaction;
        db.prepare_cached(
            "INSERT OR REPLACE INTO outbox (name, place, command)
             VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM outbox), ?2)",
        )?
        .execute((name.as_str(), command))?;
        self.waiting.insert(name.clone());
        if self.waiting.len() > OUTBOX_MAX {
            db.execute("DELETE FROM outbox WHERE place = (SELECT min(place) FROM outbox)", [])?;
        }
        Ok(())
    }

    /// It is known what came of a command.
    pub(super) fn answered(&mut self, name: &ClOrdId) -> Result<(), CacheError> {
        if self.waiting.remove(name) {
            self.transaction.prepare_cached("DELETE FROM outbox WHERE name = ?1")?.execute([name.as_str()])?;
        }
        Ok(())
    }

    /// Keeps a blob in place of the one of this name; one too long is left as it was.
    pub(super) fn keep(&self, name: &str, body: &[u8]) -> Result<(), CacheError> {
        if body.len() <= BLOB_BYTES_MAX {
            self.transaction
                .prepare_cached("INSERT OR REPLACE INTO blobs (name, body) VALUES (?1, ?2)")?
                .execute((name, body))?;
        }
        Ok(())
    }

    /// Every row is forgotten: a snapshot begins.
    pub(super) fn begin_afresh(&self) -> Result<(), CacheError> {
        forget_rows(&self.transaction)
    }

    /// An account is no longer this person's. Until the last message of what took it away the rows stand for nothing: the
    /// right may come back, and nobody would send the account's rows again.
    pub(super) fn purge(&self, account: AccountId) -> Result<(), CacheError> {
        self.transaction.prepare_cached("DELETE FROM rows WHERE account = ?1")?.execute([account.0])?;
        stand_for_nothing(&self.transaction)
    }

    /// A row is now so; what is not kept is passed over.
    pub(super) fn row(&mut self, item: &FeedItem) -> Result<(), CacheError> {
        let Some(place) = RowPlace::of(item) else { return Ok(()) };
        let body = minicbor::to_vec(item).unwrap_or_default();
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO rows (kind, first, second, account, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((place.kind, place.first, place.second, place.account.map(|account| account.0), body))?;
        if let FeedItem::Order(order) = item
            && !self.waiting.is_empty()
        {
            self.answered(&order.cl_ord_id)?;
        }
        Ok(())
    }

    /// The rows stand for this now.
    pub(super) fn stands(&self, have: Sequence, rights: EntitlementVersion) -> Result<(), CacheError> {
        self.transaction
            .prepare_cached("UPDATE standing SET have = ?1, rights = ?2")?
            .execute((have.0.cast_signed(), rights.0.cast_signed()))?;
        Ok(())
    }
}

fn forget_rows(db: &Connection) -> Result<(), CacheError> {
    db.execute("DELETE FROM rows", [])?;
    stand_for_nothing(db)
}

fn stand_for_nothing(db: &Connection) -> Result<(), CacheError> {
    db.prepare_cached("UPDATE standing SET have = NULL, rights = NULL")?.execute([])?;
    Ok(())
}

/// Where a row lies; the kinds are in the order they are given back.
struct RowPlace {
    kind: u8,
    first: i64,
    second: i64,
    account: Option<AccountId>,
}

impl RowPlace {
    fn of(item: &FeedItem) -> Option<Self> {
        let place = |kind, first: u64, second: u32, account| Self {
            kind,
            first: first.cast_signed(),
            second: i64::from(second),
            account,
        };
        Some(match item {
            FeedItem::VenueLink(_) => place(0, 0, 0, None),
            FeedItem::Instrument(one) => place(1, u64::from(one.id.0), 0, None),
            FeedItem::Trading(id, _) => place(2, u64::from(id.0), 0, None),
            FeedItem::User(one) => place(3, u64::from(one.user.0), 0, None),
            FeedItem::Account(one) => place(4, u64::from(one.account.0), 0, Some(one.account)),
            FeedItem::Order(one) => place(5, one.order_id.0, 0, Some(one.account)),
            FeedItem::Fill(one) => place(6, one.exec_id.0, 0, Some(one.account)),
            FeedItem::Position(one) => place(7, u64::from(one.account.0), one.instrument.0, Some(one.account)),
            FeedItem::SnapshotBegin
            | FeedItem::SnapshotEnd
            | FeedItem::Purge(_)
            | FeedItem::Trade(_)
            | FeedItem::Gap
            | FeedItem::DataSource(_)
            | FeedItem::Alert(_)
            | FeedItem::Approvals
            | FeedItem::Own(..) => return None,
        })
    }
}

/// Whether a message says anything that is kept.
pub(super) fn is_kept(message: &FeedMessage) -> bool {
    let row = |item: &FeedItem| {
        !matches!(
            item,
            FeedItem::Trade(_)
                | FeedItem::DataSource(_)
                | FeedItem::Gap
                | FeedItem::Alert(_)
                | FeedItem::Approvals
                | FeedItem::Own(..)
        )
    };
    message.rights.is_some() || message.items.iter().any(row)
}
