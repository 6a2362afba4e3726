//! Named files one after the other within a backup; it must write none of them where its name does not allow.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path};

use super::BackupError;
use super::error::streamed;

/// Longest name, in bytes.
const NAME_BYTES_MAX: u16 = 256;
/// Most pieces of a backup.
const PIECES_MAX: u32 = 1_024;

/// A name that leads nowhere but below the folder it is joined to.
#[must_use]
pub fn is_plain_path(name: &str) -> bool {
    let path = Path::new(name);
    let plain = |part: Component<'_>| match part {
        Component::Normal(part) => part.to_str().is_some_and(|part| !part.starts_with('.')),
        _ => false,
    };
    let fits = !name.is_empty() && name.len() <= usize::from(NAME_BYTES_MAX);
    fits && !name.contains('\\') && !name.contains("//") && !name.ends_with('/') && path.components().all(plain)
}

/// Writes pieces.
#[derive(Debug)]
pub struct Writing<W>(W);

impl<W: Write> Writing<W> {
    /// Into this.
    pub const fn new(out: W) -> Self {
        Self(out)
    }

    /// Writes a piece that is in memory.
    ///
    /// # Errors
    /// What the system says.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.head(name, bytes.len() as u64)?;
        self.0.write_all(bytes)
    }

    /// Writes a file, as long as it is when this begins.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::UnexpectedEof`] when it became shorter.
    pub fn file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        self.head(name, length)?;
        let copied = io::copy(&mut file.take(length), &mut self.0)?;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn head(&mut self, name: &str, length: u64) -> io::Result<()> {
        let size = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.0.write_all(&size.to_be_bytes())?;
        self.0.write_all(name.as_bytes())?;
        self.0.write_all(&length.to_be_bytes())
    }

    /// Says that there are no more, and gives back what it wrote to.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self) -> io::Result<W> {
        self.0.write_all(&0u16.to_be_bytes())?;
        Ok(self.0)
    }
}

/// Reads pieces, in their order.
#[derive(Debug)]
pub struct Pieces<'a, R> {
    path: &'a Path,
    input: R,
    left: u64,
    seen: u32,
}

impl<'a, R: Read> Pieces<'a, R> {
    /// Of this input, which is that of the backup at `path`.
    pub const fn new(path: &'a Path, input: R) -> Self {
        Self { path, input, left: 0, seen: 0 }
    }

    /// The next one's name and length; `None` behind the last, which is the end of all.
    ///
    /// # Errors
    /// [`BackupError::Altered`], [`BackupError::Content`].
    pub fn advance(&mut self) -> Result<Option<(String, u64)>, BackupError> {
        if self.left > 0 {
            return Err(BackupError::Content("a piece that nobody took"));
        }
        let mut size = [0; 2];
        self.exact(&mut size)?;
        let size = u16::from_be_bytes(size);
        if size == 0 {
            let mut more = [0; 1];
            let read = self.input.read(&mut more).map_err(|error| streamed(self.path, error))?;
            return if read == 0 { Ok(None) } else { Err(BackupError::Content("more than its pieces")) };
        }
        self.seen = self.seen.saturating_add(1);
        if size > NAME_BYTES_MAX || self.seen > PIECES_MAX {
            return Err(BackupError::Content("more than a desk is made of"));
        }
        let mut name = vec![0; usize::from(size)];
        self.exact(&mut name)?;
        let mut length = [0; 8];
        self.exact(&mut length)?;
        let name = String::from_utf8(name).map_err(|_| BackupError::Content("a piece without a name"))?;
        self.left = u64::from_be_bytes(length);
        Ok(Some((name, self.left)))
    }

    /// Copies the piece that was named last.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn copy(&mut self, out: &mut impl Write) -> Result<(), BackupError> {
        let copied = io::copy(&mut (&mut self.input).take(self.left), out);
        let copied = copied.map_err(|error| streamed(self.path, error))?;
        if copied != self.left {
            return Err(BackupError::Content("a piece that ends early"));
        }
        self.left = 0;
        Ok(())
    }

    fn exact(&mut self, bytes: &mut [u8]) -> Result<(), BackupError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => BackupError::Content("less than its pieces"),
            _ => streamed(self.path, error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_but_below() {
        for good in ["log.db", "pki/ca.pem", "pki/venue/ca.pem"] {
            assert!(is_plain_path(good), "{good}");
        }
        for bad in ["", "/etc/passwd", "../a", "pki/../../a", "./a", "pki/.hidden", "pki//a", "pki/", "a\\b", ".."] {
            assert!(!is_plain_path(bad), "{bad}");
        }
    }

    #[test]
    fn pieces_are_read_as_they_were_written_and_no_other_way() {
        let mut writing = Writing::new(Vec::new());
        writing.bytes("one", b"first").unwrap();
        writing.bytes("two", b"").unwrap();
        let bytes = writing.finish().unwrap();
        let path = Path::new("a");
        let mut pieces = Pieces::new(path, bytes.as_slice());
        let mut read = Vec::new();
        assert_eq!(pieces.advance().unwrap(), Some(("one".into(), 5)));
        assert!(matches!(pieces.advance(), Err(BackupError::Content(_))));
        pieces.copy(&mut read).unwrap();
        assert_eq!((pieces.advance().unwrap(), read.as_slice()), (Some(("two".into(), 0)), b"first".as_slice()));
        pieces.copy(&mut read).unwrap();
        assert_eq!(pieces.advance().unwrap(), None);
        let more = [bytes.as_slice(), b"x"].concat();
        for wrong in [&bytes[..bytes.len() - 1], &more] {
            let mut pieces = Pieces::new(path, wrong);
            let mut last = Ok(Some((String::new(), 0)));
            while let Ok(Some(_)) = last {
                last = pieces.advance();
                let _ = pieces.copy(&mut Vec::new());
            }
            assert!(matches!(last, Err(BackupError::Content(_))));
        }
    }
}
