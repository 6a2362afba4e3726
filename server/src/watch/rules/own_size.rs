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

/// What one person's orders were worth of late, as they came and by size.
#[derive(Default)]
struct History {
    came: VecDeque<u32>,
    sorted: Vec<u32>,
}

impl History {
    /// The middle one, the larger of two; `None` while there are too few.
    fn usual(&self) -> Option<u32> {
        let known = self.sorted.len();
        if known < HISTORY_MIN { None } else { self.sorted.get(known / 2).copied() }
    }

    fn add(&mut self, worth: u32) {
        if self.came.len() >= HISTORY
            && let Some(oldest) = self.came.pop_front()
            && let Ok(at) = self.sorted.binary_search(&oldest)
        {
            self.sorted.remove(at);
        }
        self.came.push_back(worth);
        let at = self.sorted.partition_point(|one| *one < worth);
        self.sorted.insert(at, worth);
    }
}

#[derive(Default)]
pub(super) struct OwnSize(BTreeMap<UserId, History>);

impl Rule for OwnSize {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::OrderNew(order) = event else { return None };
        let (user, worth) = (person(head)?, worth(order));
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&user) {
            self.0.pop_first();
        }
        let history = self.0.entry(user).or_default();
        let usual = history.usual();
        history.add(worth);
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
