//! The Merkle tree over the log (RFC 6962) and its signed heads; it must read no store and hold no private key.

mod add_checkpoint;
mod checkpoint;
mod cosignature;
mod frontier;
mod hash;
mod note;
mod proof;
mod reopening;
mod succession;
mod tlog_proof;

pub use add_checkpoint::{ADD_CHECKPOINT_BYTES_MAX, AddCheckpoint, AddCheckpointError, PROOF_HASHES_MAX};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use cosignature::{WitnessVerifier, cosigned_message};
pub use frontier::{Frontier, FrontierError, TILE_BITS, TILE_WIDTH, Tile, perfect_root};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use note::{KeyId, Note, NoteError, Signature, VerifierKey, signature_line};
pub use proof::{ProofError, consistency, inclusion, range_hash, verify_consistency, verify_inclusion};
pub use reopening::{Known, Reopening, deployment_of, origin_of, recovery_verifier};
pub use succession::{newest_key, read_succession, succession, successor};
pub(crate) use tlog_proof::hash as hash_line;
pub use tlog_proof::{PATH_HASHES_MAX, TLOG_PROOF, TlogProof};
