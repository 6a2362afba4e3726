//! A log read back from its static files alone (C2SP tlog-tiles), entry by entry and in order; it must believe nothing in them
//! that the signed checkpoint does not cover, and need no key of the server's.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use turret_shared::ids::Sequence;
use turret_shared::tlog::{Checkpoint, Frontier, TILE_WIDTH, VerifierKey, leaf_hash};

use super::tiles::tile_path;
use super::{EvidenceError, SignedCheckpoint};

/// Longest checkpoint file read, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;
/// Longest file of entries: 256 of them, each of 65,535 bytes behind two of length.
const BUNDLE_BYTES_MAX: u64 = 256 * (65_535 + 2);

/// Why the files are no log.
#[derive(Debug)]
pub enum ArchiveError {
    /// A file could not be read.
    Io(PathBuf, io::Error),
    /// The checkpoint is not signed by the key that was given.
    Checkpoint(EvidenceError),
    /// A file of entries is not whole.
    Bundle(PathBuf),
    /// The entries are not those the checkpoint was signed over.
    OtherEntries,
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot read {}", path.display()),
            Self::Checkpoint(_) => f.write_str("WRONG: the checkpoint is not signed by that key"),
            Self::Bundle(path) => write!(f, "WRONG: {} does not hold the entries it should", path.display()),
            Self::OtherEntries => f.write_str("WRONG: the entries are not those the checkpoint was signed over"),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            Self::Checkpoint(source) => Some(source),
            Self::Bundle(_) | Self::OtherEntries => None,
        }
    }
}

impl ArchiveError {
    /// True when the files are there and are not what was signed.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        !matches!(self, Self::Io(..))
    }
}

/// A folder of tiles whose checkpoint is genuine.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    checkpoint: Checkpoint,
}

impl Archive {
    /// Reads the folder's checkpoint, signed by `key`.
    ///
    /// # Errors
    /// [`ArchiveError::Io`] and [`ArchiveError::Checkpoint`].
    pub fn open(folder: &Path, key: &VerifierKey) -> Result<Self, ArchiveError> {
        let note = read(&folder.join("checkpoint"), NOTE_BYTES_MAX)?;
        let genuine = |note: String| SignedCheckpoint::read(&note, key).map_err(ArchiveError::Checkpoint);
        let signed = String::from_utf8(note).map_err(|_| ArchiveError::Checkpoint(EvidenceError::NotGenuine));
        Ok(Self { folder: folder.to_owned(), checkpoint: signed.and_then(genuine)?.checkpoint })
    }

    /// What the checkpoint says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Shows every entry in order. What was shown counts once this is `Ok`, and not before.
    ///
    /// # Errors
    /// [`ArchiveError`] when the entries are not the log that was signed.
    pub fn entries(&self, mut each: impl FnMut(Sequence, &[u8])) -> Result<(), ArchiveError> {
        let size = self.checkpoint.size;
        let (mut frontier, mut tiles, mut next) = (Frontier::new(), Vec::new(), 0_u64);
        for index in 0..size.div_ceil(TILE_WIDTH as u64) {
            let path = tile_path(&self.folder.join("tile").join("entries"), index, size);
            let bytes = read(&path, BUNDLE_BYTES_MAX)?;
            let mut rest = bytes.as_slice();
            while let Some((entry, behind)) = first(rest) {
                frontier.append(leaf_hash(entry), &mut tiles);
                // Nobody wants them here: what is shown is the entries.
                tiles.clear();
                each(Sequence(next), entry);
                next = next.saturating_add(1);
                rest = behind;
            }
            let wanted = size.min(index.saturating_add(1).saturating_mul(TILE_WIDTH as u64));
            if !rest.is_empty() || next != wanted {
                return Err(ArchiveError::Bundle(path));
            }
        }
        if frontier.root() == self.checkpoint.root { Ok(()) } else { Err(ArchiveError::OtherEntries) }
    }
}

/// The entry behind its length in two bytes, the highest first, and what follows it.
fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(u16::from_be_bytes(*length).into())
}

fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, ArchiveError> {
    let failed = |source| ArchiveError::Io(path.to_owned(), source);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(bytes_max).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
