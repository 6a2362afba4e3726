//! Notices a session that keeps asking for what it may not have; it must not count risk denials.

use std::collections::VecDeque;

use super::limits::{NS_PER_S, PROBING_WINDOW_S, REFUSALS_MAX};

/// The last access refusals of one session.
#[derive(Debug, Default, Clone)]
pub struct Probing {
    refusals_ns: VecDeque<u64>,
}

impl Probing {
    /// Counts one; true when it is the fifth within a minute.
    pub fn refused(&mut self, now_ns: u64) -> bool {
        if self.refusals_ns.len() >= REFUSALS_MAX {
            self.refusals_ns.pop_front();
        }
        self.refusals_ns.push_back(now_ns);
        let oldest = self.refusals_ns.front().copied().unwrap_or(now_ns);
        self.refusals_ns.len() >= REFUSALS_MAX
            && now_ns.saturating_sub(oldest) <= PROBING_WINDOW_S.saturating_mul(NS_PER_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_within_a_minute_and_not_over_two() {
        let mut probing = Probing::default();
        assert_eq!((0..5).map(|s| probing.refused(s * NS_PER_S)).filter(|hit| *hit).count(), 1);
        let mut slow = Probing::default();
        assert!((0..50).all(|n| !slow.refused(n * 16 * NS_PER_S)));
    }
}
