//! Pictures of the market as they arrive: the latest of each listing and its last trades; it must never invent a price.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use turret_shared::ids::InstrumentId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::Side;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::{Level, QuoteView, TradeView, TradingState};

/// Public trades kept for a listing.
pub const TRADES_KEPT_MAX: usize = 200;
/// A picture older than this is shown as stale, in nanoseconds: the server repeats each within a second.
pub const STALE_NS: i64 = 5 * NS_PER_S;

/// One listing's market.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The latest picture.
    pub view: QuoteView,
    /// When it came here.
    pub received: Timestamp,
    /// The last price before the current one, for the direction.
    pub last_before: Option<Price>,
}

impl Quote {
    /// Best bid.
    #[must_use]
    pub fn bid(&self) -> Option<Level> {
        self.view.bids.first().copied()
    }

    /// Best ask.
    #[must_use]
    pub fn ask(&self) -> Option<Level> {
        self.view.asks.first().copied()
    }

    /// The side an order of `side` would be resting on.
    #[must_use]
    pub fn near(&self, side: Side) -> Option<Level> {
        if side == Side::Buy { self.bid() } else { self.ask() }
    }

    /// The side an order of `side` would take from.
    #[must_use]
    pub fn far(&self, side: Side) -> Option<Level> {
        if side == Side::Buy { self.ask() } else { self.bid() }
    }

    /// Time since the picture came.
    #[must_use]
    pub const fn age_ns(&self, now: Timestamp) -> i64 {
        now.since(self.received)
    }

    /// True when no picture came for longer than one should.
    #[must_use]
    pub const fn is_stale(&self, now: Timestamp) -> bool {
        self.age_ns(now) > STALE_NS
    }

    /// The price a position of this sign is valued at, and its name.
    #[must_use]
    pub fn mark(&self, qty: Qty) -> Option<(Price, &'static str)> {
        let side = if qty.is_negative() { (self.ask(), "ask") } else { (self.bid(), "bid") };
        let last = self.view.last.map(|level| (level.price, "last"));
        let close = self.view.prev_close.map(|price| (price, "close"));
        side.0.map(|level| (level.price, side.1)).or(last).or(close)
    }
}

/// What came of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// It says something new.
    pub changed: bool,
    /// The state of trading among it.
    pub state_changed: bool,
}

/// Every listing's market.
#[derive(Debug, Default)]
pub struct Market {
    quotes: BTreeMap<InstrumentId, Quote>,
    trades: BTreeMap<InstrumentId, VecDeque<TradeView>>,
}

impl Market {
    /// The market of a listing, once a picture came.
    #[must_use]
    pub fn quote(&self, id: InstrumentId) -> Option<&Quote> {
        self.quotes.get(&id)
    }

    /// Trades of a listing, newest first.
    pub fn trades(&self, id: InstrumentId) -> impl Iterator<Item = &TradeView> {
        self.trades.get(&id).into_iter().flatten()
    }

    /// True when there is no picture at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.quotes.is_empty()
    }

    /// How many pictures are stale.
    #[must_use]
    pub fn stale(&self, now: Timestamp) -> usize {
        self.quotes.values().filter(|quote| quote.is_stale(now)).count()
    }

    /// Until the next of those that are not stale is, in nanoseconds.
    #[must_use]
    pub fn stales_in_ns(&self, now: Timestamp) -> Option<i64> {
        let fresh = self.quotes.values().map(|quote| quote.age_ns(now)).filter(|age| *age <= STALE_NS);
        fresh.max().map(|age| STALE_NS.saturating_sub(age))
    }

    /// Takes a picture; an older one than is known is dropped.
    pub fn put(&mut self, view: QuoteView, now: Timestamp) -> Put {
        let known = match self.quotes.entry(view.instrument) {
            Entry::Vacant(place) => {
                place.insert(Quote { view, received: now, last_before: None });
                return Put { changed: true, state_changed: true };
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        if known.view.sequence > view.sequence {
            return Put::default();
        }
        let was = known.view.last.map(|level| level.price);
        if was != view.last.map(|level| level.price) {
            known.last_before = was;
        }
        // One that was stale is another to look at.
        let put =
            Put { changed: known.view != view || known.is_stale(now), state_changed: known.view.state != view.state };
        known.view = view;
        known.received = now;
        put
    }

    /// Takes a trading state the feed told.
    pub fn put_state(&mut self, id: InstrumentId, state: TradingState) {
        if let Some(quote) = self.quotes.get_mut(&id) {
            quote.view.state = state;
        }
    }

    /// Takes a trade.
    pub fn put_trade(&mut self, trade: TradeView) {
        let kept = self.trades.entry(trade.instrument).or_default();
        kept.push_front(trade);
        kept.truncate(TRADES_KEPT_MAX);
    }

    /// Takes the recent trades the server told, newest first, in place of what was known.
    pub fn set_trades(&mut self, id: InstrumentId, trades: Vec<TradeView>) {
        self.trades.insert(id, trades.into_iter().take(TRADES_KEPT_MAX).collect());
    }
}
