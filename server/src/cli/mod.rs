//! The command line of `turretd`, one subcommand a file; it must hold no work of its own.
#![allow(clippy::print_stdout, reason = "a command line prints its answers")]

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod audit;
pub mod backup;
mod bootstrap;
mod ceremony;
pub mod check;
#[cfg(unix)]
mod control;
mod core;
pub mod custody;
mod demo_desk;
mod demo_people;
mod descriptor;
pub mod export_intent;
mod files;
mod first_limits;
pub mod init;
mod key_names;
pub mod keys;
mod logging;
mod migrate;
mod moving;
mod opened;
mod pki;
mod record;
mod recover;
mod recreate;
mod reopening;
pub mod restore;
mod restoring;
mod revoke;
mod rotate;
#[cfg(unix)]
mod rotator;
mod screen;
pub mod serve;
mod serve_tiles;
mod shares;
pub mod state_hash;
mod stdin;
mod store_choice;
pub mod venue_sim;
pub mod witness;

/// Turret's server: a broker's order desk with an encrypted log that proves itself.
#[derive(Debug, Parser)]
#[command(name = "turretd", version, about)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Prove the log from its own bytes, its tree and its checkpoints.
    Audit(audit::AuditArgs),
    /// Make a sealed copy of everything a desk needs to start again, while it runs.
    Backup(backup::BackupArgs),
    /// Put a backup back into an empty directory, by the key store it was made with.
    Restore(restore::RestoreArgs),
    /// Say what keys there are, change them, share them out and bring them back.
    Keys(keys::KeysArgs),
    /// Make keys, certificates and stores in an empty directory.
    Init(init::InitArgs),
    /// Serve clients.
    Serve(serve::ServeArgs),
    /// Check configuration, keys, stores and log without changing anything.
    Check(check::CheckArgs),
    /// Fold the log from its first entry and print how many entries it has and the hash of the state.
    StateHash(state_hash::StateHashArgs),
    /// Run the exchange simulator.
    VenueSim(venue_sim::VenueSimArgs),
    /// Cosign the checkpoints of logs, so that nobody can show two histories.
    Witness(witness::WitnessArgs),
}

/// Parses and runs: 0 when all went well, 2 for a wrong command line, and what the subcommand says otherwise.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Where even this cannot be written, nobody is there to read it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match &parsed.verb {
        Verb::Audit(args) => audit::run(args),
        Verb::Backup(args) => backup::run(args),
        Verb::Restore(args) => restore::run(args),
        Verb::Init(args) => init::run(args),
        Verb::Keys(args) => keys::run(args),
        Verb::Serve(args) => serve::run(args),
        Verb::Check(args) => check::run(args),
        Verb::StateHash(args) => state_hash::run(args),
        Verb::VenueSim(args) => venue_sim::run(args),
        Verb::Witness(args) => witness::run(args),
    }
}

/// Says what went wrong, for the operator.
fn fail(text: &str) -> ExitCode {
    eprintln!("turretd: {}", turret_shared::text::escaped(text));
    ExitCode::FAILURE
}

/// An error with its sources on one line.
fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
