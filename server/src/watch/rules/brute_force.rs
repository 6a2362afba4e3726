//! Brute force: one device, wrong password after wrong password, or so many that it was locked; it must not count tokens.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::DeviceId;
use turret_shared::people::LockCause;

use super::{Finding, Rule};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 300;

pub(super) struct BruteForce(Tally<DeviceId>);

impl Default for BruteForce {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for BruteForce {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let threshold = thresholds.brute_force;
        let found = |user, device, figure| {
            Some(Finding { rule: AlertRule::BruteForce, user, device: Some(device), figure, threshold })
        };
        match event {
            Event::SignInFailed(failed) => {
                let guessed =
                    matches!(failed.fault, SignInFault::Password | SignInFault::Code | SignInFault::CodeSpent);
                let device = failed.device.filter(|_| guessed)?;
                let figure = self.0.add(device, head.time, failed.count);
                if reaches(figure, threshold) { found(failed.user, device, figure) } else { None }
            }
            // The edge counts repetitions for a minute before it tells of them; its lock is told at once.
            Event::DeviceLocked(lock) if lock.locked && threshold > 0 => {
                let guessed = lock.fault.is_some() && !lock.cause().is_some_and(LockCause::is_grave);
                if guessed { found(None, lock.device, threshold) } else { None }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::event::session::DeviceLocked;

    use super::super::facts::{Log, failed};
    use super::*;

    #[test]
    fn guesses_of_one_device_add_up_and_its_lock_says_it_at_once() {
        let mut log = Log::<BruteForce>::new();
        assert_eq!(log.tell(0, &failed(1, SignInFault::Password, 1)), None);
        assert_eq!(log.tell(1, &failed(2, SignInFault::Password, 4)), None, "another device's are its own");
        assert_eq!(log.tell(2, &failed(1, SignInFault::Throttled, 9)), None, "not looked at");
        assert_eq!(log.tell(400, &failed(1, SignInFault::Code, 4)), None, "the first is long ago");
        let found = log.tell(410, &failed(1, SignInFault::Password, 1)).unwrap();
        assert_eq!((found.figure, found.device), (5, Some(DeviceId(1))));
        let lock = |fault| Event::DeviceLocked(DeviceLocked { device: DeviceId(3), locked: true, fault });
        assert!(log.tell(420, &lock(Some(SignInFault::Password))).is_some());
        assert_eq!(log.tell(421, &lock(None)), None, "an admin's lock is no attack");
    }
}
