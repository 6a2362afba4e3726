//! What of a key store may be carried away under a seal: every key that can leave it; it must seal nothing itself.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::ring::Ring;
use super::{KeyError, Purpose};

/// Every key that can leave a store, wiped when dropped. Of one whose keys sign in a token that is not what signs.
pub struct Exported {
    pub(super) in_token: bool,
    pub(super) ring: Ring,
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported").field("in_token", &self.in_token).finish_non_exhaustive()
    }
}

impl Exported {
    /// As it is sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let ring = self.ring.encode();
        let mut bytes = Zeroizing::new(Vec::with_capacity(ring.len().saturating_add(1)));
        bytes.push(u8::from(self.in_token));
        bytes.extend_from_slice(&ring);
        bytes
    }

    /// What [`Exported::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let (kind, ring) = bytes.split_first().ok_or(KeyError::Malformed)?;
        let in_token = match kind {
            0 => false,
            1 => true,
            _ => return Err(KeyError::Malformed),
        };
        Ok(Self { in_token, ring: Ring::decode(ring).ok_or(KeyError::Malformed)? })
    }

    /// True where what signs checkpoints and certificates stayed in a token.
    #[must_use]
    pub const fn is_of_token(&self) -> bool {
        self.in_token
    }

    /// The public half of the key that signed checkpoints, and its signature under `text` where the key is here.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn sign_checkpoint(&self, text: &[u8]) -> Result<([u8; 32], Option<[u8; 64]>), KeyError> {
        let kept = self.ring.get(Purpose::Checkpoint)?;
        if self.in_token {
            return Ok((*kept.expose(), None));
        }
        let key = SigningKey::from_bytes(kept.expose());
        Ok((key.verifying_key().to_bytes(), Some(key.sign(text).to_bytes())))
    }

    /// The keys for another store, which is sealed under a key of its own.
    pub(super) fn elsewhere(&self) -> Ring {
        let mut ring = self.ring.clone();
        ring.forget(Purpose::Wrapping);
        ring
    }

    /// The keys for another store, whose key for checkpoints is `next` and takes the place of the active one under the same
    /// origin: those before it are known by their public halves, and sign no more.
    pub(super) fn moved(&self, next: SecretKey, now_s: u64) -> Ring {
        let mut ring = self.elsewhere();
        let in_token = self.in_token;
        ring.end_signing(now_s, |kept| if in_token { *kept.expose() } else { public(kept) });
        ring.follow(Purpose::Checkpoint, next, now_s);
        ring
    }

    /// The keys for another store, whose key for checkpoints is `next`: those before it are known by their public halves
    /// alone, and sign no more.
    pub(super) fn handed_over(&self, next: SecretKey, now_s: u64) -> Ring {
        let mut ring = self.elsewhere();
        let in_token = self.in_token;
        ring.bury(now_s, |kept| if in_token { *kept.expose() } else { public(kept) });
        ring.follow(Purpose::Checkpoint, next, now_s);
        ring
    }
}

/// The public half of a seed.
pub(super) fn public(seed: &SecretKey) -> [u8; 32] {
    SigningKey::from_bytes(seed.expose()).verifying_key().to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyState;

    #[test]
    fn keys_that_stayed_in_a_token_are_known_by_their_public_halves_and_sign_no_more() {
        let mut ring = Ring::default();
        ring.begin(Purpose::Database, SecretKey::new([1; 32]), 1);
        ring.begin(Purpose::Checkpoint, SecretKey::new([2; 32]), 1);
        ring.follow(Purpose::Checkpoint, SecretKey::new([3; 32]), 2);
        for (in_token, before) in [(true, [3; 32]), (false, public(&SecretKey::new([3; 32])))] {
            let exported = Exported { in_token, ring: ring.clone() };
            let read = Exported::from_bytes(&exported.to_bytes()).unwrap();
            let (known, signature) = read.sign_checkpoint(b"text").unwrap();
            assert_eq!((known, signature.is_some(), read.is_of_token()), (before, !in_token, in_token));
            let next = read.handed_over(SecretKey::new([4; 32]), 9);
            // Of the new one this test keeps what it was given.
            let keys = next.checkpoint_keys(|kept| *kept.expose()).unwrap();
            let told: Vec<_> = keys.iter().map(|key| (key.version, key.state, key.gone)).collect();
            let gone = |version| (version, KeyState::Revoked, true);
            assert_eq!(told, [(3, KeyState::Active, false), gone(2), gone(1)]);
            assert_eq!((keys[0].public, keys[1].public), ([4; 32], before));
            assert_eq!(next.get(Purpose::Database).unwrap().expose(), &[1; 32]);
            assert!(next.version(Purpose::Checkpoint, 2).is_err());
            let again = Ring::decode(&next.encode()).unwrap();
            assert_eq!(again.checkpoint_keys(|kept| *kept.expose()).unwrap(), keys);
        }
        assert!(Exported::from_bytes(&[2]).is_err() && Exported::from_bytes(&[]).is_err());
    }
}
