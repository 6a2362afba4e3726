//! How much and how long enrolment waits and holds; it must hold numbers only.

/// Devices enrolling at once; beyond it attempts are refused at once.
pub(super) const ENROLLING_MAX: usize = 16;
/// Tries at choosing factors with one connection: people mistype.
pub(super) const FACTOR_TRIES_MAX: u32 = 5;
/// Choosing a password and an authenticator takes this long at most, in seconds.
pub(super) const FACTORS_S_MAX: u64 = 600;
/// A certificate that was sent is kept within this, in seconds.
pub(super) const KEPT_S_MAX: u64 = 30;
/// Seconds to wait when there is no room just now.
pub(super) const BUSY_RETRY_S: u32 = 2;
/// What is outstanding is looked at this often, in milliseconds, besides whenever it changes.
pub(super) const LOOK_MS: u64 = 500;
