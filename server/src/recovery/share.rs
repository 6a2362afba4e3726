//! One share as people write it down: five lines of letters, each with its own check, and one over all; it must print nothing.
//!
//! A share is 50 bytes: version, set, number, threshold, how many there are, desk, value, and six bytes of check. Ten bytes a
//! line are sixteen letters (RFC 4648, 6), and two more are the line's check: a slip of the pen is named by its line.

use std::fmt;

use sha2::{Digest as _, Sha256};
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::auth::base32;

/// Lines of a share.
pub const LINES: usize = 5;
/// What stands before a share that is one line, as a code to scan holds it.
pub const SHARE_PREFIX: &str = "TURRET1:";
/// Of the one form there is.
const VERSION: u8 = 1;
/// Bytes of a line without its check.
const LINE_BYTES: usize = 10;
/// Letters of a line with its check.
const LINE_LETTERS: usize = 18;
/// Bytes before the value.
const HEAD_BYTES: usize = 12;
/// Bytes before the check over all.
const BODY_BYTES: usize = HEAD_BYTES + 32;
/// Bytes of a share.
const SHARE_BYTES: usize = LINES * LINE_BYTES;

/// One share; its value is wiped when dropped.
pub struct Share {
    /// The shares it belongs with.
    pub set: u32,
    /// Which of them, from 1.
    pub number: u8,
    /// So many open the key.
    pub threshold: u8,
    /// So many there are.
    pub shares: u8,
    /// Whose: the first bytes of SHA-256 over the deployment's name.
    pub desk: [u8; 4],
    pub(super) value: SecretKey,
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share").field("set", &self.set).field("number", &self.number).finish_non_exhaustive()
    }
}

/// Why what was given is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareFault {
    /// A line of it, counted from 1, is not as it was printed; the share's own number where its first line is good.
    Line {
        /// The how many-th of those given.
        place: usize,
        /// The number on it.
        number: Option<u8>,
        /// Which line.
        line: usize,
    },
    /// Every line is, and they do not belong together.
    Whole(u8),
    /// It ends within a share.
    Short(usize),
    /// It is of a form that this program does not know.
    Version(usize),
}

impl fmt::Display for ShareFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { number: Some(number), line, .. } => {
                write!(f, "share {number} is not as it was printed: look at line {line}")
            }
            Self::Line { place, number: None, line } => {
                write!(f, "the share given in place {place} is not as it was printed: look at line {line}")
            }
            Self::Whole(number) => write!(f, "share {number} has lines of more than one share"),
            Self::Short(place) => write!(f, "the share given in place {place} ends before its last line"),
            Self::Version(place) => {
                write!(f, "the share given in place {place} is of a form this program does not know")
            }
        }
    }
}

impl std::error::Error for ShareFault {}

/// What a share says of whose it is.
pub(super) fn desk_of(origin: &str) -> [u8; 4] {
    let digest = Sha256::digest(origin.as_bytes());
    digest.first_chunk().copied().unwrap_or_default()
}

fn check_of_line(line: usize, bytes: &[u8]) -> [u8; 2] {
    let number = [u8::try_from(line).unwrap_or(u8::MAX)];
    let digest =
        Sha256::new().chain_update(b"turret/share-line/v1\0").chain_update(number).chain_update(bytes).finalize();
    digest.first_chunk().copied().unwrap_or_default()
}

fn check_of_all(body: &[u8]) -> [u8; SHARE_BYTES - BODY_BYTES] {
    let digest = Sha256::new().chain_update(b"turret/share/v1\0").chain_update(body).finalize();
    digest.first_chunk().copied().unwrap_or_default()
}

