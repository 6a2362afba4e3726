//! What a person may do with one account, and the limits of an account, as whoever runs users sets them; it must know no name.
//!
//! Rights on an account go to nobody who runs users: going to or from that role takes them all away.

use turret_shared::account::Rights;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::event::grant::GrantTimed;
use turret_shared::event::setup::{EntitlementScope, EntitlementSet, LimitScope, LimitSet};
use turret_shared::ids::{AccountId, UserId};
use turret_shared::manage::Entrusted;
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::Draft;
use crate::State;

/// Longest that is said for a time, in nanoseconds: 92 days.
const GRANT_NS_MAX: i64 = 92 * 86_400 * NS_PER_S;

/// What is to be said of the account itself: given is what is wanted, taken is what the desk gives beyond it. Whoever may
/// trade keeps what the desk gives besides.
fn said(state: &State, user: UserId, account: AccountId, to: Entrusted) -> EntitlementSet {
    let allow = match to {
        Entrusted::AsDesk | Entrusted::Nothing => Rights::default(),
        Entrusted::View => Rights::VIEW,
        Entrusted::Trade => Rights::VIEW.with(Rights::TRADE),
        Entrusted::Approve => Rights::VIEW.with(Rights::APPROVE),
    };
    let deny = match to {
        Entrusted::AsDesk | Entrusted::Trade | Entrusted::Approve => Rights::default(),
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
    (to, until): (Entrusted, Option<Timestamp>),
    now: Timestamp,
) -> Result<bool, DenialCode> {
    if state.access().role(user) == Some(Role::Admin) {
        return Err(DenialCode::RunsUsers);
    }
    let known = state.access().timed.get(&(user, account)).map(|timed| timed.until);
    let set = said(state, user, account, to);
    match until {
        Some(until) if to == Entrusted::AsDesk || until <= now || until > now.after_ns(GRANT_NS_MAX) => {
            Err(DenialCode::Invalid)
        }
        _ => Ok(held(state, user, account) != (set.allow, set.deny) || known != until),
    }
}

/// What is said of the account itself now, where it is one of the things that can be said.
pub(crate) fn said_now(state: &State, user: UserId, account: AccountId) -> Option<Entrusted> {
    let now = held(state, user, account);
    let says = |to: &Entrusted| {
        let set = said(state, user, account, *to);
        (set.allow, set.deny) == now
    };
    Entrusted::ALL.into_iter().filter(|to| *to != Entrusted::AsDesk).find(says)
}

/// What is said of the account itself now.
fn held(state: &State, user: UserId, account: AccountId) -> (Rights, Rights) {
    let scope = EntitlementScope::Account(account);
    let known = state.access().user(user);
    let said = known.and_then(|known| known.entitlements.iter().find(|(of, ..)| *of == scope));
    said.map(|(_, allow, deny)| (*allow, *deny)).unwrap_or_default()
}

/// Said; for a time, what was said before comes back by itself. What was there already ends with it.
pub(super) fn carry_out_rights(
    draft: &mut Draft<'_>,
    user: UserId,
    account: AccountId,
    to: Entrusted,
    until: Option<Timestamp>,
) {
    let set = said(draft.state, user, account, to);
    let timed = draft.state.access().timed.get(&(user, account)).map(|timed| (timed.allow, timed.deny));
    let now = held(draft.state, user, account);
    let before = if now == (set.allow, set.deny) { (Rights::default(), Rights::default()) } else { now };
    let (allow, deny) = timed.unwrap_or(before);
    draft.emit(Event::EntitlementSet(set));
    if let Some(until) = until {
        draft.emit(Event::GrantTimed(GrantTimed { user, account, until, allow, deny }));
    }
}

/// What was said for a time is over.
pub(super) fn over(draft: &mut Draft<'_>) {
    let now = draft.stamp.time;
    for ((user, account), timed) in draft.state.access().timed.iter().filter(|(_, timed)| timed.until <= now) {
        let (scope, allow, deny) = (EntitlementScope::Account(*account), timed.allow, timed.deny);
        draft.emit(Event::EntitlementSet(EntitlementSet { user: *user, scope, allow, deny }));
    }
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
