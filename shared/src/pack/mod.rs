//! Everything about one order that an outsider needs to verify its story, in one file: entries, proofs, a checkpoint.
//!
//! It must hold nothing the log does not, and show nobody's name: what a person or a text is called lies in the vault.

mod file;
mod gather;
mod story;
mod verify;

use alloc::string::String;
use alloc::vec::Vec;

pub use file::{PackError, parse, split, write};
pub use gather::{Find, Reference, gather};
pub use verify::{Anchor, PackFault, Proved, Shown, verify};

use crate::ids::OrderId;
use crate::tlog::Hash;

/// Entries in one pack.
pub const PACK_ENTRIES_MAX: usize = 1_024;
/// Keys that gave way to the next, in one pack.
pub const PACK_WORDS_MAX: usize = 64;
/// Longest pack, in bytes.
pub const PACK_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A pack as it lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// What it is about.
    pub order: OrderId,
    /// Entries in the order of the log, each with its way to the root.
    pub entries: Vec<Packed>,
    /// The word of each earlier key of the log on the next, oldest first; the last names the one that signed the note.
    pub words: Vec<String>,
    /// The signed note of the checkpoint all of them lead to.
    pub note: String,
}

/// An entry in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its bytes as they stand in the log.
    pub bytes: Vec<u8>,
    /// Its audit path, nearest sibling first.
    pub path: Vec<Hash>,
}
