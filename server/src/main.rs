//! The binary `turretd`: hands its arguments to the library; it must hold nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    turret_server::run(std::env::args_os().collect())
}
