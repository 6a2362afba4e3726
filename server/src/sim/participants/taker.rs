//! Those who take: noise in both directions, and momentum that follows the way prices go; they must not rest.

use turret_shared::money::Price;
use turret_shared::order::{OrdType, TimeInForce};

use super::Corner;
use crate::sim::book::{Entry, Way};
use crate::sim::exchange::Exchange;

/// Out of a thousand turns on which noise trades.
const NOISE: i64 = 550;
/// Out of a thousand trades that are odd lots.
const ODD: i64 = 80;
/// Out of a thousand turns on which momentum trades while there is a trend.
const MOMENTUM: i64 = 350;
/// A trend worth following, in thousandths of a usual move.
const TREND: i64 = 350;
/// Furthest from the fair price anyone pays, in ticks.
const REACH: i64 = 6;

impl Corner {
    /// Whoever wants to trade this turn does.
    pub(super) fn trade(&mut self, exchange: &mut Exchange, keys: &mut u64) {
        if self.dice.chance(NOISE) {
            let way = if self.dice.chance(500) { Way::Buy } else { Way::Sell };
            let units = if self.size >= 100 && !self.dice.chance(ODD) {
                // Mostly one hundred, seldom many.
                let most = (self.size / 100).saturating_mul(4).clamp(2, 12);
                let first = self.dice.below(most);
                100_i64.saturating_mul(1_i64.saturating_add(self.dice.below(first.saturating_add(1))))
            } else {
                1_i64.saturating_add(self.dice.below(self.size.min(99)))
            };
            self.take(exchange, keys, way, units);
        }
        let trend = self.walk.trend();
        if trend.saturating_abs() > TREND && self.dice.chance(MOMENTUM) {
            let way = if trend > 0 { Way::Buy } else { Way::Sell };
            let units = self.size.saturating_mul(1_i64.saturating_add(self.dice.below(3)));
            self.take(exchange, keys, way, units);
        }
    }

    fn take(&mut self, exchange: &mut Exchange, keys: &mut u64, way: Way, units: i64) {
        let key = Self::key(keys);
        let centre = self.walk.ticks();
        let ticks = match way {
            Way::Buy => centre.saturating_add(REACH),
            Way::Sell => centre.saturating_sub(REACH).max(1),
        };
        let limit = Some(Price(ticks.saturating_mul(self.tick)));
        let (kind, tif, leaves) = (OrdType::Limit, TimeInForce::Ioc, self.qty(units));
        exchange.crowd_enter(self.instrument, Entry { key, way, kind, limit, stop: None, tif, leaves });
    }
}
