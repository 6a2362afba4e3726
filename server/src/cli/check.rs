//! `turretd check`: whether configuration, keys, stores and log are fit to serve; it must change nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use super::custody::{self, Unlock};
use super::init::Failed;
use super::moving;
use super::pki;
use crate::config::Layout;
use crate::keys::Purpose;
use crate::replica::folding::Folded;
use crate::store::Reader;
use crate::store::sqlcipher::SqlReader;

/// Arguments of `turretd check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &CheckArgs) -> ExitCode {
    match check(args) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn check(args: &CheckArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    pki::server(&layout, keys.as_ref())?;
    pki::authority(&layout, keys.as_ref())?;
    pki::venue_client(&layout, keys.as_ref())?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let size = reader.size()?;
    let mut folded = Folded::default();
    folded.follow(&mut reader, size)?;
    Ok(format!(
        "{}: good, {} entries, {} orders, {} sessions live",
        config.origin,
        folded.state.next_sequence(),
        folded.state.order_count(),
        folded.state.sessions().count()
    ))
}
