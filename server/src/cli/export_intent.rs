//! `turretd audit export-intent`: the entries that show who signed a command, as a file for anybody; it must change nothing.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use turret_shared::entry::Entry;
use turret_shared::event::Event;
use turret_shared::ids::{CredentialId, PendingId, Sequence};
use turret_shared::intent_file::{self, proof_of};

use super::descriptor::passphrase;
use crate::config::{Config, Layout};
use crate::keys::file::FileKeys;
use crate::keys::{KeyStore, Purpose};
use crate::store::sqlcipher::SqlReader;
use crate::store::{ReadError, Reader};

/// Arguments of `turretd audit export-intent`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArgs {
    /// The server's data directory.
    #[arg(long)]
    pub data: PathBuf,
    /// The entry that records the order, amend or act: the number on its receipt, and of a new order the number in its id.
    #[arg(long)]
    pub entry: u64,
    /// File descriptor to read the key store's passphrase from; asked for at the prompt otherwise.
    #[arg(long)]
    pub passphrase_fd: Option<u32>,
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
    let config = Config::load(&args.data)?;
    let passphrase = passphrase(args.passphrase_fd)?;
    let keys = FileKeys::open(&layout.keys(), &passphrase)?;
    let mut reader = SqlReader::open(&layout.log(), &keys.key(Purpose::Database)?)?;
    let done = reader.entry(Sequence(args.entry))?.ok_or(Nothing::Unknown)?;
    let event = Entry::from_bytes(&done)?.event()?;
    let pending = proof_of(&event).ok_or(Nothing::Unproved)?;
    let mut entries = before(&mut reader, pending, args.entry)?;
    entries.push(done);
    let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    Ok(intent_file::write(&config.origin, &entries))
}

/// The key's registration, the command and its proof, as far as they are there.
fn before(reader: &mut dyn Reader, pending: PendingId, to: u64) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut keys: BTreeMap<CredentialId, Vec<u8>> = BTreeMap::new();
    let (mut found, mut credential) = (Vec::new(), None);
    reader.entries(Sequence(0), to, &mut |stored| {
        let event = Entry::from_bytes(stored.bytes).ok().and_then(|entry| entry.event().ok());
        match event {
            Some(Event::KeyRegistered(key)) => drop(keys.insert(key.credential, stored.bytes.to_vec())),
            Some(Event::ProofAsked(_)) if stored.sequence.0 == pending.0 => found.push(stored.bytes.to_vec()),
            Some(Event::ProofGiven(given)) if given.pending == pending => found.push(stored.bytes.to_vec()),
            Some(Event::IntentSigned(signed)) if signed.pending == Some(pending) => {
                credential = Some(signed.credential);
                found.push(stored.bytes.to_vec());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    let key = credential.and_then(|credential| keys.remove(&credential));
    Ok(key.into_iter().chain(found).collect())
}
