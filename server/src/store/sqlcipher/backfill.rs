//! Copies the WAL back into the database beside the writer; it must append nothing, and no commit may wait for it.
//!
//! A copy of thousands of pages takes tens of milliseconds. On a connection and a thread of its own it holds up nobody:
//! SQLite lets a writer append to the WAL meanwhile. What was appended meanwhile is left, and is copied by the writer
//! itself: only then the WAL begins again, for no frame of it is waited for any more.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use turret_shared::secret::SecretKey;

use crate::encrypted::{Access, CipherError, open};

/// The WAL is looked at once in so many commits.
const LOOK_COMMITS: u32 = 8;
/// The writer copies the WAL itself when it has grown to so many times the length wished for: the thread is behind.
const BEHIND_TIMES: u32 = 4;

/// The thread, and when it is wanted.
#[derive(Debug)]
pub(super) struct Backfill {
    /// Dropped first: it ends the thread.
    wanted: Option<SyncSender<()>>,
    copied: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    pages: u32,
    commits: u32,
}

impl Backfill {
    /// For the database at `path`, whose WAL is to be copied at this many pages. `writer` copies nothing by itself any more
    /// unless the thread is far behind.
    ///
    /// # Errors
    /// [`CipherError`] when no second connection can be opened.
    pub(super) fn start(path: &Path, key: &SecretKey, writer: &Connection, pages: u32) -> Result<Self, CipherError> {
        let db = open(path, key, Access::Write)?;
        let (wanted, wishes) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&copied);
        let thread = Builder::new().name("turret-backfill".to_owned()).spawn(move || run(&db, &wishes, &told));
        let thread = thread.map_err(CipherError::File)?;
        writer.execute_batch(&format!("PRAGMA wal_autocheckpoint = {};", pages.saturating_mul(BEHIND_TIMES)))?;
        Ok(Self { wanted: Some(wanted), copied, thread: Some(thread), pages, commits: 0 })
    }

    /// Called by the writer behind each commit: asks for a copy when one is due, and copies the rest behind one.
    ///
    /// # Errors
    /// What SQLite says; the commit itself is durable whatever this says.
    pub(super) fn tend(&mut self, writer: &Connection) -> Result<(), rusqlite::Error> {
        if self.copied.swap(false, Ordering::AcqRel) {
            return copy(writer);
        }
        self.commits = self.commits.saturating_add(1);
        if self.commits >= LOOK_COMMITS {
            self.commits = 0;
            if length(writer)? >= self.pages
                && let Some(wanted) = &self.wanted
            {
                // One that is asked for already is enough.
                let _ = wanted.try_send(());
            }
        }
        Ok(())
    }
}

impl Drop for Backfill {
    fn drop(&mut self) {
        drop(self.wanted.take());
        if let Some(thread) = self.thread.take() {
            // It owns nothing but its connection: a panic there loses nothing.
            let _ = thread.join();
        }
    }
}

fn run(db: &Connection, wishes: &Receiver<()>, copied: &AtomicBool) {
    while wishes.recv().is_ok() {
        match copy(db) {
            Ok(()) => copied.store(true, Ordering::Release),
            // The writer copies in the end, and says so if it cannot.
            Err(error) => tracing::warn!(%error, "the log's WAL was not copied"),
        }
    }
}

/// Copies what may be copied now, waiting for nobody.
fn copy(db: &Connection) -> Result<(), rusqlite::Error> {
    db.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |_| Ok(()))
}

/// Pages in the WAL.
fn length(db: &Connection) -> Result<u32, rusqlite::Error> {
    db.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], |row| row.get::<_, i64>(1)).map(|pages| {
        // Below zero when there is none yet.
        u32::try_from(pages).unwrap_or(0)
    })
}
