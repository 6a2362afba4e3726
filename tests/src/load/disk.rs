//! What this disk charges for durability: the median fdatasync; it must write only below the folder it is given.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::clock::Stopwatch;
use super::figures::percentile;

/// Bytes appended before each flush: about what a commit of one order writes.
const BLOCK_BYTES: usize = 8 * 1024;

/// Median microseconds of `rounds` appends of 8 KiB, each flushed by fdatasync.
///
/// # Errors
/// Whatever the file system says.
pub fn fdatasync_us_p50(folder: &Path, rounds: usize) -> io::Result<u64> {
    let path = folder.join("fdatasync.probe");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let block = [0x5a_u8; BLOCK_BYTES];
    let mut samples = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        file.write_all(&block)?;
        let watch = Stopwatch::start();
        file.sync_data()?;
        samples.push(watch.us());
    }
    drop(file);
    std::fs::remove_file(&path)?;
    Ok(percentile(&mut samples, 0.5))
}
