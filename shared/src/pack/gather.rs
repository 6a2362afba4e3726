//! Which entries of a log belong to the story of an order, the same for who makes a pack and who checks one; it must read
//! no log itself.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::entry::{Actor, Entry, ObjectKind};
use crate::event::Event;
use crate::ids::{AccountId, CorrelationId, CredentialId, InstrumentId, OrderId, PendingId, Sequence, UserId};

/// What one entry says of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// Every entry about the order.
    About(OrderId),
    /// The entry at this place.
    At(Sequence),
    /// What was recorded of the proof in the same decision.
    Decided(CorrelationId),
    /// The registration of a person's security key.
    Key(UserId, CredentialId),
    /// The listing as it was before this place.
    Listing(InstrumentId, Sequence),
    /// The account.
    Account(AccountId),
}

/// Where entries are found.
pub trait Find {
    /// Why they are not.
    type Error;

    /// The bytes of the entries referred to; more than those do no harm, for what does not fit is left out.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn find(&mut self, reference: Reference) -> Result<Vec<Vec<u8>>, Self::Error>;
}

/// Everything that belongs to the order's story, by place. Whoever tried what is not theirs with it does not.
///
/// # Errors
/// What finding fails with.
pub fn gather<F: Find>(order: OrderId, from: &mut F) -> Result<BTreeMap<Sequence, Vec<u8>>, F::Error> {
    let (mut found, mut followed) = (BTreeMap::new(), BTreeSet::new());
    let mut open = alloc::vec![Reference::About(order)];
    while let Some(reference) = open.pop() {
        if !followed.insert(reference) {
            continue;
        }
        for bytes in from.find(reference)? {
            let Ok(entry) = Entry::from_bytes(&bytes) else { continue };
            let Ok(event) = entry.event() else { continue };
            if !fits(reference, &entry, &event) || found.contains_key(&entry.head.sequence) {
                continue;
            }
            let own = matches!(reference, Reference::About(_));
            refer(&entry, &event, own, &mut open);
            found.insert(entry.head.sequence, bytes);
        }
    }
    Ok(found)
}

/// Whether an entry is what was meant.
pub(super) fn fits(reference: Reference, entry: &Entry, event: &Event) -> bool {
    match reference {
        Reference::About(order) => {
            let about = entry.object.filter(|object| object.kind == ObjectKind::Order);
            // Who looked at it, or tried to, is no part of what became of it.
            let looked = matches!(event, Event::AccessDenied(_) | Event::PackMade(_));
            about.is_some_and(|object| object.id == order.0) && !looked
        }
        Reference::At(place) => {
            let one = matches!(event, Event::SignedIn(_) | Event::ProofAsked(_));
            one && entry.head.sequence == place
        }
        // One decision may cancel many orders: those of others are not this one's story.
        Reference::Decided(correlation) => {
            let proof = matches!(event, Event::ProofGiven(_) | Event::IntentSigned(_) | Event::TotpSpent(_));
            proof && entry.head.origin.correlation == correlation
        }
        Reference::Key(user, credential) => {
            matches!(event, Event::KeyRegistered(key) if (key.user, key.credential) == (user, credential))
        }
        Reference::Listing(id, before) => {
            matches!(event, Event::InstrumentListed(e) if e.instrument.id == id) && entry.head.sequence < before
        }
        Reference::Account(id) => matches!(event, Event::AccountOpened(e) if e.account.id == id),
    }
}

/// What else an entry that belongs makes belong.
fn refer(entry: &Entry, event: &Event, own: bool, to: &mut Vec<Reference>) {
    let (sequence, origin) = (entry.head.sequence, &entry.head.origin);
    let at = |pending: PendingId| Reference::At(Sequence(pending.0));
    if own && matches!(origin.actor, Actor::User(_)) {
        to.extend(origin.session.map(|session| Reference::At(Sequence(session.0))));
        if origin.correlation != CorrelationId::from_bits(0) {
            to.push(Reference::Decided(origin.correlation));
        }
    }
    match event {
        Event::OrderNew(e) => {
            to.extend(e.proof.map(at));
            to.push(Reference::Listing(e.terms.instrument, sequence));
            to.push(Reference::Account(e.terms.account));
        }
        Event::OrderDenied(e) => {
            if let Some(terms) = &e.terms {
                to.push(Reference::Listing(terms.instrument, sequence));
                to.push(Reference::Account(terms.account));
            }
        }
        Event::Amend(e) => to.extend(e.proof.map(at)),
        Event::ApprovalJudged(e) => to.push(at(e.proof)),
        Event::ProofGiven(e) => to.push(at(e.pending)),
        Event::IntentSigned(e) => {
            to.extend(e.pending.map(at));
            to.push(Reference::Key(e.user, e.credential));
        }
        _ => {}
    }
}
