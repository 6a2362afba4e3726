//! Every order, found by its id, and the lists of those that are open or wait for an answer; it must forget none.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use turret_shared::ids::OrderId;
use turret_shared::time::Timestamp;

use super::chunks::Chunks;
use super::names::Names;
use super::order::Order;
use super::position::NONE;
use super::requests::Requests;

/// A request that waits for its answer, in the order sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Awaited {
    pub(crate) since: Timestamp,
    pub(crate) order: u32,
    pub(crate) revision: u32,
}

/// Links of the list of open orders, an entry an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link {
    before: u32,
    after: u32,
}

/// What stands before an order that is not in the list.
const UNLISTED: u32 = NONE - 1;

impl Link {
    const UNLISTED: Self = Self { before: UNLISTED, after: NONE };

    const fn is_listed(self) -> bool {
        self.before != UNLISTED
    }
}

/// All orders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders {
    list: Chunks<Order>,
    /// Ids in the order of `list`: they grow.
    ids: Vec<OrderId>,
    pub(crate) names: Names,
    links: Chunks<Link>,
    first_open: Option<u32>,
    awaiting: VecDeque<Awaited>,
}

impl Orders {
    pub(crate) fn new(names: Names) -> Self {
        Self { names, ..Self::default() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) const fn list(&self) -> &Chunks<Order> {
        &self.list
    }

    pub(crate) fn at(&self, place: u32) -> Option<&Order> {
        self.list.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn at_mut(&mut self, place: u32) -> Option<&mut Order> {
        self.list.get_mut(usize::try_from(place).ok()?)
    }

    pub(crate) fn place(&self, id: OrderId) -> Option<u32> {
        // Most are recent: look back in growing steps, then between the last two.
        let (mut step, mut high) = (1_usize, self.ids.len());
        let mut low = high.saturating_sub(step);
        while low > 0 && self.ids.get(low).is_some_and(|at| *at > id) {
            high = low;
            step = step.saturating_mul(4);
            low = low.saturating_sub(step);
        }
        let at = self.ids.get(low..high)?.binary_search(&id).ok()?;
        u32::try_from(low.saturating_add(at)).ok()
    }

    pub(crate) fn find(&self, id: OrderId) -> Option<(u32, &Order)> {
        let place = self.place(id)?;
        self.at(place).map(|order| (place, order))
    }

    /// Appends an order; its place.
    pub(crate) fn push(&mut self, order: Order) -> u32 {
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.ids.push(order.id);
        self.list.push(order);
        self.links.push(Link::UNLISTED);
        self.relist(place);
        place
    }

    /// Puts an order into the list of open ones or takes it out, as its facts say.
    pub(crate) fn relist(&mut self, place: u32) {
        let open = self.at(place).is_some_and(Order::is_open);
        let Some(link) = self.link(place) else { return };
        if open == link.is_listed() {
            return;
        }
        if open {
            let after = self.first_open.unwrap_or(NONE);
            self.set_link(place, Link { before: NONE, after });
            if let Some(next) = self.link_mut(after) {
                next.before = place;
            }
            self.first_open = Some(place);
        } else {
            if let Some(before) = self.link_mut(link.before) {
                before.after = link.after;
            } else {
                self.first_open = (link.after != NONE).then_some(link.after);
            }
            if let Some(after) = self.link_mut(link.after) {
                after.before = link.before;
            }
            self.set_link(place, Link::UNLISTED);
        }
    }

    fn link(&self, place: u32) -> Option<Link> {
        self.links.get(usize::try_from(place).ok()?).copied()
    }

    fn link_mut(&mut self, place: u32) -> Option<&mut Link> {
        self.links.get_mut(usize::try_from(place).ok()?)
    }

    fn set_link(&mut self, place: u32, link: Link) {
        if let Some(slot) = self.link_mut(place) {
            *slot = link;
        }
    }

    /// Places of open orders, oldest first.
    pub(crate) fn open(&self) -> Vec<u32> {
        let mut places = Vec::new();
        let mut next = self.first_open;
        while let Some(place) = next {
            places.push(place);
            next = self.link(place).map(|link| link.after).filter(|after| *after != NONE);
        }
        places.sort_unstable();
        places
    }

    /// A request was sent: it waits from now.
    pub(crate) fn await_answer(&mut self, awaited: Awaited) {
        while self.awaiting.front().is_some_and(|front| !self.waits(front)) {
            self.awaiting.pop_front();
        }
        self.awaiting.push_back(awaited);
    }

    /// Still without an answer and not yet in doubt?
    fn waits(&self, awaited: &Awaited) -> bool {
        self.at(awaited.order).is_some_and(|order| {
            order
                .awaited(awaited.revision)
                .is_some_and(|(since, doubt)| since == awaited.since && !order.flags.any(doubt))
        })
    }

    /// Requests without an answer and not in doubt, oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Awaited> {
        self.awaiting.iter().filter(|awaited| self.waits(awaited))
    }

    /// Builds everything from what a snapshot kept.
    pub(crate) fn from_kept(list: Chunks<Order>, names: Names) -> Self {
        let ids: Vec<OrderId> = list.iter().map(|order| order.id).collect();
        let links = ids.iter().map(|_| Link::UNLISTED).collect();
        let mut orders = Self { list, ids, links, ..Self::new(names) };
        let mut awaited: Vec<Awaited> = Vec::new();
        for place in 0..u32::try_from(orders.list.len()).unwrap_or(NONE) {
            orders.relist(place);
            awaited.extend(orders.at(place).into_iter().flat_map(|order| awaited_of(order, place)));
        }
        awaited.sort_by_key(|a| (a.since, a.order, a.revision));
        orders.awaiting = awaited.into();
        orders
    }
}

/// Every request of an order without an answer.
fn awaited_of(order: &Order, place: u32) -> impl Iterator<Item = Awaited> {
    let Requests { amend, cancel, .. } = order.requests();
    [Some(0), amend.is_pending().then_some(amend.revision), cancel.is_pending().then_some(cancel.revision)]
        .into_iter()
        .flatten()
        .filter_map(move |revision| order.awaited(revision).map(|(since, _)| Awaited { since, order: place, revision }))
}
