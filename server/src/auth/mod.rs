//! Factors: passwords and time-based codes against the vault; it must start no session and decide no right.
//!
//! Whoever asks, and whatever is wrong, one password costs one stretching and one answer. Security keys
//! have their place beside these: a further `CredentialKind` in the log, a frame of their own on the wire, a file here.

mod base32;
mod factors;
mod stretching;
mod totp;

pub use base32::base32;
pub use factors::{Auth, Changing, Renewed, STRETCHING_MAX, Tried, WAITING_MAX, WAITING_PER_DEVICE_MAX};
pub(crate) use totp::matched_step;
