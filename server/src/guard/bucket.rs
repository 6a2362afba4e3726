//! A budget that refills: so many at once, so many a second; it must read no clock.

use super::limits::NS_PER_S;

/// Leaky bucket as a meter (the generic cell rate algorithm): one number of state, exact to the nanosecond.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// When the budget would be whole again, on the monotonic clock.
    whole_at_ns: u64,
    /// What one costs.
    cost_ns: u64,
    /// What may be owed at most.
    debt_ns_max: u64,
}

impl Bucket {
    /// `burst` at once, `per_s` each second afterwards.
    #[must_use]
    pub fn new(burst: u32, per_s: u32) -> Self {
        let cost_ns = NS_PER_S.checked_div(u64::from(per_s)).unwrap_or(NS_PER_S);
        Self { whole_at_ns: 0, cost_ns, debt_ns_max: cost_ns.saturating_mul(u64::from(burst)) }
    }

    /// Takes one, if there is one.
    pub fn take(&mut self, now_ns: u64) -> bool {
        let owed = self.whole_at_ns.max(now_ns).saturating_add(self.cost_ns);
        let fits = owed.saturating_sub(now_ns) <= self.debt_ns_max;
        if fits {
            self.whole_at_ns = owed;
        }
        fits
    }

    /// True when nothing is owed: forgetting it then changes nothing.
    #[must_use]
    pub const fn is_whole(&self, now_ns: u64) -> bool {
        self.whole_at_ns <= now_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let mut bucket = Bucket::new(3, 2);
        assert_eq!((0..5).filter(|_| bucket.take(0)).count(), 3);
        assert!(!bucket.take(NS_PER_S / 2 - 1));
        assert!(bucket.take(NS_PER_S / 2));
        assert!(!bucket.take(NS_PER_S / 2));
        assert!(bucket.is_whole(10 * NS_PER_S));
        assert_eq!((0..9).filter(|_| bucket.take(10 * NS_PER_S)).count(), 3);
    }
}
