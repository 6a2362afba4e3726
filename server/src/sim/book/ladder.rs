//! One side of a book: levels by price, orders by arrival within a level; it must not match anything.

use std::collections::BTreeMap;

use turret_shared::money::{Price, Qty};
use turret_shared::view::Level;

use super::{Key, Way};

/// What rests at one price.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    total: i64,
    orders: BTreeMap<u64, (Key, Qty)>,
}

/// One side.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    way: Way,
    levels: BTreeMap<Price, Queue>,
}

impl Ladder {
    pub(super) const fn new(way: Way) -> Self {
        Self { way, levels: BTreeMap::new() }
    }

    /// The best price.
    pub(super) fn best(&self) -> Option<Price> {
        match self.way {
            Way::Buy => self.levels.last_key_value(),
            Way::Sell => self.levels.first_key_value(),
        }
        .map(|(price, _)| *price)
    }

    /// The order first in line at the best price: price, place, whose, how much.
    pub(super) fn first(&self) -> Option<(Price, u64, Key, Qty)> {
        let price = self.best()?;
        let (place, (key, leaves)) = self.levels.get(&price)?.orders.first_key_value()?;
        Some((price, *place, *key, *leaves))
    }

    /// Rests an order at the end of its level.
    pub(super) fn add(&mut self, price: Price, place: u64, key: Key, leaves: Qty) {
        let queue = self.levels.entry(price).or_default();
        queue.total = queue.total.saturating_add(leaves.0);
        queue.orders.insert(place, (key, leaves));
    }

    /// Sets what is left of a resting order, taking it out at zero.
    pub(super) fn set(&mut self, price: Price, place: u64, leaves: Qty) {
        let Some(queue) = self.levels.get_mut(&price) else { return };
        let Some((_, was)) = queue.orders.get_mut(&place) else { return };
        queue.total = queue.total.saturating_sub(was.0).saturating_add(leaves.0);
        *was = leaves;
        if !leaves.is_positive() {
            queue.orders.remove(&place);
        }
        if queue.orders.is_empty() {
            self.levels.remove(&price);
        }
    }

    /// What is left of a resting order.
    pub(super) fn leaves(&self, price: Price, place: u64) -> Option<Qty> {
        self.levels.get(&price)?.orders.get(&place).map(|(_, leaves)| *leaves)
    }

    /// Everything within `limit`, counted until `enough`.
    pub(super) fn within(&self, limit: Option<Price>, enough: Qty) -> Qty {
        let mut sum = Qty::ZERO;
        for level in self.best_first() {
            if sum >= enough || !self.way.other().reaches(limit, level.price) {
                break;
            }
            sum = Qty(sum.0.saturating_add(level.qty.0));
        }
        sum
    }

    /// Levels, best first.
    pub(super) fn best_first(&self) -> Box<dyn Iterator<Item = Level> + '_> {
        let level = |(price, queue): (&Price, &Queue)| Level { price: *price, qty: Qty(queue.total) };
        match self.way {
            Way::Buy => Box::new(self.levels.iter().rev().map(level)),
            Way::Sell => Box::new(self.levels.iter().map(level)),
        }
    }

    /// Quantity at one price.
    pub(super) fn at(&self, price: Price) -> Qty {
        self.levels.get(&price).map_or(Qty::ZERO, |queue| Qty(queue.total))
    }
}
