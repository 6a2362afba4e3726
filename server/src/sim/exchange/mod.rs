//! Members' orders, sessions, halts and reports over the books; it must do no IO and read no clock.
//!
//! Orders that ended leave memory once they are durable. Before a route about an order that is neither in memory nor
//! newer than all others, the caller looks it up ([`Exchange::unknown`]) and gives it back ([`Exchange::recall`]).

mod controls;
mod house;
mod market;
mod member;
mod pit;
mod reason;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::instrument::Instrument;
use turret_shared::venue::Report;
use turret_shared::view::TradeView;

pub use controls::Execution;
pub use house::Exchange;
pub use market::Tape;
pub use member::{Life, MemberOrder};
pub use pit::Pit;

/// One instrument: its listing, its book and its day.
#[derive(Debug)]
pub struct Floor {
    /// What is traded.
    pub listing: Instrument,
    /// Where.
    pub pit: Pit,
    /// Statistics of the day.
    pub tape: Tape,
    /// Halted by hand.
    pub halted: bool,
}

/// What came of the calls since the last [`Exchange::take_outcome`].
#[derive(Debug, Default)]
pub struct Outcome {
    /// Facts (sequence above 0) and answers (0), in order.
    pub reports: Vec<Report>,
    /// Member orders whose row changed.
    pub touched: BTreeSet<OrderId>,
    /// Public trades.
    pub trades: Vec<TradeView>,
    /// Instruments whose picture changed.
    pub moved: BTreeSet<InstrumentId>,
    /// Session or halts changed.
    pub phase_changed: bool,
}

/// What outlives the process besides the orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Phase {
    /// Session closed.
    #[n(0)]
    pub closed: bool,
    /// Halted instruments.
    #[n(1)]
    pub halted: Vec<InstrumentId>,
}
