//! The book that recorded orders build; it must follow the records and nothing else.

use std::collections::{BTreeMap, HashMap};

use turret_shared::money::{Price, Qty};
use turret_shared::view::Level;

use super::recording::{Deed, Record};
use crate::sim::book::Way;

/// A recorded order in the book.
#[derive(Debug, Clone, Copy)]
struct Resting {
    way: Way,
    price: Price,
    place: u64,
    qty: Qty,
}

/// Orders at one price by place in the queue, and their sum.
#[derive(Debug, Default)]
struct Queue {
    total: i64,
    orders: BTreeMap<u64, Qty>,
}

/// The recorded book.
#[derive(Debug, Default)]
pub struct Recorded {
    orders: HashMap<u64, Resting>,
    bids: BTreeMap<Price, Queue>,
    asks: BTreeMap<Price, Queue>,
}

/// Levels a record changed; `All` when the book started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// None.
    None,
    /// One.
    One(Way, Price),
    /// Where an order was and where it is.
    Two(Way, Price, Price),
    /// Every one.
    All,
}

impl Recorded {
    /// Follows one record; `place` is the turn of an order that joins or loses its place.
    pub fn follow(&mut self, record: &Record, place: u64) -> Changed {
        match record.deed {
            Deed::Clear => {
                *self = Self::default();
                Changed::All
            }
            Deed::Add => record.way.map_or(Changed::None, |way| {
                self.remove(record.order);
                self.rest(record.order, Resting { way, price: record.price, place, qty: record.qty });
                Changed::One(way, record.price)
            }),
            Deed::Modify => self.modify(record, place),
            Deed::Cancel => {
                let Some(was) = self.remove(record.order) else { return Changed::None };
                let qty = Qty(was.qty.0.saturating_sub(record.qty.0));
                if qty.is_positive() {
                    self.rest(record.order, Resting { qty, ..was });
                }
                Changed::One(was.way, was.price)
            }
            Deed::Trade | Deed::Nothing => Changed::None,
        }
    }

    /// A better place is lost by another price or a larger size, and kept by a smaller one.
    fn modify(&mut self, record: &Record, place: u64) -> Changed {
        let Some(was) = self.remove(record.order) else {
            let Some(way) = record.way else { return Changed::None };
            self.rest(record.order, Resting { way, price: record.price, place, qty: record.qty });
            return Changed::One(way, record.price);
        };
        let keeps = record.price == was.price && record.qty <= was.qty;
        let place = if keeps { was.place } else { place };
        self.rest(record.order, Resting { price: record.price, place, qty: record.qty, ..was });
        Changed::Two(was.way, was.price, record.price)
    }

    fn rest(&mut self, order: u64, resting: Resting) {
        let queue = self.side_mut(resting.way).entry(resting.price).or_default();
        queue.total = queue.total.saturating_add(resting.qty.0);
        queue.orders.insert(resting.place, resting.qty);
        self.orders.insert(order, resting);
    }

    fn remove(&mut self, order: u64) -> Option<Resting> {
        let was = self.orders.remove(&order)?;
        let side = self.side_mut(was.way);
        if let Some(queue) = side.get_mut(&was.price) {
            queue.total = queue.total.saturating_sub(was.qty.0);
            queue.orders.remove(&was.place);
            if queue.orders.is_empty() {
                side.remove(&was.price);
            }
        }
        Some(was)
    }

    const fn side_mut(&mut self, way: Way) -> &mut BTreeMap<Price, Queue> {
        match way {
            Way::Buy => &mut self.bids,
            Way::Sell => &mut self.asks,
        }
    }

    /// Quantity at one price.
    #[must_use]
    pub fn at(&self, way: Way, price: Price) -> Qty {
        let side = if way == Way::Buy { &self.bids } else { &self.asks };
        side.get(&price).map_or(Qty::ZERO, |queue| Qty(queue.total))
    }

    /// Quantity at one price that stands before `place`.
    #[must_use]
    pub fn ahead(&self, way: Way, price: Price, place: u64) -> Qty {
        let side = if way == Way::Buy { &self.bids } else { &self.asks };
        let sum = |queue: &Queue| queue.orders.range(..place).fold(0_i64, |sum, (_, qty)| sum.saturating_add(qty.0));
        side.get(&price).map_or(Qty::ZERO, |queue| Qty(sum(queue)))
    }

    /// Levels of a side, best first.
    pub fn levels(&self, way: Way) -> Box<dyn Iterator<Item = Level> + '_> {
        let level = |(price, queue): (&Price, &Queue)| Level { price: *price, qty: Qty(queue.total) };
        match way {
            Way::Buy => Box::new(self.bids.iter().rev().map(level)),
            Way::Sell => Box::new(self.asks.iter().map(level)),
        }
    }

    /// Orders in the book.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// True when no order rests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }
}
