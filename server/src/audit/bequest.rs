//! The word of a key that signs checkpoints on one in another store, said while both are at hand and kept in a file until the log
//! is opened by the new store; it must be believed for that very pair of keys alone.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use turret_shared::tlog::{VerifierKey, read_succession, signature_line, succession};

use super::evidence::{Evidence, EvidenceError};
use crate::keys::{CheckpointPublic, KeyStore};

/// Its name within the folder of checkpoints.
const FILE: &str = "bequest";
/// Longest note read, in bytes.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// Where it lies.
#[must_use]
pub fn bequest_file(checkpoints: &Path) -> PathBuf {
    checkpoints.join(FILE)
}

/// What the active key of a store says of the one that takes its place.
///
/// # Errors
/// [`EvidenceError`].
pub fn bequeath(evidence: &Evidence, keys: &dyn KeyStore, next: &CheckpointPublic) -> Result<String, EvidenceError> {
    let old = evidence.verifier_key();
    let next = VerifierKey::new(old.name(), next.public).map_err(|_| EvidenceError::Origin)?;
    let text = succession(old, &next);
    let signature = keys.sign_checkpoint(keys.checkpoint_key()?.version, text.as_bytes())?;
    Ok(format!("{text}\n{}", signature_line(old.name(), old.key_id(), &signature)))
}

/// The word of `old` on `next` that was kept so; `None` without one, and of any other pair.
pub(super) fn bequest(checkpoints: &Path, old: &VerifierKey, next: &VerifierKey) -> Option<String> {
    let mut note = String::new();
    File::open(bequest_file(checkpoints)).ok()?.take(NOTE_BYTES_MAX).read_to_string(&mut note).ok()?;
    let (by, named) = read_succession(&note)?;
    (by == *old && named == *next).then_some(note)
}
