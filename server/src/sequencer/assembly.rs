//! The batch that will follow the log's end: entries, leaves, tiles and current orders; it must write nothing.

use turret_engine::{State, views};
use turret_shared::cbor;
use turret_shared::entry::{self, Head, ObjectKind};
use turret_shared::event::Event;
use turret_shared::ids::{OrderId, Sequence};
use turret_shared::tlog::Frontier;

use crate::store::Batch;

/// The tree with everything decided so far, and the rows of what is not yet handed on.
pub struct Assembly {
    frontier: Frontier,
    batch: Batch,
    touched: Vec<OrderId>,
}

impl Assembly {
    /// Behind a tree.
    #[must_use]
    pub fn new(frontier: Frontier) -> Self {
        Self { frontier, batch: Batch::default(), touched: Vec::new() }
    }

    /// The sequence the next entry gets.
    #[must_use]
    pub const fn next(&self) -> Sequence {
        Sequence(self.frontier.size())
    }

    /// Adds an entry; `head.sequence` is [`Self::next`].
    pub fn push(&mut self, head: &Head, event: &Event) {
        let object = event.object(head);
        if let Some(order) = object.filter(|object| object.kind == ObjectKind::Order) {
            self.touched.push(OrderId(order.id));
        }
        self.batch.push_written(&mut self.frontier, |out| entry::write(head, event, out));
    }

    /// Ends the batch with the orders it touched, as `state` has them now, and begins the next in the room of `next`, which
    /// holds nothing.
    pub fn seal(&mut self, state: &State, next: Batch) -> Batch {
        self.touched.sort_unstable();
        self.touched.dedup();
        for order in self.touched.drain(..) {
            if let Some(view) = views::order_row(state, order) {
                self.batch.put_order(order, |out| cbor::put(&view, out));
            }
        }
        std::mem::replace(&mut self.batch, next)
    }
}