impl Share {
    /// Its lines, letters alone: sixteen, and two of check.
    #[must_use]
    pub fn lines(&self) -> Vec<Zeroizing<String>> {
        let bytes = self.bytes();
        let line = |(place, bytes): (usize, &[u8])| {
            let mut text = Zeroizing::new(String::with_capacity(LINE_LETTERS));
            text.push_str(&Zeroizing::new(base32(bytes)));
            // Two letters are ten bits.
            text.extend(base32(&check_of_line(place.saturating_add(1), bytes)).chars().take(2));
            text
        };
        bytes.chunks(LINE_BYTES).enumerate().map(line).collect()
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SHARE_BYTES));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.set.to_be_bytes());
        bytes.extend_from_slice(&[self.number, self.threshold, self.shares]);
        bytes.extend_from_slice(&self.desk);
        bytes.extend_from_slice(self.value.expose());
        let check = check_of_all(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    fn of(bytes: &[u8], place: usize) -> Result<Self, ShareFault> {
        let short = ShareFault::Short(place);
        let (body, check) = bytes.split_at_checked(BODY_BYTES).ok_or(short)?;
        let (head, value) = body.split_at_checked(HEAD_BYTES).ok_or(short)?;
        let [version, s1, s2, s3, s4, number, threshold, shares, d1, d2, d3, d4] = *head else { return Err(short) };
        if version != VERSION {
            return Err(ShareFault::Version(place));
        }
        if check != check_of_all(body) || number == 0 {
            return Err(ShareFault::Whole(number));
        }
        Ok(Self {
            set: u32::from_be_bytes([s1, s2, s3, s4]),
            number,
            threshold,
            shares,
            desk: [d1, d2, d3, d4],
            value: SecretKey::new(value.try_into().map_err(|_| short)?),
        })
    }
}

/// Shares one after the other, as they were printed or as one line each; blanks, dashes and small letters do not matter.
///
/// # Errors
/// [`ShareFault`] of the first that is none.
pub fn read_shares(text: &str) -> Result<Vec<Share>, ShareFault> {
    let mut shares = Vec::new();
    let mut bytes = Zeroizing::new(Vec::with_capacity(SHARE_BYTES));
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let place = shares.len().saturating_add(1);
        let line = line.strip_prefix(SHARE_PREFIX).unwrap_or(line);
        let letters = letters_of(line);
        let whole = letters.len() == LINE_LETTERS * LINES && bytes.is_empty();
        if !whole && letters.len() != LINE_LETTERS {
            return Err(fault(&bytes, place));
        }
        for letters in letters.chunks(LINE_LETTERS) {
            take_line(letters, &mut bytes, place)?;
        }
        if bytes.len() == SHARE_BYTES {
            shares.push(Share::of(&bytes, place)?);
            bytes.clear();
        }
    }
    if bytes.is_empty() { Ok(shares) } else { Err(ShareFault::Short(shares.len().saturating_add(1))) }
}

/// The line that comes now is wrong.
fn fault(before: &[u8], place: usize) -> ShareFault {
    let line = before.len().div_euclid(LINE_BYTES).saturating_add(1);
    ShareFault::Line { place, number: before.get(5).copied(), line }
}

fn take_line(letters: &[u8], bytes: &mut Zeroizing<Vec<u8>>, place: usize) -> Result<(), ShareFault> {
    let line = bytes.len().div_euclid(LINE_BYTES).saturating_add(1);
    let (body, check) = letters.split_at_checked(LINE_LETTERS - 2).ok_or_else(|| fault(bytes, place))?;
    let mut read = Zeroizing::new(Vec::with_capacity(LINE_BYTES));
    for eight in body.chunks(8) {
        let bits = eight.iter().fold(0u64, |bits, letter| bits << 5 | u64::from(*letter));
        read.extend(bits.to_be_bytes().into_iter().skip(3));
    }
    let [c1, c2] = check_of_line(line, &read);
    let wanted = [c1 >> 3, (c1 & 7) << 2 | c2 >> 6];
    if check != wanted {
        return Err(fault(bytes, place));
    }
    bytes.extend_from_slice(&read);
    Ok(())
}

