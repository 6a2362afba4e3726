//! One instrument's book by price and time: what enters, what trades, what rests; it must do no IO and read no clock.

mod ladder;
mod matching;
#[cfg(test)]
mod tests;

use turret_shared::ids::OrderId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::time::Timestamp;

pub use matching::{Book, Change};

/// Whose order it is: a member's, or one of the simulator's own crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A member's, by its id there.
    Member(OrderId),
    /// The crowd's.
    Crowd(u64),
}

/// Which side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Bid.
    Buy,
    /// Offer.
    Sell,
}

impl Way {
    /// The side it trades with.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// True when an order this way limited to `limit` may trade at `price`.
    #[must_use]
    pub fn reaches(self, limit: Option<Price>, price: Price) -> bool {
        limit.is_none_or(|limit| match self {
            Self::Buy => price <= limit,
            Self::Sell => price >= limit,
        })
    }

    /// True when `last` is at or beyond the stop price of an order this way.
    #[must_use]
    pub fn is_triggered(self, stop: Price, last: Price) -> bool {
        match self {
            Self::Buy => last >= stop,
            Self::Sell => last <= stop,
        }
    }
}

impl From<Side> for Way {
    fn from(side: Side) -> Self {
        if side == Side::Buy { Self::Buy } else { Self::Sell }
    }
}

/// An order on its way into the book, checked against tick and lot by whoever sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub key: Key,
    /// Which way.
    pub way: Way,
    /// Type.
    pub kind: OrdType,
    /// Limit price, for the types that have one.
    pub limit: Option<Price>,
    /// Stop price, for the types that have one.
    pub stop: Option<Price>,
    /// How long.
    pub tif: TimeInForce,
    /// What is left of it.
    pub leaves: Qty,
}

/// Why a remainder left the book unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remainder {
    /// Immediate or cancel.
    Immediate,
    /// Fill or kill, and it could not be filled at once.
    Kill,
    /// A market order found nothing more to trade with.
    NothingThere,
}

/// What came of an operation, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Two orders traded.
    Traded {
        /// The one that rested; `None` for a recorded one.
        maker: Option<Key>,
        /// The one that came; `None` for a recorded one.
        taker: Option<Key>,
        /// Way of the taker.
        way: Way,
        /// At the maker's price.
        price: Price,
        /// How many.
        qty: Qty,
    },
    /// A recorded trade that is public whatever it means for members' orders.
    Printed {
        /// When it was recorded.
        time: Timestamp,
        /// Way of the taker.
        way: Way,
        /// Price.
        price: Price,
        /// How many.
        qty: Qty,
    },
    /// A stop reached its price and works now.
    Triggered {
        /// Which.
        key: Key,
    },
    /// What was left of an order is gone.
    Gone {
        /// Which.
        key: Key,
        /// Why.
        why: Remainder,
    },
}

/// The order is not in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotThere;
