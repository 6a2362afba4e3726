//! Disk kept back for the day it is full; it must decide nothing but whether there is room.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use turret_disk::private;

/// Written at once while the reserve is laid, in bytes.
const CHUNK_BYTES: usize = 1024 * 1024;

/// A file of a fixed size that can be given up.
#[derive(Debug)]
pub struct DiskReserve {
    path: PathBuf,
    bytes: u64,
    held: bool,
}

impl DiskReserve {
    /// Lays the reserve at `path`, `mib` MiB long; it may turn out that there is no room for it.
    #[must_use]
    pub fn lay(path: PathBuf, mib: u32) -> Self {
        let mut reserve = Self { path, bytes: u64::from(mib).saturating_mul(1024 * 1024), held: false };
        reserve.restore();
        reserve
    }

    /// True while the reserve is there: everything may be decided.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.held
    }

    /// Gives the space up; false when it was given up before.
    pub fn give_up(&mut self) -> bool {
        let held = std::mem::replace(&mut self.held, false);
        held && fs::remove_file(&self.path).is_ok()
    }

    /// Tries to lay it again.
    pub fn restore(&mut self) {
        if self.held {
            return;
        }
        self.held = self.fill().is_ok();
        if !self.held {
            // A half-laid reserve only takes room away from the log.
            let _ = fs::remove_file(&self.path);
        }
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = private::open(OpenOptions::new().create(true).append(true), &self.path)?;
        let mut left = self.bytes.saturating_sub(length(&file)?);
        let chunk = vec![0_u8; CHUNK_BYTES];
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            file.write_all(chunk.get(..part).unwrap_or_default())?;
            left = left.saturating_sub(part as u64);
        }
        file.sync_all()
    }
}

fn length(file: &File) -> io::Result<u64> {
    file.metadata().map(|data| data.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_laid_given_up_once_and_laid_again() {
        let path = std::env::temp_dir().join(format!("turret-reserve-{}", std::process::id()));
        let mut reserve = DiskReserve::lay(path.clone(), 1);
        assert!(reserve.is_held());
        assert_eq!(fs::metadata(&path).map(|m| m.len()).ok(), Some(1024 * 1024));
        assert!(reserve.give_up());
        assert!(!reserve.give_up());
        assert!(!path.exists());
        reserve.restore();
        assert!(reserve.is_held());
        let _ = fs::remove_file(&path);
    }

    #[test]
    fn a_reserve_that_cannot_be_laid_is_not_held() {
        let reserve = DiskReserve::lay(PathBuf::from("/nonexistent/reserve"), 1);
        assert!(!reserve.is_held());
    }
}
