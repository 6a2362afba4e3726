//! One person in full for those who run users, as far as the state knows them; it must change nothing and show no cash.

use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::account::Rights;
use turret_shared::denial::DenialCode;
use turret_shared::event::setup::{CredentialKind, EntitlementScope};
use turret_shared::ids::{AccountId, UserId};
use turret_shared::limits::{PERSON_ACCOUNTS_MAX, PERSON_COVER_MAX, PERSON_DEVICES_MAX};
use turret_shared::money::Currency;
use turret_shared::people::{DeviceState, DeviceView};
use turret_shared::person::{AccountCode, EntrustedView, FactorView, FailedSignIn, GrantView, PersonFacts};
use turret_shared::role::Permission;
use turret_shared::view::LimitView;

use super::limits::{of_account, of_role};
use super::people::{all_devices, all_sessions};
use super::questions::permitted;
use crate::State;
use crate::access::{self, Access, Object, UserAccess};
use crate::state::books::AccountBook;

/// All but what only the log and the vault know.
///
/// # Errors
/// `NotPermitted`, `UnknownTarget`.
pub fn person(state: &State, asker: UserId, user: UserId) -> Result<PersonFacts, DenialCode> {
    permitted(state, asker, Permission::UserRead)?;
    let access = state.access();
    let known = access.user(user).ok_or(DenialCode::UnknownTarget)?;
    let (sight, standing) = (state.seen.person(user), state.seen.standing(user));
    let seen: Vec<AccountId> = access.accounts().filter(|account| access.rights(user, *account).0 != 0).collect();
    let accounts: Vec<EntrustedView> =
        seen.iter().take(PERSON_ACCOUNTS_MAX).filter_map(|account| entrusted(state, user, known, *account)).collect();
    Ok(PersonFacts {
        user,
        made: sight.map(|sight| sight.made),
        role_since: standing.role.map(|set| set.at),
        desk_since: standing.desk.map(|set| set.at),
        last_in: sight.and_then(|sight| sight.last_in.map(|at| (at, sight.last_on))),
        failed: sight.and_then(|sight| sight.failed).map(|failed| FailedSignIn {
            at: failed.at,
            device: failed.device,
            fault: failed.fault,
        }),
        factors: factors(state, user),
        grants: known
            .entitlements
            .iter()
            .map(|(scope, allow, deny)| grant(state, user, *scope, *allow, *deny))
            .collect(),
        accounts_more: u32::try_from(seen.len().saturating_sub(accounts.len())).unwrap_or(u32::MAX),
        accounts,
        devices: devices(state, user),
        sessions: all_sessions(state).filter(|row| row.user == user).collect(),
        limits: limits(state, user, known, &seen),
        cover: cover(state, user),
        history: Vec::new(),
    })
}

/// Accounts by their codes, which are the house's and no client's: every one for those who run users, for others who read
/// the log those they see.
///
/// # Errors
/// `NotPermitted`.
pub fn account_codes(state: &State, asker: UserId) -> Result<Vec<AccountCode>, DenialCode> {
    permitted(state, asker, Permission::AuditRead)?;
    let all = state.access().holds(asker, Permission::UserRead);
    let sees = |book: &&AccountBook| all || state.access().rights(asker, book.info.id).has(Rights::VIEW);
    let row = |book: &AccountBook| AccountCode {
        account: book.info.id,
        code: book.info.code.clone(),
        desk_code: state.desk_code(book.info.desk).unwrap_or_default().into(),
        currency: book.info.currency,
    };
    Ok(state.books.accounts.iter().flatten().filter(sees).map(row).collect())
}

fn entrusted(state: &State, user: UserId, known: &UserAccess, account: AccountId) -> Option<EntrustedView> {
    let book = state.books.account(account)?;
    Some(EntrustedView {
        account,
        code: book.info.code.clone(),
        desk_code: state.desk_code(book.info.desk).unwrap_or_default().into(),
        rights: state.access().rights(user, account),
        by_account: known.entitlements.iter().any(|(scope, ..)| *scope == EntitlementScope::Account(account)),
    })
}

fn grant(state: &State, user: UserId, scope: EntitlementScope, allow: Rights, deny: Rights) -> GrantView {
    let (desk, account, code) = match scope {
        EntitlementScope::Desk(desk) => (Some(desk), None, state.desk_code(desk)),
        EntitlementScope::Account(account) => (None, Some(account), state.account_code(account)),
    };
    let until = account.and_then(|account| state.access().timed.get(&(user, account))).map(|timed| timed.until);
    GrantView { desk, account, code: code.map_or_else(String::new, Into::into), allow, deny, until }
}

fn factors(state: &State, user: UserId) -> Vec<FactorView> {
    let of = |kind| state.access().credential_of(user, kind);
    let kinds = [CredentialKind::Password, CredentialKind::Totp];
    let found = kinds.into_iter().filter_map(|kind| of(kind).map(|(id, credential)| (kind, id, credential.expired)));
    let keys = state.access().keys_of(user).map(|(id, _)| (CredentialKind::SecurityKey, id, false));
    found.chain(keys).map(|(kind, id, expired)| FactorView { kind, since: state.seen.factor(id), expired }).collect()
}

fn devices(state: &State, user: UserId) -> Vec<DeviceView> {
    let mut rows: Vec<DeviceView> = all_devices(state).into_iter().filter(|row| row.user == user).collect();
    rows.sort_by_key(|row| row.state == DeviceState::Revoked);
    rows.truncate(PERSON_DEVICES_MAX);
    rows
}

/// Of their role in the currencies of their accounts, then of those accounts.
fn limits(state: &State, user: UserId, known: &UserAccess, seen: &[AccountId]) -> Vec<LimitView> {
    let Some(role) = known.role else { return Vec::new() };
    let books = || seen.iter().take(PERSON_ACCOUNTS_MAX).filter_map(|account| state.books.account(*account));
    let mut currencies: Vec<Currency> = books().map(|book| book.info.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.is_empty() {
        currencies.extend(state.books.accounts.iter().flatten().map(|book| book.info.currency).next());
    }
    let mut rows: Vec<LimitView> = Vec::new();
    for currency in currencies {
        for row in of_role(state, user, role, currency) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows.extend(books().flat_map(|book| of_account(state, user, book)));
    rows
}

/// Who else may cancel all that is open of theirs.
fn cover(state: &State, user: UserId) -> Vec<UserId> {
    let open = state.open_orders();
    let theirs = open.into_iter().filter_map(|place| state.orders.at(place)).filter(|order| order.owner == user);
    let mut accounts: Vec<AccountId> = theirs.map(|order| order.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.is_empty() {
        return Vec::new();
    }
    let access = state.access();
    let may = |other: UserId, account: &AccountId| {
        access::may(access, other, Permission::OrderCancel, Object::Account(*account)) == Access::Allowed
    };
    let others = access.users().map(|(other, _)| other).filter(|other| *other != user);
    others.filter(|other| accounts.iter().all(|account| may(*other, account))).take(PERSON_COVER_MAX).collect()
}
