//! Questions that wait: for a sequence they must not be answered before, or for an order's status; it must bound them.

use turret_shared::ids::{OrderId, Sequence};
use turret_shared::order::OrdStatus;

use super::handle::Question;

/// A question that cannot be answered yet.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) question: Question,
    pub(super) until: Until,
    /// On the steady clock.
    pub(super) deadline_ns: u64,
}

/// What it waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// This entry is folded.
    Folded(Sequence),
    /// The order has been in this status.
    Status(OrderId, OrdStatus),
}

impl Waiting {
    /// When it is answered all the same, on the steady clock.
    pub(super) const fn deadline_ns(&self) -> u64 {
        self.deadline_ns
    }
}
