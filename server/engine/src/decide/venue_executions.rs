//! Executions, busts and corrections of the venue, matched with what is recorded; a surprising one is flagged and booked.

use turret_shared::event::Event;
use turret_shared::event::venue::{Bust, Correct, Surprise, Trade, UnmatchedCause, VenueMark};
use turret_shared::ids::OrderId;
use turret_shared::limits::PRICE_MAX;
use turret_shared::money::{Price, Qty};
use turret_shared::plain::ORDER_QTY_MAX;
use turret_shared::venue::{ReportKind, VenueExecId};

use super::venue::late;
use crate::State;
use crate::state::fills::Fill;
use crate::state::order::{Flags, Order};

pub(super) fn fact(state: &State, mark: VenueMark, kind: &ReportKind) -> Result<Event, UnmatchedCause> {
    match *kind {
        ReportKind::Trade { id, exec, qty, price, removed, cum_qty } => {
            let order = known(state, id.order)?;
            amounts(qty, price)?;
            fits(state, order, qty)?;
            if state.fills.of_venue(exec).is_some() {
                return Err(UnmatchedCause::Repeated);
            }
            let cum = Qty(order.cum.0.saturating_add(qty.0));
            let mark = late(mark, order)
                .and_if(cum > order.qty, Surprise::OVERFILL)
                .and_if(worse(order, price), Surprise::BEYOND_LIMIT)
                .and_if(cum_qty != cum, Surprise::CUM_QTY_DIFFERS);
            Ok(Event::Trade(Trade { mark, order: order.id, revision: id.revision, exec, qty, price, removed }))
        }
        ReportKind::Bust { order, exec, refers } => {
            let (order, fill, mark) = reference(state, mark, order, exec, refers)?;
            Ok(Event::Bust(Bust { mark, order: order.id, exec, trade: fill.exec }))
        }
        ReportKind::Correct { order, exec, refers, qty, price } => {
            amounts(qty, price)?;
            let (order, fill, mark) = reference(state, mark, order, exec, refers)?;
            let cum = order.cum.0.saturating_sub(fill.qty.0).saturating_add(qty.0);
            let mark =
                mark.and_if(cum > order.qty.0, Surprise::OVERFILL).and_if(worse(order, price), Surprise::BEYOND_LIMIT);
            fits(state, order, qty)?;
            Ok(Event::Correct(Correct { mark, order: order.id, exec, trade: fill.exec, qty, price }))
        }
        _ => Err(UnmatchedCause::Order),
    }
}

fn known(state: &State, id: OrderId) -> Result<&Order, UnmatchedCause> {
    let found = state.orders.find(id).map(|(_, order)| order);
    found.filter(|order| !order.flags.any(Flags::DENIED)).ok_or(UnmatchedCause::Order)
}

/// The execution a bust or correction names.
fn reference(
    state: &State,
    mark: VenueMark,
    order: OrderId,
    exec: VenueExecId,
    refers: VenueExecId,
) -> Result<(&Order, &Fill, VenueMark), UnmatchedCause> {
    let order = known(state, order)?;
    let (_, fill) = state.fills.of_venue(refers).ok_or(UnmatchedCause::Execution)?;
    if state.orders.at(fill.order).is_none_or(|own| own.id != order.id) {
        return Err(UnmatchedCause::Execution);
    }
    if state.fills.of_venue(exec).is_some() {
        return Err(UnmatchedCause::Repeated);
    }
    if !fill.stands() {
        return Err(UnmatchedCause::Busted);
    }
    Ok((order, fill, mark.and_if(fill.latest() != refers, Surprise::STALE_REFERENCE)))
}

/// Amounts that can be booked.
fn amounts(qty: Qty, price: Price) -> Result<(), UnmatchedCause> {
    let fits = qty.is_positive() && qty <= ORDER_QTY_MAX && price.0.unsigned_abs() <= PRICE_MAX.0.unsigned_abs();
    if fits { Ok(()) } else { Err(UnmatchedCause::Amount) }
}

/// Order and position can take so many more.
fn fits(state: &State, order: &Order, qty: Qty) -> Result<(), UnmatchedCause> {
    let held = state.books.position(order.position).map_or(0, |p| p.holding.qty);
    let order_fits = order.cum.0.checked_add(qty.0).is_some();
    let position_fits = held.checked_abs().and_then(|held| held.checked_add(qty.0)).is_some();
    if order_fits && position_fits { Ok(()) } else { Err(UnmatchedCause::Amount) }
}

/// Worse than the limit in force, or than the one asked for if an amend is on its way.
fn worse(order: &Order, price: Price) -> bool {
    let Some(limit) = order.price() else { return false };
    if order.side.sign() > 0 { price > limit } else { price < limit }
}
