//! Facts of what people do with their own keys, devices and sessions; it must hold no name.

use minicbor::{Decode, Encode};

use crate::denial::DenialCode;
use crate::digest::Digest;
use crate::own::{Deed, Thing};

/// A key or device was called something by its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Labelled {
    /// Which.
    #[n(0)]
    pub thing: Thing,
    /// Commitment to the name; `None`: it is called nothing any more.
    #[n(1)]
    pub name: Option<Digest>,
}

/// Our no to what somebody would do with their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OwnDenied {
    /// What.
    #[n(0)]
    pub deed: Deed,
    /// Why not.
    #[n(1)]
    pub code: DenialCode,
}
