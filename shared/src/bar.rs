//! Bars of a listing's public trades: open, high, low, close and volume of a minute; it must round nothing.

use minicbor::{Decode, Encode};

use crate::money::{Price, Qty};
use crate::time::{NS_PER_S, Timestamp};

/// Length of a bar, in nanoseconds.
pub const BAR_NS: i64 = 60 * NS_PER_S;

/// One bar; minutes without a trade have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BarView {
    /// Its first nanosecond, a whole minute of UTC.
    #[n(0)]
    pub start: Timestamp,
    /// First price.
    #[n(1)]
    pub open: Price,
    /// Highest.
    #[n(2)]
    pub high: Price,
    /// Lowest.
    #[n(3)]
    pub low: Price,
    /// Last.
    #[n(4)]
    pub close: Price,
    /// Traded in it.
    #[n(5)]
    pub volume: Qty,
}

impl BarView {
    /// The bar a trade at this time begins.
    #[must_use]
    pub const fn first(time: Timestamp, price: Price, qty: Qty) -> Self {
        Self { start: Self::minute(time), open: price, high: price, low: price, close: price, volume: qty }
    }

    /// The minute a time lies in.
    #[must_use]
    pub const fn minute(time: Timestamp) -> Timestamp {
        Timestamp(time.0.saturating_sub(time.0.rem_euclid(BAR_NS)))
    }

    /// Takes a further trade of the same minute.
    pub fn add(&mut self, price: Price, qty: Qty) {
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.close = price;
        self.volume = Qty(self.volume.0.saturating_add(qty.0));
    }

    /// Takes in a later bar, for longer ones.
    pub fn join(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = Qty(self.volume.0.saturating_add(later.volume.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_keeps_first_last_and_extremes() {
        let mut bar = BarView::first(Timestamp(61 * NS_PER_S), Price(5), Qty(1));
        for (price, qty) in [(7, 2), (3, 4), (6, 8)] {
            bar.add(Price(price), Qty(qty));
        }
        assert_eq!(bar.start, Timestamp(60 * NS_PER_S));
        let figures = [bar.open, bar.high, bar.low, bar.close].map(|price| price.0);
        assert_eq!((figures, bar.volume), ([5, 7, 3, 6], Qty(15)));
    }
}
