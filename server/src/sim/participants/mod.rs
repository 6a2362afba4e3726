//! The simulator's own crowd: market makers, noise and momentum, repeatable by seed; it must see only what members see.
//!
//! Time is counted in steps. Every instrument has its own generator, so what one does never shifts another.

mod dice;
mod maker;
mod taker;
#[cfg(test)]
mod tests;
mod walk;

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::{Instrument, InstrumentKind};
use turret_shared::money::Qty;

use super::book::Key;
use super::exchange::Exchange;
use dice::Dice;
use maker::Makers;
use walk::Walk;

/// Instruments that move most, in steps of theirs alone.
const BUSY: [&str; 11] = ["AAPL", "AMD", "AMZN", "META", "MSFT", "NVDA", "QQQ", "SPY", "TSLA", "ESH4", "ESM4"];
/// Instruments that move least.
const QUIET: [&str; 6] = ["BRK.B", "DE", "HON", "MMM", "SIRI", "TXN"];
/// Steps between two moves of a busy, an ordinary and a quiet instrument.
const PERIODS: [u64; 3] = [3, 12, 40];
/// Money an order at the touch is worth, in whole currency units: cheap shares trade in larger numbers.
const TOUCH_WORTH: i64 = 20_000;

/// Everyone who trades one instrument.
#[derive(Debug)]
struct Corner {
    instrument: InstrumentId,
    tick: i64,
    lot: Qty,
    /// Usual size at the touch.
    size: i64,
    period: u64,
    offset: u64,
    dice: Dice,
    walk: Walk,
    makers: Makers,
}

/// The whole crowd.
#[derive(Debug)]
pub struct Crowd {
    corners: Vec<Corner>,
    step: u64,
    keys: u64,
}

impl Crowd {
    /// A crowd for these listings. `mind` is what an earlier one left ([`Crowd::mind`]), or empty.
    #[must_use]
    pub fn new(seed: u64, listings: &[Instrument], mind: &[u8]) -> Self {
        let fairs: Vec<(InstrumentId, i64)> = minicbor::decode(mind).unwrap_or_default();
        let corners = listings.iter().map(|listing| {
            let remembered = fairs.iter().find(|(id, _)| *id == listing.id).map(|(_, fair)| *fair);
            Corner::new(seed, listing, remembered)
        });
        Self { corners: corners.collect(), step: 0, keys: 0 }
    }

    /// One step: the instruments whose turn it is quote and trade. At the first step all of them do.
    pub fn step(&mut self, exchange: &mut Exchange) {
        let Self { corners, step, keys } = self;
        for corner in corners {
            let turn = step.saturating_add(corner.offset).checked_rem(corner.period) == Some(0);
            if turn || *step == 0 {
                corner.act(exchange, keys);
            }
        }
        *step = step.saturating_add(1);
    }

    /// What a later process needs to go on from these prices.
    #[must_use]
    pub fn mind(&self) -> Vec<u8> {
        let fairs: Vec<(InstrumentId, i64)> =
            self.corners.iter().map(|corner| (corner.instrument, corner.walk.fair())).collect();
        // Writing to a Vec cannot fail.
        minicbor::to_vec(fairs).unwrap_or_default()
    }
}

impl Corner {
    fn new(seed: u64, listing: &Instrument, remembered: Option<i64>) -> Self {
        let dice = Dice::new(seed, u64::from(listing.id.0));
        let symbol = listing.symbol.as_str();
        let pace = if BUSY.contains(&symbol) { 0 } else { 1 + usize::from(QUIET.contains(&symbol)) };
        let period = PERIODS.get(pace).copied().unwrap_or(1);
        let whole_price = listing.reference.0.checked_div(turret_shared::money::Price::ONE.0).unwrap_or(1).max(1);
        let size = match listing.kind {
            // Round hundreds, as shares trade.
            InstrumentKind::Equity => TOUCH_WORTH.checked_div(whole_price).unwrap_or(1).max(100) / 100 * 100,
            InstrumentKind::Future => 6,
        };
        let ticks = listing.reference.ticks(listing.tick).unwrap_or(1);
        Self {
            instrument: listing.id,
            tick: listing.tick.0,
            lot: listing.lot,
            size,
            period,
            offset: u64::from(listing.id.0),
            dice,
            walk: Walk::new(ticks, remembered),
            makers: Makers::default(),
        }
    }

    fn act(&mut self, exchange: &mut Exchange, keys: &mut u64) {
        let is_halted = exchange.floor_mut(self.instrument).is_none_or(|floor| floor.halted);
        if !exchange.is_open() {
            return self.makers.leave(exchange, self.instrument);
        }
        if is_halted {
            return;
        }
        self.walk.go(&mut self.dice);
        self.quote(exchange, keys);
        self.trade(exchange, keys);
    }

    fn key(keys: &mut u64) -> Key {
        *keys = keys.saturating_add(1);
        Key::Crowd(*keys)
    }

    /// Whole units as a quantity on the lot grid.
    fn qty(&self, units: i64) -> Qty {
        let raw = units.max(1).saturating_mul(Qty::ONE.0);
        let lots = raw.checked_div(self.lot.0).unwrap_or(1).max(1);
        Qty(lots.saturating_mul(self.lot.0))
    }
}
