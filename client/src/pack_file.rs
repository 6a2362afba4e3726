//! A proof pack put into a file, for its owner alone; it must never write over what is there.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use turret_disk::private;
use turret_shared::digest::Digest;
use turret_shared::ids::OrderId;

/// A file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// How long it is.
    pub(crate) bytes: usize,
    /// SHA-256 of it: what the log has of it too.
    pub(crate) digest: Digest,
}

/// Writes a new file and makes it durable.
///
/// # Errors
/// What the system says; [`io::ErrorKind::AlreadyExists`] when there is one of that name.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<Written> {
    let mut file = private::open(File::options().create_new(true).write(true), path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(Written { bytes: bytes.len(), digest: Digest(Sha256::digest(bytes).into()) })
}

/// Puts a pack where the program was started, for there the person finds it; says in a sentence where, or why not.
pub(crate) fn keep(order: OrderId, bytes: &[u8]) -> String {
    let name = format!("{order}.turret-pack");
    match write(Path::new(&name), bytes) {
        Ok(Written { bytes, digest }) => {
            format!(
                "The proof pack of {order} is in {name}: {bytes} bytes, SHA-256 {:.8}.. as the log has it.",
                digest.to_string()
            )
        }
        Err(error) => format!("The proof pack of {order} is not written: {name}: {}.", why(&error)),
    }
}

/// Why it was not written, in a few words.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "there is a file of that name, and it stays as it is".to_owned(),
        kind => kind.to_string(),
    }
}
