//! A clock that jumped: an alert in the decision that records it, so that there is always one to resolve; it must let no proof
//! count again before an admin did.

use turret_shared::alert::{AlertStep, HandleAlert};
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertRaised, AlertRule};
use turret_shared::event::ops::ClockStep;
use turret_shared::ids::{Sequence, UserId};
use turret_shared::role::Permission;
use turret_shared::time::NS_PER_S;

use super::Draft;
use crate::State;
use crate::access::{self, Access, Object};

/// A jump larger than this many seconds is one too many.
const STEP_S: u32 = 5;

/// Raises it; the figure is whole seconds, either way.
pub(super) fn stepped(draft: &mut Draft<'_>, evidence: Sequence, step: ClockStep) {
    if step.acknowledged {
        return;
    }
    let seconds = step.by_ns.saturating_abs().checked_div(NS_PER_S).unwrap_or_default();
    let figure = u32::try_from(seconds).unwrap_or(u32::MAX);
    let rule = AlertRule::ClockStep;
    let (user, device, answer, address, delay_s) = (None, None, None, None, None);
    draft.emit(Event::AlertRaised(AlertRaised {
        rule,
        user,
        device,
        figure,
        threshold: STEP_S,
        evidence,
        answer,
        address,
        delay_s,
    }));
}

/// The last of them resolved is the word that the time is right.
pub(super) fn resolved(draft: &mut Draft<'_>, handle: HandleAlert) {
    let state = draft.state;
    if !is_acknowledgement(state, handle) || !state.clock_stepped() {
        return;
    }
    let open = |(alert, known): (Sequence, &crate::alerts::Alert)| {
        alert != handle.alert && known.raised.rule == AlertRule::ClockStep && !known.standing.is_over()
    };
    if !state.alerts.all().any(open) {
        draft.emit(Event::ClockStep(ClockStep { by_ns: 0, acknowledged: true }));
    }
}

/// True where resolving an alert says that the server's time is right.
pub(crate) fn is_acknowledgement(state: &State, handle: HandleAlert) -> bool {
    let rule = state.alerts.get(handle.alert).map(|known| known.raised.rule);
    rule == Some(AlertRule::ClockStep) && matches!(handle.step, AlertStep::Resolve { .. })
}

/// Whoever runs users says it, and nobody else.
pub(crate) fn may_acknowledge(state: &State, by: UserId) -> bool {
    access::may(state.access(), by, Permission::UserManage, Object::None) == Access::Allowed
}
