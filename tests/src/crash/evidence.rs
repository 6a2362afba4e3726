//! What lies on the disks: our log, our order rows, the venue's own journal; it must change none of it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use turret_server::encrypted::{self, Access};
use turret_server::store::sqlcipher::SqlReader;
use turret_server::store::{Reader, Visit};
use turret_shared::entry::{Entry, Head};
use turret_shared::event::Event;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::secret::SecretKey;
use turret_shared::tlog::{Frontier, Hash, leaf_hash};
use turret_shared::venue::Report;
use turret_shared::wire::venue::VenueFrame;
use turret_shared::wire::{decode_frame, frame_length};

use super::checker::{Finding, Promise};

/// Whatever stands in the way of reading.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// One entry as it was read.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its head.
    pub head: Head,
    /// Its fact.
    pub event: Event,
    /// The leaf stored beside it.
    pub leaf: Hash,
}

/// Our log and the venue's journal, both read on from where they were left; and every root ever seen.
#[derive(Debug)]
pub struct Evidence {
    log: PathBuf,
    log_key: SecretKey,
    /// Entries in order.
    pub entries: Vec<Logged>,
    /// Order rows as stored.
    pub rows: Vec<(OrderId, Vec<u8>)>,
    /// The venue's facts in its own order.
    pub reports: Vec<Report>,
    /// What was wrong with the reading itself.
    pub faults: Vec<Finding>,
    frontier: Frontier,
}

impl Evidence {
    /// Of the log at this path.
    #[must_use]
    pub fn new(log: PathBuf, log_key: SecretKey) -> Self {
        Self {
            log,
            log_key,
            entries: Vec::new(),
            rows: Vec::new(),
            reports: Vec::new(),
            faults: Vec::new(),
            frontier: Frontier::new(),
        }
    }

    /// Reads what the log has more than before; what was read before must still be there, under the same root.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read_log(&mut self) -> Result<(), Broken> {
        let mut reader = SqlReader::open(&self.log, &self.log_key)?;
        let (known, size) = (self.entries.len() as u64, reader.size()?);
        if size < known {
            self.fault(Promise::Root, format!("the log had {known} entries and now has {size}"));
            return Ok(());
        }
        if known > 0 && reader.frontier_at(known)?.root() != self.frontier.root() {
            self.fault(Promise::Root, format!("the first {known} entries are not what they were"));
        }
        let (entries, faults, frontier) = (&mut self.entries, &mut self.faults, &mut self.frontier);
        let mut tiles = Vec::new();
        reader.entries(Sequence(known), size, &mut |stored| {
            let entry = Entry::from_bytes(stored.bytes).ok();
            let Some((head, event)) = entry.and_then(|entry| entry.event().ok().map(|event| (entry.head, event)))
            else {
                faults.push(Finding::new(Promise::Sequence, format!("entry {} is no entry", stored.sequence)));
                return Visit::Break(());
            };
            if head.sequence.0 != entries.len() as u64 || stored.sequence != head.sequence {
                let place = entries.len();
                faults.push(Finding::new(Promise::Sequence, format!("entry {} stands at {place}", head.sequence)));
            }
            if leaf_hash(stored.bytes) != stored.leaf {
                faults.push(Finding::new(Promise::Root, format!("entry {} has another leaf", stored.sequence)));
            }
            frontier.append(stored.leaf, &mut tiles);
            tiles.clear();
            entries.push(Logged { head, event, leaf: stored.leaf });
            Visit::Continue(())
        })?;
        self.rows.clear();
        let rows = &mut self.rows;
        reader.orders(OrderId(0), u64::MAX >> 1, &mut |order, body| {
            rows.push((order, body.to_vec()));
            Visit::Continue(())
        })?;
        Ok(())
    }

    /// Reads what the venue's journal has more than before.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn read_journal(&mut self, path: &Path, key: &SecretKey) -> Result<(), Broken> {
        let db: Connection = encrypted::open(path, key, Access::Read)?;
        let known = self.reports.last().map_or(0, |report| report.sequence);
        let mut statement = db.prepare("SELECT frames FROM reports WHERE last > ?1 ORDER BY first")?;
        let mut rows = statement.query([i64::try_from(known)?])?;
        while let Some(row) = rows.next()? {
            let frames: Vec<u8> = row.get(0)?;
            for report in reports(&frames)? {
                if report.sequence > known {
                    self.reports.push(report);
                }
            }
        }
        Ok(())
    }

    fn fault(&mut self, promise: Promise, what: String) {
        self.faults.push(Finding::new(promise, what));
    }
}

/// The reports in a row of frames.
fn reports(frames: &[u8]) -> Result<Vec<Report>, Broken> {
    let (mut rest, mut found) = (frames, Vec::new());
    while let Some((prefix, behind)) = rest.split_first_chunk::<4>() {
        let length = frame_length(*prefix, turret_shared::limits::FRAME_BYTES_MAX).map_err(|_| "no frame")?;
        let (body, next) = behind.split_at_checked(length).ok_or("half a frame")?;
        rest = next;
        if let VenueFrame::Report(report) = decode_frame(body).map_err(|_| "no report")? {
            found.push(report);
        }
    }
    Ok(found)
}
