//! What must hold after any crash, one promise a check; it must trust nothing but the disks and what clients were told.

use std::fmt;

use turret_engine::{State, views};
use turret_shared::ids::OrderId;

use super::evidence::Evidence;
use super::ledger::Ledger;
use super::{promises, sums};

/// A promise of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Every acknowledged command is in the log, as it was acknowledged.
    Acknowledged,
    /// A ClOrdID means one thing, and sending the same bytes again finds it.
    OneOrder,
    /// A command is in the log whole or not at all.
    AllOrNothing,
    /// What never left a client is nowhere.
    NotSent,
    /// The venue's facts are recorded once each, none left out: fill by fill, bust by bust.
    Venue,
    /// No execution is booked twice.
    Execution,
    /// Nothing waits for ever: the venue was told of everything, and answered.
    Answered,
    /// Positions are what the venue's standing executions say.
    Position,
    /// Cash is what they paid.
    Cash,
    /// What is open and reserved is what open orders say.
    Reserved,
    /// The rows beside the log say the same as the log.
    Rows,
    /// Entries have no gap and are entries.
    Sequence,
    /// A root once shown stays true.
    Root,
    /// The log verifies with the product's own tool.
    Verify,
    /// Folding from the first entry gives the running server's state.
    StateHash,
    /// A session outlives the server.
    Session,
}

/// A promise that was broken, and how it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub promise: Promise,
    /// How it shows.
    pub what: String,
}

impl Finding {
    /// Of a promise.
    #[must_use]
    pub const fn new(promise: Promise, what: String) -> Self {
        Self { promise, what }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one unless it holds.
    pub(super) fn holds(&mut self, so: bool, promise: Promise, what: impl FnOnce() -> String) {
        if !so {
            self.0.push(Finding::new(promise, what()));
        }
    }
}

/// The log folded from its first entry.
#[must_use]
pub fn folded(evidence: &Evidence) -> State {
    let mut state = State::new();
    for logged in &evidence.entries {
        state.evolve(&logged.head, &logged.event);
    }
    state
}

/// Whether nothing is under way any more between us and the venue.
#[must_use]
pub fn is_at_rest(evidence: &Evidence, state: &State) -> bool {
    state.outbox().is_empty() && state.venue_sequence() == evidence.reports.last().map_or(0, |report| report.sequence)
}

/// Checks every promise that can be read off the disks and the ledger. `at_rest` adds those that hold only when nothing
/// is under way.
#[must_use]
pub fn check(evidence: &Evidence, ledger: &Ledger, at_rest: bool) -> Vec<Finding> {
    let mut findings = Findings(evidence.faults.clone());
    let state = folded(evidence);
    let index = promises::Index::new(evidence);
    promises::commands(&mut findings, &index, &state, ledger);
    promises::log_alone(&mut findings, &index);
    promises::venue(&mut findings, evidence);
    sums::check(&mut findings, evidence, &state);
    if at_rest {
        rest(&mut findings, evidence, &state);
    }
    findings.0
}

fn rest(findings: &mut Findings, evidence: &Evidence, state: &State) {
    let tip = evidence.reports.last().map_or(0, |report| report.sequence);
    findings.holds(state.venue_sequence() == tip, Promise::Venue, || {
        format!("the venue reported {tip} facts, {} are recorded", state.venue_sequence())
    });
    let outbox = state.outbox();
    findings.holds(outbox.is_empty(), Promise::Answered, || {
        format!("{} requests of acknowledged orders were never answered, the first: {:?}", outbox.len(), outbox.first())
    });
    let mut stored = 0_usize;
    for (order, body) in &evidence.rows {
        let folded = views::order_row(state, *order).map(|row| {
            let mut bytes = Vec::new();
            // Writing to a Vec cannot fail.
            let _ = minicbor::encode(&row, &mut bytes);
            bytes
        });
        stored += usize::from(folded.is_some());
        findings.holds(folded.as_ref() == Some(body), Promise::Rows, || format!("the row of {order} differs"));
    }
    findings.holds(stored == state.order_count(), Promise::Rows, || {
        format!("{stored} rows for {} orders", state.order_count())
    });
    for id in index_of_orders(evidence) {
        let doubt = views::order_row(state, id).is_some_and(|row| row.in_doubt);
        findings.holds(!doubt, Promise::Answered, || format!("{id} is still in doubt"));
    }
}

/// Orders taken, in order.
pub(super) fn index_of_orders(evidence: &Evidence) -> impl Iterator<Item = OrderId> + '_ {
    let entered = |logged: &&super::evidence::Logged| matches!(logged.event, turret_shared::event::Event::OrderNew(_));
    evidence.entries.iter().filter(entered).map(|logged| OrderId::new(logged.head.sequence, 0))
}
