//! `turret audit`: evidence verified from files alone; it must connect to nothing.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use turret_shared::approval::Judge;
use turret_shared::assertion::Attested;
use turret_shared::command::{Command, Verb};
use turret_shared::intent_file::{By, FILE_BYTES_MAX, IntentFault, IntentFile, Said, Shown};
use turret_shared::text::escaped;

use super::{BROKEN, DONE, REFUSED};

mod exported;
mod packed;

/// Arguments of `turret audit`.
#[derive(Debug, Clone, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Clone, Subcommand)]
enum AuditVerb {
    /// Verify a proof pack: that its entries stand in the log this key signs, and what they show of an order.
    Verify(packed::VerifyArgs),
    /// Write the entries of a proof pack that verifies as OCSF, ECS, CEF or CSV, a line an entry, on standard output.
    Export(exported::ExportArgs),
    /// Verify who signed a command, and who approved it, from a file that `turretd audit export-intent` wrote: no server, no key of a server.
    VerifyIntent {
        /// The file.
        file: PathBuf,
    },
}

/// Says what the file shows: status 0 when it shows who signed, 1 when it does not, 2 when it cannot be read.
pub(super) fn run(args: &AuditArgs) -> ExitCode {
    let file = match &args.verb {
        AuditVerb::Verify(args) => return packed::run(args),
        AuditVerb::Export(args) => return exported::run(args),
        AuditVerb::VerifyIntent { file } => file,
    };
    let text = match read(file, FILE_BYTES_MAX) {
        Ok(text) => text,
        Err(error) => return super::fail(&format_args!("{}: {}", file.display(), error.kind())),
    };
    let (said, status) = match IntentFile::parse(&text).and_then(|file| file.verify()) {
        Ok(shown) => (lines(&shown), if shown.is_signed() { DONE } else { REFUSED }),
        Err(fault @ IntentFault::Malformed) => return super::fail(&fault),
        Err(fault) => (format!("NOT VERIFIED: {}\n", escaped(&fault.to_string())), REFUSED),
    };
    match io::stdout().lock().write_all(said.as_bytes()) {
        Ok(()) => ExitCode::from(status),
        Err(_) => ExitCode::from(BROKEN),
    }
}

/// A file's text, cut behind `longest` bytes and one: who reads it sees that it is too long.
fn read(path: &Path, longest: usize) -> io::Result<String> {
    let mut text = String::new();
    let longest = u64::try_from(longest).unwrap_or(u64::MAX);
    File::open(path)?.take(longest.saturating_add(1)).read_to_string(&mut text)?;
    Ok(text)
}

/// What a code proves to nobody but the server.
const BY_CODE: &str = "server-attested: it was confirmed by a code, and nobody but the server can say so";

fn lines(shown: &Shown) -> String {
    let mut said = format!("Log       {}\n", escaped(&shown.origin));
    one(&mut said, &shown.asked, "this command");
    if let Some(judged) = &shown.judged {
        one(&mut said, judged, "this word on the command and on the proof above");
    }
    said.push_str("It shows who signed what. That the entries stand in the log, the log's own proofs show.\n");
    said
}

/// One person's proof. Writing to a String cannot fail.
fn one(said: &mut String, one: &Said, what: &str) {
    let Said { user, by, command, text, recorded, done } = one;
    match by {
        By::Key { .. } => drop(writeln!(said, "VERIFIED: user {user} signed {what}.")),
        By::Code => drop(writeln!(said, "NOT VERIFIED: {BY_CODE}; it says user {user}, and {what}.")),
    }
    match command {
        Some(command) => {
            let _ = writeln!(said, "Command   {}", escaped(&sentence(command)));
            let (word, until) = (command.environment.word(), command.expires.rfc3339());
            let _ = writeln!(said, "For       {word}, void after {until}");
        }
        None => said.push_str("Command   it names a person, so its bytes are not in the log\n"),
    }
    if let Some(text) = text {
        let _ = writeln!(said, "Text      not in the log; commitment {text}");
    }
    if let By::Key { credential, id, aaguid, attested } = by {
        let attested = match attested {
            Attested::Not => "not attested",
            Attested::Itself => "attested by itself",
            Attested::Maker => "attested by its maker, which is not judged here",
        };
        let _ = writeln!(said, "Key       {} (credential {credential}), model {}, {attested}", hex(id), hex(aaguid));
    }
    let _ = writeln!(said, "Recorded  {} by the server's clock", recorded.rfc3339());
    if let Some((sequence, leaf)) = done {
        let _ = writeln!(said, "Entry     {} with leaf hash {}: compare it with the receipt", sequence.0, hex(&leaf.0));
    }
}

fn sentence(command: &Command) -> String {
    match &command.verb {
        Verb::OrderNew(order) => {
            let price = order.price.map_or_else(String::new, |price| format!(" at {price}"));
            let stop = order.stop_px.map_or_else(String::new, |stop| format!(" stop {stop}"));
            format!(
                "order {}: {} {} {} {}{price}{stop} {} for {}",
                order.cl_ord_id, order.side, order.qty, order.symbol, order.ord_type, order.tif, order.account
            )
        }
        Verb::OrderAmend(amend) => {
            let qty = amend.qty.map_or_else(String::new, |qty| format!(" quantity {qty}"));
            let price = amend.price.map_or_else(String::new, |price| format!(" price {price}"));
            format!("amend {}: {}{qty}{price}", amend.cl_ord_id, amend.order)
        }
        Verb::Manage(manage) => format!("{:?}, because: {}", manage.act, manage.why.as_str()),
        Verb::Judge(word) => {
            let does = if word.approve { "approve" } else { "refuse" };
            let Judge { approval, command, ground, first, .. } = word;
            let because = ground.as_str();
            let first = first.map_or_else(|| "none".into(), |first| first.to_string());
            format!("{does} request {approval}, because: {because}; command {command}, proof {first}")
        }
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
