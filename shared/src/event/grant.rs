//! The fact that what was said of somebody's rights on an account ends by itself; it must name nobody but by number.

use minicbor::{Decode, Encode};

use crate::account::Rights;
use crate::ids::{AccountId, UserId};
use crate::time::Timestamp;

/// What was just said of a person's rights on one account ends then; whatever is said of them before makes this void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct GrantTimed {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// On which.
    #[n(1)]
    pub account: AccountId,
    /// From then on it is as it was before.
    #[n(2)]
    pub until: Timestamp,
    /// What had been given before.
    #[n(3)]
    pub allow: Rights,
    /// What had been taken before.
    #[n(4)]
    pub deny: Rights,
}
