//! What stands before the chunks: whose backup it is, of when, and its key under the keys that open it; it must name no person.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use turret_shared::secret::SecretKey;

use super::BackupError;
use super::error::streamed;
use crate::keys::{KeyError, KeyStore, Purpose};
use crate::random::Random;
use crate::recovery::{RecoverySet, Wrapped};

/// First bytes of a backup, its format version last.
const MAGIC: &[u8; 16] = b"turret backup 1\n";
/// The same of any version.
const MAGIC_ANY: &[u8; 14] = b"turret backup ";
/// Longest header, in bytes: the sealed key file is the most of it.
const HEADER_BYTES_MAX: u32 = 256 * 1024;
/// Bytes before the header: magic, length of the file, length of the header.
const BEFORE_BYTES: u64 = 16 + 8 + 4;

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Place {
    /// The module that speaks to it.
    #[n(0)]
    pub module: String,
    /// What it is called.
    #[n(1)]
    pub token: String,
}

/// What stands before the chunks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Header {
    /// Random: names the backup.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub backup: [u8; 16],
    /// Name of the deployment.
    #[n(1)]
    pub origin: String,
    /// When, in seconds since 1970 UTC.
    #[n(2)]
    pub made_s: u64,
    /// Entries of the log in it.
    #[n(3)]
    pub entries: u64,
    /// The token of the deployment's keys; `None` where they are in a sealed file.
    #[n(4)]
    pub token: Option<Place>,
    /// The deployment's key file, sealed as it was.
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
    pub keys: Vec<u8>,
    /// The data key under the key store's key for backups.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub wrapped: Vec<u8>,
    /// The recovery shares that open it too, and the data key under theirs.
    #[n(7)]
    pub recovery: Option<(RecoverySet, Wrapped)>,
}

/// Binds a wrapped data key to its backup.
fn associated(backup: &[u8; 16]) -> Vec<u8> {
    [b"turret/backup/v1\0".as_slice(), backup].concat()
}

impl Header {
    /// Wraps the data key for the key store and, where there is a set, for its shares.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn wrap(
        &mut self,
        data: &SecretKey,
        keys: &dyn KeyStore,
        set: Option<RecoverySet>,
        random: Random,
    ) -> Result<(), BackupError> {
        let associated = associated(&self.backup);
        self.wrapped = keys.seal(Purpose::Backup, &associated, data.expose(), random)?;
        let sealed = |set: RecoverySet| set.wrap(&associated, data).map(|wrapped| (set, wrapped));
        self.recovery = set.map(sealed).transpose()?;
        Ok(())
    }

    /// The data key, by the key store.
    ///
    /// # Errors
    /// [`BackupError::OtherKeys`].
    pub fn by_keys(&self, keys: &dyn KeyStore) -> Result<SecretKey, BackupError> {
        let opened = keys.unseal(Purpose::Backup, &associated(&self.backup), &self.wrapped);
        let plain = opened.map_err(|error| match error {
            KeyError::NotGenuine => BackupError::OtherKeys,
            other => BackupError::Key(other),
        })?;
        Ok(SecretKey::new(plain.as_slice().try_into().map_err(|_| BackupError::OtherKeys)?))
    }

    /// The data key, by the recovery key.
    ///
    /// # Errors
    /// [`BackupError::Altered`], [`BackupError::NoRecovery`].
    pub fn by_recovery(&self, key: &crate::recovery::RecoveryKey) -> Result<SecretKey, BackupError> {
        let (_, wrapped) = self.recovery.as_ref().ok_or(BackupError::NoRecovery)?;
        key.unwrap(&associated(&self.backup), wrapped).map_err(|_| BackupError::Altered)
    }

    fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }
}

/// What every chunk is bound to.
fn binding(header: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(MAGIC).chain_update(header).finalize().into()
}

/// Writes what stands before the chunks, and gives what they are bound to. The length of the file is not known yet.
///
/// # Errors
/// What the system says.
pub fn write_header(out: &mut impl Write, header: &Header) -> io::Result<[u8; 32]> {
    let bytes = header.to_bytes();
    let size = u32::try_from(bytes.len()).ok().filter(|size| *size <= HEADER_BYTES_MAX);
    let size = size.ok_or(io::ErrorKind::InvalidInput)?;
    out.write_all(MAGIC)?;
    out.write_all(&0u64.to_be_bytes())?;
    out.write_all(&size.to_be_bytes())?;
    out.write_all(&bytes)?;
    Ok(binding(&bytes))
}

/// Says in a file that is whole how long it is: only for the words by which a shorter one is refused.
///
/// # Errors
/// What the system says.
pub fn write_length(out: &mut (impl Write + Seek), length: u64) -> io::Result<()> {
    out.seek(SeekFrom::Start(MAGIC.len() as u64))?;
    out.write_all(&length.to_be_bytes())
}

/// Reads what stands before the chunks, of a file of `length` bytes: nothing of it is proved before the chunks are. Gives
/// what they are bound to as well.
///
/// # Errors
/// [`BackupError::NotABackup`], [`BackupError::Newer`], [`BackupError::CutShort`].
pub fn read_header(path: &Path, input: &mut impl Read, length: u64) -> Result<(Header, [u8; 32]), BackupError> {
    let mut before = [0u8; BEFORE_BYTES as usize];
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => BackupError::NotABackup,
        _ => streamed(path, error),
    };
    input.read_exact(&mut before).map_err(failed)?;
    let (magic, rest) = before.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(if magic.starts_with(MAGIC_ANY) { BackupError::Newer } else { BackupError::NotABackup });
    }
    let (whole, size) = rest.split_at(8);
    let should = u64::from_be_bytes(whole.try_into().unwrap_or_default());
    if should != length {
        return Err(BackupError::CutShort { has: length, should });
    }
    let size = u32::from_be_bytes(size.try_into().unwrap_or_default());
    if size > HEADER_BYTES_MAX {
        return Err(BackupError::NotABackup);
    }
    let mut bytes = vec![0; size as usize];
    input.read_exact(&mut bytes).map_err(failed)?;
    let header: Header = minicbor::decode(&bytes).map_err(|_| BackupError::NotABackup)?;
    // One way to write it.
    if header.to_bytes() == bytes { Ok((header, binding(&bytes))) } else { Err(BackupError::NotABackup) }
}
