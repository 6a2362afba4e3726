//! Folds set-up: desks, listings, accounts, limits, cash and positions brought in; access rights fold in `access`.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::setup::{Genesis, LimitScope, LimitSet, PositionOpened};
use turret_shared::limits::DESKS_MAX;
use turret_shared::money::Qty;

use crate::State;
use crate::exact::Exact;
use crate::state::Deployment;
use crate::state::books::{AccountBook, Books};
use crate::state::fills::Fills;
use crate::state::hashing::Key;
use crate::state::limits::Figures;
use crate::state::names::Names;
use crate::state::orders::Orders;

pub(super) fn fold(state: &mut State, head: &Head, event: &Event) {
    match event {
        Event::Genesis(e) => genesis(state, e),
        Event::DeskOpened(e) => {
            if let Some(slot) = crate::access::slot_mut(&mut state.books.desks, e.desk.0.into(), DESKS_MAX.into()) {
                *slot = Some(e.code.clone());
            }
        }
        Event::UserCreated(e) => state.seen.person_made(e.user, head),
        Event::RoleSet(e) => state.seen.role_set(e.user, head),
        Event::DeskSet(e) => state.seen.desk_set(e.user, head),
        Event::DeviceRegistered(e) => state.seen.device_made(e.device, head),
        Event::CredentialActivated(e) => state.seen.factor_set(e.credential, head),
        Event::KeyRegistered(e) => {
            state.seen.factor_set(e.credential, head);
            state.sessions.counters.insert(e.credential, e.counter);
        }
        Event::Labelled(e) => state.seen.labelled(e),
        Event::InstrumentListed(e) => state.books.put_listing(e.instrument.clone()),
        Event::AccountOpened(e) => state.books.put_account(AccountBook {
            info: e.account.clone(),
            cash: Exact::ZERO,
            required: Exact::ZERO,
            limits: Figures::default(),
        }),
        Event::LimitSet(e) => limit_set(state, head, e),
        Event::PolicySet(e) => state.limits.set_policy(e.policy, e.role, e.value),
        Event::RestrictedSet(e) => {
            if let Some(listing) = state.books.listing_mut(e.instrument) {
                listing.restricted = e.restricted;
            }
        }
        Event::CashMoved(e) => {
            if let Some(book) = state.books.account_mut(e.account) {
                book.cash = book.cash.plus(Exact(e.amount.0.into()));
            }
        }
        Event::PositionOpened(e) => position_opened(state, head, e),
        _ => {}
    }
}

fn limit_set(state: &mut State, head: &Head, e: &LimitSet) {
    match e.scope {
        LimitScope::Role(role) => state.limits.set(role, e.rule, e.value),
        LimitScope::Account(account) => {
            if let Some(book) = state.books.account_mut(account) {
                book.limits.set(e.rule, e.value);
            }
        }
    }
    state.seen.limit_set(e.scope, e.rule, head);
}

fn genesis(state: &mut State, genesis: &Genesis) {
    state.deployment = Some(Deployment {
        origin: genesis.origin.clone(),
        environment: genesis.environment,
        seed: genesis.seed,
        demo: genesis.demo,
    });
    let key = key_of(&genesis.seed);
    state.books = Books::new(key);
    state.orders = Orders::new(Names::new(key));
    state.fills = Fills::new(key);
}

/// The hash tables' key: the first eight bytes of the seed.
pub(crate) fn key_of(seed: &turret_shared::digest::Digest) -> Key {
    Key(seed.0.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes)))
}

/// What is brought in stands before every execution: those that are there are folded again on top of it.
fn position_opened(state: &mut State, head: &Head, e: &PositionOpened) {
    let place = state.books.position_made(e.account, e.instrument);
    let Some(position) = state.books.position_mut(place) else { return };
    let size = Qty(e.qty.0.saturating_abs());
    position.base.book(e.qty.0, Exact::product(e.avg_cost, size, position.multiplier), head.time);
    // Brought in, neither bought nor sold.
    (position.base.day, position.base.bought, position.base.sold) = (0, 0, 0);
    super::executions::refold(state, place);
}
