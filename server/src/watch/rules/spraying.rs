//! Spraying: one device that tries names that are nobody's, or not its owner's; it must not mind a mistyped password.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::DeviceId;

use super::{Finding, Rule};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 600;

pub(super) struct Spraying(Tally<DeviceId>);

impl Default for Spraying {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for Spraying {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::SignInFailed(failed) = event else { return None };
        let others = matches!(failed.fault, SignInFault::UnknownUser | SignInFault::OtherUsersDevice);
        let device = failed.device.filter(|_| others)?;
        let (figure, threshold) = (self.0.add(device, head.time, failed.count), thresholds.spraying);
        let (rule, device) = (AlertRule::Spraying, Some(device));
        reaches(figure, threshold).then_some(Finding { rule, user: failed.user, device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Log, failed};
    use super::*;

    #[test]
    fn names_that_are_not_the_owners_add_up() {
        let mut log = Log::<Spraying>::new();
        assert_eq!(log.tell(0, &failed(1, SignInFault::Password, 50)), None);
        assert_eq!(log.tell(0, &failed(1, SignInFault::UnknownUser, 1)), None);
        assert_eq!(log.tell(1, &failed(2, SignInFault::UnknownUser, 2)), None);
        let found = log.tell(2, &failed(1, SignInFault::OtherUsersDevice, 2)).unwrap();
        assert_eq!((found.figure, found.device), (3, Some(DeviceId(1))));
    }
}
