//! A log that goes on under a new origin after a restore: its new name, and the note that says what is kept and what is lost.
//!
//! It must hold no private key.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use super::{Hash, Note, VerifierKey};

/// First line of such a note. No checkpoint has a key where its size belongs.
const FIRST_LINE: &str = "turret: this log goes on under a new origin";
/// Between a deployment's name and the number of its origin; the first has none.
const EPOCH: &str = "/epoch-";
/// Behind a deployment's name, for the key that recovery shares give.
const RECOVERY: &str = "/recovery";

/// What the log of a deployment is called in this epoch, from 1.
#[must_use]
pub fn origin_of(deployment: &str, epoch: u32) -> String {
    if epoch <= 1 { deployment.to_owned() } else { format!("{deployment}{EPOCH}{epoch}") }
}

/// The deployment that a log's origin is of, and the epoch.
#[must_use]
pub fn deployment_of(origin: &str) -> (&str, u32) {
    let numbered = origin.rsplit_once(EPOCH).and_then(|(deployment, number)| {
        let epoch: u32 = number.parse().ok()?;
        // One way to write each.
        (epoch >= 2 && epoch.to_string() == number && !deployment.is_empty()).then_some((deployment, epoch))
    });
    numbered.unwrap_or((origin, 1))
}

/// The verifier key of a deployment's recovery key; `None` where the name is none.
pub fn recovery_verifier(deployment: &str, public: [u8; 32]) -> Option<VerifierKey> {
    VerifierKey::new(&format!("{deployment}{RECOVERY}"), public).ok()
}

/// A tree that somebody signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Under which origin.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

/// What such a note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopening {
    /// Who says so: a key of the origin before, or the recovery key of the deployment.
    pub by: VerifierKey,
    /// The key of the new origin, which is its name.
    pub next: VerifierKey,
    /// What is kept, under the origin before: the entry after it is the first of the new origin.
    pub kept: Known,
    /// The newest checkpoint that was known of; `None` where none was shown.
    pub last: Option<Known>,
}

impl Reopening {
    /// What is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let known = |known: &Known| format!("{} {} {}", known.origin, known.size, known.root);
        let last = self.last.as_ref().map_or_else(|| "none".to_owned(), known);
        format!("{FIRST_LINE}\n{}\n{}\nkept {}\nlast {last}\n", self.by, self.next, known(&self.kept))
    }

    /// Entries that were signed and are lost; `None` where nobody knows.
    #[must_use]
    pub fn lost(&self) -> Option<u64> {
        self.last.as_ref().map(|last| last.size.saturating_sub(self.kept.size))
    }

    /// True when it is said by the recovery key.
    #[must_use]
    pub fn is_by_recovery(&self) -> bool {
        let (deployment, _) = deployment_of(&self.kept.origin);
        self.by.name().strip_suffix(RECOVERY) == Some(deployment)
    }

    /// Reads a note that `by` signed, alone, for the same deployment, of a later epoch.
    #[must_use]
    pub fn read(note: &str) -> Option<Self> {
        let note: Note = note.parse().ok()?;
        let rest = note.text.strip_prefix(FIRST_LINE)?.strip_prefix('\n')?.strip_suffix('\n')?;
        let mut lines = rest.split('\n');
        let (by, next) = (lines.next()?.parse().ok()?, lines.next()?.parse().ok()?);
        let kept = known(lines.next()?.strip_prefix("kept ")?)?;
        let last = match lines.next()?.strip_prefix("last ")? {
            "none" => None,
            last => Some(known(last)?),
        };
        let read = Self { by, next, kept, last };
        // Written again it is the same, so there is one way to say it.
        let whole = lines.next().is_none() && read.text() == note.text && note.signatures.len() == 1;
        read.by.verify(&note).ok()?;
        (whole && read.fits()).then_some(read)
    }

    fn fits(&self) -> bool {
        let (deployment, epoch) = deployment_of(&self.kept.origin);
        let (of, next) = deployment_of(self.next.name());
        let last = self.last.as_ref().map(|last| deployment_of(&last.origin));
        of == deployment
            && next > epoch
            && last.is_none_or(|(of, last)| of == deployment && next > last)
            && (self.by.name() == self.kept.origin || self.is_by_recovery())
    }
}

fn known(text: &str) -> Option<Known> {
    let mut words = text.split(' ');
    let (origin, size, root) = (words.next()?, words.next()?, words.next()?);
    let number: u64 = size.parse().ok()?;
    Some(Known { origin: origin.to_owned(), size: number, root: root.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::tlog::signature_line;

    fn pair(name: &str, seed: u8) -> (SigningKey, VerifierKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = VerifierKey::new(name, key.verifying_key().to_bytes()).unwrap();
        (key, public)
    }

    fn signed(reopening: &Reopening, by: &SigningKey) -> String {
        let text = reopening.text();
        let signature = by.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", signature_line(reopening.by.name(), reopening.by.key_id(), &signature))
    }

    fn tree(origin: &str, size: u64) -> Known {
        Known { origin: origin.into(), size, root: Hash([size as u8; 32]) }
    }

    #[test]
    fn an_origin_has_one_name_an_epoch() {
        for (deployment, epoch) in [("a/log", 1), ("a/log", 2), ("a/log", 40), ("a/epoch-1", 1), ("a/epoch-02", 1)] {
            assert_eq!(deployment_of(&origin_of(deployment, epoch)), (deployment, epoch));
        }
        assert_eq!(deployment_of("a/log/epoch-3"), ("a/log", 3));
        assert_eq!(deployment_of("/epoch-3"), ("/epoch-3", 1));
    }

    #[test]
    fn the_origin_before_or_the_recovery_key_says_where_a_log_goes_on_and_nobody_else() {
        let (old, recovery) = (pair("a/log", 1), pair("a/log/recovery", 2));
        let next = pair("a/log/epoch-2", 3).1;
        for (by, key) in [(&old.1, &old.0), (&recovery.1, &recovery.0)] {
            for last in [None, Some(tree("a/log", 12))] {
                let (next, kept) = (next.clone(), tree("a/log", 9));
                let said = Reopening { by: by.clone(), next, kept, last };
                assert_eq!(Reopening::read(&signed(&said, key)).as_ref(), Some(&said));
                assert_eq!(said.lost(), said.last.as_ref().map(|_| 3));
                assert_eq!(Reopening::read(&signed(&said, key).replace("kept", "lost")), None);
                assert_eq!(Reopening::read(&signed(&said, &SigningKey::from_bytes(&[9; 32]))), None);
            }
        }
        let wrong = |by: &VerifierKey, next: &VerifierKey, kept: Known, last: Option<Known>, key: &SigningKey| {
            let said = Reopening { by: by.clone(), next: next.clone(), kept, last };
            assert_eq!(Reopening::read(&signed(&said, key)), None, "{}", said.text());
        };
        let stranger = pair("b/log", 4);
        wrong(&stranger.1, &next, tree("a/log", 9), None, &stranger.0);
        wrong(&old.1, &pair("b/log/epoch-2", 3).1, tree("a/log", 9), None, &old.0);
        wrong(&old.1, &old.1, tree("a/log", 9), None, &old.0);
        wrong(&old.1, &next, tree("a/log", 9), Some(tree("a/log/epoch-2", 12)), &old.0);
        wrong(&old.1, &next, tree("a/log", 9), Some(tree("b/log", 12)), &old.0);
    }
}
