//! Members' orders laid over a recorded book; the recording must never be altered by them.
//!
//! Size a member took at a recorded level stays taken until that level changes in the recording. A member's resting
//! order stands behind what was recorded at its level when it came; it fills with what a recorded trade takes beyond
//! that queue, or when the recorded other side comes to its price.
//! While the recorded book is crossed the exchange was collecting orders for its opening: nothing matches, market orders
//! wait, and both happen when the recording opens.

use std::collections::{BTreeMap, HashMap};

use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, TimeInForce};
use turret_shared::time::Timestamp;
use turret_shared::view::Level;

use super::recorded::{Changed, Recorded};
use super::recording::{Deed, Record};
use crate::sim::book::{Change, Entry, Happening, Key, NotThere, Remainder, Way};

/// Rank of a price on its side (best lowest), then place.
type Turn = (i64, u64);

#[derive(Debug, Clone, Copy)]
struct Mine {
    key: Key,
    price: Price,
    leaves: Qty,
}

/// One recorded instrument with members' orders over it.
#[derive(Debug, Default)]
pub struct Overlay {
    recorded: Recorded,
    taken: HashMap<(Way, Price), Qty>,
    bids: BTreeMap<Turn, Mine>,
    asks: BTreeMap<Turn, Mine>,
    turns: HashMap<Key, (Way, Turn)>,
    /// Stops, and without a stop price market orders that wait for the opening, in order of arrival.
    waiting: BTreeMap<u64, Entry>,
    waiting_places: HashMap<Key, u64>,
    last: Option<Price>,
    place: u64,
    was_collecting: bool,
    is_frozen: bool,
    is_paused: bool,
    at: Option<Timestamp>,
}

const fn rank(way: Way, price: Price) -> i64 {
    match way {
        Way::Buy => price.0.saturating_neg(),
        Way::Sell => price.0,
    }
}

impl Overlay {
    /// The recorded book, unaltered.
    #[must_use]
    pub const fn recorded(&self) -> &Recorded {
        &self.recorded
    }

    /// Recorded time of the last record followed.
    #[must_use]
    pub const fn time(&self) -> Option<Timestamp> {
        self.at
    }

