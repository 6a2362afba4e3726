//! Facts of set-up, checked against the state before they are recorded; it must end the sessions of what it takes away.

use turret_shared::account::Account;
use turret_shared::event::Event;
use turret_shared::event::setup::{ComposedRoleSet, EntitlementScope, LimitScope, LimitSet, PositionOpened, RoleSet};
use turret_shared::house::is_code;
use turret_shared::instrument::Instrument;
use turret_shared::limits::{
    ACCOUNTS_MAX, COMPOSED_ROLES_MAX, CREDENTIALS_MAX, DESKS_MAX, DEVICES_MAX, INSTRUMENTS_MAX, MULTIPLIER_MAX,
    PRICE_MAX, SETUP_TEXT_CHARS_MAX, USERS_MAX,
};
use turret_shared::money::Price;
use turret_shared::plain::ORDER_QTY_MAX;
use turret_shared::text;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, enrol, session};
use crate::{SetupFault, State};

pub(super) fn decide(draft: &mut Draft<'_>, event: &Event) {
    let first = draft.state.deployment().is_none();
    let checked = match event {
        Event::Genesis(e) if first && is_text(&e.origin) => Ok(()),
        Event::Genesis(_) => Err(SetupFault::Genesis),
        _ if first => Err(SetupFault::Genesis),
        Event::DeviceClaimed(e) => enrol::claimable(draft.state, e, draft.stamp.time),
        Event::BootstrapOpened(e) => enrol::bootstrap(draft.state, e),
        other => check(draft.state, other),
    };
    if let Err(fault) = checked {
        draft.decision.fault = Some(fault);
        return;
    }
    draft.emit(event.clone());
    match event {
        Event::DeviceRevoked(e) => {
            session::end_where(draft, SessionEnd::DeviceRevoked, |s| s.device == e.device);
        }
        Event::DeviceClaimed(e) => enrol::claimed(draft, e),
        Event::RoleSet(RoleSet { user, .. }) | Event::ComposedRoleSet(ComposedRoleSet { user, .. }) => {
            session::end_where(draft, SessionEnd::Killed, |s| s.user == *user);
        }
        Event::CredentialRevoked(e) => {
            session::end_where(draft, SessionEnd::Killed, |s| s.credential == e.credential);
        }
        _ => {}
    }
}

const fn that(so: bool, fault: SetupFault) -> Result<(), SetupFault> {
    if so { Ok(()) } else { Err(fault) }
}

fn check(state: &State, event: &Event) -> Result<(), SetupFault> {
    use SetupFault::{Invalid, Kind, Taken, Unknown};
    let user = |id| that(state.access().user(id).is_some(), Unknown);
    match event {
        Event::DeskOpened(e) => {
            that(e.desk.0 < DESKS_MAX && is_code(&e.code), Invalid)?;
            that(state.desk_code(e.desk).is_none(), Taken)
        }
        Event::InstrumentListed(e) => instrument(state, &e.instrument),
        Event::AccountOpened(e) => account(state, &e.account),
        Event::UserCreated(e) => {
            that(e.user.0 < USERS_MAX, Invalid)?;
            that(state.access().user(e.user).is_none(), Taken)?;
            that(e.desk.is_none_or(|desk| state.desk_code(desk).is_some()), Unknown)
        }
        Event::RoleSet(e) => user(e.user),
        Event::RoleComposed(e) => {
            that(e.role.check().is_ok() && state.access().composed_roles().len() < COMPOSED_ROLES_MAX, Invalid)
        }
        Event::RoleRetired(e) => that(state.access().composed_role(e.code).is_some(), Unknown),
        Event::ComposedRoleSet(e) => {
            user(e.user)?;
            let role = state.access().composed_role(e.code);
            that(role.is_some_and(|role| state.access().role(e.user) == Some(role.base)), Unknown)
        }
        Event::DeskSet(e) => {
            user(e.user)?;
            that(e.desk.is_none_or(|desk| state.desk_code(desk).is_some()), Unknown)
        }
        Event::EntitlementSet(e) => {
            user(e.user)?;
            that(
                match e.scope {
                    EntitlementScope::Desk(desk) => state.desk_code(desk).is_some(),
                    EntitlementScope::Account(account) => state.account_code(account).is_some(),
                },
                Unknown,
            )
        }
        Event::LimitSet(e) => limit(state, e),
        Event::PolicySet(e) => that(e.policy.takes(e.value), Invalid),
        Event::KeyModelSet(e) => {
            that(!e.allowed || state.access().key_models().len() < turret_shared::limits::KEY_MODELS_MAX, Invalid)
        }
        Event::RestrictedSet(e) => that(state.instrument(e.instrument).is_some(), Unknown),
        Event::CashMoved(e) => that(state.account_code(e.account).is_some(), Unknown),
        Event::PositionOpened(e) => position(state, e),
        Event::DeviceRegistered(_)
        | Event::DeviceRevoked(_)
        | Event::DeviceRenewed(_)
        | Event::DeviceTurned(_)
        | Event::CredentialActivated(_)
        | Event::CredentialRevoked(_)
        | Event::KeyRegistered(_) => credential(state, event),
        Event::KeyActivated(e) => that(is_code(&e.purpose) && e.public.len() <= 4_096, Invalid),
        _ => Err(Kind),
    }
}

