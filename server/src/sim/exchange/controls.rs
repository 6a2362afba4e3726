//! Steering the simulator: halt, session, bust, correct, unsolicited; each must be told as the venue would tell it.
//!
//! A busted quantity does not work again here, as on most exchanges: an order that had nothing left working ends
//! Canceled, one that still works is restated to what it executed and what still works.

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::TimeInForce;
use turret_shared::venue::{ReportKind, VenueExecId};

use super::routes::{check_price, check_qty};
use super::{Exchange, Life, reason};
use crate::sim::book::Key;

/// An execution as it was last reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Execution {
    /// Whose.
    pub order: OrderId,
    /// Its id.
    pub exec: VenueExecId,
    /// How many.
    pub qty: Qty,
}

impl Exchange {
    /// Halts or resumes an instrument.
    pub fn halt(&mut self, instrument: InstrumentId, halted: bool) {
        let Some(floor) = self.floor_mut(instrument) else { return self.refuse("unknown instrument") };
        floor.halted = halted;
        self.outcome.moved.insert(instrument);
        self.outcome.phase_changed = true;
        self.report(ReportKind::Halt { instrument, halted });
    }

    /// Opens or closes the session: Day orders expire at the close, GTC orders rest until the open.
    pub fn session(&mut self, open: bool) {
        let was = self.open;
        self.open = open;
        self.outcome.phase_changed = true;
        self.outcome.moved.extend(self.floors.iter().map(|floor| floor.listing.id));
        self.report(ReportKind::Session { open });
        if was == open {
            return;
        }
        let wanted = if open { Life::DoneForDay } else { Life::Working };
        let mut orders: Vec<(u64, OrderId)> =
            self.orders.values().filter(|order| order.life == wanted).map(|order| (order.place, order.order)).collect();
        orders.sort_unstable();
        if open {
            for floor in &mut self.floors {
                floor.tape.next_day();
            }
        }
        for (_, id) in orders {
            if open { self.renew(id) } else { self.close_one(id) }
        }
    }

    fn close_one(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        let (instrument, cum_qty, stays) = (order.instrument, order.cum, order.tif == TimeInForce::Gtc);
        order.life = if stays { Life::DoneForDay } else { Life::Ended };
        self.outcome.touched.insert(id);
        if let Some(floor) = self.floor_mut(instrument) {
            // Every working order is in its book.
            let _ = floor.pit.cancel(Key::Member(id));
        }
        self.report(if stays {
            ReportKind::DoneForDay { order: id }
        } else {
            ReportKind::Expired { order: id, cum_qty }
        });
    }

    fn renew(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.life = Life::Working;
        let qty = order.qty;
        self.outcome.touched.insert(id);
        let reason = reason::reason(reason::RENEWAL, "good till canceled: works again");
        self.report(ReportKind::Restated { order: id, qty, reason });
        self.send_in(id);
    }

    /// Busts an execution; `None` when the journal knows none of that id.
    pub fn bust(&mut self, execution: Option<Execution>) {
        let Some((order, was)) = self.standing(execution) else { return };
        let Some(row) = self.orders.get_mut(&order) else { return };
        row.voided.push(was.exec.0);
        let exec = VenueExecId(self.sequence.saturating_add(1));
        self.report(ReportKind::Bust { order, exec, refers: was.exec });
        self.shift(order, Qty(was.qty.0.saturating_neg()));
    }

    /// Corrects an execution; `None` when the journal knows none of that id.
    pub fn correct(&mut self, execution: Option<Execution>, price: Price, qty: Qty) {
        let Some((order, was)) = self.standing(execution) else { return };
        let instrument = self.orders.get(&order).map(|row| row.instrument);
        let fits = instrument
            .and_then(|id| self.floor(id))
            .is_some_and(|floor| check_qty(floor, qty).is_ok() && check_price(floor, true, Some(price)).is_ok());
        if !fits {
            return self.refuse("price or quantity off the grid of the instrument");
        }
        let Some(row) = self.orders.get_mut(&order) else { return };
        row.voided.push(was.exec.0);
        let exec = VenueExecId(self.sequence.saturating_add(1));
        self.report(ReportKind::Correct { order, exec, refers: was.exec, qty, price });
        self.shift(order, Qty(qty.0.saturating_sub(was.qty.0)));
    }

    /// Cancels an order nobody asked to cancel.
    pub fn unsolicited(&mut self, id: OrderId) {
        match self.take_out(id) {
            Ok(cum_qty) => {
                let reason = Some(reason::reason(reason::EXCHANGE_OPTION, "canceled by the exchange"));
                self.report(ReportKind::Canceled { order: id, request: None, reason, cum_qty });
            }
            Err(reason) => self.answer(ReportKind::SimRefused { reason }),
        }
    }

    /// Says that the simulator could not do what it was told.
    pub fn refuse(&mut self, text: &str) {
        self.answer(ReportKind::SimRefused { reason: reason::reason(reason::OTHER, text) });
    }

    /// The execution, if it stands: known, and neither busted nor corrected since.
    fn standing(&mut self, execution: Option<Execution>) -> Option<(OrderId, Execution)> {
        let Some(was) = execution else {
            self.refuse("unknown execution");
            return None;
        };
        let Some(order) = self.orders.get(&was.order) else {
            self.refuse("unknown order");
            return None;
        };
        if order.voided.contains(&was.exec.0) {
            self.refuse("that execution was busted or corrected already");
            return None;
        }
        Some((was.order, was))
    }

    /// Moves CumQty by a bust or correction and says what becomes of what is left.
    fn shift(&mut self, id: OrderId, by: Qty) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        let leaves = order.leaves();
        let was_filled = order.life == Life::Ended && !leaves.is_positive();
        order.cum = Qty(order.cum.0.saturating_add(by.0));
        let (instrument, cum_qty, life, total) = (order.instrument, order.cum, order.life, order.qty);
        self.outcome.touched.insert(id);
        if was_filled && cum_qty < total {
            let reason = reason::reason(reason::EXCHANGE_OPTION, "the quantity taken back does not work again");
            self.report(ReportKind::Canceled { order: id, request: None, reason: Some(reason), cum_qty });
        } else if !life.is_over() {
            // What works stays as it is; only the total follows.
            let Some(order) = self.orders.get_mut(&id) else { return };
            order.qty = Qty(cum_qty.0.saturating_add(leaves.0));
            let qty = order.qty;
            self.outcome.moved.insert(instrument);
            let reason = reason::reason(reason::EXCHANGE_OPTION, "total follows a busted or corrected execution");
            self.report(ReportKind::Restated { order: id, qty, reason });
        }
    }
}
