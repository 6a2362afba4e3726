//! Random bytes as an argument: the type callers take and the system's source; it must not be called from pure code.

use std::fmt;

/// Fills a buffer with random bytes.
pub type Random = fn(&mut [u8]) -> Result<(), RandomError>;

/// The system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system gives no randomness")
    }
}

impl std::error::Error for RandomError {}

/// The operating system's generator.
///
/// # Errors
/// [`RandomError`] when it fails.
pub fn system(bytes: &mut [u8]) -> Result<(), RandomError> {
    getrandom::fill(bytes).map_err(|_| RandomError)
}

/// An array of random bytes.
///
/// # Errors
/// [`RandomError`] when `random` fails.
pub fn array<const N: usize>(random: Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0u8; N];
    random(&mut bytes)?;
    Ok(bytes)
}
