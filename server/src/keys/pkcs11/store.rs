//! Keys in a PKCS#11 token: what signs never leaves it, what encrypts lies sealed under a key that never does; it must have no
//! other place to fall back on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::VerifyingKey;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest as _, Sha256};
use turret_certs::{AuthorityError, RemoteKey};
use turret_shared::secret::SecretKey;

use super::bearer::{Bearer, Work, prove};
use super::token::{Module, Place, Token, label};
use crate::keys::file::{read, replace, write_new};
use crate::keys::ring::Ring;
use crate::keys::{CheckpointPublic, Exported, KeyError, KeyRow, KeyStore, Passphrase, Purpose};
use crate::random::{Random, array};

/// First bytes of a token's key file, its format version last.
const MAGIC: &[u8; 16] = b"turret token v1\0";
/// What names a deployment's objects in a token that it may share.
const DEPLOYMENT_BYTES: usize = 8;
/// Bytes before the sealed part.
const HEADER_BYTES: usize = 16 + DEPLOYMENT_BYTES;

/// What the objects of a deployment are called.
#[derive(Debug)]
pub(super) struct Labels {
    deployment: String,
    pub(super) wrapping: String,
    pub(super) certificates: String,
}

impl Labels {
    fn of(deployment: &[u8; DEPLOYMENT_BYTES]) -> Self {
        let name = format!("{:016x}", u64::from_be_bytes(*deployment));
        Self { wrapping: label(&name, "wrapping", 1), certificates: label(&name, "certificates", 1), deployment: name }
    }

    pub(super) fn checkpoint(&self, version: u32) -> String {
        label(&self.deployment, "checkpoint", version)
    }
}

/// The public halves of what signs.
#[derive(Debug, Clone)]
pub(super) struct Public {
    /// Which version signs checkpoints.
    pub(super) version: u32,
    pub(super) checkpoint: [u8; 32],
    /// Uncompressed (SEC 1).
    certificates: [u8; 65],
}

impl Public {
    fn of(token: &Token, labels: &Labels, version: u32) -> Result<Self, KeyError> {
        Ok(Self {
            version,
            checkpoint: token.public(&labels.checkpoint(version))?,
            certificates: token.public(&labels.certificates)?,
        })
    }

    pub(super) fn made_checkpoint(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.checkpoint)
            .is_ok_and(|key| key.verify_strict(text, &ed25519_dalek::Signature::from_bytes(signature)).is_ok())
    }

    pub(super) fn made_certificate(&self, digest: &[u8; 32], signature: &[u8; 64]) -> bool {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.certificates);
        let signature = p256::ecdsa::Signature::from_slice(signature);
        matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(digest, &signature).is_ok())
    }
}

/// Keys of a token, and those it unwrapped; wiped when dropped.
pub struct Pkcs11Keys {
    path: PathBuf,
    header: Vec<u8>,
    ring: Mutex<Ring>,
    certificates: [u8; 65],
    bearer: Arc<Bearer>,
}

impl fmt::Debug for Pkcs11Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs11Keys(<in a token>)")
    }
}

impl Pkcs11Keys {
    /// Makes the keys that stay in the token, and the others sealed under one of those into a new file, at `now_s`.
    ///
    /// # Errors
    /// [`KeyError::Exists`] when the file is there; otherwise [`KeyError`], by name what the token cannot do.
    pub fn create(path: &Path, place: &Place, pin: Passphrase, random: Random, now_s: u64) -> Result<Self, KeyError> {
        Self::make(path, place, pin, random, 1, |public| {
            let mut ring = Ring::default();
            for purpose in Purpose::ALL {
                let key = match purpose {
                    Purpose::Checkpoint => SecretKey::new(public.checkpoint),
                    _ => SecretKey::new(array(random)?),
                };
                ring.begin(purpose, key, now_s);
            }
            Ok(ring)
        })
    }

    /// Makes the keys that stay in this token, and takes the others over from another store, at `now_s`.
    ///
    /// # Errors
    /// As [`Pkcs11Keys::create`].
    pub fn take_over(
        path: &Path,
        place: &Place,
        pin: Passphrase,
        from: &Exported,
        random: Random,
        now_s: u64,
    ) -> Result<Self, KeyError> {
        let newest = |purpose| from.ring.newest(purpose);
        let version = newest(Purpose::Checkpoint).max(newest(Purpose::GoneCheckpoint)).saturating_add(1);
        Self::make(path, place, pin, random, version, |public| {
            Ok(from.handed_over(SecretKey::new(public.checkpoint), now_s))
        })
    }

    /// Makes what stays in the token, the key for checkpoints as this version, and seals the ring that comes of it.
    fn make(
        path: &Path,
        place: &Place,
        pin: Passphrase,
        random: Random,
        version: u32,
        ring: impl FnOnce(&Public) -> Result<Ring, KeyError>,
    ) -> Result<Self, KeyError> {
        if path.exists() {
            return Err(KeyError::Exists(path.to_owned()));
        }
        let module = Module::load(place)?;
        let token = module.open(&pin, true)?;
        let deployment = array(random)?;
        let labels = Labels::of(&deployment);
        token.make_wrapping(&labels.wrapping)?;
        token.make_ed25519(&labels.checkpoint(version))?;
        token.make_p256(&labels.certificates)?;
        let public = Public::of(&token, &labels, version)?;
        let ring = ring(&public)?;
        let header = [MAGIC.as_slice(), &deployment].concat();
        let sealed = token.seal(&labels.wrapping, array(random)?, &header, &ring.encode())?;
        write_new(path, &[&header, &sealed])?;
        prove(&token, &labels, &public)?;
        Self::start(path, header, ring, Work { module, pin, labels, public, token: Some(token) })
    }

