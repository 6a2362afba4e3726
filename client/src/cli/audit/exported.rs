//! `turret audit export`: a proof pack's entries as lines for other people's tools; it must write none that is not proved.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turret_shared::export::Form;
use turret_shared::pack::{PACK_BYTES_MAX, parse, verify};
use turret_shared::text::escaped;
use turret_shared::tlog::VerifierKey;

use super::super::{BROKEN, DONE, REFUSED, fail};
use super::read;

/// Arguments of `turret audit export`.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    /// The proof pack.
    file: PathBuf,
    /// Verifier key of the log (`origin+id+key`), as whoever runs it published it: `turretd audit vkey` prints it.
    #[arg(long, value_name = "KEY")]
    vkey: VerifierKey,
    /// `ocsf` or `ecs` (JSON Lines), `cef` or `csv`.
    #[arg(long)]
    form: Form,
}

/// Verifies the pack, then writes a line an entry, in the order of the log.
pub(super) fn run(args: &ExportArgs) -> ExitCode {
    let text = match read(&args.file, PACK_BYTES_MAX) {
        Ok(text) => text,
        Err(error) => return fail(&format_args!("{}: {}", args.file.display(), error.kind())),
    };
    let shown = match verify(&text, &args.vkey, &[]) {
        Ok(shown) => shown,
        Err(fault) => {
            // Nobody to tell if standard error is gone.
            let _ = writeln!(io::stderr(), "NOT VERIFIED: {}.", escaped(&fault.to_string()));
            return ExitCode::from(REFUSED);
        }
    };
    let lines = match parse(&text) {
        Ok(pack) => {
            let entries = pack.entries.iter().map(|entry| args.form.line(&shown.checkpoint.origin, &entry.bytes));
            entries.collect::<Result<Vec<String>, _>>().map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    let lines = match lines {
        Ok(lines) => lines,
        Err(error) => return fail(&escaped(&error)),
    };
    let mut out = io::stdout().lock();
    let heading = args.form.heading().map(str::to_owned);
    match heading.into_iter().chain(lines).try_for_each(|line| writeln!(out, "{line}")) {
        Ok(()) => ExitCode::from(DONE),
        Err(_) => ExitCode::from(BROKEN),
    }
}
