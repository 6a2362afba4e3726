//! Off hours: somebody who comes in when nobody works; it must be off where no hours are given.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::time::NS_PER_S;

use super::{Finding, Rule};
use crate::watch::thresholds::Thresholds;

const HOUR_NS: i64 = 3_600 * NS_PER_S;

#[derive(Default)]
pub(super) struct OffHours;

impl Rule for OffHours {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::SignedIn(signed_in) = event else { return None };
        let (from, until) = (thresholds.hours_from, thresholds.hours_until);
        if from == until || (from == 0 && until >= 24) {
            return None;
        }
        let figure = u32::try_from(head.time.0.div_euclid(HOUR_NS).rem_euclid(24)).unwrap_or(0);
        // Hours that go over midnight are two parts of a day.
        let works = if from < until { (from..until).contains(&figure) } else { figure >= from || figure < until };
        (!works && !signed_in.script).then_some(Finding {
            rule: AlertRule::OffHours,
            user: Some(signed_in.user),
            device: Some(signed_in.device),
            figure,
            threshold: until,
        })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::digest::Digest;
    use turret_shared::event::session::SignedIn;
    use turret_shared::ids::{CredentialId, DeviceId, UserId};

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn hours_are_a_deployments_own_and_may_go_over_midnight() {
        let signed_in = |script| {
            let (user, device, credential) = (UserId(1), DeviceId(1), CredentialId(1));
            Event::SignedIn(SignedIn { user, device, credential, token: Digest([0; 32]), script })
        };
        let mut log = Log::<OffHours>::new();
        assert_eq!(log.tell(3 * 3_600, &signed_in(false)), None, "off unless set");
        (log.thresholds.hours_from, log.thresholds.hours_until) = (7, 19);
        assert_eq!(log.tell(12 * 3_600, &signed_in(false)), None);
        assert_eq!(log.tell(20 * 3_600, &signed_in(false)).unwrap().figure, 20);
        assert_eq!(log.tell(20 * 3_600, &signed_in(true)), None, "a script has no night");
        (log.thresholds.hours_from, log.thresholds.hours_until) = (22, 6);
        assert_eq!(log.tell(23 * 3_600, &signed_in(false)), None);
        assert!(log.tell(12 * 3_600, &signed_in(false)).is_some());
    }
}
