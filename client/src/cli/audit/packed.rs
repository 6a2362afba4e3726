//! `turret audit verify`: a proof pack, verified on a machine that never saw the server; it must believe only what is proved.
//!
//! Exit status: 0 verified and anchored, 3 verified but unanchored, 1 not verified, 2 when it cannot be read.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use turret_shared::ids::Sequence;
use turret_shared::pack::{Anchor, PACK_BYTES_MAX, Proved, Shown, split, verify};
use turret_shared::text::escaped;
use turret_shared::tlog::{Hash, VerifierKey, WitnessVerifier};

use super::super::{BROKEN, DONE, REFUSED, fail};
use super::read;
use crate::pack_file;

/// Verified, and nothing kept elsewhere says that the log was not rewritten as a whole.
const UNANCHORED: u8 = 3;
/// Longest checkpoint read, in bytes.
const NOTE_BYTES_MAX: usize = 64 * 1024;

/// Arguments of `turret audit verify`.
#[derive(Debug, Clone, Args)]
pub(super) struct VerifyArgs {
    /// The proof pack.
    file: PathBuf,
    /// Verifier key of the log (`origin+id+key`), as whoever runs it published it: `turretd audit vkey` prints it.
    #[arg(long, value_name = "KEY")]
    vkey: VerifierKey,
    /// A receipt kept elsewhere, `ENTRY:LEAF_HASH`: what whoever caused the entry was told.
    #[arg(long, value_name = "N:HASH", value_parser = receipt)]
    receipt: Vec<(Sequence, Hash)>,
    /// A signed checkpoint kept elsewhere.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Key of a witness you trust (`name+id+key`), as it published it; every witness that cosigned needs one.
    #[arg(long, value_name = "KEY")]
    witness: Vec<WitnessVerifier>,
    /// Also write each entry and its C2SP tlog-proof here, for tools that are not ours.
    #[arg(long, value_name = "DIR")]
    split: Option<PathBuf>,
}

fn receipt(text: &str) -> Result<(Sequence, Hash), String> {
    let shape = || "ENTRY:LEAF_HASH, the hash in 64 hexadecimal digits".to_owned();
    let (place, leaf) = text.split_once(':').ok_or_else(shape)?;
    let place = place.parse().map_err(|_| shape())?;
    let digits = leaf.len() == 64 && leaf.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = (0..32)
        .map(|at: usize| leaf.get(at.saturating_mul(2)..at.saturating_mul(2).saturating_add(2)))
        .map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let hash = bytes.filter(|_| digits).and_then(|bytes| Hash::try_from(bytes.as_slice()).ok());
    hash.map(|hash| (Sequence(place), hash)).ok_or_else(shape)
}

/// Verifies and says what is shown.
pub(super) fn run(args: &VerifyArgs) -> ExitCode {
    let text = match read(&args.file, PACK_BYTES_MAX) {
        Ok(text) => text,
        Err(error) => return fail(&format_args!("{}: {}", args.file.display(), error.kind())),
    };
    let mut anchors: Vec<Anchor> = args.receipt.iter().map(|(place, leaf)| Anchor::Receipt(*place, *leaf)).collect();
    anchors.extend(args.witness.iter().cloned().map(Anchor::Witness));
    for path in &args.checkpoint {
        match read(path, NOTE_BYTES_MAX) {
            Ok(note) => anchors.push(Anchor::Checkpoint(note)),
            Err(error) => return fail(&format_args!("{}: {}", path.display(), error.kind())),
        }
    }
    let (said, status) = match verify(&text, &args.vkey, &anchors) {
        Ok(shown) => (lines(&shown), if shown.anchored { DONE } else { UNANCHORED }),
        Err(fault) => (format!("NOT VERIFIED: {}.\n", escaped(&fault.to_string())), REFUSED),
    };
    if status != REFUSED
        && let Some(folder) = &args.split
        && let Err(error) = apart(&text, folder)
    {
        return fail(&format_args!("{}: {}", folder.display(), pack_file::why(&error)));
    }
    match io::stdout().lock().write_all(said.as_bytes()) {
        Ok(()) => ExitCode::from(status),
        Err(_) => ExitCode::from(BROKEN),
    }
}

/// Each entry and its proof as files.
fn apart(text: &str, folder: &std::path::Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (entry, proof) in split(text).map_err(|_| io::ErrorKind::InvalidData)? {
        let name = format!("entry-{}", proof.index);
        pack_file::write(&folder.join(format!("{name}.cbor")), &entry)?;
        pack_file::write(&folder.join(format!("{name}.tlog-proof")), proof.to_string().as_bytes())?;
    }
    Ok(())
}

fn lines(shown: &Shown) -> String {
    let Shown { order, checkpoint, entries, proofs, story, cosigned, anchored } = shown;
    let mut said = format!(
        "VERIFIED{}: {entries} entries about {order} stand in the log.\nLog       {} with {} entries\n",
        if *anchored { "" } else { ", unanchored" },
        escaped(&checkpoint.origin),
        checkpoint.size,
    );
    // Writing to a String cannot fail.
    for (name, time_s) in cosigned {
        let at = i64::try_from(*time_s).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
        let at = at.map_or_else(|| "at no time there is".to_owned(), |at| at.to_string());
        let _ = writeln!(said, "Witness   {} cosigned it, {at}", escaped(name));
    }
    for (pending, proof) in proofs {
        let _ = match proof {
            Proved::Signed(user, credential) => {
                writeln!(
                    said,
                    "Step-up   {pending}: signed by user {user} with security key {credential}, verified here"
                )
            }
            Proved::ServerAttested(user, credential) => {
                writeln!(
                    said,
                    "Step-up   {pending}: a code of user {user}, credential {credential}; the server says so, nobody else can"
                )
            }
        };
    }
    said.push('\n');
    for line in story {
        said.push_str(line);
        said.push('\n');
    }
    said.push_str("\nNames and texts lie in the firm's vault; here stand numbers and commitments. That nothing was left out, the log's\nown verification shows.\n");
    if !anchored {
        said.push_str("Unanchored: whoever holds the log's key could have written another log. A receipt (--receipt) or a checkpoint of\nthat size (--checkpoint) kept elsewhere rules that out, or a witness that cosigned it (--witness).\n");
    }
    said
}
