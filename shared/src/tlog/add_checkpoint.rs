//! What a log asks of a witness, as text (C2SP tlog-witness, `add-checkpoint`); it must judge nothing.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write;

use super::hash::Hash;
use super::hash_line;
use super::tlog_proof::{decimal, line};

/// Most lines of a consistency proof (C2SP tlog-witness).
pub const PROOF_HASHES_MAX: usize = 63;
/// Longest request, in bytes: the proof's lines, and a note with room for the signatures of others.
pub const ADD_CHECKPOINT_BYTES_MAX: usize = 16 * 1024;

/// Text that asks for no cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddCheckpointError;

impl fmt::Display for AddCheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an add-checkpoint request")
    }
}

impl core::error::Error for AddCheckpointError {}

/// The request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the tree the witness cosigned last, as far as the log knows; 0 for none.
    pub old: u64,
    /// That the tree of `old` entries is the beginning of the checkpoint's.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: String,
}

impl AddCheckpoint {
    /// The body of the request.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(ADD_CHECKPOINT_BYTES_MAX.min(self.note.len().saturating_add(1_024)));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "old {}", self.old);
        for hash in &self.proof {
            let _ = writeln!(text, "{}", line(hash));
        }
        text.push('\n');
        text.push_str(&self.note);
        text
    }

    /// Reads the body of a request; the note is left as it came.
    ///
    /// # Errors
    /// [`AddCheckpointError`] for anything that is not of this form.
    pub fn read(text: &str) -> Result<Self, AddCheckpointError> {
        if text.len() > ADD_CHECKPOINT_BYTES_MAX {
            return Err(AddCheckpointError);
        }
        let (head, note) = text.split_once("\n\n").ok_or(AddCheckpointError)?;
        let mut lines = head.split('\n');
        let old =
            lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal).ok_or(AddCheckpointError)?;
        let proof: Vec<Hash> =
            lines.map(|line| hash_line(line).map_err(|_| AddCheckpointError)).collect::<Result<_, _>>()?;
        if proof.len() > PROOF_HASHES_MAX || note.is_empty() {
            return Err(AddCheckpointError);
        }
        Ok(Self { old, proof, note: note.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // C2SP tlog-witness, the example request.
    const PUBLISHED: &str = "old 20852014\n\
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
        \n\
        example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

    #[test]
    fn the_published_request_reads_and_writes() {
        let asked = AddCheckpoint::read(PUBLISHED).unwrap();
        assert_eq!((asked.old, asked.proof.len()), (20_852_014, 4));
        let note: super::super::Note = asked.note.parse().unwrap();
        assert_eq!(note.signatures.len(), 2);
        assert_eq!(note.text.parse::<super::super::Checkpoint>().unwrap().size, 20_852_163);
        assert_eq!(asked.text(), PUBLISHED);
    }

    #[test]
    fn what_is_not_of_its_form_is_refused() {
        let many = alloc::format!("old 1\n{}\nx", "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(64));
        let long = alloc::format!("old 1\n\n{}", "x".repeat(ADD_CHECKPOINT_BYTES_MAX));
        for bad in [
            "",
            "old 1\n",
            "old 1\n\n",
            "old 01\n\nx",
            "old -1\n\nx",
            "old\n\nx",
            "1\n\nx",
            "old 1\nAAAA\n\nx",
            &many,
            &long,
        ] {
            assert_eq!(AddCheckpoint::read(bad), Err(AddCheckpointError), "{bad:?}");
        }
    }
}
