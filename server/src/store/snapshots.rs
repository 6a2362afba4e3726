//! Snapshots of the folded state as sealed files beside the log; it must not know what a state holds.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use aes_gcm::{Aes256Gcm, Key};
use hkdf::Hkdf;
use sha2::Sha256;
use turret_disk::private;
use turret_shared::ids::Sequence;
use turret_shared::secret::SecretKey;
use turret_shared::tlog::Hash;
use zeroize::Zeroizing;

use super::SnapshotError;
use crate::random::{Random, array};
use crate::versions::Versions;

/// First bytes of a snapshot file, its format version last.
const MAGIC: &[u8; 16] = b"turret snap v1\n\0";
/// Salt from which each file's own key is derived, in bytes.
const SALT_BYTES: usize = 32;
/// Header: magic, state version, sequence, root, state hash, length, salt.
const HEADER_BYTES: usize = 16 + 4 + 8 + 32 + 32 + 8 + SALT_BYTES;
/// Plain bytes sealed at a time: large enough for full cipher speed, small enough to check as it is read.
const CHUNK_BYTES: usize = 1024 * 1024;
/// Authentication tag after each chunk, in bytes.
const TAG_BYTES: usize = 16;
/// Snapshots kept: the newest, and one more in case it does not verify.
const KEPT: usize = 2;
/// Largest state read, in bytes.
const STATE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
const SUFFIX: &str = "snap";

/// What a snapshot is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Version of the state's encoding.
    pub state_version: u32,
    /// The first entry that is not in it: how many entries were folded.
    pub next: Sequence,
    /// Root of the log with that many entries.
    pub root: Hash,
    /// The state's own hash.
    pub state_hash: Hash,
}

/// The folder of snapshots and the key they are sealed under.
#[derive(Debug, Clone)]
pub struct Snapshots {
    folder: PathBuf,
    /// Clones seal with the same ones.
    keys: Arc<RwLock<Versions>>,
}

impl Snapshots {
    /// Uses `folder`, making it if it is not there.
    ///
    /// # Errors
    /// [`SnapshotError::Io`] when it cannot be made.
    pub fn open(folder: &Path, key: SecretKey) -> Result<Self, SnapshotError> {
        Self::open_with(folder, Versions::first(key))
    }

    /// The same, where other keys sealed before.
    ///
    /// # Errors
    /// As [`Snapshots::open`].
    pub fn open_with(folder: &Path, keys: Versions) -> Result<Self, SnapshotError> {
        private::make_dir(folder).map_err(|source| SnapshotError::Io(folder.to_owned(), source))?;
        Ok(Self { folder: folder.to_owned(), keys: Arc::new(RwLock::new(keys)) })
    }

    /// Seals with the active one of these from now on, this one and its clones.
    pub fn take_up(&self, keys: Versions) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Seals every snapshot anew that is under a key which gave way; one that nothing opens is left as it is.
    ///
    /// # Errors
    /// [`SnapshotError`] when one cannot be written; it is then as it was.
    pub fn reseal(&self, random: Random) -> Result<(), SnapshotError> {
        let active = self.keys().active().1.clone();
        for head in self.list()? {
            match self.load_under(&head, &active) {
                Err(SnapshotError::NotGenuine(_)) => {}
                // Good as it is, or gone since: there are newer ones.
                _ => continue,
            }
            if let Ok(state) = self.load(&head) {
                self.put(&head, &state, random)?;
            }
        }
        Ok(())
    }

