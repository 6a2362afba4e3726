//! The `turret` program; it must do nothing but hand its arguments over.

use std::process::ExitCode;

fn main() -> ExitCode {
    turret_client::run(std::env::args_os())
}
