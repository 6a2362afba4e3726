//! How much the sequencer, the replica and what hangs on them may hold; it must hold numbers only.

/// Inputs at which client commands are answered Busy.
pub const INBOX_CLIENT_MAX: usize = 4_096;
/// Inputs at which cancels and session changes are answered Busy.
pub const INBOX_CANCEL_MAX: usize = 6_144;
/// Inputs at which the venue's pump and the timer wait.
pub const INBOX_MAX: usize = 8_192;
/// Inputs decided for one commit.
pub const BATCH_INPUTS_MAX: usize = 1_024;
/// Inputs up to which a batch is committed by the thread that decided it.
pub const COMMIT_HERE_INPUTS_MAX: usize = 8;
/// Answers owed at which a batch may be sealed though more was drained with it, when no commit is under way: at least this
/// many, and half of what the batch before owed.
pub const SEAL_EARLY_ANSWERS_MIN: usize = 16;
/// How long after a commit what the venue told waits for commands to share the next flush, in microseconds: alone it is
/// committed at once.
pub const FACTS_WAIT_US: u64 = 1_000;
/// Commands and proofs of one connection without their answer.
pub const IN_FLIGHT_MAX: usize = 1_024;
/// How long the sequencer sleeps when nothing comes: also the coarse timer, in milliseconds.
pub const TICK_MS: u64 = 250;
/// Work the replica may have waiting before released batches are dropped and it reads the log instead.
pub const RELEASED_WORK_MAX: usize = 1_280;
/// Queries waiting for the replica.
pub const QUERIES_MAX: usize = 1_024;
/// Queries waiting for a sequence or a status.
pub const WAITING_QUERIES_MAX: usize = 4_096;
/// How long a query waits for its sequence, in milliseconds.
pub const QUERY_AFTER_MS_MAX: u64 = 5_000;
/// How long a query may wait for a status, in milliseconds.
pub const WAIT_STATUS_MS_MAX: u32 = 600_000;
/// Sessions with a feed.
pub const FEEDS_MAX: usize = 1_024;
/// Messages in one session's feed queue.
pub const FEED_QUEUE_MAX: usize = 64;
/// Changed rows kept for a session whose queue is full, before it is cut to a snapshot.
pub const FEED_PENDING_ROWS_MAX: usize = 8_192;
/// Changed rows kept for sessions that resume.
pub const RESUME_ROWS_MAX: usize = 65_536;
/// Orders and executions of a snapshot, newest first.
pub const SNAPSHOT_ORDERS_MAX: usize = 100_000;
/// Rough bytes of one feed message or answer, well below a frame.
pub const MESSAGE_BYTES_MAX: usize = 40 * 1024;
/// Entries between two snapshots of the state: as many are folded in well under a second at the next start.
pub const SNAPSHOT_ENTRIES: u64 = 500_000;
/// Ended sessions the edge has not yet heard of.
pub const SESSION_ENDS_MAX: usize = 4_096;
/// Public trades kept for each instrument.
pub const TRADES_KEPT_MAX: usize = 256;
/// Instruments with a picture.
pub const INSTRUMENTS_MAX: usize = 10_000;
/// The wall clock may drift this far from the steady one before it counts as a step, in nanoseconds.
pub const CLOCK_STEP_NS_MAX: i64 = 5_000_000_000;
/// How often a disk reserve that was given up is tried again, in milliseconds.
pub const RESERVE_RETRY_MS: u64 = 10_000;
/// Messages of the venue that wait for the pump.
pub const VENUE_EVENTS_MAX: usize = 128;
