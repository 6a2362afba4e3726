//! `turretd venue-sim`: the exchange simulator as its own process; it must decide nothing about orders itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `turretd venue-sim`.
#[derive(Debug, Clone, clap::Args)]
pub struct VenueSimArgs {
    /// Folder of the simulator's own journal; made if absent.
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
    /// File descriptor to read the journal's passphrase from; asked for at the prompt otherwise.
    #[arg(long)]
    pub passphrase_fd: Option<i32>,
    /// Makes the market repeatable.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Plays this recording (DBN, MBO, zstd) instead of a synthetic market.
    #[arg(long)]
    pub replay: Option<PathBuf>,
    /// How many times faster than recorded.
    #[arg(long, default_value_t = 1, requires = "replay")]
    pub speed: u32,
    /// Where in the recording to start (RFC 3339 with zone); 5 s before its first trade otherwise.
    #[arg(long, requires = "replay")]
    pub from: Option<String>,
    /// Ends when standard input closes.
    #[arg(long)]
    pub until_stdin_closes: bool,
}

/// Runs the simulator until it is told to end.
#[must_use]
pub fn run(args: &VenueSimArgs) -> ExitCode {
    let _ = args;
    ExitCode::from(2)
}
