//! What waits for a second person, in plain words as it is and as it would be; it must show nobody a request they may not see.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use turret_shared::approval::{ApprovalView, Standing};
use turret_shared::composed::ComposedRole;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::house::House;
use turret_shared::ids::{AccountId, ApprovalId, DeskId, DeviceId, UserId};
use turret_shared::manage::Act;
use turret_shared::money::Money;
use turret_shared::people::LockCause;
use turret_shared::policy;
use turret_shared::role::{Permission, Role};

use super::limits::figure;
use super::questions::permitted;
use crate::State;
use crate::access::{self, Access, Object};
use crate::approvals::Approval;
use crate::decide::approval::may_judge;
use crate::decide::held::may_judge as may_judge_order;
use crate::held::Held;

/// Requests, the newest first. Names and logins are for whoever has them to fill in.
///
/// # Errors
/// `NotPermitted`.
pub fn approvals(state: &State, user: UserId) -> Result<Vec<ApprovalView>, DenialCode> {
    permitted(state, user, Permission::Approve)?;
    let acts = state.access().approvals().all().map(|(id, known)| row(state, user, id, known));
    let orders = state.held.all().filter_map(|(id, held)| order_row(state, user, id, held));
    let mut rows: Vec<_> = acts.chain(orders).collect();
    rows.sort_by_key(|row| core::cmp::Reverse(row.approval));
    Ok(rows)
}

/// An order that waits, for whoever may see its account's.
fn order_row(state: &State, user: UserId, approval: ApprovalId, held: &Held) -> Option<ApprovalView> {
    let access = state.access();
    let may = access::may(access, user, Permission::Approve, Object::Account(held.account));
    let (_, order) = state.orders.find(held.order).filter(|_| may == Access::Allowed)?;
    let symbol = &state.books.listing(order.instrument)?.info.symbol;
    let price = order.price().map_or_else(|| order.ord_type.to_string(), |price| format!("at {price}"));
    let stop = order.stop_px().map(|stop| format!(" stop {stop}")).unwrap_or_default();
    let after = format!("{} {} {symbol} {price}{stop} {}", order.side.word(), order.qty, order.tif);
    Some(ApprovalView {
        approval,
        manage: None,
        command: held.command,
        by: held.by,
        by_login: String::new(),
        asked: held.asked,
        expires: held.expires,
        standing: held.standing,
        whom: None,
        login: String::new(),
        name: String::new(),
        what: format!("order in {}", account_word(state, held.account)),
        before: String::new(),
        after,
        judged_by: held.judged.map(|(by, _)| by),
        judge_login: String::new(),
        ground: held.judged.map(|(_, ground)| ground),
        since: held.since,
        judge: held.standing == Standing::Waiting && may_judge_order(state, user, held).is_ok(),
        order: Some(held.order),
        first: held.first,
    })
}

fn row(state: &State, user: UserId, approval: ApprovalId, known: &Approval) -> ApprovalView {
    let now = state.now();
    let standing = known.standing(now);
    let (what, before, after) = words(state, known.manage.act);
    // What is over says what was wanted; what is so now is another matter.
    let before = if standing.is_open() { before } else { String::new() };
    ApprovalView {
        approval,
        manage: Some(known.manage),
        command: known.command,
        by: known.by,
        by_login: String::new(),
        asked: known.asked,
        expires: known.expires,
        standing,
        whom: whom(state, known.manage.act),
        login: String::new(),
        name: String::new(),
        what,
        before,
        after,
        judged_by: known.judged.map(|(by, _)| by),
        judge_login: String::new(),
        ground: known.judged.map(|(_, ground)| ground),
        since: known.since,
        judge: standing == Standing::Waiting && may_judge(state, user, known, now).is_ok(),
        order: None,
        first: known.first,
    }
}

