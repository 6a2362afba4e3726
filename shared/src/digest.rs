//! A SHA-256 or HMAC-SHA-256 value as the log and the commands carry it; it must compute nothing.

use core::fmt;

use crate::cbor::as_byte_string;

/// Thirty-two bytes of a digest, a commitment or a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

as_byte_string!(Digest, "digest");
