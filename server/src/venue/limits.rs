//! Bounds of the venue link, by name and unit; it must hold numbers only.

/// Commits whose routes wait to be written; beyond it the link counts as lost.
pub const ROUTE_QUEUE_MAX: usize = 4_096;
/// Reports handed on together.
pub const REPORTS_MAX: usize = 512;
/// Bytes gathered into one write.
pub const WRITE_BYTES_MAX: usize = 128 * 1024;
/// First pause before connecting again, in milliseconds; doubles each time.
pub const BACKOFF_MS_MIN: u64 = 50;
/// Longest pause before connecting again, in milliseconds.
pub const BACKOFF_MS_MAX: u64 = 2_000;
/// From the first packet to the venue's welcome, in milliseconds.
pub const CONNECT_MS_MAX: u64 = 5_000;
/// A peer silent this long is gone, in milliseconds: a killed venue says no farewell.
pub const IDLE_MS_MAX: u32 = 3_000;
/// The server makes itself heard this often, in milliseconds.
pub const KEEP_ALIVE_MS: u64 = 1_000;
/// Bytes a peer may send on one stream ahead of our reading.
pub const RECEIVE_BYTES: u32 = 1024 * 1024;
/// Bytes kept for retransmission.
pub const SEND_BYTES: u32 = 2 * 1024 * 1024;
