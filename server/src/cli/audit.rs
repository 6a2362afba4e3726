//! `turretd audit`: proves the log against its tree and checkpoints, and the current orders against the log.
//!
//! It must change nothing.
//!
//! Exit status: 0 good and anchored, 3 good but unanchored, 1 wrong and named, 2 when it could not be looked at.

use std::error::Error;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use turret_shared::text::escaped;
use turret_shared::tlog::VerifierKey;

use super::custody::{self, Unlock};
use super::export_intent::{ExportArgs, export};
use super::init::Failed;
use super::moving;
use super::recreate::{RecreateArgs, recreate};
use super::serve_tiles::ServeTilesArgs;
use super::{sentence, serve_tiles};
use crate::audit::{ArchiveError, Evidence, Trusted, Verdict, compare_rows, verify, write_tiles};
use crate::config::Layout;
use crate::keys::Purpose;
use crate::store::sqlcipher::SqlReader;
use crate::witnessing::Published;

/// Exit status when the log could not be looked at.
const STATUS_UNREAD: u8 = 2;
/// Longest checkpoint file read, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Arguments of `turretd audit`.
#[derive(Debug, Clone, clap::Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: AuditVerb,
}

/// What `turretd audit` can do.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum AuditVerb {
    /// Recompute the whole log, compare it with its tree and every checkpoint, and the current orders with it.
    Verify(VerifyArgs),
    /// Write the log as static files for any web server (C2SP tlog-tiles), up to its newest checkpoint; again to go on.
    Tiles(TilesArgs),
    /// Serve those files over HTTPS.
    ServeTiles(ServeTilesArgs),
    /// Print the key that verifies the log's checkpoints, to be published: `origin+id+key`.
    Vkey(VkeyArgs),
    /// Print records as they stood at an instant, from files that `tiles` wrote and nothing else.
    Recreate(RecreateArgs),
    /// Write the entries that show who signed a command, for `turret audit verify-intent`.
    ExportIntent(ExportArgs),
}

/// Arguments of `turretd audit tiles`.
#[derive(Debug, Clone, clap::Args)]
pub struct TilesArgs {
    /// The server's data directory.
    #[arg(long)]
    pub data: PathBuf,
    /// Where the files go.
    #[arg(long)]
    pub to: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    pub unlock: Unlock,
}

/// Arguments of `turretd audit vkey`.
#[derive(Debug, Clone, clap::Args)]
pub struct VkeyArgs {
    /// The server's data directory.
    #[arg(long)]
    pub data: PathBuf,
    /// What opens the key store.
    #[command(flatten)]
    pub unlock: Unlock,
}

/// Arguments of `turretd audit verify`.
#[derive(Debug, Clone, clap::Args)]
pub struct VerifyArgs {
    /// The server's data directory.
    #[arg(long)]
    pub data: PathBuf,
    /// Verifier key kept elsewhere (`origin+id+key`); otherwise the one in the key file.
    #[arg(long)]
    pub vkey: Option<String>,
    /// What opens the key store.
    #[command(flatten)]
    pub unlock: Unlock,
    /// A checkpoint kept elsewhere, or a folder of them: what anchors the log.
    #[arg(long)]
    pub checkpoint: Vec<PathBuf>,
}

/// Verifies and says what it found.
#[must_use]
pub fn run(args: &AuditArgs) -> ExitCode {
    let done = match &args.verb {
        AuditVerb::Verify(args) => verdict(args).map(|verdict| {
            println!("{}", escaped(&verdict.to_string()));
            ExitCode::from(verdict.exit_status())
        }),
        AuditVerb::Tiles(args) => tiles(args).map(|said| {
            println!("{}", escaped(&said));
            ExitCode::SUCCESS
        }),
        AuditVerb::Vkey(args) => verifier_key(args).map(|key| {
            println!("{}", escaped(&key.to_string()));
            ExitCode::SUCCESS
        }),
        AuditVerb::ServeTiles(args) => {
            serve_tiles::run(args).map(|()| ExitCode::SUCCESS).map_err(|Failed(text)| text.into())
        }
        // JSON of what was let in once, base64 and the deployment's name: nothing to escape.
        AuditVerb::Recreate(args) => recreate(args).map(printed),
        AuditVerb::ExportIntent(args) => export(args).map(printed),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            eprintln!("turretd: {}", escaped(&sentence(error.as_ref())));
            let wrong = error.downcast_ref::<ArchiveError>().is_some_and(ArchiveError::is_wrong);
            if wrong { ExitCode::FAILURE } else { ExitCode::from(STATUS_UNREAD) }
        }
    }
}

fn printed(text: String) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

fn tiles(args: &TilesArgs) -> Result<String, Box<dyn Error>> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(&args.data)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let evidence = Evidence::open_read(&layout.checkpoints(), &config.origin, keys)?;
    let newest = if config.witness.is_on() {
        Published::within(&layout.checkpoints())
            .read(&evidence.verifier_keys())?
            .ok_or("no checkpoint is published yet")?
    } else {
        evidence.newest()?.ok_or("no checkpoint is signed yet")?
    };
    let written = write_tiles(&mut reader, &newest, &args.to)?;
    Ok(format!("{written} files written, up to {} entries of {}", newest.checkpoint.size, config.origin))
}

fn verifier_key(args: &VkeyArgs) -> Result<VerifierKey, Box<dyn Error>> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(&args.data)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    // The log's own name may be of a later epoch than the deployment's.
    Ok(Evidence::open_read(&layout.checkpoints(), &config.origin, keys)?.verifier_key().clone())
}

fn verdict(args: &VerifyArgs) -> Result<Verdict, Box<dyn Error>> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(&args.data)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let evidence = Evidence::open_read(&layout.checkpoints(), &config.origin, keys)?;
    let kept = args.vkey.as_ref().map(|text| text.parse::<VerifierKey>()).transpose()?;
    let trusted = Trusted::of(kept, &evidence)?;
    let mut outside = Vec::new();
    for path in &args.checkpoint {
        read_notes(path, &mut outside)?;
    }
    let mut verdict = verify(&mut reader, &evidence, &trusted, &outside)?;
    if verdict.fault.is_none() {
        // Only a log that is good can say what the rows should be.
        verdict.fault = compare_rows(&mut reader, verdict.size)?;
    }
    Ok(verdict)
}

/// The note in a file, or the notes in every file of a folder.
fn read_notes(path: &Path, notes: &mut Vec<String>) -> Result<(), std::io::Error> {
    if !path.is_dir() {
        let mut note = String::new();
        File::open(path)?.take(NOTE_BYTES_MAX).read_to_string(&mut note)?;
        notes.push(note);
        return Ok(());
    }
    for item in fs::read_dir(path)? {
        let path = item?.path();
        if path.is_file() {
            read_notes(&path, notes)?;
        }
    }
    Ok(())
}
