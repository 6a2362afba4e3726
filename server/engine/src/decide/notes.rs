//! Facts of operation that others saw and the log must hold; it must let no other kind of event through.

use turret_shared::entry::Origin;
use turret_shared::event::Event;

use super::{Draft, answer, client, clock, custody};
use crate::SetupFault;

pub(super) fn decide(draft: &mut Draft<'_>, origin: &Origin, event: &Event) {
    if event.kind() < 400 {
        draft.decision.fault = Some(SetupFault::Kind);
        return;
    }
    let alert = draft.next();
    draft.emit(event.clone());
    match event {
        Event::AlertRaised(raised) => answer::carry_out(draft, alert, raised),
        Event::ClockStep(step) => clock::stepped(draft, alert, *step),
        Event::KeysLost(_) => custody::lost(draft, alert),
        _ => {}
    }
    if let (Event::AccessDenied(_), Some(session)) = (event, origin.session) {
        client::end_if_probing(draft, session);
    }
}
