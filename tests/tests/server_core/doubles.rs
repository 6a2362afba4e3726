//! Doubles of the seams: a store in memory that can fail, a clock set by hand, a venue that only listens.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use turret_server::clock::Clock;
use turret_server::store::{AppendError, Batch, Fate, OpenError, ReadError, Reader, Store, StoredEntry, Tip, Visit};
use turret_server::venue::Venue;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::time::Timestamp;
use turret_shared::tlog::{Frontier, Hash, Tile};
use turret_shared::venue::Route;

/// What the next append does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails for want of disk, nothing written.
    Full,
    /// It fails for good.
    Refused,
}

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) entries: Vec<(Vec<u8>, Hash)>,
    pub(crate) commits: usize,
    /// One for each append to come; then none.
    pub(crate) faults: VecDeque<Option<Fault>>,
}

/// A log in memory; clones share it.
#[derive(Clone)]
pub(crate) struct MemoryStore {
    pub(crate) kept: Arc<Mutex<Kept>>,
    held: Arc<AtomicBool>,
    blind: Arc<AtomicBool>,
    tip: Tip,
}

impl MemoryStore {
    pub(crate) fn new() -> Self {
        Self {
            kept: Arc::default(),
            held: Arc::default(),
            blind: Arc::default(),
            tip: Tip { epoch: 1, frontier: Frontier::new() },
        }
    }

    pub(crate) fn fail_next(&self, fault: Fault) {
        self.kept.lock().unwrap().faults.push_back(Some(fault));
    }

    pub(crate) fn pass_next(&self) {
        self.kept.lock().unwrap().faults.push_back(None);
    }

    /// While it is held, appends wait.
    pub(crate) fn hold(&self, held: bool) {
        self.held.store(held, Ordering::Release);
    }

    /// While it is blind, no entry can be read.
    pub(crate) fn blind(&self, blind: bool) {
        self.blind.store(blind, Ordering::Release);
    }

    pub(crate) fn size(&self) -> usize {
        self.kept.lock().unwrap().entries.len()
    }
}

impl Store for MemoryStore {
    fn tip(&self) -> &Tip {
        &self.tip
    }

    fn append(&mut self, _: u64, expected: Sequence, batch: &Batch) -> Result<(), AppendError> {
        while self.held.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        let mut kept = self.kept.lock().unwrap();
        match kept.faults.pop_front().flatten() {
            Some(Fault::Full) => return Err(AppendError::Full),
            Some(Fault::Refused) => return Err(AppendError::BadBatch("made to fail")),
            None => {}
        }
        assert_eq!(kept.entries.len() as u64, expected.0, "appends follow each other");
        kept.entries.extend(batch.entries.iter().map(|row| (batch.entry(row).to_vec(), row.leaf)));
        kept.commits += 1;
        Ok(())
    }

    fn fate(&mut self, _: u64, _: Sequence) -> Result<Fate, ReadError> {
        Ok(Fate::Absent)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        Ok(Box::new(self.clone()))
    }
}

impl Reader for MemoryStore {
    fn size(&mut self) -> Result<u64, ReadError> {
        Ok(MemoryStore::size(self) as u64)
    }

    fn entries(
        &mut self,
        from: Sequence,
        limit: u64,
        visit: &mut dyn FnMut(StoredEntry<'_>) -> Visit,
    ) -> Result<u64, ReadError> {
        if self.blind.load(Ordering::Acquire) {
            return Err(ReadError::Damaged("made blind"));
        }
        let kept = self.kept.lock().unwrap();
        let mut shown = 0;
        for (place, (bytes, leaf)) in kept.entries.iter().enumerate().skip(from.0 as usize).take(limit as usize) {
            shown += 1;
            if visit(StoredEntry { sequence: Sequence(place as u64), bytes, leaf: *leaf }) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(shown)
    }

    fn entry(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.kept.lock().unwrap().entries.get(sequence.0 as usize).map(|(bytes, _)| bytes.clone()))
    }

    fn orders(&mut self, _: OrderId, _: u64, _: &mut dyn FnMut(OrderId, &[u8]) -> Visit) -> Result<u64, ReadError> {
        Ok(0)
    }

    fn order(&mut self, _: OrderId) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    fn order_count(&mut self) -> Result<u64, ReadError> {
        Ok(0)
    }

    fn node(&mut self, _: u8, _: u64) -> Result<Hash, ReadError> {
        Err(ReadError::Missing)
    }

    fn tile(&mut self, _: u8, _: u64) -> Result<Option<Tile>, ReadError> {
        Ok(None)
    }

    fn tile_count(&mut self) -> Result<u64, ReadError> {
        Ok(0)
    }

    fn frontier_at(&mut self, size: u64) -> Result<Frontier, ReadError> {
        let mut frontier = Frontier::new();
        let mut tiles = Vec::new();
        let kept = self.kept.lock().unwrap();
        for (_, leaf) in kept.entries.iter().take(size as usize) {
            frontier.append(*leaf, &mut tiles);
        }
        Ok(frontier)
    }
}

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn at(ns: i64) -> Self {
        Self(AtomicI64::new(ns))
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ns(&self) -> u64 {
        self.0.load(Ordering::SeqCst) as u64
    }
}

/// Remembers what it was told to route, and how many entries were durable then.
#[derive(Clone)]
pub(crate) struct ListeningVenue {
    pub(crate) routed: Arc<Mutex<Vec<(Route, usize)>>>,
    pub(crate) recovered: Arc<Mutex<Vec<Vec<Route>>>>,
    store: MemoryStore,
}

impl ListeningVenue {
    pub(crate) fn new(store: &MemoryStore) -> Self {
        Self { routed: Arc::default(), recovered: Arc::default(), store: store.clone() }
    }
}

impl Venue for ListeningVenue {
    fn route(&self, routes: Vec<Route>) {
        let size = self.store.size();
        self.routed.lock().unwrap().extend(routes.into_iter().map(|route| (route, size)));
    }

    fn recover(&self, outbox: Vec<Route>) {
        self.recovered.lock().unwrap().push(outbox);
    }
}
