//! Enter, amend, cancel and the trades they cause; it must change no order except by the rules of price and time.

use std::collections::BTreeMap;

use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};
use turret_shared::view::Level;

use super::ladder::Ladder;
use super::{Entry, Happening, Key, NotThere, Remainder, Way};

/// What an amend makes of an order, checked against tick and lot by whoever sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What is left of it.
    pub leaves: Qty,
    /// Its limit price; `None` for as it is.
    pub limit: Option<Price>,
    /// Its stop price, of one that waits; `None` for as it is.
    pub stop: Option<Price>,
}

/// Where a resting order stands.
#[derive(Debug, Clone, Copy)]
struct Stand {
    way: Way,
    price: Price,
    place: u64,
}

/// One instrument's book.
#[derive(Debug, Clone)]
pub struct Book {
    bids: Ladder,
    asks: Ladder,
    resting: BTreeMap<Key, Stand>,
    /// Stops that wait, in order of arrival.
    stops: BTreeMap<u64, Entry>,
    stop_places: BTreeMap<Key, u64>,
    last: Option<Price>,
    place: u64,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// An empty book that has never traded.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bids: Ladder::new(Way::Buy),
            asks: Ladder::new(Way::Sell),
            resting: BTreeMap::new(),
            stops: BTreeMap::new(),
            stop_places: BTreeMap::new(),
            last: None,
            place: 0,
        }
    }

    /// Takes an order: it trades what it can, then rests, waits for its stop or is gone.
    pub fn enter(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        if let (true, Some(stop)) = (entry.kind.has_stop(), entry.stop) {
            let place = self.next_place();
            self.stops.insert(place, entry);
            self.stop_places.insert(entry.key, place);
            if self.last.is_some_and(|last| entry.way.is_triggered(stop, last)) {
                self.trigger(place, out);
            }
        } else {
            self.work(entry, out);
        }
        self.settle_stops(out);
    }

    /// Takes an order out and tells what was left of it.
    ///
    /// # Errors
    /// [`NotThere`] when it neither rests nor waits.
    pub fn cancel(&mut self, key: Key) -> Result<Qty, NotThere> {
        if let Some(place) = self.stop_places.remove(&key) {
            return self.stops.remove(&place).map(|stop| stop.leaves).ok_or(NotThere);
        }
        let stand = self.resting.remove(&key).ok_or(NotThere)?;
        let leaves = self.side(stand.way).leaves(stand.price, stand.place).ok_or(NotThere)?;
        self.side_mut(stand.way).set(stand.price, stand.place, Qty::ZERO);
        Ok(leaves)
    }

    /// Changes what is left of an order and its prices. Less at the same price keeps its place; anything else goes to the
    /// end of its new level, trading first if it can. A stop with another stop price waits anew, and works if that was
    /// reached.
    ///
    /// # Errors
    /// [`NotThere`] when it neither rests nor waits.
    pub fn amend(
        &mut self,
        key: Key,
        Change { leaves, limit, stop: stop_px }: Change,
        out: &mut Vec<Happening>,
    ) -> Result<(), NotThere> {
        if let Some(stop) = self.stop_places.get(&key).and_then(|place| self.stops.get_mut(place)) {
            stop.leaves = leaves;
            stop.limit = if stop.kind.has_price() { limit.or(stop.limit) } else { None };
            let moved = stop_px.map(|price| Entry { stop: Some(price), ..*stop });
            if let Some(entry) = moved {
                self.cancel(key)?;
                self.enter(entry, out);
            }
            return Ok(());
        }
        let stand = *self.resting.get(&key).ok_or(NotThere)?;
        let was = self.side(stand.way).leaves(stand.price, stand.place).ok_or(NotThere)?;
        let price = limit.unwrap_or(stand.price);
        if price == stand.price && leaves <= was {
            self.side_mut(stand.way).set(stand.price, stand.place, leaves);
            if !leaves.is_positive() {
                self.resting.remove(&key);
            }
            return Ok(());
        }
        self.cancel(key)?;
        let tif = TimeInForce::Day;
        let kind = OrdType::Limit;
        self.work(Entry { key, way: stand.way, kind, limit: Some(price), stop: None, tif, leaves }, out);
        self.settle_stops(out);
        Ok(())
    }

    /// Price of the last trade.
    #[must_use]
    pub const fn last(&self) -> Option<Price> {
        self.last
    }

    /// Best price of a side.
    #[must_use]
    pub fn best(&self, way: Way) -> Option<Price> {
        self.side(way).best()
    }

    /// Levels of a side, best first.
    pub fn levels(&self, way: Way) -> impl Iterator<Item = Level> + '_ {
        self.side(way).best_first()
    }

    /// Quantity at one price.
    #[must_use]
    pub fn at(&self, way: Way, price: Price) -> Qty {
        self.side(way).at(price)
    }

    /// What is left of an order that rests or waits.
    #[must_use]
    pub fn leaves(&self, key: Key) -> Option<Qty> {
        if let Some(stop) = self.stop_places.get(&key).and_then(|place| self.stops.get(place)) {
            return Some(stop.leaves);
        }
        let stand = self.resting.get(&key)?;
        self.side(stand.way).leaves(stand.price, stand.place)
    }

    fn side(&self, way: Way) -> &Ladder {
        match way {
            Way::Buy => &self.bids,
            Way::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, way: Way) -> &mut Ladder {
        match way {
            Way::Buy => &mut self.bids,
            Way::Sell => &mut self.asks,
        }
    }

    fn next_place(&mut self) -> u64 {
        self.place = self.place.wrapping_add(1);
        self.place
    }

    /// Trades and rests an order that waits for nothing.
    fn work(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        let limit = if entry.kind.has_price() { entry.limit } else { None };
        let key = entry.key;
        if entry.tif == TimeInForce::Fok && self.side(entry.way.other()).within(limit, entry.leaves) < entry.leaves {
            out.push(Happening::Gone { key, why: Remainder::Kill });
            return;
        }
        let leaves = self.take(&entry, limit, out);
        if !leaves.is_positive() {
            return;
        }
        match (limit, entry.tif) {
            (_, TimeInForce::Ioc | TimeInForce::Fok) => out.push(Happening::Gone { key, why: Remainder::Immediate }),
            (None, _) => out.push(Happening::Gone { key, why: Remainder::NothingThere }),
            (Some(price), _) => {
                let place = self.next_place();
                self.side_mut(entry.way).add(price, place, key, leaves);
                self.resting.insert(key, Stand { way: entry.way, price, place });
            }
        }
    }

    /// Trades with the other side within `limit` and tells what is left.
    fn take(&mut self, entry: &Entry, limit: Option<Price>, out: &mut Vec<Happening>) -> Qty {
        let mut leaves = entry.leaves;
        let other = entry.way.other();
        while leaves.is_positive() {
            let Some((price, place, maker, there)) = self.side(other).first() else { break };
            if !entry.way.reaches(limit, price) {
                break;
            }
            let qty = leaves.at_most(there);
            let rest = Qty(there.0.saturating_sub(qty.0));
            self.side_mut(other).set(price, place, rest);
            if !rest.is_positive() {
                self.resting.remove(&maker);
            }
            leaves = Qty(leaves.0.saturating_sub(qty.0));
            self.last = Some(price);
            let (maker, taker) = (Some(maker), Some(entry.key));
            out.push(Happening::Traded { maker, taker, way: entry.way, price, qty });
        }
        leaves
    }

    /// Sets stops to work, in order of arrival, until no trade reaches another.
    fn settle_stops(&mut self, out: &mut Vec<Happening>) {
        while let Some(last) = self.last {
            let reached = |stop: &Entry| stop.stop.is_some_and(|price| stop.way.is_triggered(price, last));
            let Some(place) = self.stops.iter().find(|(_, stop)| reached(stop)).map(|(place, _)| *place) else {
                return;
            };
            self.trigger(place, out);
        }
    }

    fn trigger(&mut self, place: u64, out: &mut Vec<Happening>) {
        let Some(stop) = self.stops.remove(&place) else { return };
        self.stop_places.remove(&stop.key);
        out.push(Happening::Triggered { key: stop.key });
        let kind = if stop.kind.has_price() { OrdType::Limit } else { OrdType::Market };
        self.work(Entry { kind, stop: None, ..stop }, out);
    }
}
