//! `turretd venue-sim`: the exchange simulator as its own process; it must decide nothing about orders itself.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use turret_certs::tls::Credentials;
use turret_disk::private;
use turret_shared::time::{NS_PER_S, Timestamp};
use zeroize::Zeroizing;

use super::{fail, logging, sentence, stdin};
use crate::clock::{Clock, SystemClock};
use crate::keys::file::FileKeys;
use crate::keys::{KeyError, KeyStore, Passphrase, PassphraseError, Purpose};
use crate::sim::host::{HostConfig, HostError, ReplayConfig, serve};
use crate::{random, reset};

/// Arguments of `turretd venue-sim`.
#[derive(Debug, Clone, clap::Args)]
pub struct VenueSimArgs {
    /// Folder of the simulator's own journal and key file; made if absent.
    #[arg(long)]
    pub data: PathBuf,
    /// Where to listen for the server, port 0 for any.
    #[arg(long)]
    pub listen: SocketAddr,
    /// Certificate of the simulator (PEM file).
    #[arg(long)]
    pub cert: PathBuf,
    /// Its key (PEM file).
    #[arg(long)]
    pub key: PathBuf,
    /// The authority both ends believe (PEM file).
    #[arg(long)]
    pub ca: PathBuf,
    /// File descriptor to read the key file's passphrase from; asked for at the prompt otherwise.
    #[arg(long)]
    pub passphrase_fd: Option<u32>,
    /// Makes the market repeatable.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Plays this recording (DBN, order by order, zstd) instead of a synthetic market.
    #[arg(long)]
    pub replay: Option<PathBuf>,
    /// How many times faster than recorded.
    #[arg(long, default_value_t = 1, requires = "replay", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub speed: u32,
    /// Where in the recording to start (RFC 3339 with zone); 5 s before its first trade otherwise.
    #[arg(long, requires = "replay", value_parser = parse_time)]
    pub from: Option<Timestamp>,
    /// What is logged on standard error (tracing filter).
    #[arg(long, default_value = "info")]
    pub log: String,
    /// Ends when standard input closes.
    #[arg(long)]
    pub until_stdin_closes: bool,
}

/// Why the simulator did not run.
#[derive(Debug)]
enum VenueSimError {
    File(PathBuf, io::Error),
    Passphrase(PassphraseError),
    Keys(KeyError),
    Log(String),
    Runtime(io::Error),
    Host(HostError),
}

impl fmt::Display for VenueSimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, _) => write!(f, "{}", path.display()),
            Self::Passphrase(_) => f.write_str("no passphrase"),
            Self::Keys(_) => f.write_str("the key file cannot be used"),
            Self::Log(cause) => f.write_str(cause),
            Self::Runtime(_) => f.write_str("no runtime"),
            Self::Host(_) => f.write_str("the exchange stopped"),
        }
    }
}

impl std::error::Error for VenueSimError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, cause) | Self::Runtime(cause) => Some(cause),
            Self::Passphrase(cause) => Some(cause),
            Self::Keys(cause) => Some(cause),
            Self::Log(_) => None,
            Self::Host(cause) => Some(cause),
        }
    }
}

/// Runs the simulator until it is told to end.
#[must_use]
pub fn run(args: &VenueSimArgs) -> ExitCode {
    match simulate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("venue-sim: {}", sentence(&error))),
    }
}

fn simulate(args: &VenueSimArgs) -> Result<(), VenueSimError> {
    logging::start(&args.log, false).map_err(|error| VenueSimError::Log(error.0))?;
    let passphrase = match args.passphrase_fd {
        Some(descriptor) => Passphrase::from_descriptor(descriptor),
        None => Passphrase::from_prompt("Passphrase of the venue simulator's key file: "),
    }
    .map_err(VenueSimError::Passphrase)?;
    private::make_dir(&args.data).map_err(|cause| VenueSimError::File(args.data.clone(), cause))?;
    let keys = open_keys(&args.data.join("venue.keys"), &passphrase).map_err(VenueSimError::Keys)?;
    drop(passphrase);
    let (cert, pem_key, ca) = (read(&args.cert)?, Zeroizing::new(read(&args.key)?), read(&args.ca)?);
    let reset_key = keys.key(Purpose::StatelessReset).map_err(VenueSimError::Keys)?;
    let endpoint =
        reset::endpoint_config(&reset_key, random::system).map_err(|fault| VenueSimError::Keys(fault.into()))?;
    let replay = args.replay.clone().map(|path| ReplayConfig { path, speed: args.speed, from: args.from });
    let config = HostConfig {
        journal: args.data.join("venue.db"),
        key: keys.key(Purpose::Database).map_err(VenueSimError::Keys)?,
        listen: args.listen,
        credentials: Credentials { authority_pem: &ca, certificate_pem: &cert, key_pem: &pem_key },
        endpoint,
        seed: args.seed,
        replay,
    };
    // One member: a second thread would only wake this one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(VenueSimError::Runtime)?;
    let outcome = runtime.block_on(serve(
        config,
        Arc::new(SystemClock::new()),
        announce,
        stdin::told_to_end(args.until_stdin_closes),
    ));
    outcome.map_err(VenueSimError::Host)
}

/// The simulator's key file, made at the first start.
fn open_keys(path: &Path, passphrase: &Passphrase) -> Result<FileKeys, KeyError> {
    if path.exists() {
        return FileKeys::open(path, passphrase);
    }
    let now_s = u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0);
    FileKeys::create(path, passphrase, random::system, now_s)
}

fn read(path: &Path) -> Result<String, VenueSimError> {
    fs::read_to_string(path).map_err(|cause| VenueSimError::File(path.to_owned(), cause))
}

/// Says on standard output where to connect.
fn announce(address: SocketAddr) {
    let mut out = io::stdout().lock();
    // Whoever started us and closed our output does not want to know.
    let _ = writeln!(out, "listening {address}").and_then(|()| out.flush());
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| "write it as 2023-12-25T14:30:00Z".to_owned())?;
    i64::try_from(moment.as_nanosecond()).map(Timestamp).map_err(|_| "out of range".to_owned())
}
