//! What members ask: new, replace, cancel, status; a repeated request must never act twice.

use turret_shared::ids::OrderId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::TimeInForce;
use turret_shared::plain::ORDER_QTY_MAX;
use turret_shared::venue::{ReportKind, Route, RouteNew, VenueClOrdId, VenueReason};

use super::{Exchange, Floor, Life, MemberOrder, Pit, reason};
use crate::sim::book::{Change, Key};
use crate::sim::limits::{OPEN_ORDERS_MAX, REQUESTS_PER_ORDER_MAX};

/// How a request stands to those before it.
enum Arrival {
    First,
    Again,
    /// It was asked about before and answered Unknown.
    Barred,
}

impl Exchange {
    /// The order a route is about when only the journal can know it.
    #[must_use]
    pub fn unknown(&self, route: &Route) -> Option<OrderId> {
        let id = match route {
            Route::New(new) => new.id.order,
            Route::Replace { id, .. } | Route::Cancel { id, .. } | Route::Status { id } => id.order,
            Route::Sim(turret_shared::venue::SimRoute::Unsolicited { order }) => *order,
            Route::Sim(_) => return None,
        };
        let is_newer = self.newest.is_none_or(|newest| id > newest);
        (!is_newer && !self.orders.contains_key(&id)).then_some(id)
    }

    /// Gives back an order found in the journal.
    pub fn recall(&mut self, order: MemberOrder) {
        let id = order.order;
        self.orders.entry(id).or_insert_with(|| Box::new(order));
        // So that it is let go again with the next batch.
        self.outcome.touched.insert(id);
    }

    /// Takes a new order.
    pub fn new_order(&mut self, new: &RouteNew) {
        match self.arrives(new.id) {
            Arrival::First => {}
            Arrival::Again => return self.known(new.id),
            Arrival::Barred => return self.answer(ReportKind::Unknown { id: new.id }),
        }
        if let Err(reason) = self.check_new(new) {
            if let Some(order) = self.orders.get_mut(&new.id.order) {
                order.life = Life::Ended;
            }
            return self.report(ReportKind::Rejected { id: new.id, reason });
        }
        let place = self.next_place();
        let Some(order) = self.orders.get_mut(&new.id.order) else { return };
        order.arrive(new);
        order.place = place;
        order.life = Life::Working;
        self.report(ReportKind::New { id: new.id, working: !new.ord_type.has_stop() });
        self.send_in(new.id.order);
    }

    /// Takes a change.
    pub fn replace(&mut self, id: VenueClOrdId, qty: Qty, price: Option<Price>, stop_px: Option<Price>) {
        match self.arrives(id) {
            Arrival::First => {}
            Arrival::Again => return self.known(id),
            Arrival::Barred => return self.answer(ReportKind::Unknown { id }),
        }
        if let Err(reason) = self.check_replace(id.order, qty, price, stop_px) {
            return self.report(ReportKind::CancelRejected { id, reason });
        }
        let place = self.next_place();
        let Some(order) = self.orders.get_mut(&id.order) else { return };
        order.current = id.revision;
        let price = price.or(order.price);
        if qty > order.qty || price != order.price || stop_px.is_some() {
            order.place = place;
        }
        order.price = price;
        order.stop_px = stop_px.or(order.stop_px);
        order.qty = qty.max(order.cum);
        let (instrument, total, cum_qty, leaves) = (order.instrument, order.qty, order.cum, order.leaves());
        let key = Key::Member(id.order);
        let mut happenings = Vec::new();
        let ends = !leaves.is_positive();
        if ends {
            order.life = Life::Ended;
        }
        self.report(ReportKind::Replaced { id, qty: total, price, cum_qty, stop_px });
        let Some(floor) = self.floor_mut(instrument) else { return };
        // It is in the book: `check_replace` saw it working.
        let change = Change { leaves, limit: price, stop: stop_px };
        let _ = if ends { floor.pit.cancel(key).map(drop) } else { floor.pit.amend(key, change, &mut happenings) };
        self.absorb(instrument, &happenings);
    }

    /// Takes a cancel.
    pub fn cancel(&mut self, id: VenueClOrdId) {
        match self.arrives(id) {
            Arrival::First => {}
            Arrival::Again => return self.known(id),
            Arrival::Barred => return self.answer(ReportKind::Unknown { id }),
        }
        match self.take_out(id.order) {
            Ok(cum_qty) => {
                self.report(ReportKind::Canceled { order: id.order, request: Some(id), reason: None, cum_qty });
            }
            Err(reason) => self.report(ReportKind::CancelRejected { id, reason }),
        }
    }

    /// Tells what became of a request; one that never arrived will not be taken if it comes late.
    pub fn status(&mut self, id: VenueClOrdId) {
        let order = self.orders.entry(id.order).or_insert_with(|| Box::new(MemberOrder::absent(id.order)));
        if order.seen.contains(&id.revision) {
            return self.known(id);
        }
        if !order.refused.contains(&id.revision) {
            order.refused.push(id.revision);
        }
        self.newest = self.newest.max(Some(id.order));
        self.outcome.touched.insert(id.order);
        self.answer(ReportKind::Unknown { id });
    }

