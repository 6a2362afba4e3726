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
    use std::os::fd::AsRawFd as _;
    let line = paper.line().ok_or_else(|| io::Error::other("too much was left behind"))?;
    let (theirs, ours) = io::pipe()?;
    put(ours, &line)?;
    rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty())?;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(arguments(std::env::args_os().skip(1)));
    command.arg(OPTION).arg(theirs.as_raw_fd().to_string());
    Ok((command, theirs))
}

/// Fills the pipe. Nobody reads before the new program does: what does not fit, where a system gives small pipes, is an
/// error and no wait without end.
#[cfg(unix)]
fn put(mut pipe: io::PipeWriter, line: &str) -> io::Result<()> {
    use std::io::Write as _;
    rustix::io::ioctl_fionbio(&pipe, true)?;
    pipe.write_all(line.as_bytes())?;
    pipe.write_all(b"\n")
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
    fn a_paper_that_does_not_fit_the_pipe_is_an_error_and_no_wait() {
        let (mut theirs, ours) = io::pipe().unwrap();
        put(ours, "fits").unwrap();
        let mut read = String::new();
        io::Read::read_to_string(&mut theirs, &mut read).unwrap();
        assert_eq!(read, "fits\n");
        let (_theirs, ours) = io::pipe().unwrap();
        let refused = put(ours, &"x".repeat(4 << 20)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn the_old_paper_is_not_handed_on() {
        let args = ["turret", "--server", "x:1", OPTION, "9", "--role", "broker"].map(std::ffi::OsString::from);
        let kept = arguments(args.into_iter());
        assert_eq!(kept, ["turret", "--server", "x:1", "--role", "broker"].map(std::ffi::OsString::from));
    }
}
