//! Limits in force: for one account under the asker's role, or all of them in one table; it must judge no order.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use turret_shared::denial::{DenialCode, Figure, Override, Rule};
use turret_shared::event::setup::{LimitScope, Policy};
use turret_shared::ids::UserId;
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::policy::PolicyView;
use turret_shared::role::{Permission, Role};
use turret_shared::view::LimitView;

use super::largest::Largest;
use super::questions::{on_account, permitted, sees};
use crate::State;
use crate::access::{self, Access, Object};
use crate::risk;
use crate::state::books::AccountBook;

/// Limits in force for an account and the asker's role.
///
/// # Errors
/// `NotPermitted`, `UnknownAccount`.
pub fn limits(state: &State, user: UserId, account: &str) -> Result<Vec<LimitView>, DenialCode> {
    let id = state.account_by_code(account);
    let id = on_account(state, user, Permission::LimitRead, id, DenialCode::UnknownAccount)?;
    let (Some(book), Some(role)) = (state.books.account(id), state.access().role(user)) else {
        return Err(DenialCode::UnknownAccount);
    };
    let largest = Largest::seen_by(state, user, &[book]);
    let mut rows = of_role(state, user, role, book.info.currency);
    rows.extend(of_account(state, user, book));
    if sees_cash(state, user) {
        rows.push(buying_power(book));
    }
    for row in &mut rows {
        row.largest = largest.of_account(row.rule, book);
    }
    rows.sort_by_key(|row| row.rule);
    Ok(rows)
}

/// Limits of the asker's role and of every account they see, rule by rule. Who runs users sees those of every role and of
/// every account, but of no account what is in it. Who watches a desk sees what binds each of those who trade there, and
/// how much of it they use.
///
/// # Errors
/// `NotPermitted`.
pub fn limit_table(state: &State, user: UserId) -> Result<Vec<LimitView>, DenialCode> {
    permitted(state, user, Permission::LimitRead)?;
    let own = state.access().role(user);
    let runs = state.access().holds(user, Permission::UserRead);
    let cash = sees_cash(state, user);
    let all = state.books.accounts.iter().flatten();
    let books: Vec<&AccountBook> =
        all.filter(|book| runs || sees(state, user, Permission::LimitRead, book.info.id)).collect();
    let currencies: BTreeSet<Currency> = books.iter().map(|book| book.info.currency).collect();
    let largest = Largest::seen_by(state, user, &books);
    let traders = watched(state, user, &books);
    let roles = Role::ALL.into_iter().filter(|role| {
        runs || own == Some(*role) || traders.iter().any(|trader| state.access().role(*trader) == Some(*role))
    });
    let mut rows: Vec<LimitView> = Vec::new();
    for role in roles {
        for currency in &currencies {
            for mut row in of_role(state, user, role, *currency) {
                row.largest = largest.of_role(row.rule, role, *currency);
                let each = each_trader(state, &row, role, &traders);
                // What is no money is the same in every currency.
                rows.extend(each.into_iter().filter(|row| !rows.contains(row)).collect::<Vec<_>>());
            }
        }
    }
    for book in books {
        for mut row in of_account(state, user, book) {
            row.largest = largest.of_account(row.rule, book);
            rows.push(row);
        }
        if cash {
            rows.push(buying_power(book));
        }
    }
    rows.sort_by_key(|row| row.rule);
    Ok(rows)
}

/// Policy figures of the asker's role; of every role that enters orders for who runs users, watches a desk or is the second
/// person for either.
///
/// # Errors
/// `NotPermitted`.
pub fn policies(state: &State, user: UserId) -> Result<Vec<PolicyView>, DenialCode> {
    permitted(state, user, Permission::LimitRead)?;
    let own = state.access().role(user);
    let all = state.access().holds(user, Permission::Approve);
    let roles = Role::ALL.into_iter().filter(|role| all || own == Some(*role));
    let pairs = roles.flat_map(|role| Policy::ALL.map(|policy| (policy, role)));
    let view = |(policy, role)| PolicyView { policy, role, value: state.limits.policy(policy, role) };
    Ok(pairs.filter(|(policy, role)| policy.is_for(*role)).map(view).collect())
}

