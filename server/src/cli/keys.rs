//! `turretd keys`: what is known of the server's keys, and the next of them; it must show no key, and leave changes to the
//! server that runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::ceremony::{self, CeremonyArgs};
use super::custody::{self, Unlock};
use super::init::Failed;
use super::migrate::{self, MigrateArgs};
use super::moving;
use super::recover::{self, RecoverArgs};
use super::revoke::{self, RevokeArgs};
use super::rotate::{self, RotateArgs};
use crate::config::Layout;
use crate::keys::KeyRow;

/// Arguments of `turretd keys`.
#[derive(Debug, clap::Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    verb: KeysVerb,
}

#[derive(Debug, clap::Subcommand)]
enum KeysVerb {
    /// List every key: name, version, state, where it is, when it was made and since when it stands so.
    List(ListArgs),
    /// Have the running server make the next key of a name, which takes over without anybody waiting.
    Rotate(RotateArgs),
    /// Have the running server end the versions of a name that gave way, and say before what that costs.
    Revoke(RevokeArgs),
    /// Move the keys of a sealed file into a token, of a desk whose server stands still.
    Migrate(MigrateArgs),
    /// Make the recovery key and give it to people in shares, so that some of them together bring everything back.
    Ceremony(CeremonyArgs),
    /// Bring a backup back by those shares, into another key store.
    Recover(RecoverArgs),
}

/// Whose keys, and what opens them.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    pub(super) data: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    pub(super) unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &KeysArgs) -> ExitCode {
    let said = match &args.verb {
        KeysVerb::List(args) => list(args),
        KeysVerb::Rotate(args) => rotate::rotate(args),
        KeysVerb::Revoke(args) => revoke::revoke(args),
        KeysVerb::Migrate(args) => migrate::migrate(args),
        KeysVerb::Ceremony(args) => ceremony::hold(args),
        KeysVerb::Recover(args) => recover::recover(args),
    };
    match said {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn list(args: &ListArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let mut rows = custody::open(&layout, &config.keys, &args.unlock)?.rows();
    rows.sort_by_key(|row| (row.name, row.version));
    let mut text =
        format!("{:<16} {:>7}  {:<8}  {:<5}  {:<20}  {}\n", "KEY", "VERSION", "STATE", "WHERE", "MADE", "SINCE");
    for row in rows {
        line(&mut text, &row);
    }
    Ok(text)
}

fn line(text: &mut String, row: &KeyRow) {
    let place = if row.in_token { "token" } else { "file" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<16} {:>7}  {:<8}  {place:<5}  {:<20}  {}",
        row.name,
        row.version,
        row.state.name(),
        date(row.made_s),
        date(row.changed_s),
    );
}

/// `2026-11-23T12:00:00Z`; of what nobody wrote down a dash.
fn date(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(jiff::Timestamp::from_second);
    match moment {
        Some(Ok(moment)) => moment.to_string(),
        _ => "-".to_owned(),
    }
}
