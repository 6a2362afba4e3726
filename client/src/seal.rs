//! Sealing what a person leaves behind under a key made from their own password; it must write nothing anywhere.
//!
//! The key is Argon2id over the password (19 MiB, two passes: OWASP's least for a password) with a salt of its own. It lives
//! as long as the session and never leaves the process: whoever returns gives the password again, and it is made again.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use turret_shared::secret::SecretText;
use zeroize::Zeroizing;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Room asked for, in blocks of 1 KiB, of which only [`MEMORY_KIB`] are touched. What glibc is given back of up to 32 MiB it takes
/// for a size that will be wanted again: it keeps such pieces from then on, and twice as much of whatever else is free. Of a
/// larger one it learns nothing, and the kernel has it back at once.
const ROOM_BLOCKS: usize = 33 * 1_024;
/// Says what is sealed, so that nothing else opens as it.
const PURPOSE: &[u8] = b"turret left behind v1";

/// Why nothing was sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// The system gave no random bits.
    NoEntropy,
    /// No key could be made.
    Stretch,
    /// Altered, or under another password.
    NotGenuine,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEntropy => "this system gives no random bits",
            Self::Stretch => "no key could be made from the password",
            Self::NotGenuine => "what was sealed does not open",
        })
    }
}

impl std::error::Error for SealError {}

/// The key of one session, and the salt it was made with.
pub struct SealKey {
    salt: [u8; SALT_BYTES],
    key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<seal key>")
    }
}

/// A fresh salt.
///
/// # Errors
/// [`SealError::NoEntropy`].
pub fn salt() -> Result<[u8; SALT_BYTES], SealError> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|_| SealError::NoEntropy)?;
    Ok(salt)
}

/// Argon2id over the password; some 30 ms of one core.
///
/// # Errors
/// [`SealError::Stretch`].
pub(crate) fn stretch(password: &SecretText, salt: &[u8; SALT_BYTES]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_| SealError::Stretch)?;
    let mut key = Zeroizing::new([0; 32]);
    let mut blocks = Vec::new();
    blocks.try_reserve_exact(ROOM_BLOCKS).map_err(|_| SealError::Stretch)?;
    blocks.resize(params.block_count(), Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, key.as_mut(), blocks.as_mut_slice())
        .map_err(|_| SealError::Stretch)?;
    Ok(key)
}

impl SealKey {
    /// Makes it; some 30 ms of one core.
    ///
    /// # Errors
    /// [`SealError::Stretch`].
    pub fn of(password: &SecretText, salt: [u8; SALT_BYTES]) -> Result<Self, SealError> {
        let key = stretch(password, &salt)?;
        Ok(Self { salt, key })
    }

    /// The salt, to make the key again.
    #[must_use]
    pub const fn salt(&self) -> [u8; SALT_BYTES] {
        self.salt
    }

    /// nonce || AES-256-GCM with a fresh random nonce.
    ///
    /// # Errors
    /// [`SealError::NoEntropy`] without a nonce.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoEntropy)?;
        let payload = Payload { msg: plain, aad: PURPOSE };
        let body = self.cipher().encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload);
        let mut sealed = nonce.to_vec();
        sealed.extend_from_slice(&body.map_err(|_| SealError::NotGenuine)?);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`].
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::NotGenuine)?;
        let payload = Payload { msg: body, aad: PURPOSE };
        let plain = self.cipher().decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError::NotGenuine)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(password: &str, salt: [u8; SALT_BYTES]) -> SealKey {
        SealKey::of(&SecretText::new(password.to_owned()), salt).unwrap()
    }

    #[test]
    fn only_the_same_password_opens_what_was_sealed() {
        let first = key("correct horse", [1; SALT_BYTES]);
        let sealed = first.seal(b"BUY 500 AAPL").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"AAPL"));
        assert_eq!(&**key("correct horse", first.salt()).open(&sealed).unwrap(), b"BUY 500 AAPL");
        assert_eq!(key("correct mule", [1; SALT_BYTES]).open(&sealed).err(), Some(SealError::NotGenuine));
        assert_eq!(key("correct horse", [2; SALT_BYTES]).open(&sealed).err(), Some(SealError::NotGenuine));
        let mut altered = sealed.clone();
        altered[20] ^= 1;
        assert_eq!(first.open(&altered).err(), Some(SealError::NotGenuine));
        assert_eq!(first.open(&[]).err(), Some(SealError::NotGenuine));
        assert_eq!(format!("{first:?}"), "<seal key>");
    }
}
