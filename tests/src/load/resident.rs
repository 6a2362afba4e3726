//! How much memory a process holds, as the kernel counts it; it must only read.

use std::fs;

/// Resident and peak resident size.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resident {
    /// Now, in KiB.
    pub now_kib: u64,
    /// Peak, in KiB.
    pub peak_kib: u64,
}

/// Reads `/proc/ID/status`; `None` where there is no such file.
#[must_use]
pub fn of(process: u32) -> Option<Resident> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| -> Option<u64> {
        status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
    };
    Some(Resident { now_kib: field("VmRSS:")?, peak_kib: field("VmHWM:")? })
}