    /// Opens what [`Pkcs11Keys::create`] made.
    ///
    /// # Errors
    /// [`KeyError::Gone`] without the token, [`KeyError::Pin`] for a wrong PIN, [`KeyError::OtherKeys`] when the token or the
    /// file is of another deployment or was altered; otherwise [`KeyError`].
    pub fn open(path: &Path, place: &Place, pin: Passphrase) -> Result<Self, KeyError> {
        let bytes = read(path)?;
        let (header, sealed) = bytes.split_at_checked(HEADER_BYTES).ok_or(KeyError::Malformed)?;
        let deployment = header.strip_prefix(MAGIC).and_then(|id| id.try_into().ok()).ok_or(KeyError::Malformed)?;
        let labels = Labels::of(deployment);
        let module = Module::load(place)?;
        let token = module.open(&pin, false)?;
        let plain = token.unseal(&labels.wrapping, header, sealed)?;
        let ring = Ring::decode(&plain).ok_or(KeyError::Malformed)?;
        let public = Public::of(&token, &labels, ring.newest(Purpose::Checkpoint))?;
        if ring.get(Purpose::Checkpoint)?.expose() != &public.checkpoint {
            return Err(KeyError::OtherKeys);
        }
        prove(&token, &labels, &public)?;
        Self::start(path, header, ring, Work { module, pin, labels, public, token: Some(token) })
    }

    fn start(path: &Path, header: impl Into<Vec<u8>>, ring: Ring, work: Work) -> Result<Self, KeyError> {
        let (path, header, certificates) = (path.to_owned(), header.into(), work.public.certificates);
        Ok(Self { path, header, ring: Mutex::new(ring), certificates, bearer: Arc::new(Bearer::start(work)?) })
    }

    /// A ring is replaced whole, so a panic left the one before.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyStore for Pkcs11Keys {
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError> {
        if purpose == Purpose::Checkpoint {
            return Err(KeyError::NotExported(purpose));
        }
        self.ring().get(purpose).cloned()
    }

    fn checkpoint_keys(&self) -> Result<Vec<CheckpointPublic>, KeyError> {
        self.ring().checkpoint_keys(|public| *public.expose())
    }

    fn sign_checkpoint(&self, version: u32, text: &[u8]) -> Result<[u8; 64], KeyError> {
        self.ring().version(Purpose::Checkpoint, version)?;
        self.bearer.checkpoint(version, text)
    }

    fn next_checkpoint_key(&self, random: Random, now_s: u64) -> Result<CheckpointPublic, KeyError> {
        let mut ring = self.ring();
        let mut next = ring.clone();
        let public = self.bearer.make(ring.newest(Purpose::Checkpoint).saturating_add(1))?;
        let version = next.follow(Purpose::Checkpoint, SecretKey::new(public), now_s);
        let sealed = self.bearer.seal(array(random)?, &self.header, next.encode())?;
        replace(&self.path, &[&self.header, &sealed])?;
        *ring = next;
        // One that does not hear it shows that it is there by the key before, which it has as well.
        let _ = self.bearer.turn(version, public);
        ring.checkpoint_keys(|public| *public.expose())?.first().copied().ok_or(KeyError::Missing(Purpose::Checkpoint))
    }

    fn certificates(&self) -> Option<Arc<dyn RemoteKey>> {
        let public = self.certificates;
        Some(Arc::new(Certificates { public, bearer: Arc::clone(&self.bearer) }))
    }

    fn exported(&self) -> Exported {
        Exported { in_token: true, ring: self.ring().clone() }
    }

    fn rows(&self) -> Vec<KeyRow> {
        let mut rows = self.ring().rows(|purpose| purpose == Purpose::Checkpoint);
        // Made with it, and no part of the file.
        let beside = |name| move |row: &KeyRow| KeyRow { name, version: 1, ..*row };
        let first = rows.iter().filter(|row| row.in_token).min_by_key(|row| row.version).copied();
        rows.extend(first.iter().map(beside("wrapping")));
        rows.extend(first.iter().map(beside("certificates")));
        rows
    }

    fn can_go(&self) -> bool {
        true
    }

    fn tend(&self) -> Result<(), KeyError> {
        self.bearer.tend()
    }
}

/// The authority's key, in the token.
#[derive(Debug)]
struct Certificates {
    public: [u8; 65],
    bearer: Arc<Bearer>,
}

impl RemoteKey for Certificates {
    fn public(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let raw = self.bearer.certificate(Sha256::digest(message).into()).map_err(|error| {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "the token signs no certificate");
            AuthorityError::Signing
        })?;
        let signature = p256::ecdsa::Signature::from_slice(&raw).map_err(|_| AuthorityError::Signing)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}
