//! `cargo demo`; it must do nothing but hand its arguments over.

use std::process::ExitCode;

fn main() -> ExitCode {
    turret_tests::demo::run(std::env::args_os())
}
