//! The servers of a demonstration: the simulator first, then `turretd`; stopped in the other order.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use super::home::{Home, Secrets};
use super::options::Options;
use super::part::{Part, command};
use super::{AS_SERVER, BROKEN, say};

/// Any free port of this machine alone.
const LOOPBACK: &str = "127.0.0.1:0";
/// `turretd audit verify`: good, but nothing outside the database says so too.
const UNANCHORED: i32 = 3;

/// Both servers, running.
pub(crate) struct Desk {
    pub(crate) server: Part,
    pub(crate) venue: Part,
    /// Where clients connect.
    pub(crate) address: SocketAddr,
}

impl Desk {
    /// Starts both on ports of the system's choosing.
    pub(crate) fn start(home: &Home, secrets: &Secrets, options: &Options) -> io::Result<Self> {
        let (venue, venue_address) =
            Part::serve("venue-sim", venue_command(home, options)?, &secrets.passphrase, &home.log("venue-sim"))?;
        let mut serve = command(AS_SERVER)?;
        serve.arg("serve").arg("--data").arg(home.dir()).args(["--listen", LOOPBACK]);
        serve.args(["--venue", &venue_address.to_string(), "--passphrase-fd", "0", "--until-stdin-closes"]);
        let (server, address) = Part::serve("turretd", serve, &secrets.passphrase, &home.log("turretd"))?;
        Ok(Self { server, venue, address })
    }

    /// Stops both, the server first: what the venue does afterwards it will hear at its next start.
    pub(crate) fn stop(mut self) {
        for part in [&mut self.server, &mut self.venue] {
            part.stop();
        }
    }
}

fn venue_command(home: &Home, options: &Options) -> io::Result<Command> {
    let pki = home.dir().join("pki").join("venue");
    let mut venue = command(AS_SERVER)?;
    venue.arg("venue-sim").arg("--data").arg(home.dir().join("venue-sim")).args(["--listen", LOOPBACK]);
    for (name, file) in [("--cert", "venue.pem"), ("--key", "venue.key"), ("--ca", "ca.pem")] {
        venue.arg(name).arg(pki.join(file));
    }
    venue.args(["--passphrase-fd", "0", "--until-stdin-closes"]);
    if let Some(seed) = options.seed {
        venue.args(["--seed", &seed.to_string()]);
    }
    if let Some(path) = &options.replay {
        venue.arg("--replay").arg(absolute(path)?);
    }
    if let Some(speed) = options.speed {
        venue.args(["--speed", &speed.to_string()]);
    }
    if let Some(from) = &options.from {
        venue.args(["--from", from]);
    }
    Ok(venue)
}

fn absolute(path: &Path) -> io::Result<std::path::PathBuf> {
    path.canonicalize().map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))
}

/// `turretd audit verify` on what was left; a script's own failure weighs more than an unanchored log.
pub(crate) fn verify(home: &Home, secrets: &Secrets, status: u8) -> io::Result<u8> {
    let mut audit = command(AS_SERVER)?;
    audit.args(["audit", "verify", "--passphrase-fd", "0", "--data"]).arg(home.dir());
    let log = home.log("verify");
    let (mut part, mut out) = Part::start("verify", audit, &secrets.passphrase, &log)?;
    let mut words = String::new();
    out.read_to_string(&mut words)?;
    let code = part.wait()?.code();
    for line in words.lines() {
        say(line);
    }
    match code {
        Some(0 | UNANCHORED) => Ok(status),
        _ => {
            say("the log does not verify");
            Ok(BROKEN)
        }
    }
}
