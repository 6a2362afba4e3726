//! What trades do: members' fills, the day's statistics, the public pictures; it must not touch a book's rules.

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;
use turret_shared::venue::{ReportKind, VenueExecId};
use turret_shared::view::{Level, QuoteView, TradeView, TradingState};

use super::{Exchange, Life, Pit, reason};
use crate::sim::book::{Entry, Happening, Key, Remainder, Way};
use crate::sim::limits::PICTURE_LEVELS;

/// Statistics of an instrument's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tape {
    /// Last trade.
    pub last: Option<Level>,
    /// First of the day.
    pub open: Option<Price>,
    /// Highest of the day.
    pub high: Option<Price>,
    /// Lowest of the day.
    pub low: Option<Price>,
    /// Close of the day before.
    pub prev_close: Price,
    /// Traded today.
    pub volume: Qty,
    /// Of the last picture.
    pub picture: u64,
}

impl Tape {
    /// A day that has not traded.
    #[must_use]
    pub const fn new(prev_close: Price) -> Self {
        Self { last: None, open: None, high: None, low: None, prev_close, volume: Qty::ZERO, picture: 0 }
    }

    fn print(&mut self, price: Price, qty: Qty) {
        self.last = Some(Level { price, qty });
        self.open = self.open.or(Some(price));
        self.high = Some(self.high.map_or(price, |high| high.max(price)));
        self.low = Some(self.low.map_or(price, |low| low.min(price)));
        self.volume = Qty(self.volume.0.saturating_add(qty.0));
    }

    /// A new day: the last trade becomes the close.
    pub(super) fn next_day(&mut self) {
        *self = Self { picture: self.picture, ..Self::new(self.last.map_or(self.prev_close, |last| last.price)) };
    }
}

impl Exchange {
    /// An order of the simulator's own crowd.
    pub fn crowd_enter(&mut self, instrument: InstrumentId, entry: Entry) {
        let mut happenings = Vec::new();
        let Some(floor) = self.floor_mut(instrument) else { return };
        floor.pit.enter(entry, &mut happenings);
        self.absorb(instrument, &happenings);
    }

    /// Takes an order of the crowd out.
    pub fn crowd_cancel(&mut self, instrument: InstrumentId, key: Key) {
        if self.floor_mut(instrument).is_some_and(|floor| floor.pit.cancel(key).is_ok()) {
            self.outcome.moved.insert(instrument);
        }
    }

    /// Books what happened in a book.
    pub(crate) fn absorb(&mut self, instrument: InstrumentId, happenings: &[Happening]) {
        self.outcome.moved.insert(instrument);
        for happening in happenings {
            match *happening {
                Happening::Traded { maker, taker, way, price, qty } => {
                    for (key, removed) in [(taker, true), (maker, false)] {
                        if let Some(Key::Member(order)) = key {
                            self.fill(order, price, qty, removed);
                        }
                    }
                    // Over a recording the public trades are the recorded ones alone.
                    if maker.is_some() && taker.is_some() {
                        self.print(instrument, self.now, way, price, qty);
                    }
                }
                Happening::Printed { time, way, price, qty } => self.print(instrument, time, way, price, qty),
                Happening::Triggered { key: Key::Member(id) } => {
                    if let Some(order) = self.orders.get_mut(&id) {
                        order.triggered = true;
                        self.outcome.touched.insert(id);
                        self.report(ReportKind::Triggered { order: id });
                    }
                }
                Happening::Gone { key: Key::Member(id), why } => self.gone(id, why),
                Happening::Triggered { .. } | Happening::Gone { .. } => {}
            }
        }
    }

    /// Sends a member's order into its book.
    pub(super) fn send_in(&mut self, id: OrderId) {
        let Some(order) = self.orders.get(&id) else { return };
        let (instrument, entry) = (order.instrument, order.entry());
        let mut happenings = Vec::new();
        let Some(floor) = self.floor_mut(instrument) else { return };
        floor.pit.enter(entry, &mut happenings);
        self.absorb(instrument, &happenings);
    }

    fn fill(&mut self, id: OrderId, price: Price, qty: Qty, removed: bool) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.cum = Qty(order.cum.0.saturating_add(qty.0));
        if !order.leaves().is_positive() {
            order.life = Life::Ended;
        }
        let (id, cum_qty) = (order.id(), order.cum);
        self.outcome.touched.insert(id.order);
        // An execution is named by its report's sequence, which is never used again.
        let exec = VenueExecId(self.sequence.saturating_add(1));
        self.report(ReportKind::Trade { id, exec, qty, price, removed, cum_qty });
    }

    fn gone(&mut self, id: OrderId, why: Remainder) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.life = Life::Ended;
        let cum_qty = order.cum;
        self.outcome.touched.insert(id);
        let reason = Some(reason::remainder(why));
        self.report(ReportKind::Canceled { order: id, request: None, reason, cum_qty });
    }

    fn print(&mut self, instrument: InstrumentId, time: Timestamp, way: Way, price: Price, qty: Qty) {
        if let Some(floor) = self.floor_mut(instrument) {
            floor.tape.print(price, qty);
        }
        self.outcome.trades.push(TradeView { instrument, time, price, qty, buyer_took: way == Way::Buy });
    }

    /// The public picture of an instrument; its sequence grows past restarts because it follows the clock.
    pub fn picture(&mut self, instrument: InstrumentId) -> Option<QuoteView> {
        let (open, now) = (self.open, self.now);
        let floor = self.floor_mut(instrument)?;
        let clock = u64::try_from(now.0).unwrap_or(0);
        floor.tape.picture = floor.tape.picture.saturating_add(1).max(clock);
        let state = match (&floor.pit, floor.halted) {
            (Pit::Shut, _) => TradingState::Closed,
            (pit, _) if pit.is_frozen() => TradingState::Frozen,
            _ if !open => TradingState::Closed,
            (_, true) => TradingState::Halted,
            _ => TradingState::Open,
        };
        Some(QuoteView {
            instrument,
            sequence: floor.tape.picture,
            time: floor.pit.recorded_time().unwrap_or(now),
            bids: floor.pit.levels(Way::Buy, PICTURE_LEVELS),
            asks: floor.pit.levels(Way::Sell, PICTURE_LEVELS),
            last: floor.tape.last,
            open: floor.tape.open,
            high: floor.tape.high,
            low: floor.tape.low,
            prev_close: Some(floor.tape.prev_close),
            volume: floor.tape.volume,
            state,
        })
    }

    /// Tells the exchange the time before anything else of a step.
    pub fn set_time(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }
}
