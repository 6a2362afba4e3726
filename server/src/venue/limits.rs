//! Bounds of the venue link, by name and unit; it must hold numbers only.

/// Routes waiting to be written; beyond it the link counts as lost.
pub const ROUTE_QUEUE_MAX: usize = 65_536;
/// Bytes gathered into one write.
pub const WRITE_BYTES_MAX: usize = 128 * 1024;
/// First pause before connecting again, in milliseconds; doubles each time.
pub const BACKOFF_MS_MIN: u64 = 50;
/// Longest pause before connecting again, in milliseconds.
pub const BACKOFF_MS_MAX: u64 = 2_000;
/// From the first packet to the venue's welcome, in milliseconds.
pub const CONNECT_MS_MAX: u64 = 5_000;
