//! The server `turretd` as a library: its parts and the one entry point; nothing here may be imported by the client.

use std::ffi::OsString;
use std::process::ExitCode;

pub mod audit;
pub mod auth;
pub mod backup;
pub mod cipher;
pub mod cli;
pub mod clock;
pub mod config;
pub mod encrypted;
pub mod guard;
pub mod keys;
pub mod listings;
pub mod net;
pub mod projections;
pub mod quotes;
pub mod random;
pub mod recovery;
pub mod replica;
pub mod reset;
pub mod sequencer;
pub mod session;
pub mod siem;
pub mod sim;
pub mod store;
pub mod vault;
pub mod venue;
pub mod versions;
pub mod watch;
pub mod web;
pub mod witness;
pub mod witnessing;

/// Runs `turretd` with these arguments (the first is the program's name) and tells its exit code.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    cli::run(arguments)
}
