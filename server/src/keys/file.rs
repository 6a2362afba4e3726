//! Keys in one sealed file: random keys under AES-256-GCM, its key stretched from a passphrase; it must never overwrite one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::{Signer, SigningKey};
use turret_disk::private;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::exported::public;
use super::ring::Ring;
use super::{CheckpointPublic, Exported, KeyError, KeyRow, KeyStore, Passphrase, Purpose};
use crate::cipher::{seal, unseal};
use crate::random::{Random, array};
use crate::versions::Versions;

/// First bytes of a key file, its format version last.
const MAGIC: &[u8; 16] = b"turret keys v1\n\0";
/// Salt of the passphrase, in bytes.
const SALT_BYTES: usize = 16;
/// Bytes before the sealed part: magic, memory, passes, lanes, salt.
const HEADER_BYTES: usize = 16 + 12 + SALT_BYTES;
/// Longest key file read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// What stretching a new file's passphrase costs (RFC 9106, 4, second choice): KiB, passes, lanes.
const STRETCH: Stretch = Stretch { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
/// Most a file may ask for, so that an altered header cannot exhaust memory.
const STRETCH_MEMORY_KIB_MAX: u32 = 1024 * 1024;
/// See [`STRETCH_MEMORY_KIB_MAX`].
const STRETCH_PASSES_MAX: u32 = 16;

struct Stretch {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// The sealed file, opened: keys by purpose, wiped when dropped.
pub struct FileKeys {
    path: PathBuf,
    held: Mutex<Held>,
}

/// What is in the file, and what it is sealed under: a key that is made later is sealed without asking for the passphrase again.
struct Held {
    fresh: Fresh,
    ring: Ring,
}

/// What a passphrase was stretched to with a salt of its own: a key file can be sealed under it.
#[derive(Clone)]
pub struct Fresh {
    header: Vec<u8>,
    key: SecretKey,
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh(<sealed>)")
    }
}

impl Fresh {
    /// Stretches a passphrase with a new salt.
    ///
    /// # Errors
    /// [`KeyError::Random`] or [`KeyError::Stretch`].
    pub fn of(passphrase: &Passphrase, random: Random) -> Result<Self, KeyError> {
        let salt: [u8; SALT_BYTES] = array(random)?;
        Ok(Self { header: write_header(&STRETCH, &salt), key: stretch(passphrase, &STRETCH, &salt)? })
    }

    /// One that was made elsewhere.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for a header that this program does not write.
    pub fn from_parts(header: Vec<u8>, key: SecretKey) -> Result<Self, KeyError> {
        read_header(&header)?;
        Ok(Self { header, key })
    }

    /// What stands before the sealed keys, and what they are sealed under.
    #[must_use]
    pub fn parts(&self) -> (&[u8], &SecretKey) {
        (&self.header, &self.key)
    }

    fn seal(&self, ring: &Ring, random: Random) -> Result<Vec<u8>, KeyError> {
        let sealed = seal(&self.key, &self.header, &ring.encode(), random)?;
        Ok([self.header.as_slice(), &sealed].concat())
    }
}

impl std::fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKeys(<sealed>)")
    }
}

impl FileKeys {
    /// Makes a key of every purpose at `now_s` (seconds since 1970 UTC) and seals them into a new file, readable by its
    /// owner alone.
    ///
    /// # Errors
    /// [`KeyError::Exists`] when the file is there; otherwise [`KeyError`].
    pub fn create(path: &Path, passphrase: &Passphrase, random: Random, now_s: u64) -> Result<Self, KeyError> {
        let mut ring = Ring::default();
        for purpose in Purpose::ALL {
            ring.begin(purpose, SecretKey::new(array(random)?), now_s);
        }
        Self::seal_new(path, passphrase, ring, random, now_s)
    }

    /// Seals the keys of another store into a new file, at `now_s`. Where what signs checkpoints stayed in a token, the next
    /// one is made.
    ///
    /// # Errors
    /// As [`FileKeys::create`].
    pub fn take_over(
        path: &Path,
        passphrase: &Passphrase,
        from: &Exported,
        random: Random,
        now_s: u64,
    ) -> Result<Self, KeyError> {
        let ring = match from.in_token {
            true => from.handed_over(SecretKey::new(array(random)?), now_s),
            false => from.elsewhere(),
        };
        Self::seal_new(path, passphrase, ring, random, now_s)
    }

