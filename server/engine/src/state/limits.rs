//! Limits, policy figures and the order counter; it must judge nothing.

use minicbor::{Decode, Encode};
use turret_shared::denial::Rule;
use turret_shared::event::setup::Policy;
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};

/// Rules that have a figure, so many slots.
const RULES: usize = 8;
/// Roles.
const ROLES: usize = 5;
/// Policies.
const POLICIES: usize = Policy::ALL.len();

/// A figure a rule, for one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Figures(#[n(0)] pub(crate) [Option<i64>; RULES]);

impl Figures {
    pub(crate) fn of(&self, rule: Rule) -> Option<i64> {
        self.0.get(rule as usize).copied().flatten()
    }

    pub(crate) fn set(&mut self, rule: Rule, value: Option<i64>) {
        if let Some(slot) = self.0.get_mut(rule as usize) {
            *slot = value;
        }
    }
}

/// Figures by role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Limits {
    #[n(0)]
    roles: [Figures; ROLES],
    #[n(1)]
    policies: [[Option<i64>; ROLES]; POLICIES],
}

impl Limits {
    pub(crate) fn of(&self, role: Role, rule: Rule) -> Option<i64> {
        self.roles.get(role as usize).and_then(|figures| figures.of(rule))
    }

    pub(crate) fn set(&mut self, role: Role, rule: Rule, value: Option<i64>) {
        if let Some(figures) = self.roles.get_mut(role as usize) {
            figures.set(rule, value);
        }
    }

    pub(crate) fn policy(&self, policy: Policy, role: Role) -> Option<i64> {
        self.policies.get(policy as usize).and_then(|roles| roles.get(role as usize)).copied().flatten()
    }

    pub(crate) fn set_policy(&mut self, policy: Policy, role: Role, value: Option<i64>) {
        let slot = self.policies.get_mut(policy as usize).and_then(|roles| roles.get_mut(role as usize));
        if let Some(slot) = slot {
            *slot = value;
        }
    }
}

/// Seconds the order rate looks back.
pub(crate) const RATE_S: usize = 60;

/// Orders of one person in each of the last sixty seconds.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Rate {
    /// The newest second counted, since 1970.
    #[n(0)]
    second: i64,
    #[n(1)]
    counts: [u32; RATE_S],
    #[n(2)]
    total: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { second: 0, counts: [0; RATE_S], total: 0 }
    }
}

const fn second_of(now: Timestamp) -> i64 {
    now.0.div_euclid(NS_PER_S)
}

const fn slot_of(second: i64) -> usize {
    second.rem_euclid(RATE_S as i64) as usize
}

impl Rate {
    /// Orders in the sixty seconds up to `now`.
    pub(crate) fn count(&self, now: Timestamp) -> u64 {
        let second = second_of(now);
        if second <= self.second {
            return self.total;
        }
        self.passing(second)
            .fold(self.total, |total, slot| total.saturating_sub(self.counts.get(slot).copied().unwrap_or(0).into()))
    }

    /// Slots that leave the window when time comes to `second`.
    fn passing(&self, second: i64) -> impl Iterator<Item = usize> + use<> {
        let first = self.second.saturating_add(1).max(second.saturating_sub(RATE_S as i64).saturating_add(1));
        (first..=second).map(slot_of)
    }

    pub(crate) fn add(&mut self, now: Timestamp) {
        let second = second_of(now).max(self.second);
        if second > self.second {
            for slot in self.passing(second) {
                if let Some(count) = self.counts.get_mut(slot) {
                    self.total = self.total.saturating_sub((*count).into());
                    *count = 0;
                }
            }
            self.second = second;
        }
        if let Some(count) = self.counts.get_mut(slot_of(second)) {
            *count = count.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_sixty_seconds() {
        let at = |s: i64| Timestamp(s * NS_PER_S);
        let mut rate = Rate::default();
        rate.add(at(1_000));
        rate.add(at(1_000));
        rate.add(at(1_030));
        assert_eq!(rate.count(at(1_059)), 3);
        assert_eq!(rate.count(at(1_060)), 1);
        assert_eq!(rate.count(at(1_090)), 0);
        rate.add(at(1_061));
        assert_eq!(rate.count(at(1_061)), 2);
        rate.add(at(9_000));
        assert_eq!(rate.count(at(9_000)), 1);
    }
}
