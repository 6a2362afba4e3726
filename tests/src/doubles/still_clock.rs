//! A clock that stands still: no deadline ever passes by it.

use turret_server::clock::Clock;
use turret_shared::time::Timestamp;

/// Some moment of 2026, for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct StillClock;

/// What it shows, in nanoseconds since 1970.
const NOW_NS: i64 = 1_770_000_000_000_000_000;

impl Clock for StillClock {
    fn wall(&self) -> Timestamp {
        Timestamp(NOW_NS)
    }

    fn monotonic_ns(&self) -> u64 {
        NOW_NS.unsigned_abs()
    }
}
