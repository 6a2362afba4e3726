//! Size against one's own history: an order many times as large as the person's usual; it must wait until it knows the usual.

use std::collections::{BTreeMap, VecDeque};

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::UserId;

use super::{Finding, Rule, person, worth};
use crate::watch::tally::{KEYS_MAX, reaches};
use crate::watch::thresholds::Thresholds;

/// Orders that make a history.
const HISTORY: usize = 32;
/// Fewer are none.
const HISTORY_MIN: usize = 16;

#[derive(Default)]
pub(super) struct OwnSize(BTreeMap<UserId, VecDeque<u32>>);

/// The middle one, the larger of two.
fn middle(of: &VecDeque<u32>) -> Option<u32> {
    let mut sorted = [0; HISTORY];
    for (slot, worth) in sorted.iter_mut().zip(of) {
        *slot = *worth;
    }
    let known = sorted.get_mut(..of.len().min(HISTORY))?;
    known.sort_unstable();
    known.get(known.len() / 2).copied()
}

impl Rule for OwnSize {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::OrderNew(order) = event else { return None };
        let (user, worth) = (person(head)?, worth(order));
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&user) {
            self.0.pop_first();
        }
        let history = self.0.entry(user).or_default();
        let usual = if history.len() >= HISTORY_MIN { middle(history) } else { None };
        if history.len() >= HISTORY {
            history.pop_front();
        }
        history.push_back(worth);
        let figure = worth.checked_div(usual?.max(1)).unwrap_or(0);
        let (rule, device, threshold) = (AlertRule::OwnSize, head.origin.device, thresholds.size_times_own);
        reaches(figure, threshold).then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::order::Side;

    use super::super::facts::{Log, order};
    use super::*;

    #[test]
    fn ten_times_the_usual_is_told_once_the_usual_is_known() {
        let mut log = Log::<OwnSize>::new();
        assert_eq!(log.of(0, 1, &order(Side::Buy, 10_000, "10.00")), None, "nothing is usual yet");
        for n in 1..20 {
            assert_eq!(log.of(n, 1, &order(Side::Sell, 90 + n, "10.00")), None);
        }
        assert_eq!(log.of(30, 1, &order(Side::Buy, 500, "10.00")), None);
        let found = log.of(31, 1, &order(Side::Buy, 1_500, "10.00")).unwrap();
        assert!(found.figure >= 14, "{found:?}");
        assert_eq!(log.of(32, 2, &order(Side::Buy, 1_500, "10.00")), None, "another's usual is another's");
    }
}
