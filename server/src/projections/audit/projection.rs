//! The audit search: a table of its own that follows the log, answered by one thread; it must never slow the log.
//!
//! It is as far as `through`; a search first catches up with what was durable when it was asked, so that whoever asks
//! finds what they just did. Between searches it follows only while the log is quiet: the order path needs the processor.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};
use turret_shared::entry::Entry;
use turret_shared::ids::{OrderId, Sequence, UserId};
use turret_shared::pack::gather;
use turret_shared::secret::SecretKey;
use turret_shared::view::AuditView;
use turret_shared::wire::query::AuditFilter;

use super::packing::FromLog;
use super::{history, project, schema, search};
use crate::encrypted::{self, Access, CipherError};
use crate::replica::names::Names;
use crate::sequencer::mailbox::{MailboxReceiver, MailboxSender, mailbox};
use crate::store::{ReadError, Reader, Visit};

/// Searches waiting.
const SEARCHES_MAX: usize = 64;
/// Entries projected in one transaction.
const CHUNK_ENTRIES: u64 = 2_000;
/// Pause between two looks at the log while nobody asks, in milliseconds.
const PACE_MS: u64 = 200;
/// Entries in one pause above which the log is busy and is left alone.
const BUSY_ENTRIES: u64 = 400;

/// Why a search gave nothing.
#[derive(Debug)]
pub enum AuditError {
    /// Its own tables failed.
    Database(CipherError),
    /// The log could not be read.
    Log(ReadError),
    /// An entry in the log is not one.
    Damaged(Sequence),
    /// More entries than a pack holds.
    TooMuch,
    /// Too many wait, or it is stopping.
    Busy,
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the audit search's tables failed"),
            Self::Log(_) => f.write_str("the log could not be read for the audit search"),
            Self::Damaged(sequence) => write!(f, "entry {sequence} cannot be read"),
            Self::TooMuch => f.write_str("the order has more entries than a proof pack holds"),
            Self::Busy => f.write_str("too many audit searches"),
        }
    }
}

impl std::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(source) => Some(source),
            Self::Log(source) => Some(source),
            Self::Damaged(_) | Self::TooMuch | Self::Busy => None,
        }
    }
}

impl From<rusqlite::Error> for AuditError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(source.into())
    }
}

impl From<CipherError> for AuditError {
    fn from(source: CipherError) -> Self {
        Self::Database(source)
    }
}

impl From<ReadError> for AuditError {
    fn from(source: ReadError) -> Self {
        Self::Log(source)
    }
}

/// What is to be found.
enum Wanted {
    /// Whatever the filter lets through.
    Filtered(Box<AuditFilter>),
    /// What happened to an order, of its own.
    Story(OrderId),
    /// What was done to a person.
    History(UserId),
}

enum Search {
    /// Rows to show.
    Rows(Wanted, oneshot::Sender<Result<Vec<AuditView>, AuditError>>),
    /// The entries of an order's story, as they stand in the log.
    Pack(OrderId, oneshot::Sender<Result<Gathered, AuditError>>),
}

/// Entries by place.
pub(super) type Gathered = BTreeMap<Sequence, Vec<u8>>;

/// Asks the search; clones share it.
#[derive(Clone)]
pub struct AuditSearch(MailboxSender<Search>);

impl fmt::Debug for AuditSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditSearch").finish_non_exhaustive()
    }
}

impl AuditSearch {
    /// What a filter finds among everything durable by now, newest first. Rights are the caller's to judge.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn search(&self, filter: AuditFilter) -> Result<Vec<AuditView>, AuditError> {
        self.find(Wanted::Filtered(Box::new(filter))).await
    }

    /// What happened to an order by now, newest first: its requests and the venue's facts, not who else looked at it.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn story(&self, order: OrderId) -> Result<Vec<AuditView>, AuditError> {
        self.find(Wanted::Story(order)).await
    }

    /// What was done to a person and how they came in by now, newest first. Rights are the caller's to judge.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn history(&self, user: UserId) -> Result<Vec<AuditView>, AuditError> {
        self.find(Wanted::History(user)).await
    }

    async fn find(&self, wanted: Wanted) -> Result<Vec<AuditView>, AuditError> {
        let (reply, answer) = oneshot::channel();
        self.0.put(Search::Rows(wanted, reply), SEARCHES_MAX).map_err(|_| AuditError::Busy)?;
        answer.await.map_err(|_| AuditError::Busy)?
    }

    /// The entries of an order's story by now, for a proof pack; none for an order there is not. Rights are the caller's to
    /// judge.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn pack(&self, order: OrderId) -> Result<Gathered, AuditError> {
        let (reply, answer) = oneshot::channel();
        self.0.put(Search::Pack(order, reply), SEARCHES_MAX).map_err(|_| AuditError::Busy)?;
        answer.await.map_err(|_| AuditError::Busy)?
    }
}

