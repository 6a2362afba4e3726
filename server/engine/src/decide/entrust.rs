//! What a person may do with one account, and the limits of an account, as whoever runs users sets them; it must know no name.
//!
//! Rights on an account go to nobody who runs users: going to or from that role takes them all away.

use turret_shared::account::Rights;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::event::setup::{EntitlementScope, EntitlementSet, LimitScope, LimitSet};
use turret_shared::ids::{AccountId, UserId};
use turret_shared::manage::Entrusted;
use turret_shared::role::Role;

use super::Draft;
use crate::State;

/// What is to be said of the account itself: given is what is wanted, taken is what the desk gives beyond it. Whoever may
/// trade keeps what the desk gives besides.
fn said(state: &State, user: UserId, account: AccountId, to: Entrusted) -> EntitlementSet {
    let allow = match to {
        Entrusted::AsDesk | Entrusted::Nothing => Rights::default(),
        Entrusted::View => Rights::VIEW,
        Entrusted::Trade => Rights::VIEW.with(Rights::TRADE),
    };
    let deny = match to {
        Entrusted::AsDesk | Entrusted::Trade => Rights::default(),
        Entrusted::Nothing | Entrusted::View => Rights(state.access().rights_by_desk(user, account).0 & !allow.0),
    };
    EntitlementSet { user, scope: EntitlementScope::Account(account), allow, deny }
}

/// Whose rights they are, where there is such a person and such an account.
pub(super) fn rights_target(state: &State, user: UserId, account: AccountId) -> Option<UserId> {
    state.access().user(user).filter(|_| state.account_code(account).is_some()).map(|_| user)
}

/// Whether the account itself would say anything else afterwards.
pub(super) fn rights_change(
    state: &State,
    user: UserId,
    account: AccountId,
    to: Entrusted,
) -> Result<bool, DenialCode> {
    if state.access().role(user) == Some(Role::Admin) {
        return Err(DenialCode::RunsUsers);
    }
    let set = said(state, user, account, to);
    let held = state.access().user(user).and_then(|known| {
        known.entitlements.iter().find(|(scope, ..)| *scope == set.scope).map(|(_, allow, deny)| (*allow, *deny))
    });
    Ok(held.unwrap_or_default() != (set.allow, set.deny))
}

pub(super) fn carry_out_rights(draft: &mut Draft<'_>, user: UserId, account: AccountId, to: Entrusted) {
    let set = said(draft.state, user, account, to);
    draft.emit(Event::EntitlementSet(set));
}

/// Rules that have a figure, one that is not below zero.
pub(super) const fn is_limit(rule: Rule, value: Option<i64>) -> bool {
    let figure = !matches!(rule, Rule::BuyingPower | Rule::LongSell | Rule::RestrictedList);
    figure && matches!(value, None | Some(0..))
}

/// Whether the account's own limit would be another.
pub(super) fn limit_changes(state: &State, account: AccountId, rule: Rule, value: Option<i64>) -> bool {
    state.books.account(account).is_some_and(|book| book.limits.of(rule) != value)
}

pub(super) fn carry_out_limit(draft: &mut Draft<'_>, account: AccountId, rule: Rule, value: Option<i64>) {
    draft.emit(Event::LimitSet(LimitSet { scope: LimitScope::Account(account), rule, value }));
}
