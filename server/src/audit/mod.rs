//! Evidence about the log: signed checkpoints, made and kept, and the whole log verified; it must never write the log.

mod evidence;
mod signer;
mod verdict;
mod verify;

pub use evidence::{Evidence, EvidenceError, SignedCheckpoint};
pub use signer::{Signer, SignerError};
pub use verdict::{EntryFault, Fault, Verdict};
pub use verify::{VerifyError, verify};

#[cfg(test)]
mod tests;
