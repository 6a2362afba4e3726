//! Answers that do not come: orders in doubt, requests nobody judged, rights whose time is over, and the link going down or up. It must never send an order again.

use turret_shared::event::Event;
use turret_shared::event::order::{DoubtCause, InDoubt};
use turret_shared::event::venue::VenueLink;
use turret_shared::venue::{Route, VenueClOrdId};

use super::{Draft, approval, entrust};
use crate::state::orders::Awaited;

/// Requests one decision puts in doubt at most. The next timer takes the rest of the overdue; of those a lost link caught,
/// the rest is repeated from the outbox.
const DOUBTS_MAX: usize = 1_024;

/// Puts in doubt what has waited too long on a link that is up. While it is down nothing becomes overdue: the outbox
/// repeats, by an id the venue takes once, what may or may not have been sent.
pub(super) fn overdue(draft: &mut Draft<'_>) {
    entrust::over(draft);
    approval::over(draft);
    let (state, now) = (draft.state, draft.stamp.time);
    if !state.venue_link() {
        return;
    }
    let late = |awaited: &&Awaited| state.due(awaited) <= now;
    // They wait in the order sent: the first that is not late ends the search.
    for awaited in state.orders.waiting().take_while(late).take(DOUBTS_MAX) {
        doubt(draft, awaited, DoubtCause::NoAnswer);
    }
}

/// The link came up or went down: what was being sent when it went is in doubt. The outbox is the sequencer's to send.
pub(super) fn link(draft: &mut Draft<'_>, up: bool) {
    let state = draft.state;
    if state.venue_link() == up {
        return;
    }
    draft.emit(Event::VenueLink(VenueLink { up }));
    if !up {
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
