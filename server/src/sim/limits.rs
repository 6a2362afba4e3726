//! Bounds and paces of the simulator, by name and unit; it must hold numbers only.

/// Levels a side in a picture of a market.
pub const PICTURE_LEVELS: usize = turret_shared::limits::DEPTH_LEVELS_MAX;
/// Orders of ours that may be open at once; beyond it new ones are rejected.
pub const OPEN_ORDERS_MAX: usize = 2_000_000;
/// Requests about one order that are taken; later ones are rejected.
pub const REQUESTS_PER_ORDER_MAX: usize = 4_096;
/// Between two steps of the crowd, in milliseconds.
pub const STEP_MS: u64 = 100;
/// Between two steps of a recording, in milliseconds.
pub const REPLAY_STEP_MS: u64 = 20;
/// The crowd's mind is journaled every so many steps.
pub const CROWD_SAVED_STEPS: u64 = 100;
/// Questions waiting for the exchange's thread; beyond it those who ask wait.
pub const ASKS_MAX: usize = 64;
/// Questions taken into one commit.
pub const ASKS_PER_COMMIT_MAX: usize = 64;
/// Commits follow each other no faster than this, in microseconds: one that comes alone is written at once, under load
/// many share a flush.
pub const COMMIT_PACE_US: u64 = 4_000;
/// Routes in one question.
pub const ROUTES_PER_ASK_MAX: usize = 512;
/// Commits whose reports wait for a slow member; beyond it the link is ended.
pub const LIVE_WAITING_MAX: usize = 1_024;
/// Commits read back in one page.
pub const COMMITS_PER_PAGE: u32 = 256;
/// Public trades waiting for a slow member; beyond it the oldest are dropped.
pub const TRADES_WAITING_MAX: usize = 10_000;
/// From the first packet to a member's greeting, in milliseconds.
pub const HELLO_MS_MAX: u64 = 5_000;
/// How long the end of the exchange waits for members to hear of it, in milliseconds.
pub const FAREWELL_MS_MAX: u64 = 500;
