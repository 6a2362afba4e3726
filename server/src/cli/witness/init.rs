//! `turretd witness init`: a witness's keys and certificates in an empty directory; it must never touch an old one.

use std::io::Write;
use std::path::PathBuf;

use turret_certs::{Authority, Profile};
use turret_disk::private;
use turret_shared::time::NS_PER_S;
use turret_shared::tlog::{VerifierKey, WitnessVerifier};

use super::Place;
use super::settings::Settings;
use crate::cli::init::{Failed, failed};
use crate::cli::{descriptor, files, pki};
use crate::clock::{Clock, SystemClock};
use crate::keys::KeyStore;
use crate::keys::file::FileKeys;
use crate::random;

/// Arguments of `turretd witness init`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct InitArgs {
    /// Directory to make everything in; it must be empty or absent.
    #[arg(long)]
    data: PathBuf,
    /// Name of the witness, as its cosignatures carry it: an address without its scheme.
    #[arg(long)]
    name: String,
    /// The name logs reach it by, for its certificate.
    #[arg(long, default_value = "localhost")]
    host: String,
    /// A log whose checkpoints it cosigns, `origin+id+key`; more in `witness.toml`.
    #[arg(long, value_name = "KEY")]
    log: Vec<VerifierKey>,
    /// Where to read the key store's passphrase; it is asked for otherwise.
    #[arg(long)]
    passphrase_fd: Option<u32>,
}

pub(super) fn run(args: &InitArgs) -> Result<(), Failed> {
    if !files::is_vacant(&args.data).map_err(failed(args.data.display()))? {
        return Err(Failed(format!("{} is not empty", args.data.display())));
    }
    // Looked at before anything is made.
    WitnessVerifier::new(&args.name, [0; 32])?;
    let passphrase = descriptor::passphrase(args.passphrase_fd)?;
    let now_s = u64::try_from(SystemClock::new().wall().0 / NS_PER_S).unwrap_or(0);
    let place = Place::of(&args.data);
    private::make_dir(&args.data).map_err(failed(args.data.display()))?;
    private::make_dir(&place.pki()).map_err(failed(place.pki().display()))?;
    let settings = Settings { name: args.name.clone(), logs: args.log.iter().map(ToString::to_string).collect() };
    settings.write_new(&args.data)?;
    let keys = FileKeys::create(&place.keys(), &passphrase, random::system, now_s)?;
    let authority = Authority::create(&format!("{} witness", args.name), now_s)?;
    let web = authority.issue(&Profile::Server { dns_name: args.host.clone() }, now_s)?;
    pki::put_web(&place.pki(), &keys, authority.certificate_pem(), &web)?;
    let key = WitnessVerifier::new(&args.name, keys.checkpoint_key()?.public)?;
    writeln!(std::io::stdout().lock(), "{key}").map_err(failed("standard output"))
}
