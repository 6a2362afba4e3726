//! What verification found, in words and as an exit status; it must decide nothing.

use std::fmt;

use turret_shared::ids::OrderId;
use turret_shared::tlog::Hash;

/// What is wrong with one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryFault {
    /// It is not there, though later ones are.
    Missing,
    /// Its bytes do not give the leaf hash stored with it.
    Leaf,
    /// Its bytes do not give the hash in the tree.
    Tile,
    /// A full tile of the tree that ends with it is not there.
    TileMissing,
    /// Its bytes are no log entry.
    NotAnEntry,
    /// It says that it stands elsewhere.
    Sequence,
    /// Its time is before the one of the entry before it.
    Time,
    /// It opens a new origin, or should, and no key of the log before says so.
    Reopening,
}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it is missing",
            Self::Leaf => "its bytes do not match the leaf hash stored with it",
            Self::Tile => "its bytes do not match the stored tree",
            Self::TileMissing => "the tile of the tree that ends with it is missing",
            Self::NotAnEntry => "its bytes are not a log entry",
            Self::Sequence => "it says that it stands elsewhere",
            Self::Time => "its time is before the entry before it",
            Self::Reopening => "the log goes on here under a new origin, and no key of the log before it says so",
        })
    }
}

/// What is wrong with the row of a current order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// It is not there.
    Missing,
    /// The log knows no such order.
    Surplus,
    /// The log makes another of it.
    Differs,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "its row is missing",
            Self::Surplus => "it has a row, and the log knows no such order",
            Self::Differs => "its row is not what the log says",
        })
    }
}

/// The first thing found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// One entry.
    Entry {
        /// Its place in the log.
        index: u64,
        /// What is wrong with it.
        what: EntryFault,
    },
    /// A checkpoint does not match: some entry in `from..to` is not what was signed.
    Rewritten {
        /// Entries covered by the last checkpoint that matches.
        from: u64,
        /// Entries covered by the first that does not.
        to: u64,
    },
    /// A checkpoint covers more than there is.
    Truncated {
        /// Entries there are.
        size: u64,
        /// Entries signed.
        signed: u64,
    },
    /// A checkpoint of an origin before covers more than was kept of it.
    Lost {
        /// Entries kept.
        from: u64,
        /// Entries signed.
        to: u64,
    },
    /// A kept checkpoint is not signed by the key given, or not for this log.
    Forged {
        /// The size it is kept under; `None` for a file.
        size: Option<u64>,
    },
    /// The tree holds tiles no entry accounts for.
    Tiles {
        /// Full tiles stored.
        found: u64,
        /// Full tiles there should be.
        expected: u64,
    },
    /// The log is good, and an order's row is not what it makes of it.
    Order {
        /// Which.
        order: OrderId,
        /// What is wrong with its row.
        what: RowFault,
    },
    /// Entries were written for longer than a checkpoint may take, and no checkpoint covers them.
    Unsigned {
        /// The first of them.
        from: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { index, what } => write!(f, "entry {index}: {what}"),
            Self::Rewritten { from, to } => {
                write!(f, "entries {from} to {}: not what the checkpoint of {to} entries signed", to.saturating_sub(1))
            }
            Self::Truncated { size, signed } => {
                write!(f, "entries {size} to {}: signed, but not there", signed.saturating_sub(1))
            }
            Self::Lost { from, to } => {
                let last = to.saturating_sub(1);
                write!(f, "entries {from} to {last}: signed under an origin before, and lost: entry {from} says so")
            }
            Self::Forged { size: Some(size) } => {
                write!(f, "checkpoint of {size} entries: not signed by this log's key")
            }
            Self::Forged { size: None } => f.write_str("checkpoint file: not signed by this log's key"),
            Self::Tiles { found, expected } => write!(f, "tree: {found} full tiles where {expected} belong"),
            Self::Order { order, what } => write!(f, "order {order}: {what}"),
            Self::Unsigned { from } => write!(f, "entries from {from} on: no checkpoint covers them"),
        }
    }
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Entries read.
    pub size: u64,
    /// Root recomputed from their bytes.
    pub root: Hash,
    /// Entries covered by the largest checkpoint that matches.
    pub covered: u64,
    /// Checkpoints kept elsewhere that match, by size.
    pub anchors: Vec<u64>,
    /// The first thing wrong.
    pub fault: Option<Fault>,
}

impl Verdict {
    /// 0 good and anchored, 3 good but unanchored, 1 wrong.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match (&self.fault, self.anchors.is_empty()) {
            (Some(_), _) => 1,
            (None, false) => 0,
            (None, true) => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fault) = &self.fault {
            return write!(f, "WRONG: {fault}");
        }
        write!(f, "good: {} entries, root {}, signed up to {}", self.size, self.root, self.covered)?;
        match self.anchors.iter().max() {
            Some(size) => write!(f, "; anchored by a checkpoint of {size} kept elsewhere"),
            None => f.write_str("; internally consistent, unanchored: give a checkpoint kept elsewhere"),
        }
    }
}
