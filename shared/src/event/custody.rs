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

/// They can again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeysBack {
    /// After so many seconds.
    #[n(0)]
    pub after_s: u32,
}
