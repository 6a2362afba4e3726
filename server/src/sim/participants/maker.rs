//! Market makers: three of them, each with its own ladder around the fair price; they must never trade with each other.

use turret_shared::ids::InstrumentId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};

use super::Corner;
use crate::sim::book::{Entry, Key, Way};
use crate::sim::exchange::Exchange;

/// How a maker quotes: ticks beyond the half spread, levels, ticks between them, size in tenths of the usual.
struct Style {
    away: i64,
    levels: i64,
    gap: i64,
    size: i64,
}

const STYLES: [Style; 3] = [
    Style { away: 0, levels: 5, gap: 1, size: 8 },
    Style { away: 1, levels: 8, gap: 1, size: 12 },
    Style { away: 2, levels: 9, gap: 2, size: 20 },
];
/// One tick of half spread for so many ticks of price.
const TICKS_PER_HALF_SPREAD: i64 = 40_000;
/// Out of a thousand turns on which the ladder is drawn anew though the price stood still.
const REDRAW: i64 = 150;

/// What the makers have in the book.
#[derive(Debug, Default)]
pub(super) struct Makers {
    quotes: Vec<Key>,
    centre: Option<i64>,
}

impl Makers {
    /// Takes every quote out.
    pub(super) fn leave(&mut self, exchange: &mut Exchange, instrument: InstrumentId) {
        for key in self.quotes.drain(..) {
            exchange.crowd_cancel(instrument, key);
        }
        self.centre = None;
    }
}

impl Corner {
    /// Draws the ladders again when the price moved, or for a change.
    pub(super) fn quote(&mut self, exchange: &mut Exchange, keys: &mut u64) {
        let centre = self.walk.ticks();
        let is_same = self.makers.centre == Some(centre);
        if is_same && !self.dice.chance(REDRAW) {
            return;
        }
        self.makers.leave(exchange, self.instrument);
        self.makers.centre = Some(centre);
        let half =
            centre.checked_div(TICKS_PER_HALF_SPREAD).unwrap_or(0).saturating_add(i64::from(self.dice.chance(300)));
        for style in &STYLES {
            for level in 0..style.levels {
                let beyond = half.saturating_add(style.away).saturating_add(level.saturating_mul(style.gap));
                // The fair price lies between the two: a bid at it, an offer one tick above.
                let bid = centre.saturating_sub(beyond);
                let ask = centre.saturating_add(1).saturating_add(beyond);
                for (way, ticks) in [(Way::Buy, bid), (Way::Sell, ask)] {
                    let tenths = style.size.saturating_add(self.dice.below(style.size.saturating_add(level)));
                    let qty = self.round(self.size.saturating_mul(tenths) / 10);
                    self.rest(exchange, keys, way, ticks, qty);
                }
            }
        }
    }

    /// To round hundreds where sizes are hundreds.
    fn round(&self, units: i64) -> Qty {
        self.qty(if self.size >= 100 { (units / 100).max(1).saturating_mul(100) } else { units })
    }

    fn rest(&mut self, exchange: &mut Exchange, keys: &mut u64, way: Way, ticks: i64, leaves: Qty) {
        if ticks <= 0 {
            return;
        }
        let key = Self::key(keys);
        let limit = Some(Price(ticks.saturating_mul(self.tick)));
        let (kind, tif) = (OrdType::Limit, TimeInForce::Day);
        exchange.crowd_enter(self.instrument, Entry { key, way, kind, limit, stop: None, tif, leaves });
        self.makers.quotes.push(key);
    }
}
