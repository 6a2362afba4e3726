//! Whether a checkpoint may be cosigned (C2SP tlog-witness); it must keep nothing and sign nothing.

use std::collections::BTreeMap;

use turret_shared::tlog::{AddCheckpoint, Checkpoint, EMPTY_ROOT, Hash, Note, VerifierKey, verify_consistency};

/// The logs a witness was told of, by origin.
#[derive(Debug, Clone, Default)]
pub struct Logs(BTreeMap<String, VerifierKey>);

/// The tree of a log that was cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

impl Seen {
    /// Before anything was seen.
    pub const NOTHING: Self = Self { size: 0, root: EMPTY_ROOT };
}

/// Why nothing is cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a request.
    Malformed,
    /// Of a log it was not told of.
    Unknown,
    /// Not signed by that log's key.
    Unsigned,
    /// It says that the tree has shrunk.
    Shrunk,
    /// The tree cosigned last has another size: this one.
    Elsewhere(u64),
    /// Another tree of the size that was cosigned: two histories.
    Forked(u64),
    /// What it saw is not shown to be the beginning of this.
    Inconsistent,
}

impl Refusal {
    /// Status of the answer (C2SP tlog-witness).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::Shrunk => 400,
            Self::Unsigned => 403,
            Self::Unknown => 404,
            Self::Elsewhere(_) | Self::Forked(_) => 409,
            Self::Inconsistent => 422,
        }
    }

    /// One line for whoever asked.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Malformed => "not an add-checkpoint request",
            Self::Unknown => "this log is not known here",
            Self::Unsigned => "not signed by this log's key",
            Self::Shrunk => "the old size is larger than the checkpoint's",
            Self::Elsewhere(_) => "another size was cosigned last",
            Self::Forked(_) => "another tree of this size was cosigned",
            Self::Inconsistent => "not shown to continue what was cosigned last",
        }
    }
}

/// A checkpoint its log signed, and what it claims to continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is to be cosigned.
    pub checkpoint: Checkpoint,
    /// Its text, as signed.
    pub text: String,
    asked: AddCheckpoint,
}

impl Logs {
    /// One more; a second key for an origin takes the place of the first.
    #[must_use]
    pub fn with(mut self, key: VerifierKey) -> Self {
        self.0.insert(key.name().to_owned(), key);
        self
    }

    /// Reads a request of a known log, signed by it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn claim(&self, request: &str) -> Result<Claim, Refusal> {
        let asked = AddCheckpoint::read(request).map_err(|_| Refusal::Malformed)?;
        let note: Note = asked.note.parse().map_err(|_| Refusal::Malformed)?;
        let checkpoint: Checkpoint = note.text.parse().map_err(|_| Refusal::Malformed)?;
        let key = self.0.get(&checkpoint.origin).ok_or(Refusal::Unknown)?;
        key.verify(&note).map_err(|_| Refusal::Unsigned)?;
        if asked.old > checkpoint.size {
            return Err(Refusal::Shrunk);
        }
        Ok(Claim { checkpoint, text: note.text, asked })
    }
}

impl Claim {
    /// The note as it came: what shows two histories, if it is one of them.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.asked.note
    }

    /// What is seen after this, if it continues what was seen last.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn after(&self, seen: Seen) -> Result<Seen, Refusal> {
        if self.asked.old != seen.size {
            return Err(Refusal::Elsewhere(seen.size));
        }
        let Checkpoint { size, root, .. } = self.checkpoint;
        if size == seen.size && root != seen.root {
            return Err(Refusal::Forked(size));
        }
        verify_consistency(seen.size, &seen.root, size, &root, &self.asked.proof).map_err(|_| Refusal::Inconsistent)?;
        Ok(Seen { size, root })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use ed25519_dalek::{Signer, SigningKey};
    use turret_shared::tlog::{consistency, leaf_hash, range_hash, signature_line};

    use super::*;

    struct Log(SigningKey, Vec<Hash>);

    impl Log {
        fn of(leaves: &str) -> Self {
            let leaves = leaves.bytes().map(|byte| leaf_hash(&[byte])).collect();
            Self(SigningKey::from_bytes(&[3; 32]), leaves)
        }

        fn key(&self) -> VerifierKey {
            VerifierKey::new("log.test", self.0.verifying_key().to_bytes()).unwrap()
        }

        fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
            let (start, width) = ((index << level) as usize, 1 << level);
            fn over(leaves: &[Hash]) -> Hash {
                match leaves {
                    [one] => *one,
                    many => {
                        let (left, right) = many.split_at(many.len() / 2);
                        turret_shared::tlog::node_hash(&over(left), &over(right))
                    }
                }
            }
            Ok(over(&self.1[start..start + width]))
        }

        fn note(&self, size: u64) -> String {
            let root = range_hash(0, size, &mut |level, index| self.node(level, index)).unwrap();
            let text = Checkpoint { origin: "log.test".to_owned(), size, root }.to_string();
            let key = self.key();
            let signature = self.0.sign(text.as_bytes()).to_bytes();
            format!("{text}\n{}", signature_line(key.name(), key.key_id(), &signature))
        }

        fn ask(&self, old: u64, size: u64) -> String {
            let proof = consistency(old, size, &mut |level, index| self.node(level, index)).unwrap();
            AddCheckpoint { old, proof, note: self.note(size) }.text()
        }
    }

    #[test]
    fn a_log_that_grows_is_followed_and_two_histories_are_not() {
        let (log, other) = (Log::of("abcdefghij"), Log::of("abcdeFGHIJ"));
        let logs = Logs::default().with(log.key());
        let mut seen = Seen::NOTHING;
        for size in [0, 1, 4, 5, 5, 7] {
            seen = logs.claim(&log.ask(seen.size, size)).unwrap().after(seen).unwrap();
            assert_eq!(seen.size, size);
        }
        let judged = |request: &str| logs.claim(request).and_then(|claim| claim.after(seen));
        assert_eq!(judged(&log.ask(5, 9)), Err(Refusal::Elsewhere(7)));
        assert_eq!(judged(&other.ask(7, 7)), Err(Refusal::Forked(7)));
        assert_eq!(judged(&other.ask(7, 9)), Err(Refusal::Inconsistent));
        assert_eq!(judged(&log.ask(7, 9)).map(|seen| seen.size), Ok(9));
    }

    #[test]
    fn what_it_was_not_told_of_or_is_not_signed_is_refused_in_the_published_order() {
        let log = Log::of("abcd");
        let asked = log.ask(0, 4);
        let told = Logs::default().with(log.key());
        assert_eq!(told.claim("old x"), Err(Refusal::Malformed));
        assert_eq!(Logs::default().claim(&asked), Err(Refusal::Unknown));
        let stranger =
            VerifierKey::new("log.test", SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes()).unwrap();
        assert_eq!(Logs::default().with(stranger).claim(&asked), Err(Refusal::Unsigned));
        assert_eq!(told.claim(&asked.replace("old 0", "old 5")), Err(Refusal::Shrunk));
        assert_eq!(told.claim(&asked.replace("\n4\n", "\n3\n")), Err(Refusal::Unsigned));
    }

    #[test]
    fn a_first_checkpoint_has_no_proof() {
        let log = Log::of("abcd");
        let logs = Logs::default().with(log.key());
        let line = log.ask(3, 4).lines().nth(1).unwrap().to_owned();
        let claim = logs.claim(&log.ask(0, 4).replacen("old 0\n", &format!("old 0\n{line}\n"), 1)).unwrap();
        assert_eq!(claim.after(Seen::NOTHING), Err(Refusal::Inconsistent));
    }
}
