//! The cache's key, wrapped: a password alone opens nothing, the server's share alone opens nothing; it must keep neither.
//!
//! A slot of version 1 is HKDF-SHA-256 over Argon2id(password, salt, 19 MiB, two passes) || share, its info being origin,
//! user and device; under that key the random key of the database lies sealed (AES-256-GCM).

use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use sha2::Sha256;
use turret_shared::ids::{DeviceId, UserId};
use turret_shared::secret::{SecretKey, SecretText};
use zeroize::Zeroizing;

use super::limits::{SLOTS_BYTES_MAX, SLOTS_MAX};
use crate::seal::{self, SALT_BYTES};

/// Version of the file.
const VERSION: u16 = 1;
/// Opened by password and share.
const PASSWORD_AND_SHARE: u8 = 1;
const NONCE_BYTES: usize = 12;
const KEY_BYTES: usize = 32;

/// Whose cache it is: part of every key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The server's log.
    pub origin: String,
    /// The person there.
    pub user: UserId,
    /// The device there.
    pub device: DeviceId,
}

impl Owner {
    fn words(&self, purpose: &[u8]) -> Vec<u8> {
        let mut words = purpose.to_vec();
        words.extend_from_slice(&(self.origin.len() as u64).to_be_bytes());
        words.extend_from_slice(self.origin.as_bytes());
        words.extend_from_slice(&self.user.0.to_be_bytes());
        words.extend_from_slice(&self.device.0.to_be_bytes());
        words
    }
}

/// A password stretched with the salt of a slot: half of what opens it.
pub(super) struct Stretched {
    salt: [u8; SALT_BYTES],
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for Stretched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<stretched password>")
    }
}

/// No slot opens, or none could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotError;

impl Stretched {
    /// With the salt of the slots that lie there, or a fresh one; some 30 ms of one core.
    pub(super) fn of(password: &SecretText, salt: Option<[u8; SALT_BYTES]>) -> Result<Self, SlotError> {
        let salt = match salt {
            Some(salt) => salt,
            None => seal::salt().map_err(|_| SlotError)?,
        };
        let key = seal::stretch(password, &salt).map_err(|_| SlotError)?;
        Ok(Self { salt, key })
    }

    /// Whether it is the salt of this.
    pub(super) fn is_with(&self, salt: &[u8; SALT_BYTES]) -> bool {
        self.salt == *salt
    }

    /// Needs the server's share besides.
    fn wrapping_key(&self, share: &SecretKey, owner: &Owner) -> Result<Zeroizing<[u8; KEY_BYTES]>, SlotError> {
        let mut both = Zeroizing::new([0; KEY_BYTES * 2]);
        let (first, second) = both.split_at_mut(KEY_BYTES);
        first.copy_from_slice(self.key.as_ref());
        second.copy_from_slice(share.expose());
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        Hkdf::<Sha256>::new(None, both.as_ref())
            .expand(&owner.words(b"turret/cache/wrap/v1\0"), key.as_mut())
            .map_err(|_| SlotError)?;
        Ok(key)
    }
}

/// The file of slots.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Slots {
    #[n(0)]
    version: u16,
    #[n(1)]
    slots: Vec<Slot>,
}

/// One way to the key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Slot {
    #[n(0)]
    kind: u8,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    salt: [u8; SALT_BYTES],
    /// Nonce and sealed key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    wrapped: Vec<u8>,
}

