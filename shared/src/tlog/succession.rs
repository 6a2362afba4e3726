//! One checkpoint key's word on the next: a note that the old one signed and that names the new; it must hold no private key.

use alloc::format;
use alloc::string::String;

use super::{Note, VerifierKey};

/// First line of such a note; the old and the new verifier key follow. No checkpoint has a key where its size belongs.
const FIRST_LINE: &str = "turret: the next key of this log";

/// What the old key signs.
#[must_use]
pub fn succession(old: &VerifierKey, next: &VerifierKey) -> String {
    format!("{FIRST_LINE}\n{old}\n{next}\n")
}

/// The key that gives way by this note and the one it names, where the first signed it, alone, for the same log.
#[must_use]
pub fn read_succession(note: &str) -> Option<(VerifierKey, VerifierKey)> {
    let note: Note = note.parse().ok()?;
    let lines = note.text.strip_prefix(FIRST_LINE)?.strip_prefix('\n')?.strip_suffix('\n')?;
    let (old, next) = lines.split_once('\n')?;
    let (old, next): (VerifierKey, VerifierKey) = (old.parse().ok()?, next.parse().ok()?);
    old.verify(&note).ok()?;
    (next.name() == old.name() && note.signatures.len() == 1).then_some((old, next))
}

/// The key that this note names, where `key` signed it for the same log.
#[must_use]
pub fn successor(note: &str, key: &VerifierKey) -> Option<VerifierKey> {
    read_succession(note).filter(|(old, _)| old == key).map(|(_, next)| next)
}

/// The key that `key` has given way to by these notes, oldest first; itself where it has not.
#[must_use]
pub fn newest_key<'a>(key: VerifierKey, notes: impl IntoIterator<Item = &'a str>) -> VerifierKey {
    notes.into_iter().fold(key, |key, note| successor(note, &key).unwrap_or(key))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;
    use crate::tlog::signature_line;

    fn pair(name: &str, seed: u8) -> (SigningKey, VerifierKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = VerifierKey::new(name, key.verifying_key().to_bytes()).unwrap();
        (key, public)
    }

    fn word(by: &(SigningKey, VerifierKey), next: &VerifierKey) -> String {
        let text = succession(&by.1, next);
        let signature = by.0.sign(text.as_bytes()).to_bytes();
        format!("{text}\n{}", signature_line(by.1.name(), by.1.key_id(), &signature))
    }

    #[test]
    fn a_key_gives_way_only_by_its_own_word_and_within_its_log() {
        let keys: Vec<_> = (1..=3).map(|seed| pair("a/log", seed)).collect();
        let words = [word(&keys[0], &keys[1].1), word(&keys[1], &keys[2].1)];
        let notes = || words.iter().map(String::as_str);
        assert_eq!(newest_key(keys[0].1.clone(), notes()), keys[2].1);
        assert_eq!(newest_key(keys[1].1.clone(), notes()), keys[2].1);
        assert_eq!(newest_key(keys[2].1.clone(), notes()), keys[2].1);
        let (_, stranger) = pair("a/log", 9);
        assert_eq!(newest_key(stranger.clone(), notes()), stranger);
        assert_eq!(successor(&words[1], &keys[0].1), None, "signed by another");
        let other = word(&keys[0], &pair("b/log", 4).1);
        assert_eq!(successor(&other, &keys[0].1), None, "another log's");
        assert_eq!(successor(&words[0].replace("next", "last"), &keys[0].1), None, "other words");
        assert_eq!(read_succession(&words[1]), Some((keys[1].1.clone(), keys[2].1.clone())));
    }
}