/// Whoever may enter orders on accounts that the asker watches without entering any.
fn watched(state: &State, user: UserId, books: &[&AccountBook]) -> Vec<UserId> {
    let access = state.access();
    let watches = |role: Role| role.may(Permission::OrderRead) && !role.may(Permission::OrderEnter);
    if !access.role(user).is_some_and(watches) {
        return Vec::new();
    }
    let enters = |trader: UserId, book: &AccountBook| {
        access::may(access, trader, Permission::OrderEnter, Object::Account(book.info.id)) == Access::Allowed
    };
    let people = access.users().map(|(trader, _)| trader);
    people.filter(|trader| books.iter().any(|book| enters(*trader, book))).collect()
}

/// A limit that counts a person's orders, once for each of those of the role that are watched.
fn each_trader(state: &State, row: &LimitView, role: Role, traders: &[UserId]) -> Vec<LimitView> {
    let of_role: Vec<UserId> =
        traders.iter().filter(|trader| state.access().role(**trader) == Some(role)).copied().collect();
    if row.rule != Rule::OrderRate || of_role.is_empty() {
        return vec![row.clone()];
    }
    let each = of_role.into_iter();
    each.map(|trader| LimitView { used: Some(counted(state, trader)), of: Some(trader), ..row.clone() }).collect()
}

/// What is in an account is for whoever may read accounts: a limit is a rule, the cash under it is not.
fn sees_cash(state: &State, user: UserId) -> bool {
    state.access().holds(user, Permission::AccountRead)
}

/// Of a role, with what `user` uses of it if it is theirs.
pub(super) fn of_role(state: &State, user: UserId, role: Role, currency: Currency) -> Vec<LimitView> {
    let own = state.access().role(user) == Some(role) && role.may(Permission::OrderEnter);
    let set = Rule::ALL.iter().filter_map(|rule| state.limits.of(role, *rule).map(|value| (*rule, value)));
    set.map(|(rule, value)| {
        let used = (own && rule == Rule::OrderRate).then(|| counted(state, user));
        let row = row(rule, format!("role {role}"), figure(rule, value, currency), used, user);
        dated(state, LimitScope::Role(role), row)
    })
    .collect()
}

/// Of an account, with what `user` uses of it.
pub(super) fn of_account(state: &State, user: UserId, book: &AccountBook) -> Vec<LimitView> {
    let set = Rule::ALL.iter().filter_map(|rule| book.limits.of(*rule).map(|value| (*rule, value)));
    set.map(|(rule, value)| {
        let used = (rule == Rule::OrderRate).then(|| counted(state, user));
        let limit = figure(rule, value, book.info.currency);
        let row = row(rule, format!("account {}", book.info.code), limit, used, user);
        dated(state, LimitScope::Account(book.info.id), row)
    })
    .collect()
}

/// With when it was set and by whom.
fn dated(state: &State, scope: LimitScope, row: LimitView) -> LimitView {
    let set = state.seen.limit(scope, row.rule);
    LimitView { since: set.map(|set| set.at), set_by: set.and_then(|set| set.by), ..row }
}

fn buying_power(book: &AccountBook) -> LimitView {
    let money = |amount: Money| Figure::Money(amount, book.info.currency);
    let used = Some(money(book.required.to_money_ceiling()));
    let scope = format!("account {}", book.info.code);
    LimitView { of: None, ..row(Rule::BuyingPower, scope, money(book.cash()), used, UserId(0)) }
}

fn counted(state: &State, user: UserId) -> Figure {
    Figure::Count(state.rates.get(&user).map_or(0, |rate| rate.count(state.now())))
}

fn row(rule: Rule, scope: String, limit: Figure, used: Option<Figure>, of: UserId) -> LimitView {
    let overridable = risk::overridable(rule);
    let (soft, of) = (overridable == Override::Confirm, used.is_some().then_some(of));
    LimitView { rule, scope, limit, used, soft, overridable, since: None, set_by: None, of, largest: None }
}

/// A limit's number in its rule's unit.
pub(super) fn figure(rule: Rule, value: i64, currency: Currency) -> Figure {
    match rule {
        Rule::MaxQuantity => Figure::Qty(Qty(value)),
        Rule::MaxNotional => Figure::Money(Money(value), currency),
        _ => Figure::Count(u64::try_from(value).unwrap_or(0)),
    }
}
