//! The client's only look at a clock; it must not decide anything by it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use turret_shared::time::Timestamp;

/// Wall time of this machine, UTC.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "the one place the client reads the wall clock; everything else is given a time"
)]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Monotonic time of this machine, for waits and round trips.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "the one place the client reads the monotonic clock; everything else is given an instant"
)]
pub fn instant() -> Instant {
    Instant::now()
}
