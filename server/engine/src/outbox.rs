//! What the venue still owes an answer to, as routes: a pure function of events; it must never resend what is in doubt.

use alloc::vec::Vec;

use turret_shared::venue::{Route, RouteNew, VenueClOrdId};

use crate::State;
use crate::state::order::{Flags, Order};
use crate::state::requests::Requests;

impl State {
    /// Routes still unanswered, oldest order first: a request not in doubt as it was (the venue drops a repeat by its id),
    /// one in doubt as a question.
    #[must_use]
    pub fn outbox(&self) -> Vec<Route> {
        let open = self.open_orders();
        open.iter().filter_map(|place| self.orders.at(*place)).flat_map(routes).collect()
    }
}

fn routes(order: &Order) -> impl Iterator<Item = Route> + use<> {
    let id = |revision: u32| VenueClOrdId { order: order.id, revision };
    let either = |revision: u32, doubt: Flags, route: Route| {
        order.awaited(revision)?;
        Some(if order.flags.any(doubt) { Route::Status { id: id(revision) } } else { route })
    };
    let new = new_route(order);
    let Requests { amend, cancel, asked, in_force, .. } = order.requests();
    let (orig, is_amended, is_canceled) = (id(*in_force), amend.is_pending(), cancel.is_pending());
    let (amend, cancel) = (amend.revision, cancel.revision);
    let replace = Route::Replace { id: id(amend), orig, qty: asked.qty, price: asked.price, stop_px: asked.stop_px };
    let amend_route = if is_amended { either(amend, Flags::DOUBT_AMEND, replace) } else { None };
    let cancel_route =
        if is_canceled { either(cancel, Flags::DOUBT_CANCEL, Route::Cancel { id: id(cancel), orig }) } else { None };
    [either(0, Flags::DOUBT_NEW, new), amend_route, cancel_route].into_iter().flatten()
}

/// The order as the venue gets it first.
pub(crate) fn new_route(order: &Order) -> Route {
    Route::New(RouteNew {
        id: VenueClOrdId { order: order.id, revision: 0 },
        instrument: order.instrument,
        side: order.side,
        qty: order.qty,
        ord_type: order.ord_type,
        price: order.price(),
        stop_px: order.stop_px(),
        tif: order.tif,
    })
}
