//! The latest prices by listing, conflated; it must never be logged, hashed or part of the state.

use alloc::vec::Vec;

use turret_shared::event::order::{PriceBasis, PriceSource};
use turret_shared::ids::InstrumentId;
use turret_shared::limits::INSTRUMENTS_MAX;
use turret_shared::money::Price;
use turret_shared::time::Timestamp;
use turret_shared::view::QuoteView;

/// Prices of one listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarketPrice {
    /// Best bid.
    pub bid: Option<Price>,
    /// Best ask.
    pub ask: Option<Price>,
    /// Last trade.
    pub last: Option<Price>,
    /// When the venue said so.
    pub time: Timestamp,
}

/// Prices of every listing.
#[derive(Debug, Clone, Default)]
pub struct Market {
    prices: Vec<MarketPrice>,
}

impl Market {
    /// No prices yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { prices: Vec::new() }
    }

    /// Prices of one listing, all absent before the first.
    #[must_use]
    pub fn of(&self, instrument: InstrumentId) -> MarketPrice {
        usize::try_from(instrument.0).ok().and_then(|at| self.prices.get(at)).copied().unwrap_or_default()
    }

    /// Replaces them; ids beyond `INSTRUMENTS_MAX` are ignored.
    pub fn set(&mut self, instrument: InstrumentId, price: MarketPrice) {
        if instrument.0 >= INSTRUMENTS_MAX {
            return;
        }
        let Ok(at) = usize::try_from(instrument.0) else { return };
        if self.prices.len() <= at {
            self.prices.resize(at.saturating_add(1), MarketPrice::default());
        }
        if let Some(slot) = self.prices.get_mut(at) {
            *slot = price;
        }
    }

    /// Takes over a picture's best levels and last trade.
    pub fn picture(&mut self, quote: &QuoteView) {
        let best = |levels: &[turret_shared::view::Level]| levels.first().map(|level| level.price);
        self.set(
            quote.instrument,
            MarketPrice {
                bid: best(&quote.bids),
                ask: best(&quote.asks),
                last: quote.last.map(|level| level.price),
                time: quote.time,
            },
        );
    }
}

impl MarketPrice {
    /// What a buyer would pay, or a seller get, with what it leans on.
    #[must_use]
    pub fn basis(&self, buying: bool, reference: Price) -> Option<PriceBasis> {
        let touch = if buying { (self.ask, PriceSource::Ask) } else { (self.bid, PriceSource::Bid) };
        let other = if buying { (self.bid, PriceSource::Bid) } else { (self.ask, PriceSource::Ask) };
        [touch, (self.last, PriceSource::Last), other]
            .into_iter()
            .find_map(|(price, source)| {
                price.filter(|p| p.is_positive()).map(|price| PriceBasis { price, source, time: self.time })
            })
            .or_else(|| {
                reference.is_positive().then_some(PriceBasis {
                    price: reference,
                    source: PriceSource::Reference,
                    time: Timestamp(0),
                })
            })
    }
}
