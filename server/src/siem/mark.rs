//! How far the SIEM was sent the log, kept in a file of its own; it must never say more than was sent.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use turret_disk::private;

/// The file.
const FILE: &str = "siem-sent";
/// Longest such file read, in bytes: a number.
const BYTES_MAX: u64 = 32;

/// Why the place cannot be read or kept.
#[derive(Debug)]
pub enum MarkError {
    /// The file.
    Io(PathBuf, io::Error),
    /// It holds no place.
    NotAPlace(PathBuf),
}

impl fmt::Display for MarkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, _) => write!(f, "cannot use {}", path.display()),
            Self::NotAPlace(path) => {
                write!(f, "{} holds no place of the log: take it away to send all of it anew", path.display())
            }
        }
    }
}

impl std::error::Error for MarkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, source) => Some(source),
            Self::NotAPlace(_) => None,
        }
    }
}

/// The place up to which entries were sent.
#[derive(Debug)]
pub struct Mark {
    path: PathBuf,
    sent: u64,
}

impl Mark {
    /// As it was kept in `folder`; from the log's first entry where nothing was.
    ///
    /// # Errors
    /// [`MarkError`].
    pub fn open(folder: &Path) -> Result<Self, MarkError> {
        let path = folder.join(FILE);
        let text = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { path, sent: 0 }),
            Err(error) => return Err(MarkError::Io(path, error)),
            Ok(found) if found.len() > BYTES_MAX => return Err(MarkError::NotAPlace(path)),
            Ok(_) => fs::read_to_string(&path),
        };
        match text.map(|text| text.trim().parse()) {
            Ok(Ok(sent)) => Ok(Self { path, sent }),
            Ok(Err(_)) => Err(MarkError::NotAPlace(path)),
            Err(error) => Err(MarkError::Io(path, error)),
        }
    }

    /// Entries before this one were sent.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Keeps that entries before `sent` were.
    ///
    /// # Errors
    /// [`MarkError::Io`]; what was kept before is kept.
    pub fn keep(&mut self, sent: u64) -> Result<(), MarkError> {
        private::replace(&self.path, &self.path.with_extension("tmp"), format!("{sent}\n").as_bytes())
            .map_err(|source| MarkError::Io(self.path.clone(), source))?;
        self.sent = sent;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_again_and_what_is_no_place_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut mark = Mark::open(folder.path()).expect("nothing yet");
        assert_eq!(mark.sent(), 0);
        mark.keep(4_711).expect("kept");
        assert_eq!(Mark::open(folder.path()).expect("found").sent(), 4_711);
        for bad in ["", "x", "-1", &"9".repeat(40)] {
            fs::write(folder.path().join(FILE), bad).expect("written");
            assert!(matches!(Mark::open(folder.path()), Err(MarkError::NotAPlace(_))), "{bad}");
        }
    }
}