    fn keys(&self) -> Versions {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes a snapshot so that it is whole or absent whatever happens, then drops all but the newest two.
    ///
    /// # Errors
    /// [`SnapshotError`] when it cannot be written; the older ones then stand.
    pub fn save(&self, head: &SnapshotHead, state: &[u8], random: Random) -> Result<(), SnapshotError> {
        self.put(head, state, random)?;
        for (_, old) in self.files()?.into_iter().skip(KEPT) {
            // One that cannot be removed does no harm.
            let _ = fs::remove_file(old);
        }
        Ok(())
    }

    fn put(&self, head: &SnapshotHead, state: &[u8], random: Random) -> Result<(), SnapshotError> {
        let salt: [u8; SALT_BYTES] = array(random).map_err(|_| SnapshotError::Seal)?;
        let header = write_header(head, state.len() as u64, &salt);
        let path = self.path(head.next);
        let draft = path.with_extension("tmp");
        // Held until the file has its name: none appears under a key that gave way meanwhile.
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let cipher = cipher(keys.active().1, &salt)?;
        Self::write(&draft, &header, &cipher, state)?;
        fs::rename(&draft, &path).map_err(|source| SnapshotError::Io(path.clone(), source))?;
        sync_folder(&self.folder)
    }

    /// The heads of the snapshots there are, newest first; a head is trusted only after [`Snapshots::load`].
    ///
    /// # Errors
    /// [`SnapshotError::Io`] when the folder cannot be read.
    pub fn list(&self) -> Result<Vec<SnapshotHead>, SnapshotError> {
        let mut heads = Vec::new();
        for (_, path) in self.files()? {
            let mut header = [0u8; HEADER_BYTES];
            let read = File::open(&path).and_then(|mut file| file.read_exact(&mut header));
            if let (Ok(()), Some((head, _, _))) = (read, read_header(&header)) {
                heads.push(head);
            }
        }
        Ok(heads)
    }

    /// The bytes of the snapshot with this head, every one authenticated.
    ///
    /// # Errors
    /// [`SnapshotError::NotGenuine`] when it is cut short, altered, or of another head.
    pub fn load(&self, head: &SnapshotHead) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let keys = self.keys();
        let mut loaded = self.load_under(head, keys.active().1);
        for key in keys.retained().filter_map(|version| keys.of(version)) {
            if matches!(loaded, Err(SnapshotError::NotGenuine(_))) {
                loaded = self.load_under(head, key);
            }
        }
        loaded
    }

    fn load_under(&self, head: &SnapshotHead, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, SnapshotError> {
        let path = self.path(head.next);
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::UnexpectedEof => SnapshotError::NotGenuine(path.clone()),
            _ => SnapshotError::Io(path.clone(), source),
        };
        let not_genuine = || SnapshotError::NotGenuine(path.clone());
        let mut file = BufReader::with_capacity(64 * 1024, File::open(&path).map_err(failed)?);
        let mut header = [0u8; HEADER_BYTES];
        file.read_exact(&mut header).map_err(failed)?;
        let (found, length, salt) = read_header(&header).ok_or_else(not_genuine)?;
        if found != *head {
            return Err(not_genuine());
        }
        let cipher = cipher(key, &salt)?;
        let mut state = Zeroizing::new(vec![0u8; usize::try_from(length).map_err(|_| not_genuine())?]);
        let chunks = state.len().div_ceil(CHUNK_BYTES).max(1);
        // An empty state still has one chunk, so that its header is authenticated too.
        let mut empty = [0u8; 0];
        let mut rest = state.chunks_mut(CHUNK_BYTES);
        for place in 0..chunks {
            let chunk = rest.next().unwrap_or(&mut empty);
            let mut tag = [0u8; TAG_BYTES];
            file.read_exact(chunk).map_err(failed)?;
            file.read_exact(&mut tag).map_err(failed)?;
            let last = place.saturating_add(1) == chunks;
            cipher
                .decrypt_inout_detached(
                    &nonce(place as u64, last),
                    &header,
                    InOutBuf::from(chunk),
                    &Tag::<Aes256Gcm>::from(tag),
                )
                .map_err(|_| not_genuine())?;
        }
        match file.read(&mut [0u8; 1]).map_err(failed)? {
            0 => Ok(state),
            _ => Err(not_genuine()),
        }
    }

