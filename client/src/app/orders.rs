//! Every order this session knows, packed so that a hundred thousand fit; it must lose no figure in packing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use turret_shared::denial::Denial;
use turret_shared::ids::{AccountId, ClOrdId, CorrelationId, InstrumentId, OrderId, Sequence, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;
use turret_shared::view::{OrderView, UserView};

/// Bytes of freed text after which the texts are laid out afresh.
const WASTE_BYTES_MAX: usize = 1 << 20;

/// A piece of the text store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    at: u32,
    length: u8,
}

/// All texts of all rows in one allocation.
#[derive(Debug, Default)]
struct Texts {
    bytes: String,
    wasted: usize,
}

impl Texts {
    fn get(&self, span: Span) -> &str {
        let start = span.at as usize;
        self.bytes.get(start..start.saturating_add(usize::from(span.length))).unwrap_or("")
    }

    /// Stores `text`, reusing the room of `old` where it is the same or fits.
    fn put(&mut self, old: Span, text: &str) -> Span {
        let mut end = text.len().min(usize::from(u8::MAX));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or("");
        if self.get(old) == text {
            return old;
        }
        self.wasted = self.wasted.saturating_add(usize::from(old.length));
        let (Ok(at), Ok(length)) = (u32::try_from(self.bytes.len()), u8::try_from(text.len())) else {
            return Span::default();
        };
        self.bytes.push_str(text);
        Span { at, length }
    }
}

/// One order in 128 bytes; `None` prices are kept as such.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// OrderID.
    pub id: OrderId,
    /// OrderQty.
    pub qty: Qty,
    /// CumQty.
    pub cum: Qty,
    /// LeavesQty.
    pub leaves: Qty,
    /// When it was entered.
    pub entered: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// Correlation of the command that entered it.
    pub correlation: CorrelationId,
    /// Log sequence of the last event about it.
    pub sequence: Sequence,
    price: i64,
    stop: i64,
    avg: i64,
    /// Account.
    pub account: AccountId,
    /// Who entered it.
    pub owner: UserId,
    /// Listing.
    pub instrument: InstrumentId,
    cl_ord_id: Span,
    text: Span,
    note: Span,
    /// Side.
    pub side: Side,
    /// Type.
    pub ord_type: OrdType,
    /// Time in force.
    pub tif: TimeInForce,
    /// OrdStatus.
    pub status: OrdStatus,
    /// ExecType of the last event.
    pub exec_type: ExecType,
    /// At work in the book.
    pub working: bool,
    /// No answer from the venue.
    pub in_doubt: bool,
    /// The person has put away what needed them.
    pub dismissed: bool,
}

/// No price can be this; the type allows it, the server never sends it.
const ABSENT: i64 = i64::MIN;

const fn unpack(raw: i64) -> Option<Price> {
    if raw == ABSENT { None } else { Some(Price(raw)) }
}

fn pack(price: Option<Price>) -> i64 {
    price.map_or(ABSENT, |p| p.0)
}

impl Row {
    /// Limit price.
    #[must_use]
    pub const fn price(&self) -> Option<Price> {
        unpack(self.price)
    }

    /// Stop price.
    #[must_use]
    pub const fn stop(&self) -> Option<Price> {
        unpack(self.stop)
    }

    /// Average price of what executed.
    #[must_use]
    pub const fn avg_px(&self) -> Option<Price> {
        unpack(self.avg)
    }

    /// True while it can still execute.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.status.is_open()
    }

    /// True when a person must look: denied, rejected or in doubt, and not yet put away.
    #[must_use]
    pub const fn needs_person(&self) -> bool {
        (self.in_doubt || matches!(self.status, OrdStatus::Denied | OrdStatus::Rejected)) && !self.dismissed
    }

    /// True when the venue owes an answer.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.status, OrdStatus::PendingNew | OrdStatus::PendingCancel | OrdStatus::PendingReplace)
    }
}

/// What few orders have, kept apart from the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// ClOrdID before the current one.
    pub orig_cl_ord_id: Option<ClOrdId>,
    /// Total asked for by a pending amend.
    pub pending_qty: Option<Qty>,
    /// Price asked for by a pending amend.
    pub pending_price: Option<Price>,
    /// Stop price asked for by a pending amend.
    pub pending_stop: Option<Price>,
    /// Our no.
    pub denial: Option<Box<Denial>>,
}

/// Counts and sums a frame needs, kept row by row so that no frame walks the rows.
#[derive(Debug, Default)]
pub struct Tally {
    /// Orders that can still execute.
    pub working: usize,
    /// Those of the person signed in.
    pub mine_working: usize,
    /// Orders that need a person.
    pub needing: usize,
    /// One's own open orders by listing.
    mine_open: BTreeSet<(InstrumentId, OrderId)>,
    /// One's own resting quantity, in 1e-6, by listing, price and whether it buys.
    resting: BTreeMap<(InstrumentId, Price, bool), i64>,
    /// One's own quantity left of open orders, in 1e-6, by listing and whether it buys.
    at_work: BTreeMap<(InstrumentId, bool), i64>,
}

