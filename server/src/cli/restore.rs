//! `turretd restore`: a backup put back into an empty directory by the key store it was made with; it must touch no old one.

use std::path::PathBuf;
use std::process::ExitCode;

use super::custody::{self, Unlock};
use super::init::{Failed, failed};
use super::reopening::{LastArgs, Restored, Voice, settle};
use super::restoring::{Source, Staging};
use super::{files, pki};
use crate::backup::BackupError;

/// Arguments of `turretd restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Directory to restore into; it must be empty or absent.
    #[arg(long)]
    data: PathBuf,
    /// What was known of the log.
    #[command(flatten)]
    last: LastArgs,
    /// What opens the key store that the backup was made with.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &RestoreArgs) -> ExitCode {
    match restore(args) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn restore(args: &RestoreArgs) -> Result<String, Failed> {
    let source = Source::open(&args.from)?;
    let staging = Staging::make(&args.data)?;
    let (layout, wanted) = (staging.layout(), source.keys());
    files::write_new(&layout.keys(), &source.header.keys).map_err(failed(layout.keys().display()))?;
    let keys = custody::open(&layout, &wanted, &args.unlock)?;
    let data = source.header.by_keys(keys.as_ref())?;
    // The same keys are in the key store that was just opened.
    let (header, _) = source.unpack(&data, &staging)?;
    let config = staging.config(&header.origin)?;
    if config.keys != wanted {
        return Err(BackupError::Content("another key store's files").into());
    }
    let (set, voice) = (None, Voice::SameKeys);
    let restored = Restored { layout: &layout, config: &config, keys: &keys, header: &header, set, voice };
    let said = settle(&restored, &args.last)?;
    pki::server(&layout, keys.as_ref())?;
    pki::authority(&layout, keys.as_ref())?;
    drop(keys);
    staging.promote()?;
    Ok(format!("restored {}: {said}", args.data.display()))
}
