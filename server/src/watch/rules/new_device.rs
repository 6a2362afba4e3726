//! A new device with a large order: enrolled of late, and at once for much money; it must not count devices of set-up.

use std::collections::BTreeMap;

use turret_shared::entry::{Actor, Head};
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::DeviceId;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule, person, worth};
use crate::watch::tally::{KEYS_MAX, reaches};
use crate::watch::thresholds::Thresholds;

const HOUR_NS: i64 = 3_600 * NS_PER_S;

#[derive(Default)]
pub(super) struct NewDevice(BTreeMap<DeviceId, Timestamp>);

impl Rule for NewDevice {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let new_ns = HOUR_NS.saturating_mul(thresholds.new_device_hours.into());
        match event {
            Event::DeviceRegistered(device) if head.origin.actor != Actor::Operator => {
                self.0.retain(|_, since| head.time.since(*since) < new_ns);
                if self.0.len() >= KEYS_MAX {
                    self.0.pop_first();
                }
                self.0.insert(device.device, head.time);
                None
            }
            Event::OrderNew(order) => {
                let since = self.0.get(&head.origin.device?)?;
                let (figure, threshold) = (worth(order), thresholds.new_device_notional);
                let found = head.time.since(*since) < new_ns && reaches(figure, threshold);
                let (rule, user, device) = (AlertRule::NewDevice, person(head), head.origin.device);
                found.then_some(Finding { rule, user, device, figure, threshold })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::digest::Digest;
    use turret_shared::event::setup::DeviceRegistered;
    use turret_shared::ids::UserId;
    use turret_shared::order::Side;

    use super::super::facts::{Log, order};
    use super::*;

    #[test]
    fn much_money_from_a_device_of_today_is_told_and_from_an_old_one_not() {
        let mut log = Log::<NewDevice>::new();
        let large = order(Side::Buy, 1_000, "60.00");
        assert_eq!(log.of(0, 4, &large), None, "of set-up");
        let (device, user, key) = (DeviceId(4), UserId(4), Digest([1; 32]));
        log.tell(10, &Event::DeviceRegistered(DeviceRegistered { device, user, key }));
        assert_eq!(log.of(20, 4, &order(Side::Buy, 10, "60.00")), None);
        assert_eq!(log.of(30, 4, &large).unwrap().figure, 60_000);
        assert_eq!(log.of(25 * 3_600, 4, &large), None, "a day later");
    }
}
