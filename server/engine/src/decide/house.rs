//! Desks, accounts, cash, the restricted list, models of keys and roles, as whoever runs the house sets them; it must know no name of a
//! client.
//!
//! What opens a way for orders or money takes two; a desk without people and a listing put out of reach take one.

use alloc::vec::Vec;

use turret_shared::account::Account;
use turret_shared::cbor;
use turret_shared::composed::ComposedRole;
use turret_shared::denial::DenialCode;
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::keys::KeyModelSet;
use turret_shared::event::setup::{AccountOpened, CashMoved, DeskOpened, RestrictedSet, RoleRetired};
use turret_shared::house::House;
use turret_shared::ids::{AccountId, DeskId, UserId};
use turret_shared::limits::{ACCOUNTS_MAX, DESKS_MAX, KEY_MODELS_MAX};
use turret_shared::money::Money;

use super::{Draft, roles};
use crate::State;
use crate::exact::Exact;

/// What an act is on.
pub(super) const fn kind(act: House) -> ObjectKind {
    match act {
        House::OpenDesk { .. } => ObjectKind::Desk,
        House::OpenAccount { .. } | House::MoveCash { .. } => ObjectKind::Account,
        House::Restrict { .. } => ObjectKind::Instrument,
        House::KeyModel { .. } => ObjectKind::Credential,
        // Of people, by what they may do.
        House::ComposeRole { .. } | House::RetireRole { .. } => ObjectKind::User,
    }
}

/// True for an act that opens a way for orders or money.
pub(crate) const fn takes_two(act: House) -> bool {
    match act {
        House::OpenDesk { .. } | House::Restrict { restricted: true, .. } => false,
        // Naming none any more lets every model in again: either way it is policy.
        House::OpenAccount { .. }
        | House::MoveCash { .. }
        | House::Restrict { restricted: false, .. }
        | House::KeyModel { .. }
        | House::ComposeRole { .. }
        | House::RetireRole { .. } => true,
    }
}

/// Whether what it is on is there.
pub(super) fn target(state: &State, by: UserId, act: House) -> Result<(), DenialCode> {
    if let House::ComposeRole { code, .. } = act
        && state.access().user(by).is_some_and(|known| known.composed == Some(code))
    {
        return Err(DenialCode::NotYourself);
    }
    let there = match act {
        House::OpenDesk { .. } | House::KeyModel { .. } | House::ComposeRole { .. } => true,
        House::RetireRole { code } => state.access().composed_role(code).is_some(),
        House::OpenAccount { desk, .. } => state.desk_code(desk).is_some(),
        House::MoveCash { account, .. } => state.account_code(account).is_some(),
        House::Restrict { instrument, .. } => state.instrument(instrument).is_some(),
    };
    if there { Ok(()) } else { Err(DenialCode::UnknownTarget) }
}

/// Whether it can be done and anything would be otherwise afterwards.
pub(super) fn changes(state: &State, act: House) -> Result<(), DenialCode> {
    match act {
        House::OpenDesk { code } => {
            if state.books.desks.iter().flatten().any(|known| known == code.as_str()) {
                return Err(DenialCode::CodeTaken);
            }
            next_desk(state).map(|_| ()).ok_or(DenialCode::HouseFull)
        }
        House::OpenAccount { code, .. } => {
            if state.account_by_code(code.as_str()).is_some() {
                return Err(DenialCode::CodeTaken);
            }
            next_account(state).map(|_| ()).ok_or(DenialCode::HouseFull)
        }
        House::MoveCash { amount: Money(0), .. } => Err(DenialCode::NothingToDo),
        House::MoveCash { account, amount } => covered(state, account, amount),
        House::Restrict { instrument, restricted } => {
            let now = state.books.listing(instrument).is_some_and(|listing| listing.restricted);
            if now == restricted { Err(DenialCode::NothingToDo) } else { Ok(()) }
        }
        House::KeyModel { model, allowed } => {
            let named = state.access().key_models();
            if named.contains(&model) == allowed {
                return Err(DenialCode::NothingToDo);
            }
            if allowed && named.len() >= KEY_MODELS_MAX { Err(DenialCode::HouseFull) } else { Ok(()) }
        }
        House::ComposeRole { code, base, permissions } => {
            roles::composes(state, ComposedRole { code, base, permissions })
        }
        House::RetireRole { code } => {
            let held = state.access().holders_of(code).next().is_some();
            if held { Err(DenialCode::RoleHeld) } else { Ok(()) }
        }
    }
}

