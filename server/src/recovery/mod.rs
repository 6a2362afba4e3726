//! The recovery key of a deployment: made once in a ceremony, split into shares that people keep, and put together again.
//!
//! It must keep neither the key nor a share anywhere.

mod key;
mod shamir;
mod share;

pub use key::{RecoveryError, RecoveryKey, RecoverySet, Wrapped};
pub use share::{LINES, SHARE_PREFIX, Share, ShareFault, read_shares};
