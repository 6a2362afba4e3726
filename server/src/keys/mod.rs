//! Custody of the server's keys: what each is for and what may be asked of them; it must not open a database.

mod error;
pub mod file;
mod passphrase;

use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::cipher::{seal, unseal};
use crate::random::Random;

pub use error::KeyError;
pub use passphrase::{Passphrase, PassphraseError};

/// What a key is for; the numbers stand in key files and are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Encrypts the log's database and its checkpoints.
    Database = 1,
    /// Encrypts the vault and wraps the subjects' keys in it.
    Vault = 2,
    /// Encrypts password verifiers.
    Pepper = 3,
    /// Seals snapshots.
    Snapshot = 4,
    /// Encrypts the projections' database.
    Projections = 5,
    /// Seals the private key of the certificate authority and other PEM files in custody.
    Authority = 6,
    /// Keys the hash under which session tokens are kept.
    SessionToken = 7,
    /// Keys QUIC stateless resets.
    StatelessReset = 8,
    /// Keys QUIC retry tokens.
    RetryToken = 9,
    /// Signs checkpoints (ed25519 seed); never handed out.
    Checkpoint = 10,
}

impl Purpose {
    /// Every purpose a key file must hold.
    pub const ALL: [Self; 10] = [
        Self::Database,
        Self::Vault,
        Self::Pepper,
        Self::Snapshot,
        Self::Projections,
        Self::Authority,
        Self::SessionToken,
        Self::StatelessReset,
        Self::RetryToken,
        Self::Checkpoint,
    ];
}

/// Where keys come from: a sealed file now, an HSM later.
pub trait KeyStore: Send + Sync {
    /// The active key of a purpose, for this process to use.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none, [`KeyError::NotExported`] for [`Purpose::Checkpoint`].
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError>;

    /// The public half of the key that signs checkpoints.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none.
    fn checkpoint_public(&self) -> Result<[u8; 32], KeyError>;

    /// Signs the text of a checkpoint note (ed25519, RFC 8032).
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is no key.
    fn sign_checkpoint(&self, text: &[u8]) -> Result<[u8; 64], KeyError>;

    /// Seals bytes under the key of a purpose (AES-256-GCM, fresh nonce), bound to `associated`.
    ///
    /// # Errors
    /// [`KeyError`] when there is no key or no randomness.
    fn seal(&self, purpose: Purpose, associated: &[u8], plain: &[u8], random: Random) -> Result<Vec<u8>, KeyError> {
        Ok(seal(&self.key(purpose)?, associated, plain, random)?)
    }

    /// Opens what [`KeyStore::seal`] made.
    ///
    /// # Errors
    /// [`KeyError::NotGenuine`] when it was altered or made for another purpose or place.
    fn unseal(&self, purpose: Purpose, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Ok(unseal(&self.key(purpose)?, associated, sealed)?)
    }
}
