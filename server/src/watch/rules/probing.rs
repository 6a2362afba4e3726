//! Probing: one person who asks again and again after what is somebody else's, or is not; it must not mind a slip.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::UserId;
use turret_shared::wire::control::SessionEnd;

use super::{Finding, Rule, person};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 60;

pub(super) struct Probing(Tally<UserId>);

impl Default for Probing {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for Probing {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let threshold = thresholds.probing;
        let (user, figure) = match event {
            Event::AccessDenied(denied) if denied.object.is_some() => {
                let user = person(head)?;
                (user, self.0.add(user, head.time, 1))
            }
            Event::SessionEnded(ended) if ended.reason == SessionEnd::Probing => (ended.user, threshold),
            _ => return None,
        };
        let (rule, device) = (AlertRule::Probing, head.origin.device);
        reaches(figure, threshold).then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::denial::DenialCode;
    use turret_shared::entry::ObjectKind;
    use turret_shared::event::ops::AccessDenied;
    use turret_shared::role::Permission;

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn three_within_a_minute_are_one_attack() {
        let denied = Event::AccessDenied(AccessDenied {
            permission: Permission::OrderRead,
            object: Some(ObjectKind::Order),
            foreign: Some(7),
            code: DenialCode::UnknownOrder,
        });
        let mut log = Log::<Probing>::new();
        for s in [0, 70, 140, 150] {
            assert_eq!(log.of(s, 4, &denied), None);
        }
        assert_eq!(log.of(151, 5, &denied), None, "somebody else's are their own");
        assert_eq!(log.of(155, 4, &denied).unwrap().user, Some(UserId(4)));
    }
}
