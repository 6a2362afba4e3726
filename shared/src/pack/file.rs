//! A pack as text, in the one way there is; it must judge nothing of what it reads but the form.
//!
//! A line naming the format, one naming the order; the story, a line an entry, for people; each entry (base64) with its
//! audit path, as a C2SP tlog-proof has it, under a line `entry <place>`; where keys gave way to others a line `succession`
//! for each, with its word (base64); the signed checkpoint to the end. An empty line
//! stands between any two of these. The story is made of the entries, so a file that says another is none.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::story::story;
use super::{PACK_BYTES_MAX, PACK_ENTRIES_MAX, PACK_WORDS_MAX, Pack, Packed};
use crate::entry::Entry;
use crate::tlog::{PATH_HASHES_MAX, TlogProof};

/// First line of a pack.
const FORMAT: &str = "turret-pack-v1";

/// Not a pack, or not in the one form there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackError;

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no proof pack, or it is not as one is written")
    }
}

impl core::error::Error for PackError {}

/// The pack's text.
///
/// # Errors
/// [`PackError`] when an entry is none.
pub fn write(pack: &Pack) -> Result<String, PackError> {
    let entries = read_entries(pack)?;
    let mut text = format!("{FORMAT}\norder {}\n\n", pack.order);
    for line in story(pack.order, &entries) {
        text.push_str(&line);
        text.push('\n');
    }
    for (entry, packed) in entries.iter().zip(&pack.entries) {
        text.push_str(&format!("\nentry {}\n", entry.head.sequence.0));
        STANDARD.encode_string(&packed.bytes, &mut text);
        text.push('\n');
        for hash in &packed.path {
            STANDARD.encode_string(hash.0, &mut text);
            text.push('\n');
        }
    }
    for word in &pack.words {
        text.push_str("\nsuccession ");
        STANDARD.encode_string(word, &mut text);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&pack.note);
    Ok(text)
}

/// The entries of a pack, decoded.
pub(super) fn read_entries(pack: &Pack) -> Result<Vec<Entry>, PackError> {
    pack.entries.iter().map(|packed| Entry::from_bytes(&packed.bytes).map_err(|_| PackError)).collect()
}

/// Reads a text that is written as a pack is, to the byte.
///
/// # Errors
/// [`PackError`].
pub fn parse(text: &str) -> Result<Pack, PackError> {
    if text.len() > PACK_BYTES_MAX {
        return Err(PackError);
    }
    let rest = text.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix("\norder ")).ok_or(PackError)?;
    let (order, rest) = rest.split_once("\n\n").ok_or(PackError)?;
    let order = order.parse().map_err(|_| PackError)?;
    // The story says nothing that is not in the entries: it is made again below.
    let (_, mut rest) = rest.split_once("\n\n").ok_or(PackError)?;
    let mut entries = Vec::new();
    while let Some(behind) = rest.strip_prefix("entry ") {
        let (block, behind) = behind.split_once("\n\n").ok_or(PackError)?;
        if entries.len() >= PACK_ENTRIES_MAX {
            return Err(PackError);
        }
        entries.push(packed(block)?);
        rest = behind;
    }
    let mut words = Vec::new();
    while let Some(behind) = rest.strip_prefix("succession ") {
        let (word, behind) = behind.split_once("\n\n").ok_or(PackError)?;
        let word = STANDARD.decode(word).ok().and_then(|word| String::from_utf8(word).ok()).ok_or(PackError)?;
        if words.len() >= PACK_WORDS_MAX {
            return Err(PackError);
        }
        words.push(word);
        rest = behind;
    }
    let pack = Pack { order, entries, words, note: rest.into() };
    if write(&pack)? == text { Ok(pack) } else { Err(PackError) }
}

/// Each entry of a pack's text with its own proof, for tools that are not ours.
///
/// # Errors
/// [`PackError`].
pub fn split(text: &str) -> Result<Vec<(Vec<u8>, TlogProof)>, PackError> {
    let pack = parse(text)?;
    let entries = read_entries(&pack)?;
    let apart = entries.iter().zip(pack.entries).map(|(entry, packed)| {
        let proof = TlogProof { index: entry.head.sequence.0, path: packed.path, note: pack.note.clone() };
        (packed.bytes, proof)
    });
    Ok(apart.collect())
}

/// What stands under `entry`, that word left out.
fn packed(block: &str) -> Result<Packed, PackError> {
    let mut lines = block.lines().skip(1);
    let bytes = lines.next().and_then(|line| STANDARD.decode(line).ok()).ok_or(PackError)?;
    let path: Vec<_> = lines
        .take(PATH_HASHES_MAX.saturating_add(1))
        .map(|line| crate::tlog::hash_line(line).map_err(|_| PackError))
        .collect::<Result<_, _>>()?;
    if path.len() > PATH_HASHES_MAX { Err(PackError) } else { Ok(Packed { bytes, path }) }
}
