//! The command line of `turret`: arguments, then one subcommand a file; it must decide nothing about orders.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use turret_shared::role::Role;
use turret_shared::text;

use crate::keys::Plugged;

mod audit;
mod descriptor;
mod enrol;
mod keys;
mod manners;
mod script;
mod way_in;
mod workstation;

/// Everything was done.
const DONE: u8 = 0;
/// A line was refused.
const REFUSED: u8 = 1;
/// It did not come so far.
const BROKEN: u8 = 2;

/// A broker's workstation in the terminal.
#[derive(Debug, Parser)]
#[command(name = "turret", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    manners: manners::Manners,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a script: one action a line, one JSON object a line back.
    Run(script::RunArgs),
    /// Enrol this device with a code from an administrator.
    Enrol(enrol::EnrolArgs),
    /// Verify evidence from files, without a server.
    Audit(audit::AuditArgs),
    /// Print every action with its keys, and what is wrong with a keymap.
    Keys(manners::KeysArgs),
}

/// Which device, which person and which server.
#[derive(Debug, Clone, Args)]
struct Who {
    /// Profile directory of this device; ~/.config/turret unless given.
    #[arg(long, value_name = "DIR", conflicts_with = "credentials_fd")]
    profile: Option<PathBuf>,
    /// Read credentials (one line of JSON) from this file descriptor instead of asking.
    #[arg(long, value_name = "N")]
    credentials_fd: Option<u32>,
    /// Connect here instead of where the profile says.
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// Who to start as, among the credentials.
    #[arg(long, value_name = "ROLE", value_parser = role, requires = "credentials_fd")]
    role: Option<Role>,
    /// Leave when this file descriptor is closed at its other end (a parent process died).
    #[arg(long, value_name = "N")]
    until_fd_closes: Option<u32>,
    /// Speak to the security key that a demonstration simulates at this socket, and to no other.
    #[arg(long, value_name = "SOCKET", hide = true)]
    simulated_key: Option<PathBuf>,
    /// Read what the process before left behind at a lock from this file descriptor.
    #[arg(long, value_name = "N", hide = true)]
    left_fd: Option<u32>,
}

impl Who {
    /// The security key that is spoken to.
    fn plugged(&self) -> Plugged {
        self.simulated_key.clone().map_or(Plugged::In, Plugged::Simulated)
    }
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| "broker, supervisor, admin, support or customer".to_owned())
}

/// Runs the client with `args`, the program's name first.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no failures; clap knows where each belongs.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { BROKEN } else { DONE });
        }
    };
    match arguments.verb {
        Some(Verb::Run(args)) => script::run(&args),
        Some(Verb::Enrol(args)) => enrol::run(&args),
        Some(Verb::Audit(args)) => audit::run(&args),
        Some(Verb::Keys(args)) => keys::print(&args),
        None => workstation::open(&arguments.who, &arguments.manners),
    }
}

/// Says what stands in the way, escaped, and gives the status for it.
fn fail(what: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "turret: {}", text::escaped(&what.to_string()));
    ExitCode::from(BROKEN)
}