/// The person an act concerns, where it is one.
pub(super) fn whom(state: &State, act: Act) -> Option<UserId> {
    match act {
        Act::LockUser { user, .. }
        | Act::SetRole { user, .. }
        | Act::SetComposedRole { user, .. }
        | Act::CreateUser { user, .. }
        | Act::SetDesk { user, .. }
        | Act::NewCode { user }
        | Act::Recover { user }
        | Act::SetRights { user, .. }
        | Act::RequirePassword { user } => Some(user),
        Act::UnlockDevice { device }
        | Act::RevokeDevice { device }
        | Act::ConfirmDevice { device }
        | Act::RefuseDevice { device } => state.access().device(device).map(|known| known.user),
        Act::EndSession { session } => state.session(session).map(|live| live.user),
        Act::SetLimit { .. }
        | Act::SetPolicy { .. }
        | Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::Bulk { .. }
        | Act::House(_) => None,
    }
}

/// What it changes, as it is, as it would be.
pub(super) fn words(state: &State, act: Act) -> (String, String, String) {
    let access = state.access();
    let known = |user| access.user(user);
    match act {
        Act::SetRole { user, role } => ("role".into(), role_held(state, user), role_word(role)),
        Act::SetComposedRole { user, code } => {
            let role = access.composed_role(code);
            let after = role.map_or_else(|| code.to_string(), |role| format!("{code}, {}", role.told()));
            ("role".into(), role_held(state, user), after)
        }
        Act::SetDesk { user, desk } => {
            let before = known(user).and_then(|known| known.desk);
            ("desk".into(), desk_word(state, before), desk_word(state, desk))
        }
        Act::CreateUser { role, desk, .. } => {
            let after = format!("{role}, {}", desk_word(state, desk));
            ("a new person".into(), "nobody".into(), after)
        }
        Act::NewCode { user } => {
            let devices = access.devices().filter(|(_, device)| device.user == user && !device.revoked).count();
            let before = if devices == 1 { "1 device".into() } else { format!("{devices} devices") };
            ("enrolment code".into(), before, "one more device, by the code".into())
        }
        Act::Recover { .. } => {
            ("all factors".into(), "password, authenticator, keys".into(), "none, and a code to choose new ones".into())
        }
        Act::RequirePassword { .. } => {
            ("password".into(), "the one they have".into(), "a new one at the next sign-in".into())
        }
        Act::SetRights { user, account, to, until } => {
            let ends = until.map_or_else(String::new, |until| format!(" until {}", until.rfc3339()));
            let what = format!("rights on {}{ends}", account_word(state, account));
            let held = access.rights(user, account).to_string();
            (what, held, to.words().into())
        }
        Act::House(act) => house_words(state, act),
        Act::Bulk { table, rows, .. } => {
            let rows = if rows == 1 { "1 row".into() } else { format!("{rows} rows") };
            (format!("table of {}", table.as_str()), String::new(), rows)
        }
        Act::SetPolicy { policy: of, role, value } => {
            let word = |value| policy::shown(of, value).unwrap_or_else(|| "never".into());
            let before = word(state.limits.policy(of, role));
            (format!("policy {} for {role}", of.as_str()), before, word(value))
        }
        Act::SetLimit { account, rule, value } => {
            let book = state.books.account(account);
            let word = |value: Option<i64>| {
                let shown = value.zip(book).map(|(value, book)| figure(rule, value, book.info.currency));
                shown.map_or_else(|| "none".into(), |shown| format!("{shown}{}", unit(rule)))
            };
            let before = word(book.and_then(|book| book.limits.of(rule)));
            (format!("limit {rule} of {}", account_word(state, account)), before, word(value))
        }
        Act::LockUser { user, locked } => {
            let out = access.devices().filter(|(_, device)| device.user == user && device.locked.is_some()).count();
            let after = if locked { "locked" } else { "let in again, but for those that showed a stolen token" };
            ("lock".into(), format!("{out} of their devices locked"), after.into())
        }
        Act::UnlockDevice { device } => {
            (format!("lock of device {device}"), lock_word(state, device).into(), "let in again".into())
        }
        Act::SetBan { minutes, .. } => ("a ban".into(), "let in".into(), format!("out for {minutes} minutes")),
        Act::LiftBan { ban } => (format!("ban {ban}"), "out".into(), "let in".into()),
        Act::EndSession { session } => (format!("session {session}"), "live".into(), "ended".into()),
        Act::RevokeDevice { device } => (format!("device {device}"), "let in".into(), "out for good".into()),
        Act::ConfirmDevice { device } => (format!("device {device}"), "waiting".into(), "let in".into()),
        Act::RefuseDevice { device } => (format!("device {device}"), "waiting".into(), "turned away".into()),
    }
}

