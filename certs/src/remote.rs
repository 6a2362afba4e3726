//! The authority's key where it may lie elsewhere: in memory, or with somebody who signs for us; it must show no private half.

use std::sync::Arc;

use rcgen::{Error, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::authority::AuthorityError;

/// An ECDSA P-256 key that signs and is never shown, as in a token.
pub trait RemoteKey: Send + Sync {
    /// Its public half, uncompressed (SEC 1).
    fn public(&self) -> &[u8];

    /// Signs a message (ECDSA with SHA-256): DER.
    ///
    /// # Errors
    /// [`AuthorityError::Signing`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError>;
}

/// Where the key is.
pub(crate) enum Custody {
    Here(KeyPair),
    Elsewhere(Arc<dyn RemoteKey>),
}

impl PublicKeyData for Custody {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Here(key) => key.der_bytes(),
            Self::Elsewhere(key) => key.public(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self {
            Self::Here(key) => PublicKeyData::algorithm(key),
            Self::Elsewhere(_) => &PKCS_ECDSA_P256_SHA256,
        }
    }
}

impl SigningKey for Custody {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match self {
            Self::Here(key) => key.sign(message),
            Self::Elsewhere(key) => key.sign(message).map_err(|_| Error::RemoteKeyError),
        }
    }
}
