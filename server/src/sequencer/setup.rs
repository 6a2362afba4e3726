//! Facts of set-up recorded before anyone is served: decided, evolved and committed as everything else; no second way in.

use std::fmt;

use turret_engine::{Input, Market, SetupFault, Stamp, State, decide};
use turret_shared::entry::{Actor, Head, Origin};
use turret_shared::event::Event;
use turret_shared::ids::CorrelationId;
use turret_shared::time::Timestamp;

use super::commit::{CommitError, Commits};
use super::disk::DiskReserve;
use crate::store::Batch;

/// From this kind on facts are of operation.
const OPERATION: u16 = 400;

/// Why a fact of set-up is not in the log.
#[derive(Debug)]
pub enum SetupError {
    /// It contradicts what is there; `usize` is its place among those given.
    Fault(usize, SetupFault),
    /// The store did not take it.
    Commit(CommitError),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(place, fault) => write!(f, "set-up fact {place}: {fault}"),
            Self::Commit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SetupError {}

/// Records facts in order, each decided on the state the ones before it left, in one commit.
///
/// # Errors
/// [`SetupError`]: then none of them is in the log, and `state` is of no further use.
pub fn record(
    state: &mut State,
    commits: &mut Commits,
    reserve: &mut DiskReserve,
    time: Timestamp,
    facts: Vec<Event>,
) -> Result<(), SetupError> {
    let origin = Origin::of(Actor::Operator, CorrelationId(0));
    let market = Market::new();
    for (place, fact) in facts.into_iter().enumerate() {
        let stamp = Stamp { sequence: commits.assembly.next(), time: time.max(state.now().after_ns(1)) };
        let fact = Box::new(fact);
        let input = if fact.kind() < OPERATION { Input::Setup(origin, fact) } else { Input::Note(origin, fact) };
        let decision = decide(state, &market, &input, stamp);
        if let Some(fault) = decision.fault {
            return Err(SetupError::Fault(place, fault));
        }
        for event in decision.events {
            let head = Head { sequence: commits.assembly.next(), time: stamp.time, origin };
            state.evolve(&head, &event);
            commits.assembly.push(&head, &event);
        }
    }
    let batch = commits.assembly.seal(state, Batch::default());
    commits.appender.append(&batch, reserve).map_err(SetupError::Commit)
}
