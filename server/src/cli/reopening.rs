//! Whether a restored log goes on under its origin or opens a new one, and the entries that say so; it must keep no loss from
//! anybody.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use turret_shared::event::Event;
use turret_shared::event::custody::{BackupRestored, LogReopened};
use turret_shared::tlog::{
    Checkpoint, Known, Note, Reopening, VerifierKey, deployment_of, origin_of, recovery_verifier, signature_line,
};

use super::init::{Failed, failed};
use super::opened::Opened;
use super::record::append;
use crate::audit::Evidence;
use crate::backup::{BackupError, Header};
use crate::config::{Config, Layout};
use crate::keys::{Exported, KeyStore};
use crate::recovery::RecoveryKey;
use crate::store::{Reader, Store};

/// Longest checkpoint file read, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Who can say that the log goes on.
pub(super) enum Voice<'a> {
    /// The key that signed it goes on itself.
    SameKeys,
    /// It was in the backup, and gives way to another.
    Carried(&'a Exported),
    /// It is gone: the recovery key says so.
    Recovery(&'a RecoveryKey),
}

/// What a restored desk is.
pub(super) struct Restored<'a> {
    pub(super) layout: &'a Layout,
    pub(super) config: &'a Config,
    pub(super) keys: &'a Arc<dyn KeyStore>,
    pub(super) header: &'a Header,
    /// Whose shares opened it, where it was not the key store.
    pub(super) set: Option<u32>,
    pub(super) voice: Voice<'a>,
}

/// The newest checkpoint that somebody kept, as a file.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LastArgs {
    /// The newest checkpoint that anybody kept of this log (of a device, a witness, the tiles, or `checkpoints/newest` of the
    /// old data directory): without it nobody knows what came after the backup.
    #[arg(long, value_name = "FILE")]
    last_checkpoint: Option<PathBuf>,
}

impl LastArgs {
    /// Who kept it said so by a key of this log.
    fn read(&self, deployment: &str, keys: &dyn KeyStore) -> Result<Option<Known>, Failed> {
        let Some(path) = &self.last_checkpoint else { return Ok(None) };
        let shown = read_known(path, deployment, keys)?;
        let strange = || Failed(format!("{} is no checkpoint that a key of this log signed", path.display()));
        shown.map(Some).ok_or_else(strange)
    }
}

fn read_known(path: &Path, deployment: &str, keys: &dyn KeyStore) -> Result<Option<Known>, Failed> {
    let mut text = String::new();
    let file = File::open(path).map_err(failed(path.display()))?;
    file.take(NOTE_BYTES_MAX).read_to_string(&mut text).map_err(failed(path.display()))?;
    let Ok(note) = text.parse::<Note>() else { return Ok(None) };
    let Ok(checkpoint) = note.text.parse::<Checkpoint>() else { return Ok(None) };
    let Checkpoint { origin, size, root } = checkpoint;
    let ours = |key: &crate::keys::CheckpointPublic| {
        VerifierKey::new(&origin, key.public).is_ok_and(|key| key.verify(&note).is_ok())
    };
    let signed = deployment_of(&origin).0 == deployment && keys.checkpoint_keys()?.iter().any(ours);
    Ok(signed.then_some(Known { origin, size, root }))
}

