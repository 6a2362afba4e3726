//! Folds the venue's facts; it must take each as it is, for a fact is never refused.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::venue::{CancelRejected, Canceled, Replaced, Restated};
use turret_shared::ids::OrderId;
use turret_shared::order::{EndReason, ExecType};

use super::executions;
use super::order::note;
use crate::State;
use crate::state::order::{Flags, Order};
use crate::state::position::NONE;
use crate::state::requests::Requests;

pub(super) fn fold(state: &mut State, head: &Head, event: &Event) {
    match event {
        Event::VenueNew(e) => of_order(state, head, e.order, ExecType::New, |order| {
            order.accept();
            order.flags.put(Flags::WORKING, e.working);
        }),
        Event::VenueRejected(e) => {
            of_order(state, head, e.order, ExecType::Rejected, |order| {
                if order.ended.is_none() {
                    order.end(EndReason::Rejected);
                }
            });
            note_of(state, e.order, &e.reason.text);
        }
        Event::Trade(e) => executions::trade(state, head, e),
        Event::Bust(e) => executions::bust(state, head, e),
        Event::Correct(e) => executions::correct(state, head, e),
        Event::Canceled(e) => canceled(state, head, e),
        Event::Replaced(e) => replaced(state, head, e),
        Event::CancelRejected(e) => cancel_rejected(state, head, e),
        Event::Restated(e) => restated(state, head, e),
        other => rest(state, head, other),
    }
}

fn rest(state: &mut State, head: &Head, event: &Event) {
    match event {
        Event::Expired(e) => {
            of_order(state, head, e.order, ExecType::Expired, |order| {
                order.accept();
                if order.ended.is_none() {
                    order.end(EndReason::Expired);
                }
            });
        }
        Event::DoneForDay(e) => of_order(state, head, e.order, ExecType::DoneForDay, |order| {
            order.accept();
            order.flags.put(Flags::DONE_FOR_DAY, true);
        }),
        Event::Suspended(e) => of_order(state, head, e.order, ExecType::Suspended, |order| {
            order.accept();
            order.flags.put(Flags::SUSPENDED, true);
        }),
        Event::Triggered(e) => of_order(state, head, e.order, ExecType::Triggered, |order| {
            order.accept();
            order.flags.put(Flags::WORKING, true);
        }),
        Event::VenueSession(e) => state.venue.open = e.open,
        Event::Halt(e) => {
            if let Some(listing) = state.books.listing_mut(e.instrument) {
                listing.halted = e.halted;
            }
        }
        Event::VenueLink(e) => {
            state.venue.link = e.up;
            if e.up {
                state.venue.up_since = head.time;
            }
        }
        _ => {}
    }
}

fn of_order(state: &mut State, head: &Head, id: OrderId, exec_type: ExecType, change: impl FnOnce(&mut Order)) {
    if let Some(place) = state.orders.place(id) {
        state.change_order(place, head, |order| {
            order.exec_type = exec_type;
            change(order);
        });
    }
}

fn note_of(state: &mut State, id: OrderId, text: &str) {
    if let Some(place) = state.orders.place(id) {
        note(state, place, text);
    }
}

/// The request's ClOrdID becomes the one in force, the one before it the original.
fn rename(order: &mut Order, name: u32) {
    if name != NONE {
        order.requests_mut().orig = order.name;
        order.name = name;
    }
}

fn canceled(state: &mut State, head: &Head, e: &Canceled) {
    of_order(state, head, e.order, ExecType::Canceled, |order| {
        order.accept();
        let cancel = order.requests().cancel;
        if cancel.is_pending() && e.revision == Some(cancel.revision) {
            rename(order, cancel.name);
        }
        if order.ended.is_none() {
            order.end(EndReason::Canceled);
        }
    });
    if let Some(reason) = &e.reason {
        note_of(state, e.order, &reason.text);
    }
}

fn replaced(state: &mut State, head: &Head, e: &Replaced) {
    of_order(state, head, e.order, ExecType::Replaced, |order| {
        order.accept();
        let Requests { amend, asked, in_force, .. } = *order.requests();
        if amend.is_pending() && amend.revision == e.revision {
            rename(order, amend.name);
            order.reserve_px = asked.reserve_px;
            order.drop_amend();
        }
        if e.revision > in_force {
            order.requests_mut().in_force = e.revision;
        }
        order.qty = e.qty;
        if let Some(price) = e.price.filter(|_| order.ord_type.has_price()) {
            order.reprice(price);
            order.reserve_px = price;
        }
        if let Some(stop) = e.stop_px.filter(|_| order.ord_type.has_stop()) {
            order.restop(stop);
        }
    });
}

fn cancel_rejected(state: &mut State, head: &Head, e: &CancelRejected) {
    let Some(place) = state.orders.place(e.order) else { return };
    state.change_order(place, head, |order| {
        let Requests { amend, cancel, .. } = *order.requests();
        if amend.is_pending() && amend.revision == e.revision {
            order.drop_amend();
        } else if cancel.is_pending() && cancel.revision == e.revision {
            order.drop_cancel();
        }
    });
    note(state, place, &e.reason.text);
}

fn restated(state: &mut State, head: &Head, e: &Restated) {
    of_order(state, head, e.order, ExecType::Restated, |order| {
        order.accept();
        order.qty = e.qty;
        order.flags.put(Flags::DONE_FOR_DAY, false);
        order.flags.put(Flags::SUSPENDED, false);
        // A venue may take a cancel back; nothing revives what expired or was rejected.
        if order.ended == Some(EndReason::Canceled) {
            order.ended = None;
            order.flags.put(Flags::WORKING, true);
        }
    });
    note_of(state, e.order, &e.reason.text);
}
