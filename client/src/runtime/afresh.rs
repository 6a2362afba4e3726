//! This program again in place of itself, so that its old memory is gone; it must hand over one descriptor and no secret.

use std::io;

use super::left::Paper;

/// Name of the option that hands the paper over; never typed by a person.
pub(crate) const OPTION: &str = "--left-fd";

/// Becomes a fresh process of the same program; returns only when that could not be.
#[cfg(unix)]
pub(super) fn start(paper: &Paper) -> io::Error {
    match prepared(paper) {
        Ok((mut command, _kept)) => std::os::unix::process::CommandExt::exec(&mut command),
        Err(error) => error,
    }
}

#[cfg(not(unix))]
pub(super) fn start(_: &Paper) -> io::Error {
    io::Error::other("this system cannot replace a program in place")
}

#[cfg(unix)]
fn prepared(paper: &Paper) -> io::Result<(std::process::Command, io::PipeReader)> {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    let line = paper.line().ok_or_else(|| io::Error::other("too much was left behind"))?;
    let (theirs, mut ours) = io::pipe()?;
    // It fits the pipe whole: nobody reads before the new program does.
    ours.write_all(line.as_bytes())?;
    ours.write_all(b"\n")?;
    drop(ours);
    rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty())?;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(arguments(std::env::args_os().skip(1)));
    command.arg(OPTION).arg(theirs.as_raw_fd().to_string());
    Ok((command, theirs))
}

/// The arguments of this process without the paper it was handed itself.
#[cfg(unix)]
fn arguments(args: impl Iterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut kept = Vec::new();
    let mut args = args;
    while let Some(arg) = args.next() {
        if arg == OPTION {
            let _ = args.next();
        } else {
            kept.push(arg);
        }
    }
    kept
}

/// No core is dumped and no stranger looks into this process from here on.
#[cfg(target_os = "linux")]
pub(super) fn close_to_strangers() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // A system that refuses is no reason not to start: what is in memory is gone after a lock all the same.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn close_to_strangers() {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_old_paper_is_not_handed_on() {
        let args = ["turret", "--server", "x:1", OPTION, "9", "--role", "broker"].map(std::ffi::OsString::from);
        let kept = arguments(args.into_iter());
        assert_eq!(kept, ["turret", "--server", "x:1", "--role", "broker"].map(std::ffi::OsString::from));
    }
}