    fn seal_new(
        path: &Path,
        passphrase: &Passphrase,
        mut ring: Ring,
        random: Random,
        now_s: u64,
    ) -> Result<Self, KeyError> {
        ring.begin_wrapping(now_s);
        let fresh = Fresh::of(passphrase, random)?;
        write_new(path, &[&fresh.seal(&ring, random)?])?;
        Ok(Self { path: path.to_owned(), held: Mutex::new(Held { fresh, ring }) })
    }

    /// Opens a sealed file.
    ///
    /// # Errors
    /// [`KeyError::NotGenuine`] for a wrong passphrase or an altered file; otherwise [`KeyError`].
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let bytes = read(path)?;
        let (header, sealed) = bytes.split_at_checked(HEADER_BYTES).ok_or(KeyError::Malformed)?;
        let (cost, salt) = read_header(header)?;
        let key = stretch(passphrase, &cost, &salt)?;
        let plain = unseal(&key, header, sealed)?;
        let ring = Ring::decode(&plain).ok_or(KeyError::Malformed)?;
        let fresh = Fresh { header: header.to_vec(), key };
        Ok(Self { path: path.to_owned(), held: Mutex::new(Held { fresh, ring }) })
    }

    fn raw(&self, purpose: Purpose) -> Result<SecretKey, KeyError> {
        self.held().ring.get(purpose).cloned()
    }

    /// What is held is replaced whole, so a panic left what was before.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is held, in the file first.
    fn change<T>(
        &self,
        fresh: Option<Fresh>,
        random: Random,
        edit: impl FnOnce(&mut Ring) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let mut held = self.held();
        let mut ring = held.ring.clone();
        let done = edit(&mut ring)?;
        let fresh = fresh.unwrap_or_else(|| held.fresh.clone());
        replace(&self.path, &[&fresh.seal(&ring, random)?])?;
        *held = Held { fresh, ring };
        Ok(done)
    }
}

impl KeyStore for FileKeys {
    fn key(&self, purpose: Purpose) -> Result<SecretKey, KeyError> {
        if purpose == Purpose::Checkpoint {
            return Err(KeyError::NotExported(purpose));
        }
        self.raw(purpose)
    }

    fn checkpoint_keys(&self) -> Result<Vec<CheckpointPublic>, KeyError> {
        self.held().ring.checkpoint_keys(public)
    }

    fn sign_checkpoint(&self, version: u32, text: &[u8]) -> Result<[u8; 64], KeyError> {
        let held = self.held();
        let key = held.ring.version(Purpose::Checkpoint, version)?;
        Ok(SigningKey::from_bytes(key.expose()).sign(text).to_bytes())
    }

    fn next_checkpoint_key(&self, random: Random, now_s: u64) -> Result<CheckpointPublic, KeyError> {
        let key = SecretKey::new(array(random)?);
        self.change(None, random, |ring| ring.take(Purpose::Checkpoint, key, now_s))?;
        self.checkpoint_key()
    }

    fn versions(&self, purpose: Purpose) -> Result<Versions, KeyError> {
        self.held().ring.versions(purpose)
    }

    fn next_key(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<u32, KeyError> {
        self.change(None, random, |ring| ring.next(purpose, random, now_s))
    }

    fn revoke_retained(&self, purpose: Purpose, random: Random, now_s: u64) -> Result<Vec<u32>, KeyError> {
        self.change(None, random, |ring| Ok(ring.revoke_retained(purpose, now_s)))
    }

    fn rewrap(&self, fresh: Option<Fresh>, random: Random, now_s: u64) -> Result<u32, KeyError> {
        let fresh = fresh.ok_or(KeyError::Missing(Purpose::Wrapping))?;
        // A copy of the file as it was is opened by the passphrase it was made with, and by nothing that is kept here.
        self.change(Some(fresh), random, |ring| ring.take_wrapping(false, now_s))
    }

    fn exported(&self) -> Exported {
        Exported { in_token: false, ring: self.held().ring.clone() }
    }

    fn rows(&self) -> Vec<KeyRow> {
        self.held().ring.rows(|_| false)
    }
}

fn stretch(passphrase: &Passphrase, cost: &Stretch, salt: &[u8]) -> Result<SecretKey, KeyError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| KeyError::Malformed)?;
    let mut out = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose(), salt, out.as_mut())
        .map_err(|_| KeyError::Stretch)?;
    Ok(SecretKey::new(*out))
}

fn write_header(cost: &Stretch, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        header.extend_from_slice(&number.to_be_bytes());
    }
    header.extend_from_slice(salt);
    header
}

