//! Sealing small values under a key (AES-256-GCM); it must not choose keys.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::random::{Random, RandomError, array};

/// Bytes of the nonce before the sealed bytes.
const NONCE_BYTES: usize = 12;

/// Why a value was not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// Altered, of another place, or under another key.
    NotGenuine,
    /// No randomness for the nonce.
    Random(RandomError),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGenuine => f.write_str("the sealed bytes are not genuine"),
            Self::Random(source) => source.fmt(f),
        }
    }
}

impl std::error::Error for SealError {}

impl From<RandomError> for SealError {
    fn from(source: RandomError) -> Self {
        Self::Random(source)
    }
}

/// nonce || AES-256-GCM(key, nonce, associated, plain) with a fresh random nonce.
///
/// # Errors
/// [`SealError::Random`] without randomness; [`SealError::NotGenuine`] never, short of a value of 64 GiB.
pub fn seal(key: &SecretKey, associated: &[u8], plain: &[u8], random: Random) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_BYTES] = array(random)?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose()));
    let payload = Payload { msg: plain, aad: associated };
    let body = cipher.encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload).map_err(|_| SealError::NotGenuine)?;
    let mut sealed = nonce.to_vec();
    sealed.extend_from_slice(&body);
    Ok(sealed)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`SealError::NotGenuine`] when key, associated data or bytes differ.
pub fn unseal(key: &SecretKey, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::NotGenuine)?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose()));
    let payload = Payload { msg: body, aad: associated };
    let plain = cipher.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload).map_err(|_| SealError::NotGenuine)?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::system;

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed() {
        let key = SecretKey::new([1; 32]);
        let mut sealed = seal(&key, b"row 1", b"canary", system).unwrap();
        assert_eq!(unseal(&key, b"row 1", &sealed).unwrap().as_slice(), b"canary");
        assert_eq!(unseal(&key, b"row 2", &sealed), Err(SealError::NotGenuine));
        assert_eq!(unseal(&SecretKey::new([2; 32]), b"row 1", &sealed), Err(SealError::NotGenuine));
        sealed[20] ^= 1;
        assert_eq!(unseal(&key, b"row 1", &sealed), Err(SealError::NotGenuine));
        assert_eq!(unseal(&key, b"row 1", b"short"), Err(SealError::NotGenuine));
    }
}
