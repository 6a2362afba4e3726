//! Secrets told by file descriptor, never by argument or environment; it must not print or log what passes.

use std::fs::OpenOptions;
use std::io::{self, Write};

use crate::keys::{Passphrase, PassphraseError};

/// The passphrase of a program that keeps its keys in a file: from a descriptor, or asked for on the terminal.
pub(super) fn passphrase(descriptor: Option<u32>) -> Result<Passphrase, PassphraseError> {
    match descriptor {
        Some(descriptor) => Passphrase::from_descriptor(descriptor),
        None => Passphrase::from_prompt("Key store passphrase: "),
    }
}

/// Writes everything to a descriptor; 1 is standard output.
pub(super) fn write_all(descriptor: u32, bytes: &[u8]) -> io::Result<()> {
    if descriptor == 1 {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        return out.flush();
    }
    let mut out = OpenOptions::new().write(true).open(format!("/dev/fd/{descriptor}"))?;
    out.write_all(bytes)?;
    out.flush()
}
