//! Credential stuffing: many devices with wrong passwords within a few minutes; it must not mind one that guesses alone.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::DeviceId;

use super::{Finding, Rule};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 300;

pub(super) struct Stuffing(Tally<DeviceId>);

impl Default for Stuffing {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for Stuffing {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::SignInFailed(failed) = event else { return None };
        let wrong =
            matches!(failed.fault, SignInFault::Password | SignInFault::UnknownUser | SignInFault::OtherUsersDevice);
        self.0.add(failed.device.filter(|_| wrong)?, head.time, failed.count);
        let threshold = thresholds.stuffing_devices;
        let figure = u32::try_from(self.0.keys(head.time)).unwrap_or(u32::MAX);
        reaches(figure, threshold).then_some(Finding {
            rule: AlertRule::Stuffing,
            user: None,
            device: None,
            figure,
            threshold,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Log, failed};
    use super::*;

    #[test]
    fn many_devices_at_once_are_one_attack_and_one_over_the_day_is_none() {
        let mut log = Log::<Stuffing>::new();
        for device in 0..3 {
            assert_eq!(log.tell(0, &failed(device, SignInFault::Password, 9)), None);
        }
        assert_eq!(log.tell(1, &failed(0, SignInFault::Password, 9)), None);
        let found = log.tell(2, &failed(3, SignInFault::Password, 1)).unwrap();
        assert_eq!((found.figure, found.device), (4, None));
        for device in 10..20 {
            assert_eq!(log.tell(1_000 + 300 * i64::from(device), &failed(device, SignInFault::Password, 1)), None);
        }
    }
}
