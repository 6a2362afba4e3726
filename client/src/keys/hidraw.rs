//! Security keys on Linux through hidraw, found by what their descriptors say; it must open nothing else.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::KeyError;
use super::hid::{REPORT_BYTES, Reports};

/// Where the kernel lists them.
const CLASS: &str = "/sys/class/hidraw";
/// Devices looked at.
const DEVICES_MAX: usize = 64;
/// Usage page F1D0: a FIDO device (CTAP 2.1, 11.2.8.1).
const FIDO_PAGE: [u8; 3] = [0x06, 0xD0, 0xF1];

/// Paths of the security keys there are.
#[must_use]
pub fn plugged_in() -> Vec<PathBuf> {
    let Ok(listed) = std::fs::read_dir(CLASS) else { return Vec::new() };
    let names = listed.filter_map(Result::ok).take(DEVICES_MAX);
    let keys = names.filter(|entry| is_key(&entry.path().join("device/report_descriptor")));
    let mut paths: Vec<PathBuf> = keys.map(|entry| Path::new("/dev").join(entry.file_name())).collect();
    paths.sort();
    paths
}

fn is_key(descriptor: &Path) -> bool {
    std::fs::read(descriptor).is_ok_and(|bytes| bytes.windows(FIDO_PAGE.len()).any(|part| part == FIDO_PAGE))
}

/// An open device.
pub struct Device(File);

impl Device {
    /// Opens the one security key that is plugged in.
    ///
    /// # Errors
    /// [`KeyError::None`], [`KeyError::Several`], [`KeyError::NotAllowed`], [`KeyError::Gone`].
    pub fn only() -> Result<Self, KeyError> {
        match &plugged_in()[..] {
            [] => Err(KeyError::None),
            [one] => Self::open(one),
            _ => Err(KeyError::Several),
        }
    }

    fn open(path: &Path) -> Result<Self, KeyError> {
        let opened = File::options().read(true).write(true).open(path);
        opened.map(Self).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => KeyError::NotAllowed,
            _ => KeyError::Gone,
        })
    }
}

impl Reports for Device {
    fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError> {
        // The first byte is the number of the report, and there is only one.
        let mut numbered = [0_u8; REPORT_BYTES + 1];
        numbered.iter_mut().skip(1).zip(report).for_each(|(to, byte)| *to = *byte);
        self.0.write_all(&numbered).map_err(|_| KeyError::Gone)
    }

    fn receive(&mut self, within_ms: u32) -> Result<[u8; REPORT_BYTES], KeyError> {
        let within =
            Timespec { tv_sec: i64::from(within_ms / 1_000), tv_nsec: i64::from(within_ms % 1_000) * 1_000_000 };
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        match poll(&mut ready, Some(&within)) {
            Ok(1) => {}
            _ => return Err(KeyError::Gone),
        }
        let mut report = [0_u8; REPORT_BYTES];
        self.0.read_exact(&mut report).map_err(|_| KeyError::Gone)?;
        Ok(report)
    }
}