/// The projection, before its thread runs.
pub struct AuditProjection {
    db: Connection,
    reader: Box<dyn Reader>,
    names: Arc<Names>,
    durable: watch::Receiver<u64>,
    searches: MailboxReceiver<Search>,
    through: u64,
}

impl AuditProjection {
    /// Opens (or makes, or makes anew) its tables in `file`.
    ///
    /// # Errors
    /// [`AuditError`] when they cannot be opened.
    pub fn open(
        file: &Path,
        key: &SecretKey,
        reader: Box<dyn Reader>,
        names: Arc<Names>,
        durable: watch::Receiver<u64>,
    ) -> Result<(AuditSearch, Self), AuditError> {
        let db = encrypted::open(file, key, Access::Create)?;
        schema::prepare(&db)?;
        let through = schema::through(&db)?;
        let (sender, searches) = mailbox(SEARCHES_MAX);
        Ok((AuditSearch(sender), Self { db, reader, names, durable, searches, through }))
    }

    /// Follows and answers until the sequencer is gone.
    pub fn run(mut self) {
        let mut asked = Vec::new();
        let mut before = self.through;
        while self.durable.has_changed().is_ok() {
            self.searches.drain(&mut asked, SEARCHES_MAX, Duration::from_millis(PACE_MS));
            let durable = *self.durable.borrow_and_update();
            let followed = match self.target(durable, durable.saturating_sub(before), !asked.is_empty()) {
                Ok(target) => self.follow(target),
                Err(error) => Err(error),
            };
            before = durable;
            if let Err(error) = &followed {
                tracing::warn!(%error, "the audit search does not follow");
            }
            for search in asked.drain(..) {
                self.serve(search, followed.is_ok());
            }
        }
    }

    fn serve(&mut self, search: Search, followed: bool) {
        // Whoever asked may have gone.
        match search {
            Search::Rows(wanted, reply) => {
                let found = if followed { self.answer(&wanted) } else { Err(AuditError::Busy) };
                let _ = reply.send(found);
            }
            Search::Pack(order, reply) => {
                let mut log = FromLog { db: &self.db, reader: self.reader.as_mut() };
                let found = if followed { gather(order, &mut log) } else { Err(AuditError::Busy) };
                let _ = reply.send(found);
            }
        }
    }

    /// How far to go now. Whoever asks may have been told of an entry before `durable` counts it, which is said last of all
    /// that a commit lets out: for them the store itself is asked, where what can be read is durable.
    fn target(&mut self, durable: u64, grown: u64, asked: bool) -> Result<u64, AuditError> {
        Ok(match (asked, grown > BUSY_ENTRIES) {
            (true, _) => self.reader.size()?.max(durable),
            (false, true) => self.through,
            (false, false) => durable.min(self.through.saturating_add(CHUNK_ENTRIES)),
        })
    }

    /// Projects up to `target` entries of the log.
    fn follow(&mut self, target: u64) -> Result<(), AuditError> {
        while self.through < target {
            let limit = CHUNK_ENTRIES.min(target.saturating_sub(self.through));
            self.chunk(limit)?;
        }
        Ok(())
    }

    fn chunk(&mut self, limit: u64) -> Result<(), AuditError> {
        let transaction = self.db.unchecked_transaction()?;
        let mut fault = None;
        let from = Sequence(self.through);
        let read = self.reader.entries(from, limit, &mut |stored| {
            let projected = Entry::from_bytes(stored.bytes)
                .map_err(|_| AuditError::Damaged(stored.sequence))
                .and_then(|entry| Ok(project::project(&transaction, &entry)?));
            match projected {
                Ok(()) => Visit::Continue(()),
                Err(error) => {
                    fault = Some(error);
                    Visit::Break(())
                }
            }
        })?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        if read == 0 {
            return Err(AuditError::Log(ReadError::Missing));
        }
        let through = self.through.saturating_add(read);
        transaction.execute("UPDATE progress SET through = ?1", [project::number(through)])?;
        transaction.commit()?;
        self.through = through;
        Ok(())
    }

    fn answer(&mut self, wanted: &Wanted) -> Result<Vec<AuditView>, AuditError> {
        let found = match wanted {
            Wanted::Filtered(filter) => search::find(&self.db, &self.names, filter)?,
            Wanted::Story(order) => search::story(&self.db, *order)?,
            Wanted::History(user) => history::find(&self.db, *user)?,
        };
        let mut rows = Vec::with_capacity(found.len());
        for sequence in found {
            rows.extend(search::show(&self.db, self.reader.as_mut(), &self.names, sequence)?);
        }
        Ok(rows)
    }
}
