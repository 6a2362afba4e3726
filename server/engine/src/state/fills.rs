//! Every execution with what became of it; it must forget none, busted ones included.

use alloc::vec::Vec;

use hashbrown::HashTable;
use minicbor::{Decode, Encode};
use turret_shared::ids::ExecId;
use turret_shared::money::{Price, Qty};
use turret_shared::time::Timestamp;
use turret_shared::venue::VenueExecId;
use turret_shared::view::FillState;

use super::chunks::Chunks;
use super::hashing::Key;
use super::position::NONE;

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Fill {
    #[n(0)]
    pub(crate) exec: ExecId,
    /// Its order's place.
    #[n(1)]
    pub(crate) order: u32,
    #[n(2)]
    pub(crate) venue_exec: VenueExecId,
    /// The venue's latest id of it: what a bust or correction must name.
    #[n(3)]
    pub(crate) latest: VenueExecId,
    /// The report that changed it last.
    #[n(4)]
    pub(crate) changed_by: Option<ExecId>,
    #[n(5)]
    pub(crate) qty: Qty,
    #[n(6)]
    pub(crate) price: Price,
    /// Before its last change.
    #[n(7)]
    pub(crate) was: Option<(Qty, Price)>,
    #[n(8)]
    pub(crate) state: FillState,
    #[n(9)]
    pub(crate) removed: bool,
    /// The venue's clock.
    #[n(10)]
    pub(crate) time: Timestamp,
    /// CumQty of the order after it.
    #[n(11)]
    pub(crate) cum: Qty,
    /// The fill of the order before it, or `NONE`.
    #[n(12)]
    pub(crate) before_of_order: u32,
    /// The fill of the position before it, or `NONE`.
    #[n(13)]
    pub(crate) before_of_position: u32,
}

impl Fill {
    pub(crate) const fn stands(&self) -> bool {
        !matches!(self.state, FillState::Busted)
    }
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
#[derive(Debug, Default)]
pub(crate) struct Fills {
    key: Key,
    list: Chunks<Fill>,
    /// Our ids in the order of `list`: they grow.
    ids: Vec<ExecId>,
    /// Ids of busts and corrections.
    later: Vec<Alias>,
    by_venue: HashTable<Alias>,
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
        let at = self.ids.binary_search(&exec).ok()?;
        Some((u32::try_from(at).ok()?, self.list.get(at)?))
    }

    /// By any id the venue gave it.
    pub(crate) fn of_venue(&self, id: VenueExecId) -> Option<(u32, &Fill)> {
        let alias = self.by_venue.find(self.key.of(id.0), |alias| alias.id == id)?;
        self.at(alias.fill).map(|fill| (alias.fill, fill))
    }

    pub(crate) fn push(&mut self, fill: Fill) -> u32 {
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.index(Alias { id: fill.venue_exec, fill: place });
        self.ids.push(fill.exec);
        self.list.push(fill);
        place
    }

    /// A bust or correction gave the fill another id.
    pub(crate) fn rename(&mut self, place: u32, id: VenueExecId) {
        let alias = Alias { id, fill: place };
        self.later.push(alias);
        self.index(alias);
    }

    fn index(&mut self, alias: Alias) {
        let Self { by_venue, key, .. } = self;
        by_venue.insert_unique(key.of(alias.id.0), alias, |a| key.of(a.id.0));
    }

    pub(crate) fn from_kept(key: Key, list: Chunks<Fill>, later: Vec<Alias>) -> Self {
        let mut fills = Self::new(key);
        fills.by_venue.reserve(list.len().saturating_add(later.len()), |_| 0);
        fills.ids = list.iter().map(|fill| fill.exec).collect();
        for (place, fill) in (0_u32..).zip(list.iter()) {
            fills.index(Alias { id: fill.venue_exec, fill: place });
        }
        for alias in &later {
            fills.index(*alias);
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
