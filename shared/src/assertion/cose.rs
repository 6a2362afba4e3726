//! Public keys of security keys (COSE, RFC 9053): ES256 and EdDSA in their one canonical encoding; it must take no other.

use alloc::boxed::Box;

use ed25519_dalek as ed;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};

use super::fault::AssertionFault;

/// {1: 2, 3: -7, -1: 1, -2: 32 bytes of x, -3: 32 bytes of y}.
const ES256_HEAD: [u8; 10] = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
/// Between x and y.
const ES256_MIDDLE: [u8; 3] = [0x22, 0x58, 0x20];
/// {1: 1, 3: -8, -1: 6, -2: 32 bytes}.
const EDDSA_HEAD: [u8; 10] = [0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
/// COSE's number for ES256.
pub(super) const ALG_ES256: i32 = -7;
/// COSE's number for EdDSA.
pub(super) const ALG_EDDSA: i32 = -8;

/// A key that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA on P-256 with SHA-256.
    Es256(Box<VerifyingKey>),
    /// Ed25519.
    EdDsa(Box<ed::VerifyingKey>),
}

impl PublicKey {
    /// Reads the start of `bytes`, and gives what follows.
    ///
    /// # Errors
    /// [`AssertionFault::Key`].
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), AssertionFault> {
        let read = es256(bytes).or_else(|| eddsa(bytes));
        read.ok_or(AssertionFault::Key)
    }

    /// COSE's number of its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> i32 {
        match self {
            Self::Es256(_) => ALG_ES256,
            Self::EdDsa(_) => ALG_EDDSA,
        }
    }

    /// Verifies a signature over `message`.
    ///
    /// # Errors
    /// [`AssertionFault::SignatureForm`] and [`AssertionFault::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), AssertionFault> {
        match self {
            Self::Es256(key) => {
                let signature = Signature::from_der(signature).map_err(|_| AssertionFault::SignatureForm)?;
                key.verify(message, &signature).map_err(|_| AssertionFault::Signature)
            }
            Self::EdDsa(key) => {
                let signature = ed::Signature::from_slice(signature).map_err(|_| AssertionFault::SignatureForm)?;
                key.verify_strict(message, &signature).map_err(|_| AssertionFault::Signature)
            }
        }
    }
}

fn es256(bytes: &[u8]) -> Option<(PublicKey, &[u8])> {
    let (x, rest) = bytes.strip_prefix(&ES256_HEAD)?.split_first_chunk::<32>()?;
    let (y, rest) = rest.strip_prefix(&ES256_MIDDLE)?.split_first_chunk::<32>()?;
    // SEC 1, 2.3.3: uncompressed.
    let mut point = [4_u8; 65];
    let (_, coordinates) = point.split_first_mut()?;
    coordinates.first_chunk_mut::<32>()?.copy_from_slice(x);
    coordinates.last_chunk_mut::<32>()?.copy_from_slice(y);
    let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
    Some((PublicKey::Es256(Box::new(key)), rest))
}

fn eddsa(bytes: &[u8]) -> Option<(PublicKey, &[u8])> {
    let (key, rest) = bytes.strip_prefix(&EDDSA_HEAD)?.split_first_chunk::<32>()?;
    let key = ed::VerifyingKey::from_bytes(key).ok().filter(|key| !key.is_weak())?;
    Some((PublicKey::EdDsa(Box::new(key)), rest))
}
