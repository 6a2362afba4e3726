//! `turretd witness vkey`: the key that verifies its cosignatures; it must change nothing.

use std::io::Write;
use std::path::PathBuf;

use super::open;
use crate::cli::init::{Failed, failed};

/// Arguments of `turretd witness vkey`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct VkeyArgs {
    /// The witness's directory.
    #[arg(long)]
    data: PathBuf,
    /// Where to read the key store's passphrase; it is asked for otherwise.
    #[arg(long)]
    passphrase_fd: Option<u32>,
}

pub(super) fn run(args: &VkeyArgs) -> Result<(), Failed> {
    let opened = open(&args.data, args.passphrase_fd)?;
    writeln!(std::io::stdout().lock(), "{}", opened.key).map_err(failed("standard output"))
}