    /// Takes a working or resting order out of its book for good and tells what it had executed.
    pub(super) fn take_out(&mut self, id: OrderId) -> Result<Qty, VenueReason> {
        let order = self.orders.get_mut(&id).filter(|order| order.life != Life::Absent);
        let Some(order) = order else { return Err(reason::reason(reason::UNKNOWN_ORDER, "unknown order")) };
        if order.life.is_over() {
            return Err(reason::reason(reason::TOO_LATE, "too late to cancel"));
        }
        order.life = Life::Ended;
        let (instrument, cum) = (order.instrument, order.cum);
        self.outcome.touched.insert(id);
        self.outcome.moved.insert(instrument);
        if let Some(floor) = self.floor_mut(instrument) {
            // A GTC order between sessions is in no book.
            let _ = floor.pit.cancel(Key::Member(id));
        }
        Ok(cum)
    }

    /// Notes that a request arrived.
    fn arrives(&mut self, id: VenueClOrdId) -> Arrival {
        let order = self.orders.entry(id.order).or_insert_with(|| Box::new(MemberOrder::absent(id.order)));
        self.newest = self.newest.max(Some(id.order));
        if order.refused.contains(&id.revision) {
            return Arrival::Barred;
        }
        if order.seen.contains(&id.revision) {
            return Arrival::Again;
        }
        order.seen.push(id.revision);
        self.outcome.touched.insert(id.order);
        Arrival::First
    }

    fn known(&mut self, id: VenueClOrdId) {
        let as_of = self.sequence;
        self.answer(ReportKind::Status { id, as_of });
    }

    fn check_new(&self, new: &RouteNew) -> Result<(), VenueReason> {
        let floor = self.floor(new.instrument).ok_or_else(reason::unknown_instrument)?;
        self.check_phase(floor, reason::EXCHANGE_CLOSED)?;
        check_qty(floor, new.qty)?;
        check_price(floor, new.ord_type.has_price(), new.price)?;
        check_price(floor, new.ord_type.has_stop(), new.stop_px)?;
        let is_immediate = matches!(new.tif, TimeInForce::Ioc | TimeInForce::Fok);
        if new.ord_type.has_stop() && is_immediate {
            return Err(reason::reason(reason::UNSUPPORTED, "a stop cannot be immediate"));
        }
        if self.orders.len() >= OPEN_ORDERS_MAX {
            return Err(reason::reason(reason::OTHER, "too many open orders"));
        }
        Ok(())
    }

    fn check_replace(
        &self,
        id: OrderId,
        qty: Qty,
        price: Option<Price>,
        stop_px: Option<Price>,
    ) -> Result<(), VenueReason> {
        let known = self.orders.get(&id).filter(|order| order.life != Life::Absent);
        let order = known.ok_or_else(|| reason::reason(reason::UNKNOWN_ORDER, "unknown order"))?;
        if order.life == Life::Ended {
            return Err(reason::reason(reason::TOO_LATE, "too late to replace"));
        }
        if order.seen.len() > REQUESTS_PER_ORDER_MAX {
            return Err(reason::reason(reason::OTHER, "too many requests about one order"));
        }
        let floor = self.floor(order.instrument).ok_or_else(reason::unknown_instrument)?;
        self.check_phase(floor, reason::OTHER)?;
        check_qty(floor, qty)?;
        if stop_px.is_some() {
            check_price(floor, order.ord_type.has_stop(), stop_px)?;
            if order.triggered {
                return Err(reason::reason(reason::TOO_LATE, "too late: the stop has triggered"));
            }
        }
        if price.is_some() { check_price(floor, order.ord_type.has_price(), price) } else { Ok(()) }
    }

    fn check_phase(&self, floor: &Floor, closed_code: u32) -> Result<(), VenueReason> {
        if matches!(floor.pit, Pit::Shut) {
            Err(reason::reason(closed_code, "not in the recording that is played"))
        } else if floor.pit.is_frozen() {
            Err(reason::reason(closed_code, "the recording has ended: the book is frozen"))
        } else if !self.open {
            Err(reason::reason(closed_code, "session is closed"))
        } else if floor.halted {
            Err(reason::reason(reason::OTHER, "trading is halted"))
        } else {
            Ok(())
        }
    }
}

pub(super) fn check_qty(floor: &Floor, qty: Qty) -> Result<(), VenueReason> {
    if !qty.is_positive() || qty > ORDER_QTY_MAX || !qty.is_multiple_of(floor.listing.lot) {
        return Err(reason::reason(reason::QUANTITY, "quantity is not a positive multiple of the lot"));
    }
    Ok(())
}

/// Checks a limit or stop price where the type has one, and its absence where it has none.
pub(super) fn check_price(floor: &Floor, wanted: bool, price: Option<Price>) -> Result<(), VenueReason> {
    match (wanted, price) {
        (false, None) => Ok(()),
        (false, Some(_)) => Err(reason::reason(reason::UNSUPPORTED, "this order type has no such price")),
        (true, Some(price)) if price.is_positive() && price.ticks(floor.listing.tick).is_some() => Ok(()),
        (true, _) => Err(reason::reason(reason::INCREMENT, "price is not a positive multiple of the tick")),
    }
}