/// The letters' values; what is easily taken for a letter is that letter, and what is none at all makes the line too long.
fn letters_of(line: &str) -> Zeroizing<Vec<u8>> {
    let value = |c: char| match c.to_ascii_uppercase() {
        c @ 'A'..='Z' => (c as u8).wrapping_sub(b'A'),
        c @ '2'..='7' => (c as u8).wrapping_sub(b'2').wrapping_add(26),
        '0' => 14,
        '1' => 8,
        '8' => 1,
        // No letter has it, so no check agrees.
        _ => 255,
    };
    let mut letters = Zeroizing::new(Vec::with_capacity(LINE_LETTERS * LINES));
    letters.extend(line.chars().filter(|c| !c.is_whitespace() && *c != '-').map(value).take(LINE_LETTERS * LINES + 1));
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(number: u8) -> Share {
        Share {
            set: 0x1234_5678,
            number,
            threshold: 2,
            shares: 3,
            desk: desk_of("turret.example/desk"),
            value: SecretKey::new([number; 32]),
        }
    }

    fn printed(share: &Share) -> Vec<String> {
        share.lines().iter().map(|line| line.to_string()).collect()
    }

    #[test]
    fn what_is_printed_is_read_again_however_it_is_written_down() {
        let (one, two) = (printed(&share(1)), printed(&share(2)));
        assert_eq!((one.len(), one[0].len()), (LINES, LINE_LETTERS));
        let spread = |lines: &[String]| {
            let dashed = |line: &String| {
                line.to_lowercase()
                    .as_bytes()
                    .chunks(4)
                    .map(|four| String::from_utf8(four.to_vec()).unwrap())
                    .collect::<Vec<_>>()
                    .join(" - ")
            };
            lines.iter().map(dashed).collect::<Vec<_>>().join("\n\n")
        };
        let text = format!("{}\n{SHARE_PREFIX}{}\n", spread(&one), two.concat());
        let read = read_shares(&text).unwrap();
        let told: Vec<_> = read.iter().map(|share| (share.number, *share.value.expose())).collect();
        assert_eq!(told, [(1, [1; 32]), (2, [2; 32])]);
        assert_eq!(
            (read[0].set, read[0].threshold, read[0].shares, read[0].desk),
            (0x1234_5678, 2, 3, desk_of("turret.example/desk"))
        );
        // A nought for an O is no slip.
        assert!(read_shares(&one.join("\n").replace('O', "0").replace('I', "1")).is_ok());
    }

    #[test]
    fn every_slip_of_the_pen_is_named_by_share_and_line() {
        let lines = printed(&share(3));
        for line in 0..LINES {
            for at in 0..LINE_LETTERS {
                let mut wrong = lines.clone();
                let other = if &wrong[line][at..=at] == "Q" { "R" } else { "Q" };
                wrong[line].replace_range(at..=at, other);
                let number = (line > 0).then_some(3);
                let fault = ShareFault::Line { place: 1, number, line: line + 1 };
                assert_eq!(read_shares(&wrong.join("\n")).err(), Some(fault), "{line} {at}");
            }
        }
        let mut swapped = lines.clone();
        swapped.swap(2, 3);
        let fault = ShareFault::Line { place: 1, number: Some(3), line: 3 };
        assert_eq!(read_shares(&swapped.join("\n")).err(), Some(fault));
        assert_eq!(read_shares(&lines[..4].join("\n")).err(), Some(ShareFault::Short(1)));
        let mut mixed = lines.clone();
        mixed[4].clone_from(&printed(&share(2))[4]);
        assert_eq!(read_shares(&mixed.join("\n")).err(), Some(ShareFault::Whole(3)));
        let first = ShareFault::Line { place: 1, number: None, line: 1 };
        assert_eq!(read_shares("not a share at all").err(), Some(first));
        assert_eq!(read_shares(&"A".repeat(400)).err(), Some(first));
        assert_eq!(read_shares("").map(|shares| shares.len()), Ok(0));
    }
}
