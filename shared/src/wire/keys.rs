//! What a client must know to have a security key sign; it must hold nothing the client can know by itself.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::digest::Digest;
use crate::ids::{CredentialId, UserId};
use crate::secret::SecretKey;

/// A registered key, as the key itself knows it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyName {
    /// Ours.
    #[n(0)]
    pub credential: CredentialId,
    /// The id the key gave it.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub id: Vec<u8>,
    /// It signs nothing any more, for there may be two of it: whoever holds it is told so.
    #[n(2)]
    pub suspended: bool,
}

/// Asks for a signature at a sign-in, or for a new key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyAsked {
    /// Drawn for this.
    #[n(0)]
    pub nonce: Digest,
    /// Whom the device belongs to.
    #[n(1)]
    pub user: UserId,
    /// The keys that may sign; with a new key, those it must not be one of.
    #[n(2)]
    pub keys: Vec<KeyName>,
}

/// Asks for a signature under a command that waits. The command's bytes the client has: it signs what it shows.
#[derive(Debug, Clone, Encode, Decode)]
#[cbor(map)]
pub struct SignAsked {
    /// Drawn for this.
    #[n(0)]
    pub nonce: Digest,
    /// The keys that may sign.
    #[n(1)]
    pub keys: Vec<KeyName>,
    /// For an order with text: r of the commitment HMAC-SHA-256(r, text) that is signed in its place.
    #[n(2)]
    pub text: Option<SecretKey>,
}
