//! A device's older key came back, and the device was locked for it; one is too many, and it must know of no threshold.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::people::LockCause;

use super::{Finding, Rule};
use crate::watch::thresholds::Thresholds;

#[derive(Default)]
pub(super) struct Copied;

impl Rule for Copied {
    fn see(&mut self, _: &Head, event: &Event, _: &Thresholds) -> Option<Finding> {
        match event {
            Event::DeviceLocked(lock) if lock.cause() == Some(LockCause::Copied) => Some(Finding {
                rule: AlertRule::DeviceCopied,
                user: None,
                device: Some(lock.device),
                figure: 1,
                threshold: 1,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::event::session::{DeviceLocked, SignInFault};
    use turret_shared::ids::DeviceId;

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn a_lock_for_a_copy_is_one_and_others_are_not() {
        let mut log = Log::<Copied>::new();
        let lock = |fault| Event::DeviceLocked(DeviceLocked { device: DeviceId(3), locked: true, fault });
        let found = log.tell(0, &lock(Some(SignInFault::Copied))).unwrap();
        assert_eq!((found.rule, found.device), (AlertRule::DeviceCopied, Some(DeviceId(3))));
        assert_eq!(log.tell(1, &lock(Some(SignInFault::Token))), None);
        assert_eq!(log.tell(2, &lock(None)), None);
    }
}
