//! A security key whose counter did not grow, suspended for it; one is too many, and it must know of no threshold.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;

use super::{Finding, Rule, person};
use crate::watch::thresholds::Thresholds;

#[derive(Default)]
pub(super) struct KeyCounter;

impl Rule for KeyCounter {
    /// The figures are the counters: the one it showed, and the one it showed before.
    fn see(&mut self, head: &Head, event: &Event, _: &Thresholds) -> Option<Finding> {
        match event {
            Event::KeySuspended(e) => Some(Finding {
                rule: AlertRule::KeyCounter,
                user: person(head),
                device: head.origin.device,
                figure: e.shown,
                threshold: e.kept,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::event::keys::KeySuspended;
    use turret_shared::ids::{CredentialId, UserId};

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn a_suspended_key_is_one_about_whoever_showed_it() {
        let mut log = Log::<KeyCounter>::new();
        let fact = Event::KeySuspended(KeySuspended { credential: CredentialId(7), kept: 40, shown: 12 });
        let found = log.of(0, 7, &fact).unwrap();
        assert_eq!((found.user, found.figure, found.threshold), (Some(UserId(7)), 12, 40));
    }
}
