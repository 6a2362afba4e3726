//! Split orders: one person's orders in one listing and side, each small enough to ask for nothing more, together too large; it
//! must count none that was over the figure by itself.

use std::collections::{BTreeMap, VecDeque};

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{InstrumentId, UserId};
use turret_shared::order::Side;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule, person, worth};
use crate::watch::tally::KEYS_MAX;
use crate::watch::thresholds::Thresholds;

const MINUTE_NS: i64 = 60 * NS_PER_S;
/// Orders remembered of one person, listing and side; beyond it the oldest counts no more.
const ORDERS_MAX: usize = 256;

/// Whose orders, in which listing, buying or not.
type Key = (UserId, InstrumentId, bool);

/// Orders of late, and what they are worth together.
#[derive(Default)]
struct Small {
    each: VecDeque<(Timestamp, u32)>,
    sum: u64,
}

#[derive(Default)]
pub(super) struct SplitOrders(BTreeMap<Key, Small>);

impl Rule for SplitOrders {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::OrderNew(order) = event else { return None };
        let (worth, threshold) = (worth(order), thresholds.split_orders_notional);
        // One that is over it by itself asked for its code or its second person.
        if threshold == 0 || worth > threshold {
            return None;
        }
        let user = person(head)?;
        let window_ns = MINUTE_NS.saturating_mul(thresholds.split_orders_minutes.into());
        let key = (user, order.terms.instrument, order.terms.side == Side::Buy);
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&key) {
            self.0.pop_first();
        }
        let of = self.0.entry(key).or_default();
        while let Some((at, old)) = of.each.front().copied() {
            if of.each.len() < ORDERS_MAX && head.time.since(at) < window_ns {
                break;
            }
            of.each.pop_front();
            of.sum = of.sum.saturating_sub(old.into());
        }
        of.each.push_back((head.time, worth));
        of.sum = of.sum.saturating_add(worth.into());
        let figure = u32::try_from(of.sum).unwrap_or(u32::MAX);
        let (rule, device) = (AlertRule::SplitOrders, head.origin.device);
        let found = of.each.len() > 1 && figure > threshold;
        found.then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Log, order};
    use super::*;

    fn log() -> Log<SplitOrders> {
        let mut log = Log::new();
        (log.thresholds.split_orders_notional, log.thresholds.split_orders_minutes) = (10_000, 10);
        log
    }

    #[test]
    fn small_ones_that_make_a_large_one_are_told_and_a_large_one_is_not() {
        let mut log = log();
        let buy = |units| order(Side::Buy, units, "10.00");
        assert_eq!(log.of(0, 1, &buy(2_000)), None, "over it by itself: it asked for its code");
        assert_eq!(log.of(1, 1, &buy(400)), None);
        assert_eq!(log.of(2, 1, &order(Side::Sell, 400, "10.00")), None, "the other side");
        assert_eq!(log.of(3, 2, &buy(700)), None, "somebody else");
        assert_eq!(log.of(4, 1, &buy(600)), None, "just as much is not over it");
        let found = log.of(5, 1, &buy(1)).unwrap();
        assert_eq!((found.user, found.figure, found.threshold), (Some(UserId(1)), 10_010, 10_000));
    }

    #[test]
    fn as_much_over_the_day_is_none() {
        let mut log = log();
        for n in 0..20 {
            assert_eq!(log.of(n * 301, 1, &order(Side::Buy, 400, "10.00")), None, "two within ten minutes");
        }
        log.thresholds.split_orders_notional = 0;
        for n in 0..20 {
            assert_eq!(log.of(9_000 + n, 1, &order(Side::Buy, 400, "10.00")), None, "off");
        }
    }
}
