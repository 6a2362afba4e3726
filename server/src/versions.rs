//! The versions of one key that are good for something: what is made is made with the newest, what was made before is read with
//! the one it was made with; it must know no store.

use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::cipher::{SealError, unseal};

/// At least one key, the active one first; wiped when dropped.
#[derive(Debug, Clone)]
pub struct Versions {
    active: (u32, SecretKey),
    retained: Vec<(u32, SecretKey)>,
}

impl Versions {
    /// The active one with its version, and those retained.
    #[must_use]
    pub const fn new(active: (u32, SecretKey), retained: Vec<(u32, SecretKey)>) -> Self {
        Self { active, retained }
    }

    /// A key that never had another.
    #[must_use]
    pub const fn first(key: SecretKey) -> Self {
        Self { active: (1, key), retained: Vec::new() }
    }

    /// What is made is made with this.
    #[must_use]
    pub const fn active(&self) -> (u32, &SecretKey) {
        (self.active.0, &self.active.1)
    }

    /// What was made with a version is read with this.
    #[must_use]
    pub fn of(&self, version: u32) -> Option<&SecretKey> {
        self.all().find(|(known, _)| *known == version).map(|(_, key)| key)
    }

    /// Versions that gave way and are good for something still.
    pub fn retained(&self) -> impl Iterator<Item = u32> {
        self.retained.iter().map(|(version, _)| *version)
    }

    /// All of them, the active one first.
    pub fn all(&self) -> impl Iterator<Item = (u32, &SecretKey)> {
        core::iter::once(&self.active).chain(&self.retained).map(|(version, key)| (*version, key))
    }

    /// Opens what was sealed under any of them.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`] when none opens it.
    pub fn unseal(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.all().find_map(|(_, key)| unseal(key, associated, sealed).ok()).ok_or(SealError::NotGenuine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher::seal;
    use crate::random::system;

    #[test]
    fn what_was_sealed_under_a_version_opens_while_that_is_retained_and_no_longer() {
        let key = |byte| SecretKey::new([byte; 32]);
        let sealed = seal(&key(1), b"row", b"canary", system).unwrap();
        let both = Versions::new((2, key(2)), vec![(1, key(1))]);
        assert_eq!(both.unseal(b"row", &sealed).unwrap().as_slice(), b"canary");
        assert_eq!(both.unseal(b"other", &sealed), Err(SealError::NotGenuine));
        assert_eq!((both.active().0, both.retained().collect::<Vec<_>>()), (2, vec![1]));
        assert!(both.of(1).is_some() && both.of(3).is_none());
        let alone = Versions::new((2, key(2)), vec![]);
        assert_eq!(alone.unseal(b"row", &sealed), Err(SealError::NotGenuine));
    }
}
