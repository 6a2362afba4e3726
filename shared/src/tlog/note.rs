//! Signed notes (C2SP signed-note) with ed25519 keys; it must hold public keys only.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

/// Signature type of a plain ed25519 key (C2SP signed-note).
const ED25519: u8 = 0x01;
/// Longest note read, in bytes.
const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Most signatures read in one note.
const SIGNATURES_MAX: usize = 100;

/// First four bytes of SHA-256(name || 0x0A || 0x01 || public key).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// The id of an ed25519 key under a name.
    #[must_use]
    pub fn of(name: &str, public: &[u8; 32]) -> Self {
        Self::typed(name, ED25519, public)
    }

    /// The same for a key that signs in another way: its type stands before the key.
    pub(super) fn typed(name: &str, kind: u8, public: &[u8; 32]) -> Self {
        let digest: [u8; 32] =
            Sha256::new().chain_update(name).chain_update([0x0a, kind]).chain_update(public).finalize().into();
        let [a, b, c, d, ..] = digest;
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a note was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteError {
    /// Not of the form of a signed note.
    Malformed,
    /// A verifier key that is not of its form.
    BadKey,
    /// No signature by the key asked for.
    NotSigned,
    /// A signature by the key asked for that does not verify.
    BadSignature,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a signed note",
            Self::BadKey => "not a verifier key",
            Self::NotSigned => "not signed by this key",
            Self::BadSignature => "the signature is wrong",
        })
    }
}

impl core::error::Error for NoteError {}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the key.
    pub name: String,
    /// Its id.
    pub key_id: KeyId,
    /// What it made of the text.
    pub bytes: Vec<u8>,
}

/// A text, its last newline included, and the signatures under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What was signed.
    pub text: String,
    /// By whom.
    pub signatures: Vec<Signature>,
}

/// `— name base64(key id || signature)` with its newline: what follows the text and an empty line.
#[must_use]
pub fn signature_line(name: &str, key_id: KeyId, signature: &[u8; 64]) -> String {
    put(name, key_id, signature)
}

fn put(name: &str, key_id: KeyId, signature: &[u8]) -> String {
    let mut bytes = key_id.0.to_vec();
    bytes.extend_from_slice(signature);
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

impl Note {
    /// The note with this key's signature alone of all in its name, and those of others, as text; `None` where it did not
    /// sign.
    #[must_use]
    pub fn signed_by(&self, key: &VerifierKey) -> Option<String> {
        key.verify(self).ok()?;
        let id = key.key_id();
        let stays = |line: &&Signature| line.name != key.name() || line.key_id == id;
        let lines: String =
            self.signatures.iter().filter(stays).map(|line| put(&line.name, line.key_id, &line.bytes)).collect();
        Some(format!("{}\n{lines}", self.text))
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        let plain = note.len() <= NOTE_BYTES_MAX && note.chars().all(|c| c == '\n' || !c.is_control());
        let cut = note.rfind("\n\n").filter(|_| plain && note.ends_with('\n')).ok_or(NoteError::Malformed)?;
        let (text, rest) = note.split_at_checked(cut.saturating_add(1)).ok_or(NoteError::Malformed)?;
        let lines = rest.strip_prefix('\n').ok_or(NoteError::Malformed)?;
        let signatures: Vec<Signature> =
            lines.lines().take(SIGNATURES_MAX.saturating_add(1)).map(read_signature).collect::<Result<_, _>>()?;
        if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
            return Err(NoteError::Malformed);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn read_signature(line: &str) -> Result<Signature, NoteError> {
    let rest = line.strip_prefix("\u{2014} ").ok_or(NoteError::Malformed)?;
    let (name, encoded) = rest.split_once(' ').ok_or(NoteError::Malformed)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed)?;
    match bytes.split_first_chunk::<4>() {
        Some((id, signature)) if is_key_name(name) && !signature.is_empty() => {
            Ok(Signature { name: name.to_owned(), key_id: KeyId(*id), bytes: signature.to_vec() })
        }
        _ => Err(NoteError::Malformed),
    }
}

pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

/// A named ed25519 public key: `name+hex(key id)+base64(0x01 || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// Names a public key.
    ///
    /// # Errors
    /// [`NoteError::BadKey`] for an empty name or one with spaces or a plus sign.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, NoteError> {
        if is_key_name(name) { Ok(Self { name: name.to_owned(), public }) } else { Err(NoteError::BadKey) }
    }

    /// The name signatures carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key itself.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The id signatures carry.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.name, &self.public)
    }

    /// Checks that this key signed the note.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] without a signature by this key, [`NoteError::BadSignature`] when it is wrong.
    pub fn verify(&self, note: &Note) -> Result<(), NoteError> {
        let id = self.key_id();
        let by_us = |signature: &&Signature| signature.name == self.name && signature.key_id == id;
        let signature = note.signatures.iter().find(by_us).ok_or(NoteError::NotSigned)?;
        let key = VerifyingKey::from_bytes(&self.public).map_err(|_| NoteError::BadKey)?;
        let bytes = ed25519_dalek::Signature::from_slice(&signature.bytes).map_err(|_| NoteError::BadSignature)?;
        key.verify_strict(note.text.as_bytes(), &bytes).map_err(|_| NoteError::BadSignature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = Vec::with_capacity(33);
        typed.push(ED25519);
        typed.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, self.key_id(), STANDARD.encode(typed))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::BadKey);
        };
        let typed = STANDARD.decode(encoded).map_err(|_| NoteError::BadKey)?;
        let Some((&ED25519, public)) = typed.split_first() else { return Err(NoteError::BadKey) };
        let key = Self::new(name, public.try_into().map_err(|_| NoteError::BadKey)?)?;
        if format!("{}", key.key_id()) == id { Ok(key) } else { Err(NoteError::BadKey) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn the_published_key_has_its_published_id() {
        let typed = STANDARD.decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
        let key = VerifierKey::new("example.com/foo", typed[1..].try_into().unwrap()).unwrap();
        assert_eq!(key.key_id().to_string(), "530d903a");
        let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        assert_eq!(key.to_string(), text);
        assert_eq!(text.parse(), Ok(key));
        assert!(text.replace("530d", "530e").parse::<VerifierKey>().is_err());
    }

    #[test]
    fn a_note_verifies_for_its_key_alone() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = VerifierKey::new("turret.test", signing.verifying_key().to_bytes()).unwrap();
        let text = "origin\n7\nroot\n";
        let line = signature_line(key.name(), key.key_id(), &signing.sign(text.as_bytes()).to_bytes());
        let written = format!("{text}\n{line}");
        let note: Note = written.parse().unwrap();
        assert_eq!(note.text, text);
        assert_eq!(key.verify(&note), Ok(()));
        let forged: Note = written.replace("\n7\n", "\n8\n").parse().unwrap();
        assert_eq!(key.verify(&forged), Err(NoteError::BadSignature));
        let other = VerifierKey::new("turret.test", SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes());
        assert_eq!(other.unwrap().verify(&note), Err(NoteError::NotSigned));
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        for bad in [
            "",
            "a\n",
            "a\n\n",
            "a\n\n- b c\n",
            "a\n\n\u{2014} b AAAA\n",
            "a\n\n\u{2014} b !!\n",
            "a\u{1b}\n\n\u{2014} b AAAAAAAA\n",
        ] {
            assert_eq!(bad.parse::<Note>(), Err(NoteError::Malformed), "{bad:?}");
        }
    }
}
