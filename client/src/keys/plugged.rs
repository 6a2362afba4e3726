//! Which key is at hand: the one plugged in, or the one a demonstration simulates; it must never take one for the other.

use std::path::PathBuf;

use super::KeyError;
use super::hid::Reports;

/// Where the key is.
#[derive(Debug, Clone, Default)]
pub enum Plugged {
    /// In this machine.
    #[default]
    In,
    /// In the process of a demonstration that listens at this socket.
    Simulated(PathBuf),
}

impl Plugged {
    /// True for one that nobody can hold in a hand.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated(_))
    }

    /// Opens it.
    pub(super) fn open(&self) -> Result<Box<dyn Reports>, KeyError> {
        match self {
            Self::In => real(),
            Self::Simulated(socket) => simulated(socket),
        }
    }
}

#[cfg(target_os = "linux")]
fn real() -> Result<Box<dyn Reports>, KeyError> {
    Ok(Box::new(super::hidraw::Device::only()?))
}

#[cfg(not(target_os = "linux"))]
const fn real() -> Result<Box<dyn Reports>, KeyError> {
    Err(KeyError::None)
}

#[cfg(unix)]
fn simulated(socket: &std::path::Path) -> Result<Box<dyn Reports>, KeyError> {
    let stream = std::os::unix::net::UnixStream::connect(socket).map_err(|_| KeyError::None)?;
    Ok(Box::new(socket::Device(stream)))
}

#[cfg(not(unix))]
const fn simulated(_: &std::path::Path) -> Result<Box<dyn Reports>, KeyError> {
    Err(KeyError::None)
}

/// Reports as they would go over USB, over a socket of this machine.
#[cfg(unix)]
mod socket {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::super::hid::{REPORT_BYTES, Reports};
    use super::KeyError;

    pub(super) struct Device(pub(super) UnixStream);

    impl Reports for Device {
        fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError> {
            self.0.write_all(report).map_err(|_| KeyError::Gone)
        }

        fn receive(&mut self, within_ms: u32) -> Result<[u8; REPORT_BYTES], KeyError> {
            let within = Duration::from_millis(u64::from(within_ms.max(1)));
            self.0.set_read_timeout(Some(within)).map_err(|_| KeyError::Gone)?;
            let mut report = [0_u8; REPORT_BYTES];
            self.0.read_exact(&mut report).map_err(|_| KeyError::Gone)?;
            Ok(report)
        }
    }
}
