//! Facts of the server's own keys: when they could not be used and when they could again; it must hold no key.

use alloc::string::String;

use minicbor::{Decode, Encode};

/// The keys in a token cannot be used: no checkpoint and no certificate is signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeysLost {
    /// Why, in a word of ours.
    #[n(0)]
    pub fault: String,
}

/// A key that signs checkpoints gave way to the next, which signs beside it from now on and then alone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeySucceeded {
    /// The how many-th the next one is.
    #[n(0)]
    pub version: u32,
    /// The old key's word: a signed note that names the next ([`crate::tlog::successor`]).
    #[n(1)]
    pub note: String,
}

/// They can again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeysBack {
    /// After so many seconds.
    #[n(0)]
    pub after_s: u32,
}
