//! A witness's word under a checkpoint (C2SP tlog-cosignature, ed25519): when it saw the tree grow as a log may; it must hold
//! public keys only.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;

use super::note::{KeyId, Note, NoteError, Signature, is_key_name};

/// Signature type of a timestamped ed25519 cosignature (C2SP signed-note).
const COSIGNATURE_V1: u8 = 0x04;
/// Time in eight bytes, then the signature.
const SIGNED_BYTES: usize = 8 + 64;

/// The bytes a witness signs: header, time in seconds since 1970, and the checkpoint's text with its last newline.
#[must_use]
pub fn cosigned_message(time_s: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_s}\n{text}").into_bytes()
}

/// A witness: its name and its ed25519 public key, `name+hex(key id)+base64(0x04 || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier {
    name: String,
    public: [u8; 32],
}

impl WitnessVerifier {
    /// Names a public key.
    ///
    /// # Errors
    /// [`NoteError::BadKey`] for an empty name or one with spaces or a plus sign.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, NoteError> {
        if is_key_name(name) { Ok(Self { name: name.to_owned(), public }) } else { Err(NoteError::BadKey) }
    }

    /// The name its cosignatures carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id its cosignatures carry.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::typed(&self.name, COSIGNATURE_V1, &self.public)
    }

    /// True for a signature that says it is this witness's.
    #[must_use]
    pub fn is_of(&self, signature: &Signature) -> bool {
        signature.name == self.name && signature.key_id == self.key_id()
    }

    /// The line under a checkpoint, with its newline.
    #[must_use]
    pub fn line(&self, time_s: u64, signature: &[u8; 64]) -> String {
        let mut bytes = self.key_id().0.to_vec();
        bytes.extend_from_slice(&time_s.to_be_bytes());
        bytes.extend_from_slice(signature);
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(bytes))
    }

    /// Checks one signature line over a checkpoint's text; gives its time, in seconds since 1970.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] when it is another's, [`NoteError::BadSignature`] when it does not verify.
    pub fn verify_line(&self, text: &str, signature: &Signature) -> Result<u64, NoteError> {
        if !self.is_of(signature) {
            return Err(NoteError::NotSigned);
        }
        let (time, bytes) = signature.bytes.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
        let time_s = u64::from_be_bytes(*time);
        if signature.bytes.len() != SIGNED_BYTES || i64::try_from(time_s).is_err() {
            return Err(NoteError::BadSignature);
        }
        let key = VerifyingKey::from_bytes(&self.public).map_err(|_| NoteError::BadKey)?;
        let bytes = ed25519_dalek::Signature::from_slice(bytes).map_err(|_| NoteError::BadSignature)?;
        key.verify_strict(&cosigned_message(time_s, text), &bytes).map_err(|_| NoteError::BadSignature)?;
        Ok(time_s)
    }

    /// Checks that this witness cosigned the note; gives when, in seconds since 1970.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] without a line of this witness, [`NoteError::BadSignature`] when it is wrong.
    pub fn verify(&self, note: &Note) -> Result<u64, NoteError> {
        let line = note.signatures.iter().find(|signature| self.is_of(signature)).ok_or(NoteError::NotSigned)?;
        self.verify_line(&note.text, line)
    }
}

impl fmt::Display for WitnessVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = Vec::with_capacity(33);
        typed.push(COSIGNATURE_V1);
        typed.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, self.key_id(), STANDARD.encode(typed))
    }
}

impl FromStr for WitnessVerifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::BadKey);
        };
        let typed = STANDARD.decode(encoded).map_err(|_| NoteError::BadKey)?;
        let Some((&COSIGNATURE_V1, public)) = typed.split_first() else { return Err(NoteError::BadKey) };
        let key = Self::new(name, public.try_into().map_err(|_| NoteError::BadKey)?)?;
        if format!("{}", key.key_id()) == id { Ok(key) } else { Err(NoteError::BadKey) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_message_is_the_published_one() {
        // C2SP tlog-cosignature, "Ed25519 signed message".
        let published = format!("cosignature/v1\ntime 1679315147\n{TEXT}");
        assert_eq!(cosigned_message(1_679_315_147, TEXT), published.as_bytes());
    }

    #[test]
    fn the_published_line_has_its_published_time() {
        // C2SP tlog-cosignature, the example: eight bytes behind the key's id.
        let line =
            "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let bytes = STANDARD.decode(line).unwrap();
        assert_eq!(bytes.len(), 4 + SIGNED_BYTES);
        assert_eq!(bytes[4..12], 1_679_315_147u64.to_be_bytes());
    }

    #[test]
    fn a_line_verifies_with_its_time_and_nothing_else_does() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let key = WitnessVerifier::new("witness.example/w1", signing.verifying_key().to_bytes()).unwrap();
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        let plain = super::super::VerifierKey::new(key.name(), key.public).unwrap();
        assert_ne!(plain.key_id(), key.key_id(), "one key in two roles has two ids");
        assert!(plain.to_string().parse::<WitnessVerifier>().is_err());

        let signature = signing.sign(&cosigned_message(1_700_000_000, TEXT)).to_bytes();
        let note: Note = format!("{TEXT}\n{}", key.line(1_700_000_000, &signature)).parse().unwrap();
        assert_eq!(key.verify(&note), Ok(1_700_000_000));
        let other = WitnessVerifier::new("witness.example/w2", key.public).unwrap();
        assert_eq!(other.verify(&note), Err(NoteError::NotSigned));
        let later: Note = format!("{TEXT}\n{}", key.line(1_700_000_001, &signature)).parse().unwrap();
        assert_eq!(key.verify(&later), Err(NoteError::BadSignature));
        let larger: Note = format!("{}\n{}", TEXT.replace("20852163", "20852164"), key.line(1_700_000_000, &signature))
            .parse()
            .unwrap();
        assert_eq!(key.verify(&larger), Err(NoteError::BadSignature));
    }
}