impl Tally {
    fn count(&mut self, row: &Row, me: Option<UserId>, add: bool) {
        let step = |n: usize, applies: bool| match (applies, add) {
            (false, _) => n,
            (true, true) => n.saturating_add(1),
            (true, false) => n.saturating_sub(1),
        };
        let mine = me == Some(row.owner);
        self.working = step(self.working, row.is_open());
        self.mine_working = step(self.mine_working, row.is_open() && mine);
        self.needing = step(self.needing, row.needs_person());
        if !(mine && row.is_open()) {
            return;
        }
        let key = (row.instrument, row.id);
        if add {
            self.mine_open.insert(key);
        } else {
            self.mine_open.remove(&key);
        }
        let buys = row.side == Side::Buy;
        sum(&mut self.at_work, (row.instrument, buys), row.leaves, add);
        if let Some(price) = row.price().filter(|_| row.working) {
            sum(&mut self.resting, (row.instrument, price, buys), row.leaves, add);
        }
    }
}

/// Adds to a sum, or takes from it; one of nothing is not kept.
fn sum<K: Ord + Copy>(sums: &mut BTreeMap<K, i64>, key: K, leaves: Qty, add: bool) {
    let sum = sums.entry(key).or_default();
    *sum = if add { sum.saturating_add(leaves.0) } else { sum.saturating_sub(leaves.0) };
    if *sum == 0 {
        sums.remove(&key);
    }
}

/// The rows, found by OrderID or by their place, which never changes while they are kept.
#[derive(Debug, Default)]
pub struct Orders {
    rows: Vec<Row>,
    places: HashMap<OrderId, u32>,
    extras: HashMap<OrderId, Extra>,
    texts: Texts,
    tally: Tally,
    me: Option<UserId>,
    /// Trouble of colleagues' orders needs this person too.
    watches: bool,
}

impl Orders {
    /// Counts over all rows.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Says who is signed in: colleagues' trouble is a supervisor's as well.
    pub fn set_me(&mut self, user: &UserView) {
        self.me = Some(user.user);
        self.watches = user.role == Role::Supervisor;
        self.recount();
    }

    /// The newest of one's own open orders, so many at most.
    #[must_use]
    pub fn newest_mine(&self, count: usize) -> Vec<Row> {
        let mut ids: Vec<OrderId> = self.tally.mine_open.iter().map(|(_, id)| *id).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.into_iter().take(count).filter_map(|id| self.get(id)).copied().collect()
    }

    /// One's own open orders in a listing, newest first.
    pub fn mine_open(&self, instrument: InstrumentId) -> impl Iterator<Item = &Row> {
        let all = (instrument, OrderId(0))..=(instrument, OrderId(u64::MAX));
        self.tally.mine_open.range(all).rev().filter_map(|(_, id)| self.get(*id))
    }

    /// What is left of one's own open orders of a side in a listing.
    #[must_use]
    pub fn at_work(&self, instrument: InstrumentId, buy: bool) -> Qty {
        Qty(self.tally.at_work.get(&(instrument, buy)).copied().unwrap_or(0))
    }

    /// One's own quantity resting at a price.
    #[must_use]
    pub fn resting(&self, instrument: InstrumentId, price: Price, buy: bool) -> Option<Qty> {
        self.tally.resting.get(&(instrument, price, buy)).copied().map(Qty)
    }

    fn recount(&mut self) {
        self.tally = Tally::default();
        for row in &self.rows {
            self.tally.count(row, self.me, true);
        }
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The place of an order.
    #[must_use]
    pub fn place(&self, id: OrderId) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// The row at a place.
    #[must_use]
    pub fn at(&self, place: u32) -> Option<&Row> {
        self.rows.get(place as usize)
    }

    /// The row of an order.
    #[must_use]
    pub fn get(&self, id: OrderId) -> Option<&Row> {
        self.at(self.place(id)?)
    }

    /// All rows with their places.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0_u32..).zip(self.rows.iter())
    }

    /// The current ClOrdID of a row.
    #[must_use]
    pub fn cl_ord_id(&self, row: &Row) -> &str {
        self.texts.get(row.cl_ord_id)
    }

    /// The owner's text.
    #[must_use]
    pub fn text(&self, row: &Row) -> &str {
        self.texts.get(row.text)
    }

    /// Last words of the venue or of our own.
    #[must_use]
    pub fn note(&self, row: &Row) -> &str {
        self.texts.get(row.note)
    }

