//! `turretd witness evidence`: the checkpoints it has of a log, for whoever settles a dispute; it must change nothing.

use std::io::Write;
use std::path::PathBuf;

use super::open;
use crate::cli::init::{Failed, failed};
use crate::keys::{KeyStore, Purpose};
use crate::witness::Kept;

/// Arguments of `turretd witness evidence`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct EvidenceArgs {
    /// The witness's directory.
    #[arg(long)]
    data: PathBuf,
    /// Origin of the log.
    #[arg(long)]
    origin: String,
    /// Where to read the key store's passphrase; it is asked for otherwise.
    #[arg(long)]
    passphrase_fd: Option<u32>,
}

pub(super) fn run(args: &EvidenceArgs) -> Result<(), Failed> {
    let opened = open(&args.data, args.passphrase_fd)?;
    let kept = Kept::open(&opened.place.kept(), &opened.keys.key(Purpose::Database)?)?;
    let (cosigned, refused) = kept.evidence(&args.origin)?;
    let mut out = std::io::stdout().lock();
    let mut say = |title: &str, note: &str| write!(out, "{title}:\n{note}\n").map_err(failed("standard output"));
    match cosigned {
        Some(note) => say("Cosigned last", &note)?,
        None => return Err(Failed(format!("nothing of {} was cosigned", args.origin))),
    }
    refused.iter().try_for_each(|note| say("Signed by the log and refused", note))
}
