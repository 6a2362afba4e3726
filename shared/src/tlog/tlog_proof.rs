//! That an entry stands in a log, as a text anybody's tools read (C2SP tlog-proof); it must not hold the entry.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::Checkpoint;
use super::hash::Hash;
use super::note::{Note, VerifierKey};
use super::proof::{ProofError, verify_inclusion};

/// First line of such a text.
pub const TLOG_PROOF: &str = "c2sp.org/tlog-proof@v1";
/// Hashes of a path: a tree of 2^63 leaves has no longer one.
pub const PATH_HASHES_MAX: usize = 63;

/// An entry's place, the way from it to the root, and the signed checkpoint the root is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Place of the entry in the log.
    pub index: u64,
    /// The audit path (RFC 6962, 2.1.1), nearest sibling first.
    pub path: Vec<Hash>,
    /// The signed note of the checkpoint.
    pub note: String,
}

impl TlogProof {
    /// Checks that `key` signed the checkpoint and that the entry with this leaf hash is in its tree.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, leaf: &Hash, key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        let note: Note = self.note.parse().map_err(|_| ProofError)?;
        key.verify(&note).map_err(|_| ProofError)?;
        let checkpoint: Checkpoint = note.text.parse().map_err(|_| ProofError)?;
        verify_inclusion(leaf, self.index, checkpoint.size, &self.path, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TLOG_PROOF}\nindex {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", line(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for TlogProof {
    type Err = ProofError;

    /// Reads one. Data that its maker added (`extra`) proves nothing and is left out.
    fn from_str(text: &str) -> Result<Self, ProofError> {
        let (head, note) = text.split_once("\n\n").ok_or(ProofError)?;
        let mut lines = head.lines().peekable();
        if lines.next() != Some(TLOG_PROOF) {
            return Err(ProofError);
        }
        let _ = lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal).ok_or(ProofError)?;
        let path: Vec<Hash> = lines.take(PATH_HASHES_MAX.saturating_add(1)).map(hash).collect::<Result<_, _>>()?;
        if path.len() > PATH_HASHES_MAX {
            return Err(ProofError);
        }
        Ok(Self { index, path, note: note.to_owned() })
    }
}

/// A number without leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| digits)
}

/// The line of a hash.
pub(crate) fn line(hash: &Hash) -> String {
    STANDARD.encode(hash.0)
}

/// A hash as a line has it.
pub(crate) fn hash(line: &str) -> Result<Hash, ProofError> {
    let bytes = STANDARD.decode(line).map_err(|_| ProofError)?;
    Hash::try_from(bytes.as_slice()).map_err(|_| ProofError)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;
    use core::convert::Infallible;

    use ed25519_dalek::{Signer, SigningKey};

    use super::super::frontier::perfect_root;
    use super::super::hash::leaf_hash;
    use super::super::note::signature_line;
    use super::super::proof::{inclusion, range_hash};
    use super::*;

    fn tree(size: u64, index: u64) -> (TlogProof, VerifierKey) {
        let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut node = |level: u8, index: u64| {
            let start = (index as usize) << level;
            Ok::<_, Infallible>(perfect_root(&leaves[start..start + (1 << level)]))
        };
        let root = range_hash(0, size, &mut node).unwrap();
        let path = inclusion(index, size, &mut node).unwrap();
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = VerifierKey::new("turret.test/log", signing.verifying_key().to_bytes()).unwrap();
        let text = Checkpoint { origin: key.name().to_owned(), size, root }.to_string();
        let line = signature_line(key.name(), key.key_id(), &signing.sign(text.as_bytes()).to_bytes());
        (TlogProof { index, path, note: format!("{text}\n{line}") }, key)
    }

    #[test]
    fn it_reads_back_and_shows_its_entry_alone() {
        for (size, index) in [(1, 0), (2, 1), (70, 69), (70, 0), (300, 256)] {
            let (proof, key) = tree(size, index);
            let text = proof.to_string();
            assert_eq!(text.parse(), Ok(proof.clone()));
            let extra = text.replacen('\n', "\nextra AAAA\n", 1);
            assert_eq!(extra.parse(), Ok(proof.clone()));
            assert_eq!(proof.verify(&leaf_hash(&index.to_be_bytes()), &key).map(|head| head.size), Ok(size));
            assert_eq!(proof.verify(&leaf_hash(b"other"), &key), Err(ProofError));
            let (_, other) = (0, VerifierKey::new("turret.test/other", *key.public()).unwrap());
            assert_eq!(proof.verify(&leaf_hash(&index.to_be_bytes()), &other), Err(ProofError));
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let (proof, _) = tree(3, 2);
        let text = proof.to_string();
        for bad in [
            String::new(),
            text.replace("@v1", "@v2"),
            text.replace("index 2", "index 02"),
            text.replace("index 2", "index -2"),
            text.replace("index 2\n", ""),
            text.replacen("index 2\n", "index 2\nAAAA\n", 1),
        ] {
            assert_eq!(bad.parse::<TlogProof>(), Err(ProofError), "{bad}");
        }
    }
}
