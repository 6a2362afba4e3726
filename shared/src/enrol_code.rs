//! An enrolment code as text, and the letters two people compare; it must remember no code.
//!
//! Code: 128 random bits, SHA-256 of the authority's key (SubjectPublicKeyInfo), two bytes of check over both; in base 32
//! without I, L, O and U (Crockford), upper or lower case, blanks and dashes anywhere. Whoever types it knows by it which
//! server to believe before a byte is sent.

use alloc::string::String;
use core::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::digest::Digest;
use crate::secret::{EnrolSecret, SecretText};

/// Letters of a code.
pub const CODE_LETTERS: usize = 80;
/// Letters two people compare.
pub const DEVICE_LETTERS: usize = 8;
/// Letters said in one breath.
pub const GROUP_LETTERS: usize = 5;
/// Longest text taken for a code: the letters, and as much between them.
pub const CODE_TEXT_BYTES_MAX: usize = 4 * CODE_LETTERS;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 2;
const CODE_BYTES: usize = SECRET_BYTES + KEY_BYTES + CHECK_BYTES;

/// An enrolment code.
#[derive(Debug, Clone)]
pub struct EnrolCode {
    /// What proves it.
    pub secret: EnrolSecret,
    /// SHA-256 of the one authority to be believed.
    pub authority: Digest,
}

/// Why text is no code; it quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeError {
    /// Too few or too many letters.
    Length,
    /// Something that is no letter of a code.
    Letter,
    /// A letter is wrong somewhere.
    Check,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "an enrolment code has 80 letters and digits",
            Self::Letter => "there is something in it that no enrolment code has",
            Self::Check => "a letter of the enrolment code is wrong",
        })
    }
}

impl core::error::Error for CodeError {}

impl EnrolCode {
    /// As it is read aloud: groups of five.
    #[must_use]
    pub fn text(&self) -> SecretText {
        let mut bytes = Zeroizing::new([0_u8; CODE_BYTES]);
        let check = self.check();
        let all = self.secret.expose().iter().chain(&self.authority.0).chain(&check);
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
        // Room for all of it, so that growing leaves no copy behind.
        let mut text = String::with_capacity(CODE_LETTERS + CODE_LETTERS / GROUP_LETTERS);
        put_letters(bytes.as_slice(), &mut text);
        SecretText::new(text)
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > CODE_TEXT_BYTES_MAX {
            return Err(CodeError::Length);
        }
        let mut bytes = Zeroizing::new([0_u8; CODE_BYTES]);
        let mut letters = 0_usize;
        for letter in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'-') {
            let value = value_of(letter).ok_or(CodeError::Letter)?;
            for bit in 0..5_usize {
                let place = letters.saturating_mul(5).saturating_add(bit);
                let byte = bytes.get_mut(place / 8).ok_or(CodeError::Length)?;
                *byte |= (value >> 4_usize.saturating_sub(bit) & 1) << 7_usize.saturating_sub(place % 8);
            }
            letters = letters.saturating_add(1);
        }
        if letters != CODE_LETTERS {
            return Err(CodeError::Length);
        }
        let (secret, rest) = bytes.split_first_chunk::<SECRET_BYTES>().ok_or(CodeError::Length)?;
        let (authority, check) = rest.split_first_chunk::<KEY_BYTES>().ok_or(CodeError::Length)?;
        let code = Self { secret: EnrolSecret::new(*secret), authority: Digest(*authority) };
        if code.check() == check { Ok(code) } else { Err(CodeError::Check) }
    }

    fn check(&self) -> [u8; CHECK_BYTES] {
        let mut hash = Sha256::new();
        hash.update(b"turret/enrol-code/v1\0");
        hash.update(self.secret.expose());
        hash.update(self.authority.0);
        let hash: [u8; 32] = hash.finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

/// What holder and issuer compare: the first forty bits of SHA-256 over both keys' digests, as `ABCD-EFGH`.
#[must_use]
pub fn device_letters(device: &Digest, authority: &Digest) -> String {
    let mut hash = Sha256::new();
    hash.update(b"turret/device-letters/v1\0");
    hash.update(device.0);
    hash.update(authority.0);
    let hash: [u8; 32] = hash.finalize().into();
    let mut text = String::with_capacity(DEVICE_LETTERS + 1);
    for (at, letter) in letters(hash.get(..5).unwrap_or_default()).enumerate() {
        if at == DEVICE_LETTERS / 2 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

fn letters(bytes: &[u8]) -> impl Iterator<Item = char> {
    (0..bytes.len().saturating_mul(8) / 5).map(|at| {
        let value = (0..5_usize).fold(0_usize, |value, bit| {
            let place = at.saturating_mul(5).saturating_add(bit);
            let byte = bytes.get(place / 8).copied().unwrap_or(0);
            value << 1 | usize::from(byte >> 7_usize.saturating_sub(place % 8) & 1)
        });
        ALPHABET.get(value).copied().map_or('0', char::from)
    })
}

fn put_letters(bytes: &[u8], text: &mut String) {
    for (at, letter) in letters(bytes).enumerate() {
        if at > 0 && at % GROUP_LETTERS == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
}

/// What a letter stands for; those left out are taken for what they look like.
fn value_of(letter: u8) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> EnrolCode {
        EnrolCode { secret: EnrolSecret::new([0xa5; 16]), authority: Digest([0x3c; 32]) }
    }

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let text = code().text();
        assert_eq!(text.expose().split(' ').map(str::len).collect::<alloc::vec::Vec<_>>(), [5; 16]);
        let lower = text.expose().to_ascii_lowercase().replace(' ', "-");
        let alike = text.expose().replace('1', "l").replace('0', "o");
        for typed in [text.expose(), &lower, &alike, &text.expose().replace(' ', "")] {
            let read = EnrolCode::parse(typed).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(read.secret.expose(), &[0xa5; 16]);
            assert_eq!(read.authority, Digest([0x3c; 32]));
        }
    }

    #[test]
    fn one_wrong_letter_anywhere_is_seen() {
        let text = code().text();
        for at in (0..text.expose().len()).filter(|at| text.expose().as_bytes().get(*at) != Some(&b' ')) {
            let wrong: String = text
                .expose()
                .char_indices()
                .map(|(place, c)| if place == at { if c == 'Z' { 'Y' } else { 'Z' } } else { c })
                .collect();
            assert_eq!(EnrolCode::parse(&wrong).err(), Some(CodeError::Check), "{at}");
        }
        assert_eq!(EnrolCode::parse("ABC").err(), Some(CodeError::Length));
        assert_eq!(EnrolCode::parse("").err(), Some(CodeError::Length));
        assert_eq!(EnrolCode::parse(&"A".repeat(81)).err(), Some(CodeError::Length));
        assert_eq!(EnrolCode::parse(&"!".repeat(80)).err(), Some(CodeError::Letter));
        assert!(!alloc::format!("{:?}", code()).contains("165"));
    }

    #[test]
    fn letters_to_compare_are_of_both_keys() {
        let (one, other) = (Digest([1; 32]), Digest([2; 32]));
        let letters = device_letters(&one, &other);
        assert_eq!(letters.len(), 9);
        assert_ne!(letters, device_letters(&other, &one));
        assert_eq!(letters, device_letters(&one, &other));
    }
}