impl Slots {
    /// A file with one slot around `key`.
    pub(super) fn wrap(
        key: &SecretKey,
        stretched: &Stretched,
        share: &SecretKey,
        owner: &Owner,
    ) -> Result<Self, SlotError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SlotError)?;
        let payload = Payload { msg: key.expose(), aad: &owner.words(b"turret/cache/slot/v1\0") };
        let cipher = cipher(&stretched.wrapping_key(share, owner)?);
        let body = cipher.encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload).map_err(|_| SlotError)?;
        let slot = Slot { kind: PASSWORD_AND_SHARE, salt: stretched.salt, wrapped: [&nonce[..], &body].concat() };
        Ok(Self { version: VERSION, slots: vec![slot] })
    }

    /// The key, if a slot opens.
    pub(super) fn unwrap(
        &self,
        stretched: &Stretched,
        share: &SecretKey,
        owner: &Owner,
    ) -> Result<SecretKey, SlotError> {
        let cipher = cipher(&stretched.wrapping_key(share, owner)?);
        let words = owner.words(b"turret/cache/slot/v1\0");
        self.slots
            .iter()
            .filter(|slot| slot.is_ours() && slot.salt == stretched.salt)
            .find_map(|slot| {
                let (nonce, body) = slot.wrapped.split_first_chunk::<NONCE_BYTES>()?;
                let payload = Payload { msg: body, aad: &words };
                let plain = cipher.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload).ok().map(Zeroizing::new)?;
                Some(SecretKey::new(plain.as_slice().try_into().ok()?))
            })
            .ok_or(SlotError)
    }

    /// What the password is stretched with.
    pub(super) fn salt(&self) -> Option<[u8; SALT_BYTES]> {
        self.slots.iter().find(|slot| slot.is_ours()).map(|slot| slot.salt)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// `None` for what is no such file, or of a version not known here.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() as u64 > SLOTS_BYTES_MAX {
            return None;
        }
        let mut decoder = minicbor::Decoder::new(bytes);
        let slots: Self = decoder.decode().ok()?;
        let whole = decoder.position() == bytes.len();
        (whole && slots.version == VERSION && slots.slots.len() <= SLOTS_MAX).then_some(slots)
    }
}

impl Slot {
    const fn is_ours(&self) -> bool {
        self.kind == PASSWORD_AND_SHARE
    }
}

fn cipher(key: &Zeroizing<[u8; KEY_BYTES]>) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(**key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(origin: &str, user: u32, device: u32) -> Owner {
        Owner { origin: origin.into(), user: UserId(user), device: DeviceId(device) }
    }

    fn stretched(password: &str, salt: u8) -> Stretched {
        Stretched::of(&SecretText::new(password.to_owned()), Some([salt; SALT_BYTES])).unwrap()
    }

    #[test]
    fn a_slot_needs_password_share_and_owner_all_at_once() {
        let (key, share, whose) = (SecretKey::new([9; 32]), SecretKey::new([5; 32]), owner("demo", 1, 2));
        let first = stretched("correct horse", 1);
        let slots = Slots::wrap(&key, &first, &share, &whose).unwrap();
        let read = Slots::from_bytes(&slots.to_bytes()).unwrap();
        assert_eq!(read.salt(), Some([1; SALT_BYTES]));
        assert_eq!(read.unwrap(&first, &share, &whose).unwrap().expose(), key.expose());
        let other = SecretKey::new([6; 32]);
        assert!(read.unwrap(&stretched("correct mule", 1), &share, &whose).is_err());
        assert!(read.unwrap(&stretched("correct horse", 2), &share, &whose).is_err());
        assert!(read.unwrap(&first, &other, &whose).is_err());
        for whose in [owner("demo2", 1, 2), owner("demo", 2, 2), owner("demo", 1, 3)] {
            assert!(read.unwrap(&first, &share, &whose).is_err(), "{whose:?}");
        }
        assert!(!slots.to_bytes().windows(32).any(|part| part == key.expose()));
        assert_eq!(format!("{first:?}"), "<stretched password>");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let (key, share, whose) = (SecretKey::new([9; 32]), SecretKey::new([5; 32]), owner("demo", 1, 2));
        let first = stretched("correct horse", 1);
        let bytes = Slots::wrap(&key, &first, &share, &whose).unwrap().to_bytes();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let opened = Slots::from_bytes(&altered).and_then(|slots| slots.unwrap(&first, &share, &whose).ok());
            assert!(opened.is_none(), "byte {at}");
            assert!(Slots::from_bytes(&bytes[..at]).is_none(), "cut at {at}");
        }
        assert!(Slots::from_bytes(&[0; 8_192]).is_none());
    }
}
