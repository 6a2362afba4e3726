//! Token replay: a session's token shown by another device; one is too many, and it must know of no threshold.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::session::SignInFault;

use super::{Finding, Rule};
use crate::watch::thresholds::Thresholds;

#[derive(Default)]
pub(super) struct TokenReplay;

impl Rule for TokenReplay {
    fn see(&mut self, _: &Head, event: &Event, _: &Thresholds) -> Option<Finding> {
        match event {
            Event::DeviceLocked(lock) if lock.locked && lock.fault == Some(SignInFault::Token) => Some(Finding {
                rule: AlertRule::TokenReplay,
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
    use turret_shared::event::session::DeviceLocked;
    use turret_shared::ids::DeviceId;

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn a_lock_for_a_token_is_one_and_others_are_not() {
        let mut log = Log::<TokenReplay>::new();
        let lock = |locked, fault| Event::DeviceLocked(DeviceLocked { device: DeviceId(3), locked, fault });
        assert!(log.tell(0, &lock(true, Some(SignInFault::Token))).is_some());
        assert_eq!(log.tell(1, &lock(true, Some(SignInFault::Password))), None);
        assert_eq!(log.tell(2, &lock(false, None)), None);
    }
}
