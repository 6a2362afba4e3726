//! What a log was called before and why it is called otherwise now, as it is kept beside the checkpoints; it must sign nothing.

use rusqlite::Connection;
use turret_shared::tlog::{Reopening, deployment_of, origin_of};

use super::evidence::EvidenceError;

/// Each reopening by the epoch it began.
pub(super) const TABLE: &str = "CREATE TABLE origins (
         epoch INTEGER PRIMARY KEY,
         note TEXT NOT NULL
     ) STRICT;";

/// The origins of a deployment's log, in order.
#[derive(Debug, Clone)]
pub(super) struct Origins {
    deployment: String,
    reopened: Vec<Reopening>,
}

impl Origins {
    /// Of a log that was never reopened.
    pub(super) fn first(deployment: &str) -> Self {
        Self { deployment: deployment.to_owned(), reopened: Vec::new() }
    }

    /// As they are kept.
    pub(super) fn read(db: &Connection, deployment: &str) -> Result<Self, EvidenceError> {
        let mut origins = Self::first(deployment);
        // A folder that was only ever read since has none.
        if db.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? < 3 {
            return Ok(origins);
        }
        let mut query = db.prepare_cached("SELECT note FROM origins ORDER BY epoch")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let read = Reopening::read(row.get_ref(0)?.as_str().map_err(|_| EvidenceError::NotGenuine)?);
            origins.take(read.ok_or(EvidenceError::NotGenuine)?)?;
        }
        Ok(origins)
    }

    fn take(&mut self, next: Reopening) -> Result<(), EvidenceError> {
        if next.kept.origin != self.current() {
            return Err(EvidenceError::NotGenuine);
        }
        self.reopened.push(next);
        Ok(())
    }

    /// Takes up the next and keeps it.
    pub(super) fn reopen(&mut self, db: &Connection, note: &str) -> Result<(), EvidenceError> {
        let next = Reopening::read(note).ok_or(EvidenceError::NotGenuine)?;
        let (_, epoch) = deployment_of(next.next.name());
        self.take(next)?;
        db.execute("INSERT INTO origins (epoch, note) VALUES (?1, ?2)", (epoch, note))?;
        Ok(())
    }

    /// What the log is called now.
    pub(super) fn current(&self) -> String {
        let first = || origin_of(&self.deployment, 1);
        self.reopened.last().map_or_else(first, |reopened| reopened.next.name().to_owned())
    }

    /// What it was called before, oldest first.
    pub(super) fn former(&self) -> impl Iterator<Item = &str> {
        self.reopened.iter().map(|reopened| reopened.kept.origin.as_str())
    }

    /// How it came to be called so, oldest first.
    pub(super) fn reopened(&self) -> &[Reopening] {
        &self.reopened
    }

    /// Entries that are kept of what was signed under an origin before.
    pub(super) fn kept_of(&self, origin: &str) -> Option<u64> {
        let ended = self.reopened.iter().find(|reopened| reopened.kept.origin == origin);
        ended.map(|reopened| reopened.kept.size)
    }
}