fn credential(state: &State, event: &Event) -> Result<(), SetupFault> {
    use SetupFault::{Invalid, Kind, Taken, Unknown};
    let access = state.access();
    match event {
        Event::DeviceRegistered(e) => {
            that(e.device.0 < DEVICES_MAX, Invalid)?;
            that(access.device(e.device).is_none(), Taken)?;
            that(access.user(e.user).is_some(), Unknown)
        }
        Event::DeviceRevoked(e) => that(access.device(e.device).is_some(), Unknown),
        Event::DeviceRenewed(e) => {
            let known = access.device(e.device).filter(|known| known.is_live()).ok_or(Unknown)?;
            that(known.key != e.key && known.next != Some(e.key), Taken)?;
            that(e.generation == known.generation.saturating_add(1), Invalid)
        }
        Event::DeviceTurned(e) => {
            let known = access.device(e.device).filter(|known| !known.revoked).ok_or(Unknown)?;
            that(known.next == Some(e.key), Unknown)?;
            that(e.generation == known.generation.saturating_add(1), Invalid)
        }
        Event::CredentialActivated(e) => {
            that(e.credential.0 < CREDENTIALS_MAX, Invalid)?;
            // A new version of the same person's credential of the same kind is no other credential.
            let same = |c: &crate::access::CredentialAccess| c.user == e.user && c.kind == e.kind;
            that(access.credential(e.credential).is_none_or(same), Taken)?;
            that(access.user(e.user).is_some(), Unknown)
        }
        Event::CredentialRevoked(e) => that(access.credential(e.credential).is_some(), Unknown),
        Event::KeyRegistered(e) => {
            that(access.user(e.user).is_some(), Unknown)?;
            that(super::keys::unfit(state, e).is_none(), Taken)
        }
        _ => Err(Kind),
    }
}

/// A new listing, or a change that leaves alone what positions and orders were made of.
fn instrument(state: &State, new: &Instrument) -> Result<(), SetupFault> {
    let figures = new.tick.is_positive()
        && new.lot.is_positive()
        && (1..=MULTIPLIER_MAX).contains(&new.multiplier)
        && new.id.0 < INSTRUMENTS_MAX
        && (0..=PRICE_MAX.0).contains(&new.reference.0);
    let texts = is_code(&new.symbol) && [&new.name, &new.mic, &new.isin, &new.zone].into_iter().all(|t| is_text(t));
    that(figures && texts, SetupFault::Invalid)?;
    match state.instrument(new.id) {
        None => that(state.instrument_by_symbol(&new.symbol).is_none(), SetupFault::Taken),
        Some(old) => {
            let same = old.symbol == new.symbol && old.currency == new.currency && old.multiplier == new.multiplier;
            that(same, SetupFault::Taken)
        }
    }
}

fn account(state: &State, new: &Account) -> Result<(), SetupFault> {
    that(new.id.0 < ACCOUNTS_MAX && is_code(&new.code), SetupFault::Invalid)?;
    that(state.desk_code(new.desk).is_some(), SetupFault::Unknown)?;
    let free = state.account_code(new.id).is_none() && state.account_by_code(&new.code).is_none();
    that(free, SetupFault::Taken)
}

fn limit(state: &State, e: &LimitSet) -> Result<(), SetupFault> {
    let known = match e.scope {
        LimitScope::Role(_) => true,
        LimitScope::Account(account) => state.account_code(account).is_some(),
    };
    that(known, SetupFault::Unknown)?;
    that(super::entrust::is_limit(e.rule, e.value), SetupFault::Invalid)
}

fn position(state: &State, e: &PositionOpened) -> Result<(), SetupFault> {
    that(state.account_code(e.account).is_some() && state.instrument(e.instrument).is_some(), SetupFault::Unknown)?;
    let fits = e.qty.0.unsigned_abs() <= ORDER_QTY_MAX.0.unsigned_abs();
    that(fits && (Price::ZERO..=PRICE_MAX).contains(&e.avg_cost), SetupFault::Invalid)
}

fn is_text(value: &str) -> bool {
    text::is_clean(value, SETUP_TEXT_CHARS_MAX)
}
