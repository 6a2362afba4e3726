//! New files of a data directory, readable by their owner alone; it must never overwrite one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use turret_disk::private;

/// True when nothing is in the directory, or it is not there.
pub(super) fn is_vacant(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut items) => Ok(items.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Writes a file that was not there, and flushes it.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private::open(OpenOptions::new().write(true).create_new(true), path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