/// What a bare count of a rule counts.
/// An act on desks, accounts and listings.
fn house_words(state: &State, act: House) -> (String, String, String) {
    match act {
        House::OpenDesk { code } => ("a new desk".into(), "none".into(), code.to_string()),
        House::OpenAccount { desk, code, currency, .. } => {
            let after = format!("{code} in {currency}, {}", desk_word(state, Some(desk)));
            ("a new account".into(), "none".into(), after)
        }
        House::MoveCash { account, amount } => {
            let (held, moved) = state.books.account(account).map_or_else(Default::default, |book| {
                let currency = book.info.currency;
                let word = if amount.0 < 0 { "out" } else { "in" };
                let moved = Money(amount.0.saturating_abs());
                (format!("{:.2} {currency}", book.cash()), format!("{moved:.2} {currency} {word}"))
            });
            (format!("cash of {}", account_word(state, account)), held, moved)
        }
        House::ComposeRole { code, base, permissions } => {
            let before =
                state.access().composed_role(code).map_or_else(|| "none".into(), |role| role.told().to_string());
            (format!("role {code}"), before, ComposedRole { code, base, permissions }.told().to_string())
        }
        House::RetireRole { code } => (format!("role {code}"), "nobody has it".into(), "none".into()),
        House::KeyModel { model, allowed } => {
            let named = state.access().key_models();
            let word = |on| if on { "may be registered" } else { "may not be" };
            let rest = match (allowed, named.len()) {
                (true, 0) => ", and no other",
                (false, 1) => "; every model may be",
                _ => "",
            };
            let after = match rest {
                "; every model may be" => "every model may be registered".into(),
                rest => format!("{}{rest}", word(allowed)),
            };
            (format!("security keys of model {model}"), word(state.access().takes_model(model)).into(), after)
        }
        House::Restrict { instrument, restricted } => {
            let word = |on| if on { "on it" } else { "not on it" };
            let listing = state.books.listing(instrument);
            let symbol = listing.map(|listing| listing.info.symbol.as_str()).unwrap_or_default();
            let before = word(listing.is_some_and(|listing| listing.restricted));
            (format!("restricted list: {symbol}"), before.into(), word(restricted).into())
        }
    }
}

const fn unit(rule: Rule) -> &'static str {
    match rule {
        Rule::PriceCollar => " hundredths of a percent",
        Rule::DuplicateOrder => " ms",
        Rule::OrderRate => " orders a minute",
        _ => "",
    }
}

fn role_held(state: &State, user: UserId) -> String {
    state.access().held_role(user).map_or_else(|| role_word(None), |held| held.to_string())
}

fn role_word(role: Option<Role>) -> String {
    role.map_or_else(|| "no role".into(), |role| role.to_string())
}

fn desk_word(state: &State, desk: Option<DeskId>) -> String {
    desk.map_or_else(|| "no desk".into(), |desk| format!("desk {}", state.desk_code(desk).unwrap_or_default()))
}

fn account_word(state: &State, account: AccountId) -> String {
    state.account_code(account).unwrap_or_default().into()
}

fn lock_word(state: &State, device: DeviceId) -> &'static str {
    let locked = state.access().device(device).and_then(|known| known.locked);
    locked.map_or("not locked", |cause| match cause {
        LockCause::Admin => "locked by an admin",
        LockCause::Failures => "locked for wrong codes",
        LockCause::Token => "locked for showing a stolen session token",
        LockCause::Alert => "locked by surveillance",
        LockCause::Copied => "locked because a copy of it came",
    })
}
