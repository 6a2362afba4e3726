//! Everything that can be wrong with what a security key gave, as one closed enum; it must never say more than which.

use core::fmt;

use minicbor::{Decode, Encode};

/// Why an assertion or a registration does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AssertionFault {
    /// Longer than anything a key gives.
    #[n(0)]
    TooLong,
    /// Authenticator data that is cut short or has a field out of range.
    #[n(1)]
    Malformed,
    /// Bytes, flags or extensions nobody asked for.
    #[n(2)]
    Extra,
    /// Made for another deployment.
    #[n(3)]
    OtherParty,
    /// Nobody touched the key.
    #[n(4)]
    NotPresent,
    /// The key did not verify who holds it.
    #[n(5)]
    NotVerified,
    /// The key may be copied from one device to another.
    #[n(6)]
    Copyable,
    /// A public key of another algorithm, not on its curve, or not written in the one canonical way.
    #[n(7)]
    Key,
    /// A signature not written in the one canonical way.
    #[n(8)]
    SignatureForm,
    /// A signature of another key, or over anything else: command, purpose, nonce, channel, person, credential.
    #[n(9)]
    Signature,
    /// The counter stands or went back: the key may have been copied.
    #[n(10)]
    Counter,
    /// An attestation that is malformed or not signed by the new key.
    #[n(11)]
    Attestation,
}

impl AssertionFault {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Extra => "extra",
            Self::OtherParty => "other_party",
            Self::NotPresent => "not_present",
            Self::NotVerified => "not_verified",
            Self::Copyable => "copyable",
            Self::Key => "key",
            Self::SignatureForm => "signature_form",
            Self::Signature => "signature",
            Self::Counter => "counter",
            Self::Attestation => "attestation",
        }
    }
}

impl fmt::Display for AssertionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is longer than anything a security key gives",
            Self::Malformed => "its authenticator data is malformed",
            Self::Extra => "it holds more than was asked for",
            Self::OtherParty => "it was made for another deployment",
            Self::NotPresent => "nobody touched the security key",
            Self::NotVerified => "the security key did not verify who holds it",
            Self::Copyable => "the security key can be copied",
            Self::Key => "the public key is not one that is taken here",
            Self::SignatureForm => "the signature is not written canonically",
            Self::Signature => "the signature is not over this, or not of this key",
            Self::Counter => "the security key's counter did not grow",
            Self::Attestation => "the attestation does not hold",
        })
    }
}

impl core::error::Error for AssertionFault {}
