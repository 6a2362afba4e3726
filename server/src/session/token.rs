//! Session tokens: 256 random bits told once, kept as their SHA-256; it must never keep the bits.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use turret_shared::digest::Digest;
use turret_shared::secret::SessionToken;

/// What the server keeps of a token, in memory and in the log.
#[derive(Debug, Clone, Copy)]
pub struct TokenHash(Digest);

impl TokenHash {
    /// Of a token. One hash is enough: 256 random bits cannot be guessed, so there is nothing to slow down.
    #[must_use]
    pub fn of(token: &SessionToken) -> Self {
        Self(Digest(Sha256::digest(token.expose()).into()))
    }

    /// As the log has it.
    #[must_use]
    pub const fn recorded(digest: Digest) -> Self {
        Self(digest)
    }

    /// For the log.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        bool::from(self.0.0.ct_eq(&other.0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_and_shown_by_neither() {
        let token = SessionToken::new([7; 32]);
        let hash = TokenHash::of(&token);
        assert!(hash.is(&TokenHash::recorded(hash.digest())));
        assert!(!hash.is(&TokenHash::of(&SessionToken::new([8; 32]))));
        assert_ne!(hash.digest().0, [7; 32]);
        assert_eq!(format!("{token:?}"), "<session token>");
    }
}
