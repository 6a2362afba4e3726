//! Checkpoints and proofs of ours before an implementation that is not ours, and its own before ours; it must share no code
//! between the two.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::cell::RefCell;
use std::convert::Infallible;

use signed_note::{Note as TheirNote, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint as TheirCheckpoint, Error, Hash as TheirHash, HashReader};
use turret_shared::tlog::{
    Checkpoint, Frontier, Hash, Note, TlogProof, VerifierKey, consistency, inclusion, leaf_hash, node_hash,
    perfect_root, verify_consistency,
};

/// The example key of the note format's first implementation, published with it.
const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fn entry(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// Their tree, in the order their hashes are stored in.
#[derive(Default)]
struct Stored(RefCell<Vec<TheirHash>>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<TheirHash>, Error> {
        let all = self.0.borrow();
        Ok(indexes.iter().map(|at| all[usize::try_from(*at).unwrap()]).collect())
    }
}

impl Stored {
    fn of(size: u64) -> Self {
        let stored = Self::default();
        for n in 0..size {
            let more = tlog_tiles::stored_hashes(n, &entry(n), &stored).unwrap();
            stored.0.borrow_mut().extend(more);
        }
        stored
    }
}

/// Our tree's leaves and a way to any node of it.
fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&entry(n))).collect()
}

fn node_of(leaves: &[Hash]) -> impl FnMut(u8, u64) -> Result<Hash, Infallible> + '_ {
    |level, index| {
        let start = usize::try_from(index).unwrap() << level;
        Ok(perfect_root(&leaves[start..start + (1 << level)]))
    }
}

fn root_of(size: u64) -> Hash {
    let mut frontier = Frontier::new();
    leaves(size).into_iter().for_each(|leaf| frontier.append(leaf, &mut Vec::new()));
    frontier.root()
}

const SIZES: [u64; 6] = [1, 2, 7, 256, 257, 700];

#[test]
fn trees_have_the_same_root_and_proofs_of_either_hold_for_the_other() {
    assert_ne!(node_hash(&leaf_hash(b"a"), &leaf_hash(b"b")), leaf_hash(b"ab"));
    for size in SIZES {
        let (theirs, ours) = (Stored::of(size), leaves(size));
        let root = root_of(size);
        let their_root = tlog_tiles::tree_hash(size, &theirs).unwrap();
        assert_eq!(root.0, their_root.0, "{size}");
        for index in [0, size / 2, size - 1] {
            let path = inclusion(index, size, &mut node_of(&ours)).unwrap();
            let their_path: Vec<TheirHash> = path.iter().map(|hash| TheirHash(hash.0)).collect();
            let record = tlog_tiles::record_hash(&entry(index));
            tlog_tiles::check_record(&their_path, size, their_root, index, record).expect("ours before theirs");
            let made = tlog_tiles::prove_record(size, index, &theirs).unwrap();
            let made: Vec<Hash> = made.iter().map(|hash| Hash(hash.0)).collect();
            assert_eq!(made, path, "theirs before ours");
        }
        for old in SIZES.into_iter().filter(|old| *old <= size) {
            let proof = consistency(old, size, &mut node_of(&ours)).unwrap();
            let their_proof: Vec<TheirHash> = proof.iter().map(|hash| TheirHash(hash.0)).collect();
            tlog_tiles::check_tree(&their_proof, size, their_root, old, TheirHash(root_of(old).0)).expect("ours");
            let made = tlog_tiles::prove_tree(size, old, &theirs).unwrap();
            let made: Vec<Hash> = made.iter().map(|hash| Hash(hash.0)).collect();
            assert_eq!(verify_consistency(old, &root_of(old), size, &root, &made), Ok(()));
        }
    }
}

#[test]
fn a_checkpoint_they_signed_verifies_here_and_a_proof_under_it_does() {
    let size = 257;
    let root = tlog_tiles::tree_hash(size, &Stored::of(size)).unwrap();
    let theirs = TheirCheckpoint::new("PeterNeumann", size, root, "").unwrap();
    let mut note = TheirNote::new(&theirs.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(SIGNER).unwrap()]).unwrap();
    let text = String::from_utf8(note.to_bytes()).unwrap();
    let key: VerifierKey = VERIFIER.parse().unwrap();
    let read: Note = text.parse().unwrap();
    assert_eq!(key.verify(&read), Ok(()));
    let checkpoint: Checkpoint = read.text.parse().unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size, checkpoint.root), ("PeterNeumann", size, Hash(root.0)));
    let path = inclusion(200, size, &mut node_of(&leaves(size))).unwrap();
    let proof: TlogProof = TlogProof { index: 200, path, note: text }.to_string().parse().unwrap();
    assert!(proof.verify(&leaf_hash(&entry(200)), &key).is_ok());
    assert!(proof.verify(&leaf_hash(&entry(201)), &key).is_err());
}

#[test]
fn what_we_write_of_a_checkpoint_they_read() {
    let checkpoint = Checkpoint { origin: "turret.example/desk".to_owned(), size: 700, root: root_of(700) };
    let theirs = TheirCheckpoint::from_bytes(checkpoint.to_string().as_bytes()).unwrap();
    assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), ("turret.example/desk", 700, checkpoint.root.0));
    // The signature of one that a server signed is looked at in `proof_pack`.
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(VERIFIER).unwrap())]);
    let mut note = TheirNote::new(checkpoint.to_string().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(SIGNER).unwrap()]).unwrap();
    assert!(note.verify(&known).is_ok());
}
