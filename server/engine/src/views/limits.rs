//! Limits in force: for one account under the asker's role, or all of them in one table; it must judge no order.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::denial::{DenialCode, Figure, Override, Rule};
use turret_shared::ids::UserId;
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::role::{Permission, Role};
use turret_shared::view::LimitView;

use super::questions::{on_account, permitted, sees};
use crate::State;
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
    let mut rows = of_role(state, user, role, book.info.currency);
    rows.extend(of_account(state, user, book));
    if sees_cash(state, user) {
        rows.push(buying_power(book));
    }
    rows.sort_by_key(|row| row.rule);
    Ok(rows)
}

/// Limits of the asker's role and of every account they see, rule by rule. Who runs users sees those of every role and of
/// every account, but of no account what is in it.
///
/// # Errors
/// `NotPermitted`.
pub fn limit_table(state: &State, user: UserId) -> Result<Vec<LimitView>, DenialCode> {
    permitted(state, user, Permission::LimitRead)?;
    let runs = state.access().role(user).is_some_and(|role| role.may(Permission::UserRead));
    let cash = sees_cash(state, user);
    let all = state.books.accounts.iter().flatten();
    let books: Vec<&AccountBook> =
        all.filter(|book| runs || sees(state, user, Permission::LimitRead, book.info.id)).collect();
    let currencies: BTreeSet<Currency> = books.iter().map(|book| book.info.currency).collect();
    let mut rows = Vec::new();
    let roles = Role::ALL.into_iter().filter(|role| runs || state.access().role(user) == Some(*role));
    for role in roles {
        for currency in &currencies {
            for row in of_role(state, user, role, *currency) {
                // What is no money is the same in every currency.
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
    }
    for book in books {
        rows.extend(of_account(state, user, book));
        if cash {
            rows.push(buying_power(book));
        }
    }
    rows.sort_by_key(|row| row.rule);
    Ok(rows)
}

/// What is in an account is for whoever may read accounts: a limit is a rule, the cash under it is not.
fn sees_cash(state: &State, user: UserId) -> bool {
    state.access().role(user).is_some_and(|role| role.may(Permission::AccountRead))
}

fn of_role(state: &State, user: UserId, role: Role, currency: Currency) -> Vec<LimitView> {
    let own = state.access().role(user) == Some(role);
    let set = Rule::ALL.iter().filter_map(|rule| state.limits.of(role, *rule).map(|value| (*rule, value)));
    set.map(|(rule, value)| {
        let used = own && rule == Rule::OrderRate;
        row(rule, format!("role {role}"), figure(rule, value, currency), used.then(|| counted(state, user)))
    })
    .collect()
}

fn of_account(state: &State, user: UserId, book: &AccountBook) -> Vec<LimitView> {
    let set = Rule::ALL.iter().filter_map(|rule| book.limits.of(*rule).map(|value| (*rule, value)));
    set.map(|(rule, value)| {
        let used = (rule == Rule::OrderRate).then(|| counted(state, user));
        row(rule, format!("account {}", book.info.code), figure(rule, value, book.info.currency), used)
    })
    .collect()
}

fn buying_power(book: &AccountBook) -> LimitView {
    let money = |amount: Money| Figure::Money(amount, book.info.currency);
    let used = Some(money(book.required.to_money_ceiling()));
    row(Rule::BuyingPower, format!("account {}", book.info.code), money(book.cash()), used)
}

fn counted(state: &State, user: UserId) -> Figure {
    Figure::Count(state.rates.get(&user).map_or(0, |rate| rate.count(state.now())))
}

fn row(rule: Rule, scope: String, limit: Figure, used: Option<Figure>) -> LimitView {
    let overridable = risk::overridable(rule);
    LimitView { rule, scope, limit, used, soft: overridable == Override::Confirm, overridable }
}

/// A limit's number in its rule's unit.
fn figure(rule: Rule, value: i64, currency: Currency) -> Figure {
    match rule {
        Rule::MaxQuantity => Figure::Qty(Qty(value)),
        Rule::MaxNotional => Figure::Money(Money(value), currency),
        _ => Figure::Count(u64::try_from(value).unwrap_or(0)),
    }
}
