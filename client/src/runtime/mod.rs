//! The workstation alive: terminal, clock, link and model in one loop; it must decide nothing the model can decide.

use std::process::ExitCode;

use turret_shared::text::escaped;

use crate::opening::Opening;

mod afresh;
mod alerts_left;
mod config;
mod doing;
mod echo;
mod ground;
mod input;
mod keeping;
mod keying;
mod left;
mod linear;
mod prompted;
mod run;
mod tables;
mod terminal;
mod told;
mod turned;
mod typed;

pub use left::Paper;

/// The terminal could not be had.
const NO_TERMINAL: u8 = 2;

/// Opens the workstation at sign-in and gives the status to leave with; the terminal is as it was before.
#[must_use]
pub fn open(opening: Opening) -> ExitCode {
    afresh::close_to_strangers();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    let ended =
        runtime.block_on(async { if opening.linear { linear::run(opening).await } else { run::run(opening).await } });
    // A thread may still wait for the parent or for a resolver.
    runtime.shutdown_background();
    match ended {
        Ok(status) => ExitCode::from(status),
        Err(error) => complain(&error),
    }
}

fn complain(error: &std::io::Error) -> ExitCode {
    use std::io::Write as _;
    // Nowhere else to say it.
    let _ = writeln!(std::io::stderr(), "turret: {}", escaped(&error.to_string()));
    ExitCode::from(NO_TERMINAL)
}
