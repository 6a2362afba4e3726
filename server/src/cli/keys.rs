//! `turretd keys`: what is known of the server's keys; it must show no key and change nothing.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::custody::{self, Unlock};
use super::init::Failed;
use crate::config::{Config, Layout};
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
}

/// Arguments of `turretd keys list`.
#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &KeysArgs) -> ExitCode {
    let KeysVerb::List(args) = &args.verb;
    match list(args) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(Failed(text)) => super::fail(&text),
    }
}

fn list(args: &ListArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = Config::load(layout.data())?;
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
