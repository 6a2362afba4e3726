//! Bounds of the link, by name and unit; it must hold numbers only.

/// Commands and proofs waiting to be written.
pub const OUTGOING_MAX: usize = 1_024;
/// Frames written together at most.
pub const BATCH_FRAMES_MAX: usize = 256;
/// Bytes read from a stream at once.
pub const READ_BYTES_MAX: usize = 64 * 1024;
/// Events waiting for the reader; beyond it the feed waits (and the server cuts it to a snapshot) and quotes are dropped.
pub const EVENTS_MAX: usize = 8;
/// From the first packet to the answer to hello, in seconds.
pub const CONNECT_S_MAX: u64 = 10;
/// For the answer to a password or a code, in seconds: the server makes guesses slow.
pub const SIGN_IN_S_MAX: u64 = 60;
/// For the answer to a query, in seconds, besides what the query itself waits for.
pub const QUERY_S_MAX: u64 = 30;
/// Frames of one answer.
pub const ANSWER_FRAMES_MAX: usize = 4_096;
/// Queries of one connection under way at once; the server allows 32 streams.
pub const QUERIES_MAX: usize = 16;
/// First pause before connecting again, in milliseconds; it doubles.
pub const BACKOFF_MS_MIN: u64 = 100;
/// Longest pause before connecting again, in milliseconds.
pub const BACKOFF_MS_MAX: u64 = 5_000;
/// A feed that ended must be followed by another within this, in milliseconds, or the connection is given up.
pub const FEED_NEXT_MS_MAX: u64 = 2_000;
/// For the last frames to leave when signing out, in milliseconds.
pub const GOODBYE_MS_MAX: u64 = 1_000;
