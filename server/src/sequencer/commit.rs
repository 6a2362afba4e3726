//! One batch on its way into the store: entries, leaves, tiles and current orders in one commit; it must decide nothing.

use std::fmt;

use turret_engine::{State, views};
use turret_shared::entry::{self, Head, ObjectKind};
use turret_shared::event::Event;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::{Frontier, leaf_hash};
use turret_shared::wire::control::{Accepted, Outcome};

use super::disk::DiskReserve;
use super::release::Answer;
use crate::store::{AppendError, Batch, Fate, OrderRow, ReadError, Reader, Store};

/// Why the process must stop: what is in the store is the truth, and start-up finds it.
#[derive(Debug)]
pub enum CommitError {
    /// The store did not take the batch.
    Append(AppendError),
    /// It cannot even say what became of it.
    Fate(ReadError),
    /// It says that nothing of it is there.
    Lost,
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(error) => write!(f, "commit failed: {error}"),
            Self::Fate(error) => write!(f, "commit failed and its fate is unknown: {error}"),
            Self::Lost => f.write_str("commit failed and is not in the log"),
        }
    }
}

impl std::error::Error for CommitError {}

/// The log's end, and the batch that will follow it.
pub struct Commits {
    store: Box<dyn Store>,
    reader: Box<dyn Reader>,
    epoch: u64,
    frontier: Frontier,
    durable: Sequence,
    batch: Batch,
    last_leaves: Vec<[u8; 32]>,
    last_first: Sequence,
    touched: Vec<OrderId>,
}

impl Commits {
    /// Behind the store's tip.
    #[must_use]
    pub fn new(store: Box<dyn Store>, reader: Box<dyn Reader>) -> Self {
        let tip = store.tip();
        let (epoch, frontier, durable) = (tip.epoch, tip.frontier.clone(), tip.next());
        Self {
            store,
            reader,
            epoch,
            frontier,
            durable,
            batch: Batch::default(),
            last_leaves: Vec::new(),
            last_first: durable,
            touched: Vec::new(),
        }
    }

    /// The sequence the next entry gets.
    #[must_use]
    pub const fn next(&self) -> Sequence {
        Sequence(self.frontier.size())
    }

    /// Adds an entry to the batch; `head.sequence` is [`Self::next`].
    pub fn push(&mut self, head: &Head, event: &Event) {
        let object = event.object(head);
        if let Some(order) = object.filter(|object| object.kind == ObjectKind::Order) {
            self.touched.push(OrderId(order.id));
        }
        self.batch.push(&mut self.frontier, entry::to_bytes(head, event));
    }

    /// Makes the batch durable, giving up the disk reserve if that is what it takes.
    ///
    /// # Errors
    /// [`CommitError`]; nothing may be told to anyone then.
    pub fn commit(&mut self, state: &State, reserve: &mut DiskReserve) -> Result<(), CommitError> {
        self.add_orders(state);
        match self.store.append(self.epoch, self.durable, &self.batch) {
            Ok(()) => {}
            Err(AppendError::Full) if reserve.give_up() => {
                tracing::error!("disk full: the reserve is given up and only cancels are taken");
                self.store.append(self.epoch, self.durable, &self.batch).map_err(CommitError::Append)?;
            }
            Err(AppendError::Unknown(error)) => {
                tracing::error!(%error, "a commit's answer was lost");
                self.settle()?;
            }
            Err(error) => return Err(CommitError::Append(error)),
        }
        self.last_first = self.durable;
        self.last_leaves.clear();
        self.last_leaves.extend(self.batch.entries.iter().map(|row| row.leaf.0));
        self.durable = self.next();
        self.batch.entries.clear();
        self.batch.tiles.clear();
        self.batch.orders.clear();
        Ok(())
    }

    /// Asks what became of a commit whose answer was lost.
    fn settle(&mut self) -> Result<(), CommitError> {
        match self.store.fate(self.epoch, self.durable).map_err(CommitError::Fate)? {
            Fate::Committed { size } if size == self.next().0 => Ok(()),
            _ => Err(CommitError::Lost),
        }
    }

    fn add_orders(&mut self, state: &State) {
        self.touched.sort_unstable();
        self.touched.dedup();
        for order in self.touched.drain(..) {
            if let Some(view) = views::order_row(state, order) {
                let mut body = Vec::with_capacity(192);
                // Writing to a Vec cannot fail.
                let _ = minicbor::encode(&view, &mut body);
                self.batch.orders.push(OrderRow { order, body });
            }
        }
    }

    /// Puts the leaf beside the sequence of each receipt, now that both are durable.
    pub fn give_receipts(&mut self, answers: &mut [Answer]) {
        for answer in answers {
            if let Some(outcome) = &mut answer.decided.outcome {
                self.receipt(outcome);
            }
        }
    }

    fn receipt(&mut self, outcome: &mut Outcome) {
        match outcome {
            Outcome::Order(accepted) => self.leaf_of(accepted),
            Outcome::Proof(outcomes) => outcomes.iter_mut().for_each(|outcome| self.receipt(outcome)),
            _ => {}
        }
    }

    fn leaf_of(&mut self, accepted: &mut Accepted) {
        let place = accepted.sequence.0.checked_sub(self.last_first.0).and_then(|at| usize::try_from(at).ok());
        if let Some(leaf) = place.and_then(|at| self.last_leaves.get(at)) {
            accepted.leaf = leaf.to_vec();
            return;
        }
        // The same command came again: its entry lies further back.
        match self.reader.entry(accepted.sequence) {
            Ok(Some(bytes)) => accepted.leaf = leaf_hash(&bytes).0.to_vec(),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no receipt for a repeated command"),
        }
    }
}