fn read_header(header: &[u8]) -> Result<(Stretch, [u8; SALT_BYTES]), KeyError> {
    let rest = header.strip_prefix(MAGIC).ok_or(KeyError::Malformed)?;
    let (numbers, salt) = rest.split_at_checked(12).ok_or(KeyError::Malformed)?;
    let mut numbers = numbers.chunks_exact(4).filter_map(|n| Some(u32::from_be_bytes(n.try_into().ok()?)));
    let (Some(memory_kib), Some(passes), Some(lanes)) = (numbers.next(), numbers.next(), numbers.next()) else {
        return Err(KeyError::Malformed);
    };
    if memory_kib > STRETCH_MEMORY_KIB_MAX || passes > STRETCH_PASSES_MAX || lanes != 1 {
        return Err(KeyError::Malformed);
    }
    Ok((Stretch { memory_kib, passes, lanes }, salt.try_into().map_err(|_| KeyError::Malformed)?))
}

/// Puts a key file in the place of the one there, durably.
pub(super) fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), KeyError> {
    private::replace(path, &path.with_extension("draft"), &parts.concat())
        .map_err(|source| KeyError::Io(path.to_owned(), source))
}

/// The bytes of a key file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, KeyError> {
    let mut bytes = Vec::new();
    let failed = |source| KeyError::Io(path.to_owned(), source);
    File::open(path).map_err(failed)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Writes a key file that was not there, durably.
pub(super) fn write_new(path: &Path, parts: &[&[u8]]) -> Result<(), KeyError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Io(path.to_owned(), source),
    };
    let mut file = private::open(OpenOptions::new().write(true).create_new(true), path).map_err(failed)?;
    for part in parts {
        file.write_all(part).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            File::open(parent).and_then(|dir| dir.sync_all()).map_err(failed)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyState;
    use crate::random::system;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn the_file_opens_with_its_passphrase_alone_and_gives_the_same_keys() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let made = FileKeys::create(&path, &passphrase("correct horse"), system, 1).unwrap();
        let opened = FileKeys::open(&path, &passphrase("correct horse")).unwrap();
        for purpose in Purpose::ALL {
            assert_eq!(made.raw(purpose).unwrap().expose(), opened.raw(purpose).unwrap().expose());
        }
        assert_ne!(made.key(Purpose::Vault).unwrap().expose(), made.key(Purpose::Database).unwrap().expose());
        assert!(matches!(made.key(Purpose::Checkpoint), Err(KeyError::NotExported(_))));
        assert_eq!(made.checkpoint_keys().unwrap(), opened.checkpoint_keys().unwrap());
        assert!(matches!(FileKeys::open(&path, &passphrase("wrong")), Err(KeyError::NotGenuine)));
        assert!(matches!(FileKeys::create(&path, &passphrase("x"), system, 1), Err(KeyError::Exists(_))));
    }

    #[test]
    fn the_next_checkpoint_key_is_in_the_file_and_the_one_before_still_signs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        let made = FileKeys::create(&path, &passphrase("p"), system, 1).unwrap();
        let first = made.checkpoint_keys().unwrap()[0];
        let second = made.next_checkpoint_key(system, 9).unwrap();
        assert_eq!((second.version, second.state, second.changed_s), (2, KeyState::Active, 9));
        assert_ne!(second.public, first.public);
        for keys in [&made, &FileKeys::open(&path, &passphrase("p")).unwrap()] {
            let kept = CheckpointPublic { state: KeyState::Retained, changed_s: 9, ..first };
            assert_eq!(keys.checkpoint_keys().unwrap(), [second, kept]);
            for key in [second, kept] {
                let signature = ed25519_dalek::Signature::from_bytes(&keys.sign_checkpoint(key.version, b"t").unwrap());
                let public = ed25519_dalek::VerifyingKey::from_bytes(&key.public).unwrap();
                assert!(public.verify_strict(b"t", &signature).is_ok());
            }
            assert!(matches!(keys.sign_checkpoint(3, b"t"), Err(KeyError::Missing(_))));
        }
    }

    #[test]
    fn an_altered_file_does_not_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        FileKeys::create(&path, &passphrase("p"), system, 1).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        // A byte of the salt, one of the sealed keys, and a cost that asks for all memory.
        for (place, refusal) in [(30, "NotGenuine"), (90, "NotGenuine"), (16, "Malformed")] {
            let mut altered = bytes.clone();
            altered[place] ^= 0xff;
            std::fs::write(&path, &altered).unwrap();
            let error = FileKeys::open(&path, &passphrase("p")).unwrap_err();
            assert_eq!(format!("{error:?}"), refusal, "byte {place}");
        }
    }
}
