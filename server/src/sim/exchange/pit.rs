//! The two kinds of book an instrument can trade in; it must only choose between them.

use turret_shared::money::Qty;
use turret_shared::time::Timestamp;
use turret_shared::view::Level;

use crate::sim::book::{Book, Change, Entry, Happening, Key, NotThere, Way};
use crate::sim::replay::Overlay;

/// Where an instrument trades.
#[derive(Debug)]
pub enum Pit {
    /// A book of members and crowd.
    Live(Book),
    /// A recorded book with members' orders laid over it.
    Recorded(Box<Overlay>),
    /// Listed, but not traded in this run: the recording holds another instrument.
    Shut,
}

impl Pit {
    pub(super) fn enter(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        match self {
            Self::Live(book) => book.enter(entry, out),
            Self::Recorded(overlay) => overlay.enter(entry, out),
            Self::Shut => {}
        }
    }

    pub(super) fn cancel(&mut self, key: Key) -> Result<Qty, NotThere> {
        match self {
            Self::Live(book) => book.cancel(key),
            Self::Recorded(overlay) => overlay.cancel(key),
            Self::Shut => Err(NotThere),
        }
    }

    pub(super) fn amend(&mut self, key: Key, change: Change, out: &mut Vec<Happening>) -> Result<(), NotThere> {
        match self {
            Self::Live(book) => book.amend(key, change, out),
            Self::Recorded(overlay) => overlay.amend(key, change, out),
            Self::Shut => Err(NotThere),
        }
    }

    /// The best levels of a side.
    pub(super) fn levels(&self, way: Way, count: usize) -> Vec<Level> {
        match self {
            Self::Live(book) => book.levels(way).take(count).collect(),
            Self::Recorded(overlay) => overlay.levels(way, count),
            Self::Shut => Vec::new(),
        }
    }

    /// What the book's clock shows, where that is not the exchange's own: the time recorded.
    #[must_use]
    pub fn recorded_time(&self) -> Option<Timestamp> {
        match self {
            Self::Recorded(overlay) => overlay.time(),
            Self::Live(_) | Self::Shut => None,
        }
    }

    /// True when the recording has come to its end.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(self, Self::Recorded(overlay) if overlay.is_frozen())
    }
}
