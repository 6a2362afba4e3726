//! The command line of `turret`: arguments, then one subcommand a file; it must decide nothing about orders.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the client with `args`, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let _ = args.into_iter().count();
    ExitCode::FAILURE
}