    /// What only few orders have.
    #[must_use]
    pub fn extra(&self, id: OrderId) -> Option<&Extra> {
        self.extras.get(&id)
    }

    /// Puts an order in or over what was known; gives its place.
    pub fn upsert(&mut self, view: &OrderView) -> u32 {
        let known = self.place(view.order_id);
        let old = known.and_then(|place| self.at(place)).copied();
        let spans = old.map_or((Span::default(), Span::default(), Span::default()), |r| (r.cl_ord_id, r.text, r.note));
        let concerns = self.watches || self.me.is_none_or(|me| me == view.owner);
        let row = Row {
            id: view.order_id,
            qty: view.order_qty,
            cum: view.cum_qty,
            leaves: view.leaves_qty,
            entered: view.entered,
            changed: view.changed,
            correlation: view.correlation,
            sequence: view.sequence,
            price: pack(view.price),
            stop: pack(view.stop_px),
            avg: pack(view.avg_px),
            account: view.account,
            owner: view.owner,
            instrument: view.instrument,
            cl_ord_id: self.texts.put(spans.0, view.cl_ord_id.as_str()),
            text: self.texts.put(spans.1, &view.text),
            note: self.texts.put(spans.2, &view.note),
            side: view.side,
            ord_type: view.ord_type,
            tif: view.tif,
            status: view.ord_status,
            exec_type: view.exec_type,
            working: view.working,
            in_doubt: view.in_doubt,
            // A new trouble is not put away by having put away the last one; a colleague's is theirs to put away.
            dismissed: !concerns
                || old.is_some_and(|r| r.dismissed && r.status == view.ord_status && r.in_doubt == view.in_doubt),
        };
        self.keep_extra(view);
        if let Some(old) = &old {
            self.tally.count(old, self.me, false);
        }
        self.tally.count(&row, self.me, true);
        let place = known.unwrap_or_else(|| {
            let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            self.rows.push(row);
            self.places.insert(row.id, place);
            place
        });
        if let Some(kept) = self.rows.get_mut(place as usize) {
            *kept = row;
        }
        if self.texts.wasted > WASTE_BYTES_MAX {
            self.lay_out_texts();
        }
        place
    }

    /// Marks an order's trouble as put away.
    pub fn dismiss(&mut self, id: OrderId) {
        if let Some(row) = self.place(id).and_then(|place| self.rows.get_mut(place as usize)) {
            self.tally.count(row, self.me, false);
            row.dismissed = true;
            self.tally.count(row, self.me, true);
        }
    }

    /// Takes the place of what was known with what was put together elsewhere, counted for whoever is signed in here.
    pub fn take_over(&mut self, other: Self) {
        let (me, watches) = (self.me, self.watches);
        *self = other;
        if (self.me, self.watches) != (me, watches) {
            (self.me, self.watches) = (me, watches);
            self.recount();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self { me: self.me, watches: self.watches, ..Self::default() };
    }

    /// Forgets every order of an account; places change.
    pub fn purge(&mut self, account: AccountId) {
        self.rows.retain(|row| row.account != account);
        self.places = (0_u32..).zip(self.rows.iter()).map(|(place, row)| (row.id, place)).collect();
        let places = &self.places;
        self.extras.retain(|id, _| places.contains_key(id));
        self.lay_out_texts();
        self.recount();
    }

    fn keep_extra(&mut self, view: &OrderView) {
        let extra = Extra {
            orig_cl_ord_id: view.orig_cl_ord_id.clone(),
            pending_qty: view.pending_qty,
            pending_price: view.pending_price,
            pending_stop: view.pending_stop,
            denial: view.denial.clone().map(Box::new),
        };
        if extra == Extra::default() {
            self.extras.remove(&view.order_id);
        } else {
            self.extras.insert(view.order_id, extra);
        }
    }

    fn lay_out_texts(&mut self) {
        let old = std::mem::take(&mut self.texts);
        for row in &mut self.rows {
            for span in [&mut row.cl_ord_id, &mut row.text, &mut row.note] {
                *span = self.texts.put(Span::default(), old.get(*span));
            }
        }
        self.texts.wasted = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stays_small() {
        assert!(size_of::<Row>() <= 160, "{}", size_of::<Row>());
    }

    #[test]
    fn texts_are_kept_cut_and_reused() {
        let mut texts = Texts::default();
        let first = texts.put(Span::default(), "hello");
        assert_eq!(texts.put(first, "hello"), first);
        let second = texts.put(first, &"é".repeat(200));
        assert_eq!(texts.get(second).chars().count(), 127);
        assert_eq!((texts.get(first), texts.wasted), ("hello", 5));
    }
}