    /// True once the recording has come to its end.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.is_frozen
    }

    /// The recording has come to its end.
    pub const fn freeze(&mut self) {
        self.is_frozen = true;
    }

    /// While paused (halted, or between sessions) the recording goes on and fills nobody.
    pub const fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Follows one record and fills members' orders by it.
    pub fn follow(&mut self, record: &Record, out: &mut Vec<Happening>) {
        self.at = Some(record.time);
        if record.deed == Deed::Trade {
            self.trade(record, out);
        }
        let place = self.next_place();
        match self.recorded.follow(record, place) {
            Changed::None => {}
            Changed::All => self.taken.clear(),
            Changed::One(way, price) => {
                self.taken.remove(&(way, price));
            }
            Changed::Two(way, was, price) => {
                self.taken.remove(&(way, was));
                self.taken.remove(&(way, price));
            }
        }
        if !record.is_last || record.is_snapshot || self.is_paused {
            return;
        }
        let is_collecting = self.is_collecting();
        let was_collecting = std::mem::replace(&mut self.was_collecting, is_collecting);
        if !self.was_collecting {
            self.meet(was_collecting, out);
            self.settle_waiting(out);
        }
    }

    /// Takes a member's order.
    pub fn enter(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        if entry.kind.has_stop() {
            self.wait(entry);
            self.settle_waiting(out);
        } else {
            self.work(entry, out);
        }
    }

    /// Takes a member's order out and tells what was left of it.
    ///
    /// # Errors
    /// [`NotThere`].
    pub fn cancel(&mut self, key: Key) -> Result<Qty, NotThere> {
        if let Some(place) = self.waiting_places.remove(&key) {
            return self.waiting.remove(&place).map(|stop| stop.leaves).ok_or(NotThere);
        }
        let (way, turn) = self.turns.remove(&key).ok_or(NotThere)?;
        self.side_mut(way).remove(&turn).map(|mine| mine.leaves).ok_or(NotThere)
    }

    /// Changes a member's order; less at the same price keeps its place, and a stop with another stop price waits anew.
    ///
    /// # Errors
    /// [`NotThere`].
    pub fn amend(
        &mut self,
        key: Key,
        Change { leaves, limit, stop: stop_px }: Change,
        out: &mut Vec<Happening>,
    ) -> Result<(), NotThere> {
        if let Some(stop) = self.waiting_places.get(&key).and_then(|place| self.waiting.get_mut(place)) {
            stop.leaves = leaves;
            stop.limit = if stop.kind.has_price() { limit.or(stop.limit) } else { None };
            let moved = stop_px.map(|price| Entry { stop: Some(price), ..*stop });
            if let Some(entry) = moved {
                self.cancel(key)?;
                self.enter(entry, out);
            }
            return Ok(());
        }
        let (way, turn) = *self.turns.get(&key).ok_or(NotThere)?;
        let mine = self.side_mut(way).get_mut(&turn).ok_or(NotThere)?;
        let price = limit.unwrap_or(mine.price);
        if price == mine.price && leaves <= mine.leaves {
            mine.leaves = leaves;
            return Ok(());
        }
        self.cancel(key)?;
        let (kind, tif) = (OrdType::Limit, TimeInForce::Day);
        self.work(Entry { key, way, kind, limit: Some(price), stop: None, tif, leaves }, out);
        Ok(())
    }

    /// The best levels of a side: what was recorded less what members took.
    #[must_use]
    pub fn levels(&self, way: Way, count: usize) -> Vec<Level> {
        self.open_levels(way).take(count).collect()
    }

    fn open_levels(&self, way: Way) -> impl Iterator<Item = Level> + '_ {
        self.recorded.levels(way).filter_map(move |level| {
            let taken = self.taken.get(&(way, level.price)).map_or(0, |qty| qty.0);
            let qty = Qty(level.qty.0.saturating_sub(taken));
            qty.is_positive().then_some(Level { price: level.price, qty })
        })
    }

    const fn side_mut(&mut self, way: Way) -> &mut BTreeMap<Turn, Mine> {
        match way {
            Way::Buy => &mut self.bids,
            Way::Sell => &mut self.asks,
        }
    }

    const fn next_place(&mut self) -> u64 {
        self.place = self.place.wrapping_add(1);
        self.place
    }

    fn wait(&mut self, entry: Entry) {
        let place = self.next_place();
        self.waiting.insert(place, entry);
        self.waiting_places.insert(entry.key, place);
    }

    /// True while the recorded exchange collects orders for its opening.
    #[must_use]
    pub fn is_collecting(&self) -> bool {
        let best = |way| self.recorded.levels(way).next().map(|level| level.price);
        best(Way::Buy).zip(best(Way::Sell)).is_some_and(|(bid, ask)| bid >= ask)
    }

    /// Trades and rests an order that waits for nothing.
    fn work(&mut self, entry: Entry, out: &mut Vec<Happening>) {
        let limit = if entry.kind.has_price() { entry.limit } else { None };
        let key = entry.key;
        if entry.tif == TimeInForce::Fok
            && (self.is_collecting() || self.within(entry.way.other(), limit) < entry.leaves)
        {
            out.push(Happening::Gone { key, why: Remainder::Kill });
            return;
        }
        let is_collecting = self.is_collecting();
        if is_collecting && limit.is_none() && matches!(entry.tif, TimeInForce::Day | TimeInForce::Gtc) {
            self.wait(entry);
            return;
        }
        let leaves = if is_collecting { entry.leaves } else { self.take(&entry, limit, out) };
        if !leaves.is_positive() {
            return;
        }
        match (limit, entry.tif) {
            (_, TimeInForce::Ioc | TimeInForce::Fok) => out.push(Happening::Gone { key, why: Remainder::Immediate }),
            (None, _) => out.push(Happening::Gone { key, why: Remainder::NothingThere }),
            (Some(price), _) => {
                let turn = (rank(entry.way, price), self.next_place());
                self.side_mut(entry.way).insert(turn, Mine { key, price, leaves });
                self.turns.insert(key, (entry.way, turn));
            }
        }
    }

    /// Everything on a side within the limit of who comes against it.
    fn within(&self, way: Way, limit: Option<Price>) -> Qty {
        let mine = if way == Way::Buy { &self.bids } else { &self.asks };
        let reached = |price: Price| way.other().reaches(limit, price);
        let ours = mine.values().filter(|mine| reached(mine.price)).map(|mine| mine.leaves.0);
        let theirs = self.open_levels(way).take_while(|level| reached(level.price)).map(|level| level.qty.0);
        Qty(ours.chain(theirs).fold(0, i64::saturating_add))
    }

    /// Trades with the other side within `limit`, recorded size first at a price, and tells what is left.
    fn take(&mut self, entry: &Entry, limit: Option<Price>, out: &mut Vec<Happening>) -> Qty {
        let (way, other) = (entry.way, entry.way.other());
        let mut leaves = entry.leaves;
        while leaves.is_positive() {
            let theirs = self.open_levels(other).next().filter(|level| way.reaches(limit, level.price));
            let ours = self.side_mut(other).first_key_value().map(|(turn, mine)| (*turn, *mine));
            let ours = ours.filter(|(_, mine)| way.reaches(limit, mine.price));
            let taker = Some(entry.key);
            let (price, qty, maker) = match (theirs, ours) {
                (Some(level), ours) if ours.is_none_or(|(turn, _)| rank(other, level.price) <= turn.0) => {
                    let qty = leaves.at_most(level.qty);
                    self.note_taken(other, level.price, qty);
                    (level.price, qty, None)
                }
                (_, Some((turn, mine))) => {
                    let qty = leaves.at_most(mine.leaves);
                    self.reduce(other, turn, qty);
                    (mine.price, qty, Some(mine.key))
                }
                _ => break,
            };
            leaves = Qty(leaves.0.saturating_sub(qty.0));
            out.push(Happening::Traded { maker, taker, way, price, qty });
        }
        leaves
    }

    fn note_taken(&mut self, way: Way, price: Price, qty: Qty) {
        let taken = self.taken.entry((way, price)).or_default();
        *taken = Qty(taken.0.saturating_add(qty.0));
    }

    fn reduce(&mut self, way: Way, turn: Turn, by: Qty) {
        let Some(mine) = self.side_mut(way).get_mut(&turn) else { return };
        mine.leaves = Qty(mine.leaves.0.saturating_sub(by.0));
        if !mine.leaves.is_positive() {
            let key = mine.key;
            self.side_mut(way).remove(&turn);
            self.turns.remove(&key);
        }
    }

    /// A recorded trade: it is public, and what it took beyond the queue before a member's order fills that order.
    fn trade(&mut self, record: &Record, out: &mut Vec<Happening>) {
        let way = record.way.unwrap_or(Way::Buy);
        out.push(Happening::Printed { time: record.time, way, price: record.price, qty: record.qty });
        self.last = Some(record.price);
        if record.way.is_none() || self.is_paused {
            return;
        }
        let passive = way.other();
        // An opening has one price for all.
        let is_opening = self.is_collecting();
        let (at, mut given) = (rank(passive, record.price), Qty::ZERO);
        let reached: Vec<(Turn, Mine)> =
            self.side_mut(passive).iter().take_while(|(turn, _)| turn.0 <= at).map(|(t, m)| (*t, *m)).collect();
        for (turn, mine) in reached {
            // A better price than the trade's has no recorded queue left before it.
            let ahead = if turn.0 == at { self.recorded.ahead(passive, mine.price, turn.1) } else { Qty::ZERO };
            let beyond = Qty(record.qty.0.saturating_sub(ahead.0).saturating_sub(given.0));
            let qty = mine.leaves.at_most(beyond);
            if qty.is_positive() {
                given = Qty(given.0.saturating_add(qty.0));
                self.reduce(passive, turn, qty);
                let price = if is_opening { record.price } else { mine.price };
                out.push(Happening::Traded { maker: Some(mine.key), taker: None, way, price, qty });
            }
        }
    }

    /// Members' resting orders whose price the recorded other side has come to; at an opening the other side was there.
    fn meet(&mut self, is_opening: bool, out: &mut Vec<Happening>) {
        for way in [Way::Buy, Way::Sell] {
            while let Some((turn, mine)) = self.side_mut(way).first_key_value().map(|(t, m)| (*t, *m)) {
                let facing = self.open_levels(way.other()).next();
                let Some(level) = facing.filter(|level| way.reaches(Some(mine.price), level.price)) else { break };
                let qty = mine.leaves.at_most(level.qty);
                self.note_taken(way.other(), level.price, qty);
                self.reduce(way, turn, qty);
                let maker = Some(mine.key);
                let price = if is_opening { level.price } else { mine.price };
                out.push(Happening::Traded { maker, taker: None, way: way.other(), price, qty });
            }
        }
    }

    /// Sets to work, in order of arrival, stops that were reached and what waited for the opening.
    fn settle_waiting(&mut self, out: &mut Vec<Happening>) {
        loop {
            let (last, is_collecting) = (self.last, self.is_collecting());
            let is_due = |entry: &Entry| match entry.stop {
                Some(price) => last.is_some_and(|last| entry.way.is_triggered(price, last)),
                None => !is_collecting,
            };
            let due = self.waiting.iter().find(|(_, entry)| is_due(entry)).map(|(place, _)| *place);
            let Some(entry) = due.and_then(|place| self.waiting.remove(&place)) else { return };
            self.waiting_places.remove(&entry.key);
            if entry.stop.is_some() {
                out.push(Happening::Triggered { key: entry.key });
            }
            let kind = if entry.kind.has_price() { OrdType::Limit } else { OrdType::Market };
            self.work(Entry { kind, stop: None, ..entry }, out);
        }
    }
}
