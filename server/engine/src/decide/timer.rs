//! Answers that do not come: orders in doubt, and the link going down or up. It must never send an order again.

use turret_shared::event::Event;
use turret_shared::event::order::{DoubtCause, InDoubt};
use turret_shared::event::venue::VenueLink;
use turret_shared::venue::{Route, VenueClOrdId};

use super::Draft;
use crate::state::in_doubt_ns;
use crate::state::orders::Awaited;

/// Orders one decision puts in doubt at most; the next timer takes the rest.
const DOUBTS_MAX: usize = 1_024;

/// Puts in doubt what has waited too long, or at all while the link is down.
pub(super) fn overdue(draft: &mut Draft<'_>) {
    let (state, now) = (draft.state, draft.stamp.time);
    let late = |awaited: &&Awaited| now.since(awaited.since) >= in_doubt_ns();
    // They wait in the order sent: the first that is not late ends the search.
    for awaited in state.orders.waiting().take_while(late).take(DOUBTS_MAX) {
        doubt(draft, awaited, DoubtCause::NoAnswer);
    }
}

/// The link came up or went down: what was being sent is in doubt; when it is back the outbox goes out.
pub(super) fn link(draft: &mut Draft<'_>, up: bool) {
    let state = draft.state;
    if state.venue_link() != up {
        draft.emit(Event::VenueLink(VenueLink { up }));
    }
    if up {
        draft.decision.routes = state.outbox();
    } else if state.venue_link() {
        for awaited in state.orders.waiting().take(DOUBTS_MAX) {
            doubt(draft, awaited, DoubtCause::LinkLost);
        }
    }
}

fn doubt(draft: &mut Draft<'_>, awaited: &Awaited, cause: DoubtCause) {
    let Some(order) = draft.state.orders.at(awaited.order).map(|order| order.id) else { return };
    let revision = awaited.revision;
    draft.emit(Event::InDoubt(InDoubt { order, revision, cause }));
    draft.route(Route::Status { id: VenueClOrdId { order, revision } });
}
