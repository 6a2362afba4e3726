//! Every order and every ClOrdID, found by either; it must forget none and keep no order of its hash tables.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hashbrown::HashTable;
use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::ids::{ClOrdId, OrderId, UserId};
use turret_shared::time::Timestamp;

use super::chunks::Chunks;
use super::hashing::Key;
use super::order::Order;
use super::position::NONE;

/// What a ClOrdID was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Used {
    /// An order, or a request about one: its place.
    #[n(0)]
    Order(#[n(0)] u32),
    /// A mass cancel, with what was answered.
    #[n(1)]
    CancelAll(#[n(0)] u32, #[n(1)] u32),
}

/// A ClOrdID that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Name {
    /// By whom.
    #[n(0)]
    pub(crate) user: UserId,
    /// Where its letters lie.
    #[n(1)]
    start: u64,
    #[n(2)]
    length: u8,
    /// For what.
    #[n(3)]
    pub(crate) used: Used,
    /// The first half of the command's digest: the same command comes with the same.
    #[n(4)]
    half: Half,
}

/// Sixteen bytes of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Half(#[n(0)] u64, #[n(1)] u64);

impl Half {
    fn of(digest: &Digest) -> Self {
        let (parts, _) = digest.0.as_chunks::<8>();
        let part = |at: usize| parts.get(at).map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Self(part(0), part(1))
    }
}

impl Name {
    /// The same command again?
    pub(crate) fn is_command(&self, digest: &Digest) -> bool {
        self.half == Half::of(digest)
    }
}

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
    listed: bool,
}

/// All orders.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    key: Key,
    list: Chunks<Order>,
    /// Ids in the order of `list`: they grow.
    ids: Vec<OrderId>,
    names: Chunks<Name>,
    letters: Vec<u8>,
    by_name: HashTable<Slot>,
    links: Chunks<Link>,
    first_open: Option<u32>,
    awaiting: VecDeque<Awaited>,
}

/// A name's place with its hash, so that the table grows without a look at the name.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u64,
    place: u32,
}

/// What a snapshot keeps; the rest is found again from it.
pub(crate) type Kept = (Chunks<Order>, Chunks<Name>, Vec<u8>);

impl Orders {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, ..Self::default() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) const fn list(&self) -> &Chunks<Order> {
        &self.list
    }

    pub(crate) const fn names(&self) -> &Chunks<Name> {
        &self.names
    }

    pub(crate) fn letters(&self) -> &[u8] {
        &self.letters
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
        self.links.push(Link { before: NONE, after: NONE, listed: false });
        self.relist(place);
        place
    }

    pub(crate) fn name(&self, place: u32) -> Option<&Name> {
        self.names.get(usize::try_from(place).ok()?)
    }

    fn text_of(&self, name: &Name) -> &[u8] {
        letters_of(&self.letters, name)
    }

    /// The ClOrdID as typed.
    pub(crate) fn cl_ord_id(&self, place: u32) -> Option<ClOrdId> {
        let text = self.text_of(self.name(place)?);
        core::str::from_utf8(text).ok().and_then(|text| ClOrdId::new(text).ok())
    }

    /// The name a person used before.
    pub(crate) fn used(&self, user: UserId, id: &ClOrdId) -> Option<&Name> {
        self.find_name(user, id.as_str().as_bytes())
    }

    fn find_name(&self, user: UserId, text: &[u8]) -> Option<&Name> {
        let hash = self.key.of_text(user.0.into(), text);
        let same = |slot: &Slot| {
            slot.hash == hash && self.name(slot.place).is_some_and(|n| n.user == user && self.text_of(n) == text)
        };
        self.by_name.find(hash, same).and_then(|slot| self.name(slot.place))
    }

    /// Records a name, to be found from now on; its place.
    pub(crate) fn record(&mut self, user: UserId, id: &ClOrdId, used: Used, digest: &Digest) -> u32 {
        let text = id.as_str().as_bytes();
        let place = u32::try_from(self.names.len()).unwrap_or(NONE);
        let start = u64::try_from(self.letters.len()).unwrap_or(u64::MAX);
        let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
        self.letters.extend_from_slice(text);
        self.names.push(Name { user, start, length, used, half: Half::of(digest) });
        self.index_name(place);
        place
    }

    fn index_name(&mut self, place: u32) {
        let Some(name) = self.name(place) else { return };
        let hash = self.key.of_text(name.user.0.into(), self.text_of(name));
        self.by_name.insert_unique(hash, Slot { hash, place }, |slot| slot.hash);
    }

    /// Puts an order into the list of open ones or takes it out, as its facts say.
    pub(crate) fn relist(&mut self, place: u32) {
        let open = self.at(place).is_some_and(Order::is_open);
        let Some(link) = self.link(place) else { return };
        if open == link.listed {
            return;
        }
        if open {
            let after = self.first_open.unwrap_or(NONE);
            self.set_link(place, Link { before: NONE, after, listed: true });
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
            self.set_link(place, Link { before: NONE, after: NONE, listed: false });
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
    pub(crate) fn from_kept(key: Key, (list, names, letters): Kept) -> Self {
        let ids: Vec<OrderId> = list.iter().map(|order| order.id).collect();
        let unlisted = Link { before: NONE, after: NONE, listed: false };
        let links = ids.iter().map(|_| unlisted).collect();
        let mut orders = Self { key, list, ids, names, letters, links, ..Self::default() };
        orders.by_name.reserve(orders.names.len(), |slot| slot.hash);
        let mut awaited: Vec<Awaited> = Vec::new();
        for place in 0..u32::try_from(orders.list.len()).unwrap_or(NONE) {
            orders.relist(place);
            awaited.extend(orders.at(place).into_iter().flat_map(|order| awaited_of(order, place)));
        }
        for place in 0..u32::try_from(orders.names.len()).unwrap_or(NONE) {
            orders.index_name(place);
        }
        awaited.sort_by_key(|a| (a.since, a.order, a.revision));
        orders.awaiting = awaited.into();
        orders
    }
}

/// Every request of an order without an answer.
fn awaited_of(order: &Order, place: u32) -> impl Iterator<Item = Awaited> {
    [
        Some(0),
        order.amend.is_pending().then_some(order.amend.revision),
        order.cancel.is_pending().then_some(order.cancel.revision),
    ]
    .into_iter()
    .flatten()
    .filter_map(move |revision| order.awaited(revision).map(|(since, _)| Awaited { since, order: place, revision }))
}

fn letters_of<'a>(letters: &'a [u8], name: &Name) -> &'a [u8] {
    usize::try_from(name.start)
        .ok()
        .and_then(|start| letters.get(start..start.saturating_add(name.length.into())))
        .unwrap_or_default()
}
