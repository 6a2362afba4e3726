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

use super::bearer::{Bearer, Ended, Work, prove};
use super::token::{Module, Place, Token, label};
use crate::keys::file::{read, replace, write_new};
use crate::keys::ring::Ring;
use crate::keys::{CheckpointPublic, Exported, Fresh, KeyError, KeyRow, KeyState, KeyStore, Passphrase, Purpose};
use crate::random::{Random, array};
use crate::versions::Versions;

/// First bytes of a token's key file, its format version last: sealed under the first key made for it.
const MAGIC: &[u8; 16] = b"turret token v1\0";
/// The same, the version of the key it is sealed under behind the deployment.
const MAGIC_TURNED: &[u8; 16] = b"turret token v2\0";
/// What names a deployment's objects in a token that it may share.
const DEPLOYMENT_BYTES: usize = 8;
/// Bytes before the sealed part, in a file of the first kind.
const HEADER_BYTES: usize = 16 + DEPLOYMENT_BYTES;
/// In one of the second.
const HEADER_TURNED_BYTES: usize = HEADER_BYTES + 4;

/// What the objects of a deployment are called.
#[derive(Debug)]
pub(super) struct Labels {
    deployment: String,
    pub(super) certificates: String,
}

impl Labels {
    fn of(deployment: &[u8; DEPLOYMENT_BYTES]) -> Self {
        let name = format!("{:016x}", u64::from_be_bytes(*deployment));
        Self { certificates: label(&name, "certificates", 1), deployment: name }
    }

