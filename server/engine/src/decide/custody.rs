//! The server's keys that cannot be used: an alert in the decision that records it; it must stop nothing.

use turret_shared::event::Event;
use turret_shared::event::alert::{AlertRaised, AlertRule};
use turret_shared::ids::Sequence;

use super::Draft;

/// Raises it.
pub(super) fn lost(draft: &mut Draft<'_>, evidence: Sequence) {
    draft.emit(Event::AlertRaised(AlertRaised {
        rule: AlertRule::KeysLost,
        user: None,
        device: None,
        figure: 1,
        threshold: 1,
        evidence,
        answer: None,
        address: None,
        delay_s: None,
    }));
}
