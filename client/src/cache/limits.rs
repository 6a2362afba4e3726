//! Bounds of the cache, by name and unit; it must hold numbers only.

/// Changes waiting to be written. When there is no room the rows stay as they were until the next snapshot, and the next
/// sign-in fetches from there: nothing waits for a disk.
pub const INBOX_MAX: usize = 2_048;
/// Changes written in one transaction.
pub(super) const BATCH_MAX: usize = 256;
/// How long an order waits for its name to be in the outbox, in milliseconds: after that it goes without.
pub const OUTBOX_WAIT_MS_MAX: u64 = 50;
/// How long leaving waits for the last write, in milliseconds.
pub const FINISH_MS_MAX: u64 = 1_000;
/// Longest file of slots, in bytes.
pub(super) const SLOTS_BYTES_MAX: u64 = 4 * 1_024;
/// Slots read at most.
pub(super) const SLOTS_MAX: usize = 8;
/// Names in the outbox at most; the oldest give way.
pub(super) const OUTBOX_MAX: usize = 1_024;
/// Bytes of one named blob.
pub(super) const BLOB_BYTES_MAX: usize = 1 << 20;
/// Batches of rows read and not yet decoded.
pub(super) const BATCHES_AHEAD_MAX: usize = 8;
/// Rows handed from the thread that decrypts to the one that decodes at once.
pub(super) const ROWS_IN_A_BATCH: usize = 1_024;
/// Such batches read at most: beyond so many rows a snapshot, which has only the newest, is the better beginning.
pub(super) const BATCHES_MAX: usize = 400;
/// How long a connection waits for another's lock, in milliseconds: there is no other.
pub(super) const BUSY_MS_MAX: u64 = 200;
/// Page cache while a session lasts, in KiB.
pub(super) const PAGES_KIB: u32 = 4 * 1_024;
