//! `cargo demo`: a server, an exchange simulator and a client, each a real process of its own; it must leave none behind.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use turret_shared::text::escaped;

pub(crate) mod desk;
pub(crate) mod home;
pub(crate) mod options;
pub(crate) mod part;
mod seat;
mod signals;

use desk::Desk;
use home::Home;
use options::Options;

/// First argument of a re-execution: this process is the server (or a tool of it).
pub const AS_SERVER: &str = "turretd";
/// First argument of a re-execution: this process is the client.
pub const AS_CLIENT: &str = "turret";

/// Status when it did not come so far.
const BROKEN: u8 = 2;

/// Runs the demonstration, or the part of it that `args` name.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    match args.get(1).and_then(|first| first.to_str()) {
        Some(AS_SERVER) => return turret_server::run(args.into_iter().skip(1).collect()),
        Some(AS_CLIENT) => return turret_client::run(args.into_iter().skip(1)),
        _ => {}
    }
    let options = match Options::try_parse_from(args) {
        Ok(options) => options,
        Err(error) => {
            // Help is no failure; clap knows where each belongs.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { BROKEN } else { 0 });
        }
    };
    match demonstrate(&options) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            say(&error.to_string());
            ExitCode::from(BROKEN)
        }
    }
}

/// One line for the person who started it, where no answer of a script goes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "demo: {}", escaped(text));
}

fn demonstrate(options: &Options) -> std::io::Result<u8> {
    let signals = signals::Signals::listen()?;
    if let Some(dir) = &options.join {
        let home = Home::there(dir)?;
        return seat::sit(home.address()?, &home, &home.secrets(false)?, options, &signals);
    }
    let home = Home::open(options.data.as_deref())?;
    if options.script.is_none() {
        say(&format!("a desk in {}", home.dir().display()));
    }
    let secrets = home.secrets(false)?;
    let desk = Desk::start(&home, &secrets, options)?;
    let status =
        home.tell_address(desk.address).and_then(|()| seat::sit(desk.address, &home, &secrets, options, &signals));
    home.forget_address();
    desk.stop();
    let status = status?;
    if options.verify && status != seat::INTERRUPTED { desk::verify(&home, &secrets, status) } else { Ok(status) }
}
