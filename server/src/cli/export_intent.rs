//! `turretd audit export-intent`: the entries that show who signed a command and who approved it, as a file for anybody; it must
//! change nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use turret_shared::entry::Entry;
use turret_shared::event::Event;
use turret_shared::event::approval::ApprovalJudged;
use turret_shared::ids::{CredentialId, PendingId, Sequence};
use turret_shared::intent_file::{self, ENTRIES_MAX, proof_of};

use super::custody::{self, Unlock};
use super::moving;
use crate::config::Layout;
use crate::keys::Purpose;
use crate::store::sqlcipher::SqlReader;
use crate::store::{ReadError, Reader};

/// Arguments of `turretd audit export-intent`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArgs {
    /// The server's data directory.
    #[arg(long)]
    pub data: PathBuf,
    /// The entry that records the order, amend, act or word: the number on its receipt, and of a new order the number in its id.
    #[arg(long)]
    pub entry: u64,
    /// What opens the key store.
    #[command(flatten)]
    pub unlock: Unlock,
}

/// Why there is nothing to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nothing {
    Unknown,
    Unproved,
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "there is no such entry",
            Self::Unproved => "that entry records nothing that was asked to be proved",
        })
    }
}

impl Error for Nothing {}

/// The file's text.
pub(super) fn export(args: &ExportArgs) -> Result<String, Box<dyn Error>> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(&args.data)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let done = reader.entry(Sequence(args.entry))?.ok_or(Nothing::Unknown)?;
    let event = Entry::from_bytes(&done)?.event()?;
    let pending = proof_of(&event).ok_or(Nothing::Unproved)?;
    let proofs = match &event {
        Event::ApprovalJudged(judged) => Proofs::of(judged),
        _ => judged(&mut reader, pending)?.unwrap_or(Proofs { first: pending, second: None }),
    };
    let mut entries = collected(&mut reader, proofs)?;
    if !entries.contains(&done) {
        entries.push(done);
    }
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    Ok(intent_file::write(&config.origin, &entries))
}

/// The step-ups behind it: its author's, and the second person's where one gave a word.
#[derive(Clone, Copy)]
struct Proofs {
    first: PendingId,
    second: Option<PendingId>,
}

impl Proofs {
    const fn of(judged: &ApprovalJudged) -> Self {
        Self { first: PendingId(judged.judge.approval.0), second: Some(judged.proof) }
    }

    fn has(self, pending: PendingId) -> bool {
        pending == self.first || Some(pending) == self.second
    }
}

/// The second person's word on what was proved so, if one was given.
fn judged(reader: &mut dyn Reader, first: PendingId) -> Result<Option<Proofs>, ReadError> {
    let (mut found, size) = (None, reader.size()?);
    reader.entries(Sequence(first.0), size, &mut |stored| match Entry::from_bytes(stored.bytes)
        .ok()
        .and_then(|entry| entry.event().ok())
    {
        Some(Event::ApprovalJudged(judged)) if judged.judge.approval.0 == first.0 => {
            found = Some(Proofs::of(&judged));
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })?;
    Ok(found)
}

/// The keys' registrations, then the commands, their proofs and what is recorded of them, as far as they are there.
fn collected(reader: &mut dyn Reader, proofs: Proofs) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut keys: BTreeMap<CredentialId, Vec<u8>> = BTreeMap::new();
    let (mut found, mut signed_with, size) = (Vec::new(), Vec::new(), reader.size()?);
    reader.entries(Sequence(0), size, &mut |stored| {
        let Some(event) = Entry::from_bytes(stored.bytes).ok().and_then(|entry| entry.event().ok()) else {
            return ControlFlow::Continue(());
        };
        let belongs = match &event {
            Event::KeyRegistered(key) => {
                keys.insert(key.credential, stored.bytes.to_vec());
                false
            }
            Event::ProofAsked(_) => proofs.has(PendingId(stored.sequence.0)),
            Event::ProofGiven(given) => proofs.has(given.pending),
            Event::IntentSigned(signed) if signed.pending.is_some_and(|pending| proofs.has(pending)) => {
                signed_with.push(signed.credential);
                true
            }
            other => proof_of(other).is_some_and(|pending| proofs.has(pending)),
        };
        if belongs && found.len() < ENTRIES_MAX {
            found.push(stored.bytes.to_vec());
        }
        ControlFlow::Continue(())
    })?;
    signed_with.dedup();
    let keys = signed_with.iter().filter_map(|credential| keys.remove(credential)).collect::<Vec<_>>();
    Ok(keys.into_iter().chain(found).collect())
}
