//! Facts of the server's own keys and of what is kept against their loss; it must hold no key.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::digest::Digest;

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

/// A recovery key was made, and given to people in shares. It takes the place of the one before: what is sealed from now on
/// is sealed to it, and the shares of the one before open only what was sealed before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyCeremony {
    /// Names the shares that belong together.
    #[n(0)]
    pub set: u32,
    /// So many of them open what is sealed.
    #[n(1)]
    pub threshold: u8,
    /// So many there are.
    #[n(2)]
    pub shares: u8,
    /// What is sealed is sealed to this (X25519).
    #[n(3)]
    pub seals: Digest,
    /// What the recovery key says is verified with this (Ed25519).
    #[n(4)]
    pub signs: Digest,
}

/// A backup was made: where it lies, the log does not know.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BackupMade {
    /// Random, and in the file.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub backup: [u8; 16],
    /// Length of the file.
    #[n(1)]
    pub bytes: u64,
    /// SHA-256 of the file.
    #[n(2)]
    pub digest: Digest,
    /// Entries of the log in it.
    #[n(3)]
    pub entries: u64,
    /// The recovery shares that open it besides the key store.
    #[n(4)]
    pub set: Option<u32>,
}

/// A backup was put back: what follows was written on top of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BackupRestored {
    /// Which.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub backup: [u8; 16],
    /// Entries of the log in it.
    #[n(1)]
    pub entries: u64,
    /// The recovery shares that opened it; `None` where the key store did.
    #[n(2)]
    pub set: Option<u32>,
}

/// The first entry under a new origin: what was before it is kept, and what came after that is lost.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LogReopened {
    /// The new one.
    #[n(0)]
    pub origin: String,
    /// Entries kept of the one before.
    #[n(1)]
    pub kept: u64,
    /// Entries that are known to be lost; `None` where nobody knows.
    #[n(2)]
    pub lost: Option<u64>,
    /// All of it, signed: [`crate::tlog::Reopening`].
    #[n(3)]
    pub note: String,
}

/// A key that encrypts gives way to the next: what is sealed from now on is sealed under that.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyRotated {
    /// What operators call it.
    #[n(0)]
    pub name: String,
    /// The how many-th the next one is.
    #[n(1)]
    pub version: u32,
}

/// What an older version sealed is sealed anew, and nothing needs it any more: it ends.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyRetired {
    /// What operators call it.
    #[n(0)]
    pub name: String,
    /// This version, and every one before.
    #[n(1)]
    pub version: u32,
}

/// An operator ends the versions that gave way: one that signs beside the next signs no more, and what only one opens is lost.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyRevoked {
    /// What operators call it.
    #[n(0)]
    pub name: String,
    /// This version, and every one before.
    #[n(1)]
    pub version: u32,
}

/// The keys are in another store from now on: what encrypts went along, what signs was made there.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeysMoved {
    /// Its kind, as the configuration says it.
    #[n(0)]
    pub to: String,
}
