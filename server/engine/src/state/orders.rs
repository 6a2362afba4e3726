//! Every order and every ClOrdID, found by either; it must forget none and keep no order of its hash tables.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use hashbrown::HashTable;
use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::ids::{ClOrdId, OrderId, UserId};
use turret_shared::time::Timestamp;

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
    list: Vec<Order>,
    names: Vec<Name>,
    letters: Vec<u8>,
    by_id: HashTable<u32>,
    by_name: HashTable<u32>,
    links: Vec<Link>,
    first_open: Option<u32>,
    awaiting: VecDeque<Awaited>,
}

/// What a snapshot keeps; the rest is found again from it.
pub(crate) type Kept = (Vec<Order>, Vec<Name>, Vec<u8>);

impl Orders {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn list(&self) -> &[Order] {
        &self.list
    }

    pub(crate) fn names(&self) -> &[Name] {
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
        let same = |place: &u32| self.at(*place).is_some_and(|order| order.id == id);
        self.by_id.find(self.key.of(id.0), same).copied()
    }

    pub(crate) fn find(&self, id: OrderId) -> Option<(u32, &Order)> {
        let place = self.place(id)?;
        self.at(place).map(|order| (place, order))
    }

    /// Appends an order; its place.
    pub(crate) fn push(&mut self, order: Order) -> u32 {
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        let hash = self.key.of(order.id.0);
        self.list.push(order);
        self.links.push(Link { before: NONE, after: NONE, listed: false });
        let Self { list, by_id, key, .. } = self;
        by_id.insert_unique(hash, place, |p| key.of(id_at(list, *p)));
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
        let same = |place: &u32| self.name(*place).is_some_and(|n| n.user == user && self.text_of(n) == text);
        self.by_name.find(self.key.of_text(user.0.into(), text), same).and_then(|place| self.name(*place))
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
        let Self { names, letters, by_name, key, .. } = self;
        let hash_of = |p: &u32| {
            usize::try_from(*p)
                .ok()
                .and_then(|at| names.get(at))
                .map_or(0, |name| key.of_text(name.user.0.into(), letters_of(letters, name)))
        };
        by_name.insert_unique(hash_of(&place), place, hash_of);
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
        let mut orders = Self { key, list, names, letters, ..Self::default() };
        orders.by_id.reserve(orders.list.len(), |_| 0);
        orders.by_name.reserve(orders.names.len(), |_| 0);
        orders.links.resize(orders.list.len(), Link { before: NONE, after: NONE, listed: false });
        let mut awaited: Vec<Awaited> = Vec::new();
        for place in 0..u32::try_from(orders.list.len()).unwrap_or(NONE) {
            let Self { list, by_id, key, .. } = &mut orders;
            by_id.insert_unique(key.of(id_at(list, place)), place, |p| key.of(id_at(list, *p)));
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

fn id_at(list: &[Order], place: u32) -> u64 {
    usize::try_from(place).ok().and_then(|at| list.get(at)).map_or(0, |order| order.id.0)
}

fn letters_of<'a>(letters: &'a [u8], name: &Name) -> &'a [u8] {
    usize::try_from(name.start)
        .ok()
        .and_then(|start| letters.get(start..start.saturating_add(name.length.into())))
        .unwrap_or_default()
}
