//! The one place of the server that reads clocks; it must decide nothing by them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use turret_shared::time::Timestamp;

/// Where time comes from: the system's clocks in the product, a manual one in tests.
pub trait Clock: Send + Sync {
    /// UTC now.
    fn wall(&self) -> Timestamp;

    /// Nanoseconds since some fixed moment, never stepping back, counting the time the machine slept.
    fn monotonic_ns(&self) -> u64;
}

/// The machine's own clocks.
///
/// `Instant` stops while the machine sleeps, and the clock that does not is out of reach of safe code; so the monotonic
/// reading is the larger of `Instant` and the kernel's uptime (which counts sleep), the latter looked at now and then.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
    uptime_origin_ns: u64,
    slept_ns: AtomicU64,
    looked_ns: AtomicU64,
}

/// How stale the look at the uptime may be.
const UPTIME_LOOK_NS: u64 = 200_000_000;
/// The uptime has steps of 10 ms: only more than this is sleep.
const SLEEP_NS_MIN: u64 = 1_000_000_000;

impl SystemClock {
    /// Starts counting.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this module is the server's clock")]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
            uptime_origin_ns: uptime_ns().unwrap_or(0),
            slept_ns: AtomicU64::new(0),
            looked_ns: AtomicU64::new(0),
        }
    }

    /// Time asleep since the start, as far as the kernel tells.
    fn slept(&self, awake_ns: u64) -> u64 {
        let known = self.slept_ns.load(Ordering::Relaxed);
        if awake_ns.saturating_sub(self.looked_ns.load(Ordering::Relaxed)) < UPTIME_LOOK_NS {
            return known;
        }
        self.looked_ns.store(awake_ns, Ordering::Relaxed);
        let Some(uptime) = uptime_ns() else { return known };
        let asleep = uptime.saturating_sub(self.uptime_origin_ns).saturating_sub(awake_ns);
        if asleep < known.saturating_add(SLEEP_NS_MIN) {
            return known;
        }
        self.slept_ns.fetch_max(asleep, Ordering::Relaxed).max(asleep)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this module is the server's clock")]
    fn wall(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    fn monotonic_ns(&self) -> u64 {
        let awake = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        awake.saturating_add(self.slept(awake))
    }
}

/// Time since boot, sleep included; `None` where the system does not say so in this way.
fn uptime_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let whole: u64 = seconds.parse().ok()?;
    let part: u64 = hundredths.parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(part.checked_mul(10_000_000)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_time_never_steps_back() {
        let clock = SystemClock::new();
        let mut last = clock.monotonic_ns();
        for _ in 0..10_000 {
            let now = clock.monotonic_ns();
            assert!(now >= last);
            last = now;
        }
        assert!(clock.wall() > Timestamp(0));
    }
}
