//! Custody of the server's keys: what each is for and what may be asked of them; it must not open a database.

mod error;
mod exported;
pub mod file;
mod passphrase;
pub mod pkcs11;
mod pulse;
mod purpose;
mod ring;

use std::sync::Arc;

use turret_certs::RemoteKey;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::cipher::seal;
use crate::random::Random;
use crate::versions::Versions;

pub use error::KeyError;
pub use exported::Exported;
pub use file::Fresh;
pub use passphrase::{Passphrase, PassphraseError};
pub use pulse::{Beat, Pulse};
pub use purpose::{CheckpointPublic, KeyRow, KeyState, Purpose};

/// Where keys come from: a sealed file or an HSM.
pub trait KeyStore: Send + Sync {
    /// The active key of a purpose, for this process to use.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none, [`KeyError::NotExported`] for [`Purpose::Checkpoint`].
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError>;

    /// Every key that signs checkpoints or did, newest first; the first is the active one.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none.
    fn checkpoint_keys(&self) -> Result<Vec<CheckpointPublic>, KeyError>;

    /// The one that is active.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none.
    fn checkpoint_key(&self) -> Result<CheckpointPublic, KeyError> {
        self.checkpoint_keys()?.first().copied().ok_or(KeyError::Missing(Purpose::Checkpoint))
    }

    /// Signs the text of a note about the log with a version of the key (ed25519, RFC 8032).
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is no such key, or it is revoked.
    fn sign_checkpoint(&self, version: u32, text: &[u8]) -> Result<[u8; 64], KeyError>;

    /// Makes the next key that signs checkpoints, durably, at `now_s`: it is the active one, and the one before retained.
    ///
    /// # Errors
    /// [`KeyError`]; then everything is as it was.
    fn next_checkpoint_key(&self, random: Random, now_s: u64) -> Result<CheckpointPublic, KeyError>;

    /// Every version of a purpose's key that is good for something, for this process to use.
    ///
    /// # Errors
    /// As [`KeyStore::key`].
    fn versions(&self, purpose: Purpose) -> Result<Versions, KeyError>;

    /// Makes the next key of a purpose, durably, at `now_s`: it is the active one, and the one before retained. Its version.
    ///
    /// # Errors
    /// [`KeyError::NotExported`] for [`Purpose::Checkpoint`]; otherwise [`KeyError`]; then everything is as it was.
    fn next_key(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<u32, KeyError>;

    /// Ends every version of a purpose that gave way, durably, at `now_s`; what was made with one is read no more, but what
    /// one signed is verified still. Which they were.
    ///
    /// # Errors
    /// [`KeyError`]; then they are as they were.
    fn revoke_retained(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<Vec<u32>, KeyError>;

    /// Seals the key file anew, durably, at `now_s`: under `fresh` where a passphrase opens it, under the next key of the
    /// token where that does. The version of what it is sealed under.
    ///
    /// # Errors
    /// [`KeyError`]; then the file is as it was.
    fn rewrap(&self, fresh: Option<Fresh>, random: Random, now_s: u64) -> Result<u32, KeyError>;

    /// The key that signs certificates, where it never leaves the store; `None` where it lies sealed under
    /// [`Purpose::Authority`].
    fn certificates(&self) -> Option<Arc<dyn RemoteKey>> {
        None
    }

    /// Every key that can leave the store, for a sealed backup.
    fn exported(&self) -> Exported;

    /// Every key of the store, in no order, as far as it may be told.
    fn rows(&self) -> Vec<KeyRow> {
        Vec::new()
    }

    /// True where the keys can go while the server runs: then [`KeyStore::tend`] is to be called again and again.
    fn can_go(&self) -> bool {
        false
    }

    /// Uses the keys that never leave the store, and takes up a store that came back.
    ///
    /// # Errors
    /// Why they cannot be used.
    fn tend(&self) -> Result<(), KeyError> {
        Ok(())
    }

    /// Seals bytes under the key of a purpose (AES-256-GCM, fresh nonce), bound to `associated`.
    ///
    /// # Errors
    /// [`KeyError`] when there is no key or no randomness.
    fn seal(&self, purpose: Purpose, associated: &[u8], plain: &[u8], random: Random) -> Result<Vec<u8>, KeyError> {
        Ok(seal(&self.key(purpose)?, associated, plain, random)?)
    }

    /// Opens what [`KeyStore::seal`] made, with this version of the key or one before that is good still.
    ///
    /// # Errors
    /// [`KeyError::NotGenuine`] when it was altered or made for another purpose or place.
    fn unseal(&self, purpose: Purpose, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Ok(self.versions(purpose)?.unseal(associated, sealed)?)
    }
}