/// Writes what a restored log begins with, signs it, and says to the operator what it came to.
pub(super) fn settle(restored: &Restored<'_>, last: &LastArgs) -> Result<String, Failed> {
    let Restored { layout, config, keys, header, set, voice } = restored;
    let mut evidence = Evidence::open(&layout.checkpoints(), &config.origin, Arc::clone(keys))?;
    let opened = Opened::open(layout, keys.as_ref())?;
    let mut reader = opened.store.reader()?;
    evidence.refuse_rollback(reader.as_mut())?;
    let size = reader.size()?;
    if size != header.entries {
        return Err(BackupError::Content("another log than it says").into());
    }
    let kept =
        Known { origin: evidence.verifier_key().name().to_owned(), size, root: reader.frontier_at(size)?.root() };
    let last = last.read(&config.origin, keys.as_ref())?;
    let whole = holds(&kept, last.as_ref(), reader.as_mut())?;
    let back = Event::BackupRestored(BackupRestored { backup: header.backup, entries: size, set: *set });
    if whole && matches!(voice, Voice::SameKeys) {
        append(layout, config, opened, vec![back])?.sign(&evidence)?;
        return Ok(format!("{size} entries, and nothing after them is lost: the log goes on as {}\n", kept.origin));
    }
    let (reopening, note) = reopened(restored, &evidence, kept, last)?;
    evidence.reopen(&note)?;
    let (lost, origin) = (reopening.lost(), reopening.next.name().to_owned());
    let first = Event::LogReopened(LogReopened { origin, kept: size, lost, note });
    append(layout, config, opened, vec![first, back])?.sign(&evidence)?;
    Ok(told(&reopening))
}

/// True when the newest checkpoint that is known of is covered by what was kept.
fn holds(kept: &Known, last: Option<&Known>, reader: &mut dyn Reader) -> Result<bool, Failed> {
    let Some(last) = last.filter(|last| last.origin == kept.origin && last.size <= kept.size) else {
        return Ok(false);
    };
    if reader.frontier_at(last.size)?.root() == last.root {
        return Ok(true);
    }
    Err(Failed("the checkpoint shown is of another history than this backup: one of the two was rewritten".to_owned()))
}

/// What is said of the new origin, and by whom.
fn reopened(
    restored: &Restored<'_>,
    evidence: &Evidence,
    kept: Known,
    last: Option<Known>,
) -> Result<(Reopening, String), Failed> {
    let Restored { config, keys, header, voice, .. } = restored;
    let unnamed = || Failed("the origin cannot name a key".to_owned());
    let newest = [Some(&kept), last.as_ref()].into_iter().flatten().map(|known| deployment_of(&known.origin).1).max();
    let epoch = newest.unwrap_or(1).saturating_add(1);
    let active = keys.checkpoint_key()?;
    let next = VerifierKey::new(&origin_of(&config.origin, epoch), active.public).map_err(|_| unnamed())?;
    let by = match voice {
        Voice::SameKeys => evidence.verifier_key().clone(),
        Voice::Carried(exported) => {
            let (public, _) = exported.sign_checkpoint(b"")?;
            VerifierKey::new(&kept.origin, public).map_err(|_| unnamed())?
        }
        Voice::Recovery(_) => {
            let (set, _) = header.recovery.as_ref().ok_or(BackupError::NoRecovery)?;
            recovery_verifier(&config.origin, set.signs).ok_or_else(unnamed)?
        }
    };
    let reopening = Reopening { by, next, kept, last };
    let text = reopening.text();
    let signature = match voice {
        Voice::SameKeys => keys.sign_checkpoint(active.version, text.as_bytes())?,
        Voice::Carried(exported) => {
            let (_, signature) = exported.sign_checkpoint(text.as_bytes())?;
            signature.ok_or_else(|| Failed("the backup carries no key that signed checkpoints".to_owned()))?
        }
        Voice::Recovery(key) => key.sign(text.as_bytes())?,
    };
    let line = signature_line(reopening.by.name(), reopening.by.key_id(), &signature);
    Ok((reopening, format!("{text}\n{line}")))
}

fn told(reopening: &Reopening) -> String {
    let (size, origin) = (reopening.kept.size, reopening.next.name());
    let lost = match reopening.lost() {
        None => "no checkpoint was shown (--last-checkpoint), so nobody knows what came after them".to_owned(),
        Some(0) => "the key that signed them is gone".to_owned(),
        Some(lost) => format!("{lost} that were signed after them are lost"),
    };
    let key = &reopening.next;
    format!(
        "{size} entries; {lost}.\nThe log goes on as {origin}, and its first entry says so. Publish its key:\n{key}\n"
    )
}
