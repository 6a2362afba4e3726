//! Evidence about the log: signed checkpoints, made and kept, and the whole log verified; it must never write the log.

mod archive;
mod bequest;
mod evidence;
mod heads;
mod origins;
mod reopened;
mod rows;
mod signer;
mod tiles;
mod verdict;
mod verify;

pub use archive::{Archive, ArchiveError};
pub use bequest::{bequeath, bequest_file};
pub use evidence::{BOTH_SIGN_S, Evidence, EvidenceError, SignedCheckpoint, Word};
pub use heads::Heads;
pub use rows::compare_rows;
pub use signer::{Keys, Signer, SignerError, Tell, Turner};
pub use tiles::{TilesError, write as write_tiles};
pub use verdict::{EntryFault, Fault, RowFault, Verdict};
pub use verify::{Trusted, VerifyError, verify};

#[cfg(test)]
mod tests;
