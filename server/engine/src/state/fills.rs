//! Every execution with what became of it; it must forget none, busted ones included.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Decoder, Encode, Encoder};
use turret_shared::ids::ExecId;
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;
use turret_shared::venue::VenueExecId;
use turret_shared::view::FillState;

use super::chunks::Chunks;
use super::hashing::{Index, Key};
use super::packed::{Packer, Unpacker};
use super::position::NONE;

/// One execution.
#[derive(Debug, Clone)]
pub(crate) struct Fill {
    pub(crate) exec: ExecId,
    pub(crate) venue_exec: VenueExecId,
    pub(crate) qty: Qty,
    pub(crate) price: Price,
    /// The venue's clock.
    pub(crate) time: Timestamp,
    /// CumQty of the order after it.
    pub(crate) cum: Qty,
    /// What the venue said of it later.
    change: Option<Box<Change>>,
    /// Its order's place.
    pub(crate) order: u32,
    /// The fill of the order before it, or `NONE`.
    pub(crate) before_of_order: u32,
    /// The fill of the position before it, or `NONE`.
    pub(crate) before_of_position: u32,
    pub(crate) removed: bool,
}

/// A bust or correction; the last one, if there were several.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// The venue's id of it: what a further one must name.
    latest: VenueExecId,
    /// The report of it.
    report: ExecId,
    /// Quantity and price before it.
    was: (Qty, Price),
    state: FillState,
}

/// What the venue reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Executed {
    pub(crate) exec: ExecId,
    pub(crate) venue_exec: VenueExecId,
    pub(crate) qty: Qty,
    pub(crate) price: Price,
    pub(crate) time: Timestamp,
    pub(crate) removed: bool,
}

impl Fill {
    pub(crate) const fn new(e: Executed, order: u32, cum: Qty, before_of_order: u32, before_of_position: u32) -> Self {
        let Executed { exec, venue_exec, qty, price, time, removed } = e;
        let change = None;
        Self { exec, venue_exec, qty, price, time, cum, change, order, before_of_order, before_of_position, removed }
    }

    pub(crate) fn stands(&self) -> bool {
        self.state() != FillState::Busted
    }

    pub(crate) fn state(&self) -> FillState {
        self.change.as_ref().map_or(FillState::Good, |change| change.state)
    }

    /// The venue's latest id of it: what a bust or correction must name.
    pub(crate) fn latest(&self) -> VenueExecId {
        self.change.as_ref().map_or(self.venue_exec, |change| change.latest)
    }

    /// The report that changed it last.
    pub(crate) fn changed_by(&self) -> Option<ExecId> {
        self.change.as_ref().map(|change| change.report)
    }

    /// Before its last change.
    pub(crate) fn was(&self) -> Option<(Qty, Price)> {
        self.change.as_ref().map(|change| change.was)
    }

    /// It never was.
    pub(crate) fn bust(&mut self, report: ExecId, latest: VenueExecId) {
        let was = (self.qty, self.price);
        self.change = Some(Box::new(Change { latest, report, was, state: FillState::Busted }));
    }

    /// It was otherwise.
    pub(crate) fn correct(&mut self, report: ExecId, latest: VenueExecId, qty: Qty, price: Price) {
        let was = (self.qty, self.price);
        (self.qty, self.price) = (qty, price);
        self.change = Some(Box::new(Change { latest, report, was, state: FillState::Corrected }));
    }
}

/// Fields of a fill's record.
const FIELDS: u8 = 14;

impl<C> Encode<C> for Fill {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let mut packer = Packer::new();
        packer.array(FIELDS).unsigned(self.exec.0).unsigned(self.order);
        packer.unsigned(self.venue_exec.0).unsigned(self.latest().0);
        packer.option(self.changed_by(), |packer, report| {
            packer.unsigned(report.0);
        });
        packer.signed(self.qty.0).signed(self.price.0);
        packer.option(self.was(), |packer, (qty, price)| {
            packer.array(2).signed(qty.0).signed(price.0);
        });
        packer.unsigned(self.state() as u8).flag(self.removed).signed(self.time.0).signed(self.cum.0);
        packer.unsigned(self.before_of_order).unsigned(self.before_of_position);
        packer.write(e)
    }
}

