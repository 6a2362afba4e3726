//! The log as static files for whoever watches it (C2SP tlog-tiles): hash tiles, entries, the checkpoint last; it must change
//! nothing of the log and never write over a full tile.

use std::fmt;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use turret_shared::ids::Sequence;
use turret_shared::tlog::{Hash, TILE_BITS, TILE_WIDTH};

use super::SignedCheckpoint;
use crate::store::{ReadError, Reader};

/// Why the files were not written.
#[derive(Debug)]
pub enum TilesError {
    /// The log could not be read.
    Read(ReadError),
    /// A file could not be written.
    Io(PathBuf, io::Error),
    /// An entry longer than two bytes of length can say.
    TooLong(Sequence),
}

impl fmt::Display for TilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(_) => f.write_str("the log could not be read"),
            Self::Io(path, _) => write!(f, "cannot write {}", path.display()),
            Self::TooLong(place) => write!(f, "entry {} is too long for a tile", place.0),
        }
    }
}

impl std::error::Error for TilesError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(source) => Some(source),
            Self::Io(_, source) => Some(source),
            Self::TooLong(_) => None,
        }
    }
}

impl From<ReadError> for TilesError {
    fn from(source: ReadError) -> Self {
        Self::Read(source)
    }
}

/// Writes what the checkpoint covers into `folder`; full tiles that are there already stay. Gives how many files were written.
///
/// # Errors
/// [`TilesError`]; a checkpoint is there only when everything it covers is.
pub fn write(reader: &mut dyn Reader, signed: &SignedCheckpoint, folder: &Path) -> Result<u64, TilesError> {
    let size = signed.checkpoint.size;
    let mut written = 0_u64;
    let (mut level, mut width) = (0_u8, size);
    while width > 0 {
        for index in 0..width.div_ceil(TILE_WIDTH as u64) {
            let path = tile_path(&folder.join("tile").join(level.to_string()), index, width);
            written = written.saturating_add(put(&path, || hashes(reader, level, index, width))?);
            if level == 0 {
                let path = tile_path(&folder.join("tile").join("entries"), index, width);
                written = written.saturating_add(put(&path, || entries(reader, index, width))?);
            }
        }
        level = level.saturating_add(1);
        width = width.wrapping_shr(TILE_BITS.into());
    }
    replace(&folder.join("checkpoint"), signed.note.as_bytes())?;
    Ok(written.saturating_add(1))
}

/// `x001/x234/067`, and behind a partial tile `.p/` and how many it has of 256.
pub(super) fn tile_path(under: &Path, index: u64, width: u64) -> PathBuf {
    let mut parts = vec![format!("{:03}", index % 1_000)];
    let mut rest = index / 1_000;
    while rest > 0 {
        parts.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    let full = index.saturating_add(1).saturating_mul(TILE_WIDTH as u64) <= width;
    if let (Some(last), false) = (parts.first_mut(), full) {
        last.push_str(".p");
    }
    let path = parts.iter().rev().fold(under.to_owned(), |path, part| path.join(part));
    if full { path } else { path.join((width % TILE_WIDTH as u64).to_string()) }
}

/// Places of one tile among `width` of them.
fn places(index: u64, width: u64) -> std::ops::Range<u64> {
    let first = index.saturating_mul(TILE_WIDTH as u64);
    first..width.min(first.saturating_add(TILE_WIDTH as u64))
}

/// Hashes of level `level`, each over 256 to its power of leaves.
fn hashes(reader: &mut dyn Reader, level: u8, index: u64, width: u64) -> Result<Vec<u8>, TilesError> {
    let mut bytes = Vec::with_capacity(TILE_WIDTH.saturating_mul(32));
    for place in places(index, width) {
        let Hash(hash) = reader.node(level.saturating_mul(TILE_BITS), place)?;
        bytes.extend_from_slice(&hash);
    }
    Ok(bytes)
}

/// Entries, each behind its length in two bytes, the highest first.
fn entries(reader: &mut dyn Reader, index: u64, width: u64) -> Result<Vec<u8>, TilesError> {
    let range = places(index, width);
    let (mut bytes, mut long) = (Vec::new(), None);
    let wanted = range.end.saturating_sub(range.start);
    let read =
        reader.entries(Sequence(range.start), wanted, &mut |stored| match u16::try_from(stored.bytes.len()) {
            Ok(length) => {
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(stored.bytes);
                ControlFlow::Continue(())
            }
            Err(_) => {
                long = Some(stored.sequence);
                ControlFlow::Break(())
            }
        })?;
    match long {
        Some(place) => Err(TilesError::TooLong(place)),
        None if read == wanted => Ok(bytes),
        None => Err(TilesError::Read(ReadError::Missing)),
    }
}

/// Writes a file that is not there; 1 when it was not.
fn put(path: &Path, bytes: impl FnOnce() -> Result<Vec<u8>, TilesError>) -> Result<u64, TilesError> {
    if path.exists() {
        return Ok(0);
    }
    replace(path, &bytes()?).map(|()| 1)
}

/// Whole or not at all, readable by whoever serves it.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), TilesError> {
    let failed = |source| TilesError::Io(path.to_owned(), source);
    let draft = path.with_extension("draft");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(&draft, bytes).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_format() {
        let path = |index, width| tile_path(Path::new("tile/0"), index, width).display().to_string();
        assert_eq!(path(0, 256), "tile/0/000");
        assert_eq!(path(0, 255), "tile/0/000.p/255");
        assert_eq!(path(1_234_067, u64::MAX), "tile/0/x001/x234/067");
        assert_eq!(path(1_234_067, 1_234_067 * 256 + 8), "tile/0/x001/x234/067.p/8");
    }
}