    pub(super) fn wrapping(&self, version: u32) -> String {
        label(&self.deployment, "wrapping", version)
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

/// What stands before the sealed keys: whose they are, and the key of the token they are sealed under.
#[derive(Debug, Clone, Copy)]
struct Header {
    deployment: [u8; DEPLOYMENT_BYTES],
    wrapping: u32,
}

impl Header {
    fn to_bytes(self) -> Vec<u8> {
        if self.wrapping == 1 {
            return [MAGIC.as_slice(), &self.deployment].concat();
        }
        [MAGIC_TURNED.as_slice(), &self.deployment, &self.wrapping.to_be_bytes()].concat()
    }

    /// The header of a key file and what is sealed behind it.
    fn split(bytes: &[u8]) -> Option<(Self, &[u8], &[u8])> {
        let turned = bytes.starts_with(MAGIC_TURNED);
        let (header, sealed) = bytes.split_at_checked(if turned { HEADER_TURNED_BYTES } else { HEADER_BYTES })?;
        let rest = header.strip_prefix(if turned { MAGIC_TURNED } else { MAGIC })?;
        let (deployment, wrapping) = rest.split_first_chunk()?;
        let wrapping = if turned { u32::from_be_bytes(wrapping.try_into().ok()?) } else { 1 };
        Some((Self { deployment: *deployment, wrapping }, header, sealed))
    }
}

/// Another store's keys with a key for checkpoints given to them, at a moment.
type Given = fn(&Exported, SecretKey, u64) -> Ring;

/// What the key file holds.
struct Held {
    header: Header,
    ring: Ring,
}

/// Keys of a token, and those it unwrapped; wiped when dropped.
pub struct Pkcs11Keys {
    path: PathBuf,
    held: Mutex<Held>,
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
        Self::make(path, place, pin, random, (1, now_s), |public| {
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
        Self::make_from(path, place, pin, (from, Exported::handed_over), random, now_s)
    }

    /// Makes the keys that stay in this token, and takes the others over from a store that is there still, at `now_s`: its key
    /// for checkpoints gives way to the one of the token.
    ///
    /// # Errors
    /// As [`Pkcs11Keys::create`].
    pub fn move_in(
        path: &Path,
        place: &Place,
        pin: Passphrase,
        from: &Exported,
        random: Random,
        now_s: u64,
    ) -> Result<Self, KeyError> {
        Self::make_from(path, place, pin, (from, Exported::moved), random, now_s)
    }

    /// With another store's keys, `given` a key for checkpoints that is the next after all of those.
    fn make_from(
        path: &Path,
        place: &Place,
        pin: Passphrase,
        (from, given): (&Exported, Given),
        random: Random,
        now_s: u64,
    ) -> Result<Self, KeyError> {
        let newest = |purpose| from.ring.newest(purpose);
        let version = newest(Purpose::Checkpoint).max(newest(Purpose::GoneCheckpoint)).saturating_add(1);
        Self::make(path, place, pin, random, (version, now_s), |public| {
            Ok(given(from, SecretKey::new(public.checkpoint), now_s))
        })
    }

    /// The same, whose file was moved there.
    #[must_use]
    pub fn moved(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Makes what stays in the token, the key for checkpoints as this version, and seals the ring that comes of it.
    fn make(
        path: &Path,
        place: &Place,
        pin: Passphrase,
        random: Random,
        (version, now_s): (u32, u64),
        ring: impl FnOnce(&Public) -> Result<Ring, KeyError>,
    ) -> Result<Self, KeyError> {
        if path.exists() {
            return Err(KeyError::Exists(path.to_owned()));
        }
        let module = Module::load(place)?;
        let token = module.open(&pin, true)?;
        let deployment = array(random)?;
        let labels = Labels::of(&deployment);
        let header = Header { deployment, wrapping: 1 };
        token.make_wrapping(&labels.wrapping(header.wrapping))?;
        token.make_ed25519(&labels.checkpoint(version))?;
        token.make_p256(&labels.certificates)?;
        let public = Public::of(&token, &labels, version)?;
        let mut ring = ring(&public)?;
        ring.begin_wrapping(now_s);
        let before = header.to_bytes();
        let sealed = token.seal(&labels.wrapping(header.wrapping), array(random)?, &before, &ring.encode())?;
        write_new(path, &[&before, &sealed])?;
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
        let (header, before, sealed) = Header::split(&bytes).ok_or(KeyError::Malformed)?;
        let labels = Labels::of(&header.deployment);
        let module = Module::load(place)?;
        let token = module.open(&pin, false)?;
        let plain = token.unseal(&labels.wrapping(header.wrapping), before, sealed)?;
        let ring = Ring::decode(&plain).ok_or(KeyError::Malformed)?;
        let public = Public::of(&token, &labels, ring.newest(Purpose::Checkpoint))?;
        if ring.get(Purpose::Checkpoint)?.expose() != &public.checkpoint {
            return Err(KeyError::OtherKeys);
        }
        prove(&token, &labels, &public)?;
        Self::start(path, header, ring, Work { module, pin, labels, public, token: Some(token) })
    }

    fn start(path: &Path, header: Header, ring: Ring, work: Work) -> Result<Self, KeyError> {
        let (path, certificates) = (path.to_owned(), work.public.certificates);
        let held = Mutex::new(Held { header, ring });
        Ok(Self { path, held, certificates, bearer: Arc::new(Bearer::start(work)?) })
    }

    /// What is held is replaced whole, so a panic left what was before.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is held, in the file first.
    fn change<T>(&self, random: Random, edit: impl FnOnce(&mut Held) -> Result<T, KeyError>) -> Result<T, KeyError> {
        let mut held = self.held();
        let mut next = Held { header: held.header, ring: held.ring.clone() };
        let done = edit(&mut next)?;
        let before = next.header.to_bytes();
        let sealed = self.bearer.seal(next.header.wrapping, array(random)?, &before, next.ring.encode())?;
        replace(&self.path, &[&before, &sealed])?;
        *held = next;
        Ok(done)
    }
}

impl KeyStore for Pkcs11Keys {
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError> {
        if purpose == Purpose::Checkpoint {
            return Err(KeyError::NotExported(purpose));
        }
        self.held().ring.get(purpose).cloned()
    }

    fn checkpoint_keys(&self) -> Result<Vec<CheckpointPublic>, KeyError> {
        self.held().ring.checkpoint_keys(|public| *public.expose())
    }

    fn sign_checkpoint(&self, version: u32, text: &[u8]) -> Result<[u8; 64], KeyError> {
        self.held().ring.version(Purpose::Checkpoint, version)?;
        self.bearer.checkpoint(version, text)
    }

    fn next_checkpoint_key(&self, random: Random, now_s: u64) -> Result<CheckpointPublic, KeyError> {
        let (version, public) = self.change(random, |held| {
            let public = self.bearer.make(held.ring.newest(Purpose::Checkpoint).saturating_add(1))?;
            Ok((held.ring.take(Purpose::Checkpoint, SecretKey::new(public), now_s)?, public))
        })?;
        // One that does not hear it shows that it is there by the key before, which it has as well.
        let _ = self.bearer.turn(version, public);
        self.checkpoint_key()
    }

    fn versions(&self, purpose: Purpose) -> Result<Versions, KeyError> {
        self.held().ring.versions(purpose)
    }

    fn next_key(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<u32, KeyError> {
        self.change(random, |held| held.ring.next(purpose, random, now_s))
    }

    fn revoke_retained(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<Vec<u32>, KeyError> {
        let ended = self.change(random, |held| Ok(held.ring.revoke_retained(purpose, now_s)))?;
        // Once more what an attempt before may have left: the token holds none but the one in use.
        let done = match purpose {
            Purpose::Wrapping => (Ended::Wrapping, self.held().header.wrapping),
            Purpose::Checkpoint => (Ended::Checkpoint, self.held().ring.newest(Purpose::Checkpoint)),
            _ => return Ok(ended),
        };
        self.bearer.destroy(done.0, done.1)?;
        Ok(ended)
    }

    fn rewrap(&self, _: Option<Fresh>, random: Random, now_s: u64) -> Result<u32, KeyError> {
        self.change(random, |held| {
            // A copy of the file as it was, as each backup has one, is opened by the one before.
            let version = held.ring.take_wrapping(true, now_s)?;
            self.bearer.make_wrapping(version)?;
            held.header.wrapping = version;
            Ok(version)
        })
    }

    fn certificates(&self) -> Option<Arc<dyn RemoteKey>> {
        let public = self.certificates;
        Some(Arc::new(Certificates { public, bearer: Arc::clone(&self.bearer) }))
    }

    fn exported(&self) -> Exported {
        Exported { in_token: true, ring: self.held().ring.clone() }
    }

    fn rows(&self) -> Vec<KeyRow> {
        let mut rows = self.held().ring.rows(|purpose| matches!(purpose, Purpose::Checkpoint | Purpose::Wrapping));
        // Made with the first key of the token that the file was sealed under, and no part of the file.
        let wrapping = rows.iter().filter(|row| row.name == Purpose::Wrapping.name());
        let first = wrapping.min_by_key(|row| row.version).copied();
        let row = |row: KeyRow| KeyRow {
            name: "certificates",
            version: 1,
            state: KeyState::Active,
            changed_s: row.made_s,
            ..row
        };
        rows.extend(first.map(row));
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