    fn write(path: &Path, header: &[u8], cipher: &Aes256Gcm, state: &[u8]) -> Result<(), SnapshotError> {
        let failed = |source| SnapshotError::Io(path.to_owned(), source);
        let mut file = private::open(File::options().create(true).truncate(true).write(true), path).map_err(failed)?;
        file.write_all(header).map_err(failed)?;
        let chunks = state.len().div_ceil(CHUNK_BYTES).max(1);
        let mut buffer = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES.min(state.len())));
        for place in 0..chunks {
            let start = place.saturating_mul(CHUNK_BYTES);
            let chunk = state.get(start..state.len().min(start.saturating_add(CHUNK_BYTES))).unwrap_or(&[]);
            buffer.clear();
            buffer.extend_from_slice(chunk);
            let last = place.saturating_add(1) == chunks;
            let tag = cipher
                .encrypt_inout_detached(&nonce(place as u64, last), header, InOutBuf::from(buffer.as_mut_slice()))
                .map_err(|_| SnapshotError::Seal)?;
            file.write_all(&buffer).map_err(failed)?;
            file.write_all(&tag).map_err(failed)?;
        }
        file.sync_all().map_err(failed)
    }

    fn path(&self, next: Sequence) -> PathBuf {
        self.folder.join(format!("{:020}.{SUFFIX}", next.0))
    }

    /// Snapshot files, newest first.
    fn files(&self) -> Result<Vec<(u64, PathBuf)>, SnapshotError> {
        let failed = |source| SnapshotError::Io(self.folder.clone(), source);
        let mut found = Vec::new();
        for item in fs::read_dir(&self.folder).map_err(failed)? {
            let path = item.map_err(failed)?.path();
            let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            if let (Some(number), Some(SUFFIX)) = (number, path.extension().and_then(|suffix| suffix.to_str())) {
                found.push((number, path));
            }
        }
        found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        Ok(found)
    }
}

/// Each file has a key of its own.
fn cipher(key: &SecretKey, salt: &[u8]) -> Result<Aes256Gcm, SnapshotError> {
    let mut own = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(Some(salt), key.expose())
        .expand(b"turret/snapshot/v1", own.as_mut())
        .map_err(|_| SnapshotError::Seal)?;
    Ok(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*own)))
}

/// Chunk number and whether it is the last: a file's key is its own, so these never repeat under one key.
fn nonce(place: u64, last: bool) -> Nonce<Aes256Gcm> {
    let mut bytes = [0u8; 12];
    bytes[..8].copy_from_slice(&place.to_be_bytes());
    bytes[11] = u8::from(last);
    bytes.into()
}

fn write_header(head: &SnapshotHead, length: u64, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(&head.state_version.to_be_bytes());
    header.extend_from_slice(&head.next.0.to_be_bytes());
    header.extend_from_slice(&head.root.0);
    header.extend_from_slice(&head.state_hash.0);
    header.extend_from_slice(&length.to_be_bytes());
    header.extend_from_slice(salt);
    header
}

fn read_header(header: &[u8; HEADER_BYTES]) -> Option<(SnapshotHead, u64, [u8; SALT_BYTES])> {
    let rest = header.strip_prefix(MAGIC)?;
    let (state_version, rest) = rest.split_first_chunk::<4>()?;
    let (next, rest) = rest.split_first_chunk::<8>()?;
    let (root, rest) = rest.split_first_chunk::<32>()?;
    let (state_hash, rest) = rest.split_first_chunk::<32>()?;
    let (length, salt) = rest.split_first_chunk::<8>()?;
    let head = SnapshotHead {
        state_version: u32::from_be_bytes(*state_version),
        next: Sequence(u64::from_be_bytes(*next)),
        root: Hash(*root),
        state_hash: Hash(*state_hash),
    };
    let length = u64::from_be_bytes(*length);
    (length <= STATE_BYTES_MAX).then_some(())?;
    Some((head, length, salt.try_into().ok()?))
}

