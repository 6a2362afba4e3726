//! Failed sign-ins: growing delays, and the lock after ten in a row; it must not know whether a password was right.
//!
//! The source of an attempt is the device, which its certificate attests: a desk shares an address, and an attacker has many.
//! A device may try only its own user, so what is counted here costs nobody else anything.

use std::collections::BTreeMap;

use turret_shared::ids::DeviceId;

use super::limits::{DELAYS_S, DEVICES_MAX, FAILURES_MAX, NS_PER_S};

#[derive(Debug, Default, Clone, Copy)]
struct Record {
    failures: u32,
    until_ns: u64,
}

/// What a failure led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Failures in a row, this one included.
    pub in_a_row: u32,
    /// Seconds until the next attempt is looked at.
    pub retry_after_s: u32,
    /// This one, or one before it whose lock is not recorded yet, locks the user on this device.
    pub locks: bool,
}

/// Failures in a row of each device.
#[derive(Debug, Default)]
pub struct Attempts {
    table: BTreeMap<DeviceId, Record>,
}

impl Attempts {
    /// Seconds this device must still wait, rounded up; zero when it may try.
    #[must_use]
    pub fn wait_s(&self, device: DeviceId, now_ns: u64) -> u32 {
        let until = self.table.get(&device).map_or(0, |record| record.until_ns);
        u32::try_from(until.saturating_sub(now_ns).div_ceil(NS_PER_S)).unwrap_or(u32::MAX)
    }

    /// True after ten failures in a row, until [`Self::cleared`].
    #[must_use]
    pub fn is_locked(&self, device: DeviceId) -> bool {
        self.table.get(&device).is_some_and(|record| record.failures >= FAILURES_MAX)
    }

    /// Counts a failure.
    pub fn failed(&mut self, device: DeviceId, now_ns: u64) -> Failure {
        if self.table.len() >= DEVICES_MAX && !self.table.contains_key(&device) {
            self.table.pop_first();
        }
        let record = self.table.entry(device).or_default();
        let step = usize::try_from(record.failures).unwrap_or(usize::MAX);
        let [.., longest] = DELAYS_S;
        let retry_after_s = DELAYS_S.get(step).copied().unwrap_or(longest);
        record.failures = record.failures.saturating_add(1);
        record.until_ns = now_ns.saturating_add(u64::from(retry_after_s).saturating_mul(NS_PER_S));
        Failure { in_a_row: record.failures, retry_after_s, locks: record.failures >= FAILURES_MAX }
    }

    /// The lock is durable: the device's own row keeps it out from now on, and whoever unlocks that lets it in. The pace stays,
    /// so that an attempt after the lock looks like one before it.
    pub fn lock_recorded(&mut self, device: DeviceId) {
        if let Some(record) = self.table.get_mut(&device) {
            record.failures = record.failures.min(u32::try_from(DELAYS_S.len()).unwrap_or(u32::MAX));
        }
    }

    /// A success, or an administrator's word, ends the row.
    pub fn cleared(&mut self, device: DeviceId) {
        self.table.remove(&device);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_the_tenth_in_a_row_locks() {
        let mut attempts = Attempts::default();
        let device = DeviceId(4);
        let mut now = 0;
        for (at, want) in [1, 3, 5, 10, 10, 10, 10, 10, 10, 10].into_iter().enumerate() {
            assert_eq!(attempts.wait_s(device, now), 0);
            let failure = attempts.failed(device, now);
            assert_eq!(failure.retry_after_s, want);
            assert_eq!(failure.locks, at == 9);
            assert_eq!(attempts.wait_s(device, now), want);
            assert_eq!(attempts.wait_s(DeviceId(5), now), 0);
            now += u64::from(want) * NS_PER_S;
        }
        assert!(attempts.is_locked(device));
        assert!(attempts.failed(device, now).locks, "asked for again until it is recorded");
        attempts.lock_recorded(device);
        assert!(!attempts.is_locked(device), "what is recorded is kept elsewhere");
        assert_eq!(attempts.failed(device, now).retry_after_s, 10, "and the pace tells nothing of it");
        attempts.cleared(device);
        assert!(!attempts.is_locked(device));
        assert_eq!(attempts.failed(device, now).retry_after_s, 1);
    }
}
