//! The exchange itself: what it holds, how it starts, and how facts get their sequence; the rules stand in the files beside.

use std::collections::{BTreeMap, BTreeSet};

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::instrument::Instrument;
use turret_shared::time::Timestamp;
use turret_shared::venue::{Report, ReportKind};

use super::{Floor, Life, MemberOrder, Outcome, Phase, Pit, Tape};

/// The exchange.
#[derive(Debug)]
pub struct Exchange {
    pub(super) floors: Vec<Floor>,
    pub(super) index: BTreeMap<InstrumentId, usize>,
    /// By number: new ones come at the end, where those around them are at hand. Boxed, for a place moves as others come.
    pub(super) orders: BTreeMap<OrderId, Box<MemberOrder>>,
    pub(super) newest: Option<OrderId>,
    pub(super) open: bool,
    pub(super) sequence: u64,
    pub(super) place: u64,
    pub(super) now: Timestamp,
    pub(super) outcome: Outcome,
}

impl Exchange {
    /// An exchange whose session is open and whose books are empty.
    #[must_use]
    pub fn new(floors: impl IntoIterator<Item = (Instrument, Pit)>) -> Self {
        let floors: Vec<Floor> = floors
            .into_iter()
            .map(|(listing, pit)| Floor { tape: Tape::new(listing.reference), listing, pit, halted: false })
            .collect();
        let index = floors.iter().enumerate().map(|(at, floor)| (floor.listing.id, at)).collect();
        Self {
            floors,
            index,
            orders: BTreeMap::new(),
            newest: None,
            open: true,
            sequence: 0,
            place: 0,
            now: Timestamp(0),
            outcome: Outcome::default(),
        }
    }

    /// Takes up where a journal ends: the last report, the newest order ever seen, and the orders still open.
    pub fn restore(
        &mut self,
        sequence: u64,
        newest: Option<OrderId>,
        phase: &Phase,
        mut open: Vec<MemberOrder>,
        now: Timestamp,
    ) {
        self.now = now;
        self.sequence = sequence;
        self.newest = newest;
        self.open = !phase.closed;
        for floor in &mut self.floors {
            floor.halted = phase.halted.contains(&floor.listing.id);
        }
        open.sort_by_key(|order| order.place);
        self.place = open.last().map_or(0, |order| order.place);
        for order in open {
            let works = order.life == Life::Working;
            let id = order.order;
            self.orders.insert(id, Box::new(order));
            if works {
                self.send_in(id);
            }
        }
    }

    /// The last report.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// True while the session is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Every instrument.
    #[must_use]
    pub fn floors(&self) -> &[Floor] {
        &self.floors
    }

    /// One order in memory.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&MemberOrder> {
        self.orders.get(&id).map(Box::as_ref)
    }

    /// What outlives the process besides the orders.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let halted = self.floors.iter().filter(|floor| floor.halted).map(|floor| floor.listing.id).collect();
        Phase { closed: !self.open, halted }
    }

    /// What came of the calls since the last time; orders that ended stay in memory until [`Exchange::forget_ended`].
    pub fn take_outcome(&mut self) -> Outcome {
        std::mem::take(&mut self.outcome)
    }

    /// Lets go of orders that ended, once their rows are durable.
    pub fn forget_ended(&mut self, touched: &BTreeSet<OrderId>) {
        for id in touched {
            if self.orders.get(id).is_some_and(|order| order.life.is_over()) {
                self.orders.remove(id);
            }
        }
    }

    pub(super) fn floor(&self, id: InstrumentId) -> Option<&Floor> {
        self.floors.get(*self.index.get(&id)?)
    }

    pub(crate) fn floor_mut(&mut self, id: InstrumentId) -> Option<&mut Floor> {
        self.floors.get_mut(*self.index.get(&id)?)
    }

    /// Records a fact under the next sequence and tells it.
    pub(super) fn report(&mut self, kind: ReportKind) {
        self.sequence = self.sequence.saturating_add(1);
        self.outcome.reports.push(Report { sequence: self.sequence, time: self.now, kind });
    }

    /// Answers without recording.
    pub(super) fn answer(&mut self, kind: ReportKind) {
        self.outcome.reports.push(Report { sequence: 0, time: self.now, kind });
    }

    pub(super) fn next_place(&mut self) -> u64 {
        self.place = self.place.saturating_add(1);
        self.place
    }
}
