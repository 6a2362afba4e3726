//! Every kept row read back: one thread decrypts, another decodes; it must drop none and change nothing.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use turret_shared::wire::feed::FeedItem;

use super::error::CacheError;
use super::limits::{BATCHES_AHEAD_MAX, BATCHES_MAX, ROWS_IN_A_BATCH};

/// Where the rows are put as they are read, names before what they name; on a thread of its own, beside the one that decrypts.
pub trait Shelf: Default + Send {
    /// One row.
    fn put(&mut self, row: FeedItem);
}

impl Shelf for Vec<FeedItem> {
    fn put(&mut self, row: FeedItem) {
        self.push(row);
    }
}

/// What became of it.
pub(super) enum Rows<S> {
    /// Every one is on the shelf.
    Whole(S),
    /// More than the server itself would begin with.
    TooMany,
    /// One of them is no row of the feed.
    Strange,
}

/// Bodies of rows, end to end, and where each ends.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Names come before what they name.
pub(super) fn rows<S: Shelf>(db: &Connection, shelf: S) -> Result<Rows<S>, CacheError> {
    let (batches, waiting) = sync_channel(BATCHES_AHEAD_MAX);
    let (read, decoded) = std::thread::scope(|scope| {
        let decoder = scope.spawn(move || decode(&waiting, shelf));
        // The sender goes with it, which ends the decoder.
        let read = read(db, batches);
        (read, decoder.join().unwrap_or(None))
    });
    Ok(match (read?, decoded) {
        (_, None) => Rows::Strange,
        (false, _) => Rows::TooMany,
        (true, Some(shelf)) => Rows::Whole(shelf),
    })
}

/// Hands every row over; false when there are too many. Counted as they are read: each page is decrypted once.
fn read(db: &Connection, batches: SyncSender<Batch>) -> Result<bool, CacheError> {
    let mut query = db.prepare("SELECT body FROM rows ORDER BY kind, first, second")?;
    let mut found = query.query([])?;
    let mut batch = Batch::default();
    let mut sent = 0_usize;
    while let Some(row) = found.next()? {
        let body = row.get_ref(0)?.as_blob().map_err(|_| rusqlite::Error::InvalidQuery)?;
        batch.bytes.extend_from_slice(body);
        batch.ends.push(batch.bytes.len());
        if batch.ends.len() >= ROWS_IN_A_BATCH {
            sent = sent.saturating_add(1);
            // A decoder that has given up has said why.
            if sent > BATCHES_MAX || batches.send(std::mem::take(&mut batch)).is_err() {
                return Ok(sent <= BATCHES_MAX);
            }
        }
    }
    let _ = batches.send(batch);
    Ok(true)
}

fn decode<S: Shelf>(batches: &Receiver<Batch>, mut shelf: S) -> Option<S> {
    while let Ok(batch) = batches.recv() {
        let mut start = 0;
        for end in batch.ends {
            shelf.put(minicbor::decode(batch.bytes.get(start..end)?).ok()?);
            start = end;
        }
    }
    Some(shelf)
}
