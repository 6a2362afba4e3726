//! `turretd state-hash`: the log folded from its first entry, and the hash of what comes out; it must use no snapshot.

use std::path::PathBuf;
use std::process::ExitCode;

use super::custody::{self, Unlock};
use super::init::Failed;
use super::moving;
use crate::config::Layout;
use crate::keys::Purpose;
use crate::replica::folding::Folded;
use crate::store::Reader;
use crate::store::sqlcipher::SqlReader;

/// Arguments of `turretd state-hash`.
#[derive(Debug, clap::Args)]
pub struct StateHashArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it: prints the number of entries and the hash.
#[must_use]
pub fn run(args: &StateHashArgs) -> ExitCode {
    match state_hash(args) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn state_hash(args: &StateHashArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let size = reader.size()?;
    let mut folded = Folded::default();
    folded.follow(&mut reader, size)?;
    Ok(format!("{size} {}", folded.state.hash()))
}
