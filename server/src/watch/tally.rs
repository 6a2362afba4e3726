//! How often something happened of late, by whom; it must forget what is too old and hold only so many.

use std::collections::{BTreeMap, VecDeque};

use turret_shared::time::{NS_PER_S, Timestamp};

/// Keys counted at once by one rule; beyond it the lowest is forgotten.
pub(super) const KEYS_MAX: usize = 4_096;
/// Happenings remembered of one key.
const HAPPENINGS_MAX: usize = 1_024;

/// Happenings within a window.
#[derive(Debug)]
pub(super) struct Tally<K> {
    window_ns: i64,
    of: BTreeMap<K, Happened>,
}

#[derive(Debug, Default)]
struct Happened {
    each: VecDeque<(Timestamp, u32)>,
    sum: u32,
}

impl<K: Ord + Copy> Tally<K> {
    pub(super) const fn new(window_s: i64) -> Self {
        Self { window_ns: window_s.saturating_mul(NS_PER_S), of: BTreeMap::new() }
    }

    /// So many more of this; how many there were within the window, these included.
    pub(super) fn add(&mut self, key: K, time: Timestamp, count: u32) -> u32 {
        if self.of.len() >= KEYS_MAX && !self.of.contains_key(&key) {
            self.of.pop_first();
        }
        let happened = self.of.entry(key).or_default();
        while let Some((at, old)) = happened.each.front().copied() {
            if time.since(at) < self.window_ns && happened.each.len() < HAPPENINGS_MAX {
                break;
            }
            happened.each.pop_front();
            happened.sum = happened.sum.saturating_sub(old);
        }
        happened.each.push_back((time, count));
        happened.sum = happened.sum.saturating_add(count);
        happened.sum
    }

    /// Keys with anything within the window.
    pub(super) fn keys(&mut self, time: Timestamp) -> usize {
        let window_ns = self.window_ns;
        self.of.retain(|_, happened| happened.each.back().is_some_and(|(at, _)| time.since(*at) < window_ns));
        self.of.len()
    }
}

/// True when a figure reaches a threshold that is not off.
pub(super) const fn reaches(figure: u32, threshold: u32) -> bool {
    threshold > 0 && figure >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_is_forgotten_and_keys_are_bounded() {
        let at = |s: i64| Timestamp(s * NS_PER_S);
        let mut tally = Tally::new(60);
        assert_eq!(tally.add(1_u32, at(0), 1), 1);
        assert_eq!(tally.add(1, at(30), 2), 3);
        assert_eq!(tally.add(1, at(60), 1), 3, "the first is a minute old");
        assert_eq!(tally.add(2, at(60), 1), 1);
        assert_eq!(tally.keys(at(119)), 2);
        for key in 0..10_000 {
            tally.add(key, at(120), 1);
        }
        assert!(tally.keys(at(120)) <= KEYS_MAX);
        assert!(reaches(3, 3) && !reaches(2, 3) && !reaches(9, 0));
    }
}
