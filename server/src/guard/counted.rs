//! Repetitions as one fact with a count: an attack must not flood the log; it must lose none of the counts.

use std::collections::BTreeMap;

use turret_shared::time::Timestamp;

use super::limits::{COUNT_WINDOW_S, COUNTED_KEYS_MAX, NS_PER_S};

/// So many of one kind, from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<K> {
    /// Which kind.
    pub key: K,
    /// How many.
    pub count: u32,
    /// The first of them, UTC.
    pub first: Timestamp,
    /// The last of them, UTC.
    pub last: Timestamp,
}

#[derive(Debug)]
struct Window {
    opened_ns: u64,
    held: u32,
    first: Timestamp,
    last: Timestamp,
}

/// Counts by kind: the first is handed out at once, what follows within the window is held back and handed out as one.
#[derive(Debug)]
pub struct Counters<K> {
    windows: BTreeMap<K, Window>,
    overflow: K,
}

impl<K: Ord + Copy> Counters<K> {
    /// Counts under `overflow` what comes when too many kinds are counted already.
    #[must_use]
    pub const fn new(overflow: K) -> Self {
        Self { windows: BTreeMap::new(), overflow }
    }

    /// One more of a kind; what is to be recorded now, if anything.
    pub fn note(&mut self, key: K, now_ns: u64, wall: Timestamp) -> Option<Counted<K>> {
        let full = self.windows.len() >= COUNTED_KEYS_MAX && !self.windows.contains_key(&key);
        let key = if full { self.overflow } else { key };
        if let Some(window) = self.windows.get_mut(&key) {
            if window.held == 0 {
                window.first = wall;
            }
            window.held = window.held.saturating_add(1);
            window.last = wall;
            return None;
        }
        self.windows.insert(key, Window { opened_ns: now_ns, held: 0, first: wall, last: wall });
        Some(Counted { key, count: 1, first: wall, last: wall })
    }

    /// Everything held back whose window is over; a kind that fell silent is forgotten.
    pub fn due(&mut self, now_ns: u64) -> Vec<Counted<K>> {
        let mut out = Vec::new();
        self.windows.retain(|key, window| {
            if now_ns.saturating_sub(window.opened_ns) < COUNT_WINDOW_S.saturating_mul(NS_PER_S) {
                return true;
            }
            if window.held == 0 {
                return false;
            }
            out.push(Counted { key: *key, count: window.held, first: window.first, last: window.last });
            window.held = 0;
            window.opened_ns = now_ns;
            true
        });
        out
    }

    /// Everything held back: the server stops.
    pub fn flush(&mut self) -> Vec<Counted<K>> {
        let windows = std::mem::take(&mut self.windows);
        windows
            .into_iter()
            .filter(|(_, window)| window.held > 0)
            .map(|(key, window)| Counted { key, count: window.held, first: window.first, last: window.last })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_the_rest_is_counted() {
        let mut counters = Counters::new(0_u32);
        assert_eq!(counters.note(7, 0, Timestamp(1)).map(|c| c.count), Some(1));
        for at in 2..=101 {
            assert_eq!(counters.note(7, 5, Timestamp(at)), None);
        }
        assert!(counters.due(59 * NS_PER_S).is_empty());
        let due = counters.due(60 * NS_PER_S);
        assert_eq!(due, [Counted { key: 7, count: 100, first: Timestamp(2), last: Timestamp(101) }]);
        assert!(counters.due(120 * NS_PER_S).is_empty(), "silent: forgotten");
        assert_eq!(counters.note(7, 121 * NS_PER_S, Timestamp(9)).map(|c| c.count), Some(1));
    }

    #[test]
    fn too_many_kinds_are_counted_as_one_and_none_is_lost() {
        let mut counters = Counters::new(u32::MAX);
        let told: u32 = (0..10_000).filter_map(|key| counters.note(key, 0, Timestamp(0))).map(|c| c.count).sum();
        let held: u32 = counters.flush().iter().map(|c| c.count).sum();
        assert_eq!(told + held, 10_000);
    }
}
