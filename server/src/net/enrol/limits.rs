//! How much and how long enrolment waits and holds; it must hold numbers only.

/// Devices enrolling at once; beyond it attempts are refused at once.
pub(super) const ENROLLING_MAX: usize = 16;
/// Of one source at once: an office shares an address, and leaves room for others.
pub(super) const ENROLLING_PER_SOURCE_MAX: usize = 4;
/// Tries at choosing factors with one connection: people mistype.
pub(super) const FACTOR_TRIES_MAX: u32 = 5;
/// The endpoint listens within this once a code is durable, in milliseconds.
pub(super) const BOUND_MS_MAX: u64 = 2_000;
/// A certificate that was sent is kept within this, in seconds.
pub(super) const KEPT_S_MAX: u64 = 30;
/// Seconds to wait when there is no room just now.
pub(super) const BUSY_RETRY_S: u32 = 2;
/// What is outstanding is looked at this often, in milliseconds, besides whenever it changes.
pub(super) const LOOK_MS: u64 = 500;