/// No more goes out than is free, and no more comes in than can be kept.
fn covered(state: &State, account: AccountId, amount: Money) -> Result<(), DenialCode> {
    let Some(book) = state.books.account(account) else { return Err(DenialCode::UnknownTarget) };
    let moved = Exact(amount.0.into());
    let after = book.cash.plus(moved);
    if i64::try_from(after.0).is_err() {
        return Err(DenialCode::Overflow);
    }
    let short = amount.0 < 0 && book.buying_power().plus(Exact::from_money(amount)).0 < 0;
    if short { Err(DenialCode::NotCovered) } else { Ok(()) }
}

pub(super) fn carry_out(draft: &mut Draft<'_>, act: House) {
    let state = draft.state;
    match act {
        House::OpenDesk { code } => {
            if let Some(desk) = next_desk(state) {
                draft.emit(Event::DeskOpened(DeskOpened { desk, code: code.as_str().into() }));
            }
        }
        House::OpenAccount { desk, code, currency, capacity } => {
            if let Some(id) = next_account(state) {
                let account = Account { id, code: code.as_str().into(), desk, currency, capacity };
                draft.emit(Event::AccountOpened(AccountOpened { account }));
            }
        }
        House::MoveCash { account, amount } => draft.emit(Event::CashMoved(CashMoved { account, amount })),
        House::Restrict { instrument, restricted } => {
            draft.emit(Event::RestrictedSet(RestrictedSet { instrument, restricted }));
        }
        House::KeyModel { model, allowed } => draft.emit(Event::KeyModelSet(KeyModelSet { model, allowed })),
        House::ComposeRole { code, base, permissions } => {
            roles::compose(draft, ComposedRole { code, base, permissions });
        }
        House::RetireRole { code } => draft.emit(Event::RoleRetired(RoleRetired { code })),
    }
}

/// What an act is about, as it is now: when it changes, what waits for a second person is void. Of cash only that the account
/// is there: it moves with every execution, and whether it suffices is judged again when it is done.
pub(crate) fn facts(state: &State, act: House, out: &mut Vec<u8>) {
    match act {
        House::OpenDesk { code } => cbor::put(&code, out),
        House::OpenAccount { desk, code, .. } => {
            cbor::put(&(state.desk_code(desk), state.account_by_code(code.as_str())), out);
        }
        House::MoveCash { account, .. } => cbor::put(&state.account_code(account), out),
        House::Restrict { instrument, .. } => {
            cbor::put(&state.books.listing(instrument).map(|listing| listing.restricted), out);
        }
        // Who has it counts for what changes, not for whether it may.
        House::ComposeRole { code, .. } | House::RetireRole { code } => {
            cbor::put(&state.access().composed_role(code), out);
        }
        // Each is a word on the whole of them: the first one named shuts the others out.
        House::KeyModel { .. } => state.access().key_models().iter().for_each(|model| cbor::put(model, out)),
    }
}

/// The first number that no desk ever had.
fn next_desk(state: &State) -> Option<DeskId> {
    let used = state.books.desks.iter().rposition(Option::is_some).map_or(1, |last| last.saturating_add(1));
    u16::try_from(used.max(1)).ok().filter(|id| *id < DESKS_MAX).map(DeskId)
}

/// The first number that no account ever had.
fn next_account(state: &State) -> Option<AccountId> {
    let used = state.books.accounts.iter().rposition(Option::is_some).map_or(1, |last| last.saturating_add(1));
    u32::try_from(used.max(1)).ok().filter(|id| *id < ACCOUNTS_MAX).map(AccountId)
}
