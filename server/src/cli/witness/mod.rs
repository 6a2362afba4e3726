//! `turretd witness`: cosigns the checkpoints of logs it was told of, one subcommand a file; it must hold no desk.

mod evidence;
mod init;
mod serve;
mod settings;
mod vkey;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use turret_shared::tlog::WitnessVerifier;

use super::descriptor;
use super::init::Failed;
use crate::keys::KeyStore;
use crate::keys::file::FileKeys;
use settings::Settings;

/// Arguments of `turretd witness`.
#[derive(Debug, Clone, clap::Args)]
pub struct WitnessArgs {
    /// What to do.
    #[command(subcommand)]
    verb: WitnessVerb,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum WitnessVerb {
    /// Make a witness's keys and certificates in an empty directory, and print its key.
    Init(init::InitArgs),
    /// Cosign what continues what was seen.
    Serve(serve::ServeArgs),
    /// Print the key that verifies its cosignatures, to be published: `name+id+key`.
    Vkey(vkey::VkeyArgs),
    /// Print what it cosigned last of a log, and what that log signed besides and it refused: two histories, if there are two.
    Evidence(evidence::EvidenceArgs),
}

/// Runs it.
#[must_use]
pub fn run(args: &WitnessArgs) -> ExitCode {
    let done = match &args.verb {
        WitnessVerb::Init(args) => init::run(args),
        WitnessVerb::Serve(args) => serve::run(args),
        WitnessVerb::Vkey(args) => vkey::run(args),
        WitnessVerb::Evidence(args) => evidence::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(text)) => super::fail(&format!("witness: {text}")),
    }
}

/// Where things lie within a witness's directory.
struct Place(PathBuf);

impl Place {
    fn of(data: &Path) -> Self {
        Self(data.to_owned())
    }

    fn keys(&self) -> PathBuf {
        self.0.join("keys.sealed")
    }

    fn kept(&self) -> PathBuf {
        self.0.join("witness.db")
    }

    fn pki(&self) -> PathBuf {
        self.0.join("pki")
    }
}

/// A witness's directory, opened.
struct Opened {
    place: Place,
    settings: Settings,
    keys: Arc<FileKeys>,
    key: WitnessVerifier,
}

fn open(data: &Path, passphrase_fd: Option<u32>) -> Result<Opened, Failed> {
    let place = Place::of(data);
    let settings = Settings::load(data)?;
    let keys = Arc::new(FileKeys::open(&place.keys(), &descriptor::passphrase(passphrase_fd)?)?);
    let key = WitnessVerifier::new(&settings.name, keys.checkpoint_key()?.public)?;
    Ok(Opened { place, settings, keys, key })
}
