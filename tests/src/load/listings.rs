//! Listings, pictures and rows made up for a load; it must make the same of the same numbers.

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::Instrument;
use turret_shared::limits::DATAGRAM_LEVELS_MAX;
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;
use turret_shared::view::{Level, OrderView, QuoteView, TradingState};
use turret_shared::wire::feed::FeedItem;

use crate::station::{LISTINGS, names, nth};

/// A hundredth.
const TICK: i64 = 10_000_000;

/// So many listings beyond the usual ones.
#[derive(Debug, Clone, Copy)]
pub struct Listings(u32);

impl Listings {
    /// None for 0.
    #[must_use]
    pub const fn new(more: u32) -> Self {
        Self(more)
    }

    /// Each as the feed tells it.
    #[must_use]
    pub fn instruments(self) -> Vec<FeedItem> {
        let pattern = names().into_iter().find_map(|item| match item {
            FeedItem::Instrument(instrument) => Some(*instrument),
            _ => None,
        });
        let Some(pattern) = pattern else { return Vec::new() };
        let first = LISTINGS.len() as u32 + 1;
        let named = |n: u32| Instrument {
            id: InstrumentId(n),
            symbol: format!("S{n:04}"),
            name: format!("Listing number {n}"),
            ..pattern.clone()
        };
        (first..first + self.0).map(|n| FeedItem::Instrument(Box::new(named(n)))).collect()
    }

    /// The bytes of a picture as a server sends them, all its levels filled.
    #[must_use]
    pub fn picture(instrument: InstrumentId, sequence: u64, now: Timestamp) -> Vec<u8> {
        let step = i64::try_from(sequence % 17).unwrap_or(0);
        let middle = 10_000 + i64::from(instrument.0 % 900) * 10 + step;
        let level = |n: i64, sign: i64| Level {
            price: Price((middle + sign * (n + 1)) * TICK),
            qty: Qty((100 + (n * 137 + step * 11) % 900) * Qty::ONE.0),
        };
        let levels = 0..DATAGRAM_LEVELS_MAX as i64;
        let view = QuoteView {
            instrument,
            sequence,
            time: now,
            bids: levels.clone().map(|n| level(n, -1)).collect(),
            asks: levels.map(|n| level(n, 1)).collect(),
            last: Some(level(0, 1)),
            open: Some(Price(9_900 * TICK)),
            high: Some(Price(20_000 * TICK)),
            low: Some(Price(9_000 * TICK)),
            prev_close: Some(Price(10_000 * TICK)),
            volume: Qty(i64::try_from(sequence).unwrap_or(0) * Qty::ONE.0),
            state: TradingState::Open,
        };
        let mut bytes = Vec::with_capacity(400);
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&view, &mut bytes);
        bytes
    }
}

/// The n-th order as it is after `step` changes: all of today, so that every one is in the blotter's first view.
#[must_use]
pub fn live(n: u32, step: u32, now: Timestamp) -> OrderView {
    let mut order = nth(n);
    order.entered = now;
    order.changed = now.after_ns(i64::from(step));
    order.text = if step == 0 { String::new() } else { format!("change {step}") };
    order
}