fn sync_folder(folder: &Path) -> Result<(), SnapshotError> {
    let failed = |source| SnapshotError::Io(folder.to_owned(), source);
    File::open(folder).and_then(|dir| dir.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::system;

    fn head(next: u64) -> SnapshotHead {
        SnapshotHead { state_version: 3, next: Sequence(next), root: Hash([1; 32]), state_hash: Hash([2; 32]) }
    }

    fn state(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n / 7) as u8).collect()
    }

    #[test]
    fn snapshots_of_any_length_read_back_and_the_newest_two_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(&dir.path().join("snapshots"), SecretKey::new([5; 32])).unwrap();
        assert_eq!(snapshots.list().unwrap(), []);
        for (next, length) in [(10, 0), (20, 1), (30, CHUNK_BYTES), (40, 2 * CHUNK_BYTES + 9)] {
            snapshots.save(&head(next), &state(length), system).unwrap();
            assert_eq!(*snapshots.load(&head(next)).unwrap(), state(length));
        }
        assert_eq!(snapshots.list().unwrap(), [head(40), head(30)]);
    }

    #[test]
    fn snapshots_sealed_under_a_key_that_gave_way_are_sealed_anew_and_others_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let key = |byte| SecretKey::new([byte; 32]);
        Snapshots::open(dir.path(), key(9)).unwrap().save(&head(1), &state(5), system).unwrap();
        let snapshots = Snapshots::open(dir.path(), key(5)).unwrap();
        snapshots.save(&head(2), &state(CHUNK_BYTES + 1), system).unwrap();
        let clone = snapshots.clone();
        snapshots.take_up(Versions::new((2, key(6)), vec![(1, key(5))]));
        assert_eq!(*clone.load(&head(2)).unwrap(), state(CHUNK_BYTES + 1));
        snapshots.reseal(system).unwrap();
        clone.take_up(Versions::new((2, key(6)), vec![]));
        assert_eq!(*snapshots.load(&head(2)).unwrap(), state(CHUNK_BYTES + 1));
        assert!(matches!(snapshots.load(&head(1)), Err(SnapshotError::NotGenuine(_))));
        assert_eq!(*Snapshots::open(dir.path(), key(9)).unwrap().load(&head(1)).unwrap(), state(5));
    }

    #[test]
    fn an_altered_shortened_or_lengthened_snapshot_is_not_genuine() {
        let dir = tempfile::tempdir().unwrap();
        let snapshots = Snapshots::open(dir.path(), SecretKey::new([5; 32])).unwrap();
        snapshots.save(&head(7), &state(CHUNK_BYTES + 100), system).unwrap();
        let path = snapshots.path(Sequence(7));
        let good = fs::read(&path).unwrap();
        assert!(!good.windows(64).any(|window| window == &state(64)[..]));
        let chunk_end = HEADER_BYTES + CHUNK_BYTES + TAG_BYTES;
        let mut flipped = good.clone();
        flipped[HEADER_BYTES + 5] ^= 1;
        let mut header = good.clone();
        header[16 + 4 + 8] ^= 1;
        let longer = [good.as_slice(), b"x"].concat();
        for bad in [&flipped, &header, &longer, &good[..chunk_end].to_vec(), &good[..good.len() - 1].to_vec()] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(snapshots.load(&head(7)), Err(SnapshotError::NotGenuine(_))));
        }
        fs::write(&path, &good).unwrap();
        let other = Snapshots::open(dir.path(), SecretKey::new([6; 32])).unwrap();
        assert!(matches!(other.load(&head(7)), Err(SnapshotError::NotGenuine(_))));
        assert!(matches!(
            snapshots.load(&SnapshotHead { state_version: 4, ..head(7) }),
            Err(SnapshotError::NotGenuine(_))
        ));
    }
}
