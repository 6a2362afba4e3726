//! Facts of security keys: what an outsider needs to verify a signature years later; it must hold no name of a key or person.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::assertion::{Assertion, Attested, Purpose, Registration};
use crate::digest::Digest;
use crate::ids::{CredentialId, PendingId, UserId};
use crate::key_model::KeyModel;

/// A security key that counts from now on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyRegistered {
    /// Ours.
    #[n(0)]
    pub credential: CredentialId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// The id the key gave it.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub id: Vec<u8>,
    /// Its public half (COSE).
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub public: Vec<u8>,
    /// The key's model; zero when it does not say.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub aaguid: [u8; 16],
    /// The counter at the start.
    #[n(5)]
    pub counter: u32,
    /// What the key gave, as it gave it: all of the above is in there.
    #[n(6)]
    pub registration: Registration,
    /// How far the attestation in it carries.
    #[n(7)]
    pub attested: Attested,
    /// The server's, drawn for this.
    #[n(8)]
    pub nonce: Digest,
    /// On which channel: [`crate::assertion::channel`].
    #[n(9)]
    pub channel: Digest,
}

/// A person signed with their security key, verified. With the key's registration, and the bytes in the entry the command
/// waited under, anybody can verify it again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct IntentSigned {
    /// With which key.
    #[n(0)]
    pub credential: CredentialId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// What for.
    #[n(2)]
    pub purpose: Purpose,
    /// For which command that waited; `None` at a sign-in.
    #[n(3)]
    pub pending: Option<PendingId>,
    /// The server's, drawn for this.
    #[n(4)]
    pub nonce: Digest,
    /// On which channel: [`crate::assertion::channel`].
    #[n(5)]
    pub channel: Digest,
    /// What the key gave.
    #[n(6)]
    pub assertion: Assertion,
    /// The key's counter in it.
    #[n(7)]
    pub counter: u32,
}

/// A model of security keys is named, or no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyModelSet {
    /// Which.
    #[n(0)]
    pub model: KeyModel,
    /// From now on it may be registered; while none is named, every one may.
    #[n(1)]
    pub allowed: bool,
}

/// A security key's counter did not grow: there may be two of it. It does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeySuspended {
    /// Which.
    #[n(0)]
    pub credential: CredentialId,
    /// The last counter it showed before.
    #[n(1)]
    pub kept: u32,
    /// The counter it showed now.
    #[n(2)]
    pub shown: u32,
}
