//! Layering and quick cancels: orders taken back before anybody could trade with them; it must not count the venue's own.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{OrderId, UserId};
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule, person};
use crate::watch::in_order::InOrder;
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 60;
/// Younger than this, in nanoseconds, is quick.
const QUICK_NS: i64 = 5 * NS_PER_S;
/// Young orders remembered; beyond it the oldest is not young any more.
const YOUNG_MAX: usize = 8_192;

pub(super) struct QuickCancels {
    young: InOrder<(UserId, Timestamp)>,
    quick: Tally<UserId>,
}

impl Default for QuickCancels {
    fn default() -> Self {
        Self { young: InOrder::new(YOUNG_MAX), quick: Tally::new(WINDOW_S) }
    }
}

impl Rule for QuickCancels {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        match event {
            Event::OrderNew(_) => {
                // Whoever it was forgotten for is not told: it is old by then.
                let _ = self.young.push(OrderId::new(head.sequence, 0), (person(head)?, head.time));
                None
            }
            Event::Cancel(cancel) => {
                let (owner, entered) = self.young.remove(cancel.order)?;
                if head.time.since(entered) >= QUICK_NS {
                    return None;
                }
                let (figure, threshold) = (self.quick.add(owner, head.time, 1), thresholds.quick_cancels);
                let (rule, device) = (AlertRule::QuickCancels, head.origin.device);
                reaches(figure, threshold).then_some(Finding { rule, user: Some(owner), device, figure, threshold })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::ids::ClOrdId;
    use turret_shared::order::Side;

    use super::super::facts::{Log, order};
    use super::*;

    fn cancel(order: OrderId) -> Event {
        let cl_ord_id = Some(ClOrdId::new("x").unwrap());
        Event::Cancel(turret_shared::event::order::Cancel {
            cl_ord_id,
            order,
            revision: 1,
            command: turret_shared::digest::Digest([0; 32]),
        })
    }

    #[test]
    fn ten_taken_back_at_once_are_told_and_ten_taken_back_later_are_not() {
        let mut log = Log::<QuickCancels>::new();
        let mut found = 0;
        for n in 0..10 {
            log.of(n, 1, &order(Side::Buy, 1, "10.00"));
            let id = OrderId::new(log.last(), 0);
            found += u32::from(log.of(n + 1, 1, &cancel(id)).is_some());
        }
        assert_eq!(found, 1);
        for n in 0..10 {
            log.of(1_000 + n, 2, &order(Side::Buy, 1, "10.00"));
            let id = OrderId::new(log.last(), 0);
            assert_eq!(log.of(1_010 + n, 2, &cancel(id)), None);
        }
    }
}