impl<'b, C> Decode<'b, C> for Fill {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Unpacker::read(d, unpack)
    }
}

fn unpack(u: &mut Unpacker<'_>) -> Option<Fill> {
    u.array(FIELDS)?;
    let (exec, order) = (ExecId(u.unsigned()?), u.unsigned()?);
    let (venue_exec, latest) = (VenueExecId(u.unsigned()?), VenueExecId(u.unsigned()?));
    let report = u.option(Unpacker::unsigned)?.map(ExecId);
    let (qty, price) = (Qty(u.signed()?), Price(u.signed()?));
    let was = u.option(|u| {
        u.array(2)?;
        Some((Qty(u.signed()?), Price(u.signed()?)))
    })?;
    let (state, removed) = (u.word()?, u.flag()?);
    let change = match (report, was, state) {
        (None, None, FillState::Good) => None,
        (Some(report), Some(was), FillState::Busted | FillState::Corrected) => {
            Some(Box::new(Change { latest, report, was, state }))
        }
        _ => return None,
    };
    let (time, cum) = (Timestamp(u.signed()?), Qty(u.signed()?));
    let (before_of_order, before_of_position) = (u.unsigned()?, u.unsigned()?);
    Some(Fill { exec, venue_exec, qty, price, time, cum, change, order, before_of_order, before_of_position, removed })
}

/// A venue's execution id and the fill it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Alias {
    #[n(0)]
    pub(crate) id: VenueExecId,
    #[n(1)]
    pub(crate) fill: u32,
}

/// All executions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fills {
    key: Key,
    list: Chunks<Fill>,
    by_venue: Index,
    /// Ids of busts and corrections.
    later: Vec<Alias>,
    by_later: BTreeMap<VenueExecId, u32>,
}

impl Fills {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, ..Self::default() }
    }

    pub(crate) const fn list(&self) -> &Chunks<Fill> {
        &self.list
    }

    pub(crate) fn later(&self) -> &[Alias] {
        &self.later
    }

    pub(crate) fn at(&self, place: u32) -> Option<&Fill> {
        self.list.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn at_mut(&mut self, place: u32) -> Option<&mut Fill> {
        self.list.get_mut(usize::try_from(place).ok()?)
    }

    /// By our id: they grow, so that no table is needed.
    pub(crate) fn find(&self, exec: ExecId) -> Option<(u32, &Fill)> {
        let place = u32::try_from(self.list.search(|fill| fill.exec.cmp(&exec))?).ok()?;
        self.at(place).map(|fill| (place, fill))
    }

    /// By any id the venue gave it.
    pub(crate) fn of_venue(&self, id: VenueExecId) -> Option<(u32, &Fill)> {
        let first = |place: u32| self.at(place).is_some_and(|fill| fill.venue_exec == id);
        let place = self.by_venue.find(self.key.near(id.0), first).or_else(|| self.by_later.get(&id).copied())?;
        self.at(place).map(|fill| (place, fill))
    }

    pub(crate) fn push(&mut self, fill: Fill) -> u32 {
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.by_venue.insert(self.key.near(fill.venue_exec.0), place);
        self.list.push(fill);
        place
    }

    /// A bust or correction gave the fill another id.
    pub(crate) fn rename(&mut self, place: u32, id: VenueExecId) {
        self.later.push(Alias { id, fill: place });
        self.by_later.entry(id).or_insert(place);
    }

    pub(crate) fn from_kept(key: Key, list: Chunks<Fill>, later: Vec<Alias>) -> Self {
        let mut fills = Self::new(key);
        fills.by_venue.reserve(list.len());
        for (place, fill) in (0_u32..).zip(list.iter()) {
            fills.by_venue.insert(key.near(fill.venue_exec.0), place);
        }
        for Alias { id, fill } in &later {
            fills.by_later.entry(*id).or_insert(*fill);
        }
        (fills.list, fills.later) = (list, later);
        fills
    }

    /// The chain of fills from `last` back by `before`, oldest first.
    pub(crate) fn chain(&self, last: u32, before: impl Fn(&Fill) -> u32) -> Vec<u32> {
        let mut places = Vec::new();
        let mut next = last;
        while let Some(fill) = self.at(next) {
            places.push(next);
            next = before(fill);
        }
        places.reverse();
        places
    }
}
