//! Order velocity: more orders of one person within a minute than hands can send; it must not judge what they are.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::UserId;

use super::{Finding, Rule, person};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 60;

pub(super) struct Velocity(Tally<UserId>);

impl Default for Velocity {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for Velocity {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::OrderNew(_) = event else { return None };
        let user = person(head)?;
        let (figure, threshold) = (self.0.add(user, head.time, 1), thresholds.order_velocity);
        let (rule, device) = (AlertRule::Velocity, head.origin.device);
        reaches(figure, threshold).then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::order::Side;

    use super::super::facts::{Log, order};
    use super::*;

    #[test]
    fn as_many_in_an_hour_are_nothing_and_in_a_minute_too_many() {
        let mut log = Log::<Velocity>::new();
        log.thresholds.order_velocity = 20;
        let one = order(Side::Buy, 1, "10.00");
        for n in 0..40 {
            assert_eq!(log.of(n * 60, 1, &one), None);
        }
        let found: Vec<_> = (0..20).filter_map(|n| log.of(5_000 + n, 1, &one)).collect();
        assert_eq!(found.len(), 1);
    }
}
