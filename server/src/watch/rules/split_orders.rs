//! Split orders: one person's orders in one listing and side, each small enough to ask for nothing more, together too large; it
//! must have no figure of its own: what asks for more is policy, followed in the log.

use std::collections::{BTreeMap, VecDeque};

use turret_engine::State;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::event::setup::Policy;
use turret_shared::ids::{InstrumentId, UserId};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::{Finding, Rule, person, worth};
use crate::watch::tally::KEYS_MAX;
use crate::watch::thresholds::Thresholds;

const MINUTE_NS: i64 = 60 * NS_PER_S;
/// Of money, to a whole unit of currency.
const PER_UNIT: i64 = 10_000;
/// Orders remembered of one person, listing and side; beyond it the oldest counts no more.
const ORDERS_MAX: usize = 256;

/// Whose orders, in which listing, on which side; a short sale is one however it is marked.
type Key = (UserId, InstrumentId, Way);

/// A side as policy looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Buy,
    Sell,
    Short,
}

impl Way {
    const fn of(side: Side) -> Self {
        match side {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
            Side::SellShort | Side::SellShortExempt => Self::Short,
        }
    }

    /// The policies that ask for more above a notional.
    const fn policies(self) -> &'static [Policy] {
        match self {
            Self::Buy | Self::Sell => &[Policy::StepUpNotional, Policy::ApprovalNotional],
            Self::Short => &[Policy::StepUpNotional, Policy::ApprovalNotional, Policy::StepUpShortNotional],
        }
    }
}

/// Orders of late, and what they are worth together.
#[derive(Default)]
struct Small {
    each: VecDeque<(Timestamp, u32)>,
    sum: u64,
}

#[derive(Default)]
pub(super) struct SplitOrders {
    small: BTreeMap<Key, Small>,
    roles: BTreeMap<UserId, Role>,
    figures: BTreeMap<(Role, Policy), i64>,
}

impl SplitOrders {
    /// What an order of this person and side may be worth before more is asked for, in whole units; `None` where nothing is.
    fn least(&self, user: UserId, way: Way) -> Option<u32> {
        let role = *self.roles.get(&user)?;
        let figures = way.policies().iter().filter_map(|policy| self.figures.get(&(role, *policy)));
        figures.min().map(|least| u32::try_from(least / PER_UNIT).unwrap_or(u32::MAX))
    }

    fn set(&mut self, role: Role, policy: Policy, value: Option<i64>) {
        match value {
            Some(value) => drop(self.figures.insert((role, policy), value)),
            None => drop(self.figures.remove(&(role, policy))),
        }
    }

    fn plays(&mut self, user: UserId, role: Option<Role>) {
        match role {
            Some(role) => drop(self.roles.insert(user, role)),
            None => drop(self.roles.remove(&user)),
        }
    }
}

impl Rule for SplitOrders {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let order = match event {
            Event::OrderNew(order) => order,
            Event::PolicySet(set) => {
                self.set(set.role, set.policy, set.value);
                return None;
            }
            Event::RoleSet(set) => {
                self.plays(set.user, set.role);
                return None;
            }
            _ => return None,
        };
        let (user, way) = (person(head)?, Way::of(order.terms.side));
        let (worth, threshold) = (worth(order), self.least(user, way)?);
        // One that is over it by itself asked for its code or its second person.
        if thresholds.split_orders_minutes == 0 || worth > threshold {
            return None;
        }
        let window_ns = MINUTE_NS.saturating_mul(thresholds.split_orders_minutes.into());
        let key = (user, order.terms.instrument, way);
        if self.small.len() >= KEYS_MAX && !self.small.contains_key(&key) {
            self.small.pop_first();
        }
        let of = self.small.entry(key).or_default();
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

    fn begin(&mut self, state: &State) {
        for (user, known) in state.access().users() {
            self.plays(user, known.role);
        }
        for (role, policy) in
            Role::ALL.into_iter().flat_map(|role| Way::Short.policies().iter().map(move |one| (role, *one)))
        {
            self.set(role, policy, state.policy(policy, role));
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::event::setup::{PolicySet, RoleSet};

    use super::super::facts::{Log, order};
    use super::*;

    fn set(policy: Policy, units: i64) -> Event {
        Event::PolicySet(PolicySet { policy, role: Role::Broker, value: Some(units * PER_UNIT) })
    }

    /// Two brokers, asked for a code above ten thousand.
    fn log() -> Log<SplitOrders> {
        let mut log = Log::new();
        for user in [1, 2].map(UserId) {
            log.tell(0, &Event::RoleSet(RoleSet { user, role: Some(Role::Broker) }));
        }
        log.tell(0, &set(Policy::StepUpNotional, 10_000));
        log
    }

    #[test]
    fn the_figure_is_the_policy_that_is_in_force_for_the_role_and_side() {
        let mut log = log();
        let of = |log: &mut Log<SplitOrders>, s, side, units| log.of(s, 1, &order(side, units, "10.00"));
        assert_eq!(of(&mut log, 0, Side::Buy, 600), None);
        log.tell(1, &set(Policy::ApprovalNotional, 8_000));
        assert_eq!(of(&mut log, 2, Side::Buy, 300).map(|found| found.threshold), Some(8_000), "the lower of the two");
        log.tell(3, &set(Policy::StepUpShortNotional, 1_000));
        assert_eq!(of(&mut log, 4, Side::SellShort, 60), None);
        assert_eq!(of(&mut log, 5, Side::SellShortExempt, 60).map(|found| found.threshold), Some(1_000));
        assert_eq!(of(&mut log, 6, Side::Sell, 200), None, "a sale is no short one");
        for policy in [Policy::StepUpNotional, Policy::ApprovalNotional] {
            log.tell(7, &Event::PolicySet(PolicySet { policy, role: Role::Broker, value: None }));
        }
        assert_eq!(of(&mut log, 8, Side::Buy, 999), None, "nothing asks for more, so nothing is split below it");
        assert_eq!(log.of(9, 3, &order(Side::Buy, 999, "10.00")), None, "nobody of a role");
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
        log.thresholds.split_orders_minutes = 0;
        for n in 0..20 {
            assert_eq!(log.of(9_000 + n, 1, &order(Side::Buy, 400, "10.00")), None, "off");
        }
    }
}
