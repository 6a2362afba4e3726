//! Where a passphrase or PIN may come from: a prompt, an open file descriptor or a credential's file; it must never look at arguments or environment.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Longest passphrase read, in bytes.
const PASSPHRASE_BYTES_MAX: u64 = 1_024;

/// Why no passphrase was read.
#[derive(Debug)]
pub enum PassphraseError {
    /// The descriptor or terminal could not be read.
    Io(std::io::Error),
    /// Nothing was given.
    Empty,
    /// Longer than any passphrase accepted.
    TooLong,
}

impl fmt::Display for PassphraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(source) => write!(f, "no passphrase could be read: {source}"),
            Self::Empty => f.write_str("the passphrase is empty"),
            Self::TooLong => f.write_str("the passphrase is too long"),
        }
    }
}

impl std::error::Error for PassphraseError {}

/// What the key file is sealed under, or what a token asks for; wiped when dropped.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Takes bytes over.
    ///
    /// # Errors
    /// [`PassphraseError`] for empty or overlong ones.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, PassphraseError> {
        match bytes.len() as u64 {
            0 => Err(PassphraseError::Empty),
            length if length > PASSPHRASE_BYTES_MAX => Err(PassphraseError::TooLong),
            _ => Ok(Self(bytes)),
        }
    }

    /// Reads one line from a pipe or file this process was started with.
    ///
    /// # Errors
    /// [`PassphraseError`] when it cannot be read or holds none.
    pub fn from_descriptor(descriptor: u32) -> Result<Self, PassphraseError> {
        Self::from_file(Path::new(&format!("/dev/fd/{descriptor}")))
    }

    /// Reads the first line of a file made for it, as a service's credential is.
    ///
    /// # Errors
    /// [`PassphraseError`] when it cannot be read or holds none.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let file = File::open(path).map_err(PassphraseError::Io)?;
        // Room for the longest line, so that growing leaves no unwiped copy behind.
        let mut line = Zeroizing::new(Vec::with_capacity(PASSPHRASE_BYTES_MAX as usize + 2));
        BufReader::with_capacity(1, file)
            .take(PASSPHRASE_BYTES_MAX + 2)
            .read_until(b'\n', &mut line)
            .map_err(PassphraseError::Io)?;
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Self::new(line)
    }

    /// Asks at the terminal without echo.
    ///
    /// # Errors
    /// [`PassphraseError`] without a terminal or an answer.
    pub fn from_prompt(question: &str) -> Result<Self, PassphraseError> {
        let answer = Zeroizing::new(rpassword::prompt_password(question).map_err(PassphraseError::Io)?);
        Self::new(Zeroizing::new(answer.as_bytes().to_vec()))
    }

    /// The one way to read it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<passphrase>")
    }
}
