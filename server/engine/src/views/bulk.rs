//! What a table of acts would do, row by row, by the rules it is decided by; it must decide nothing and name nobody.

use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::bulk::{self, Asked, BulkRow, Table};
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::setup::EntitlementScope;
use turret_shared::house::House;
use turret_shared::ids::{InstrumentId, UserId};
use turret_shared::manage::Act;
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use super::approvals::{whom, words};
use super::questions::permitted;
use crate::State;
use crate::access::UserAccess;
use crate::approvals::takes_two;
use crate::decide::bulk::judged;
use crate::decide::entrust::said_now;
use crate::decide::words::sentence;
use crate::state::books::AccountBook;

/// Rows of a table, as things are. Logins are for whoever has them to fill in.
///
/// # Errors
/// `NotPermitted`; `Invalid` for what is no table; `ApprovalVoid` for one that waits for nobody.
pub fn bulk(state: &State, asker: UserId, asked: &Asked, now: Timestamp) -> Result<Vec<BulkRow>, DenialCode> {
    match asked {
        Asked::Dry(wanted) => {
            permitted(state, asker, Permission::UserManage)?;
            bulk::table(&wanted.rows).ok_or(DenialCode::Invalid)?;
            Ok(rows(state, asker, &wanted.rows, now))
        }
        Asked::Waiting(approval) => {
            permitted(state, asker, Permission::Approve)?;
            let known = state.access().approvals().all().find(|(id, _)| id == approval);
            let known = known.map(|(_, known)| known).filter(|known| !known.table.is_empty());
            let known = known.ok_or(DenialCode::ApprovalVoid)?;
            if known.standing(now).is_open() {
                return Ok(rows(state, known.by, &known.table, now));
            }
            // What is over says what was wanted; what is so now is another matter.
            Ok(known.table.iter().map(|act| BulkRow { before: String::new(), ..row(state, *act) }).collect())
        }
        Asked::Now(_) => Err(DenialCode::Invalid),
    }
}

fn rows(state: &State, by: UserId, acts: &[Act], now: Timestamp) -> Vec<BulkRow> {
    let judged = judged(state, by, acts, now);
    let one = |(act, judged): (&Act, Result<_, DenialCode>)| {
        let refused = judged.err();
        BulkRow { refused, why: refused.map(sentence).unwrap_or_default().into(), ..row(state, *act) }
    };
    acts.iter().zip(judged).map(one).collect()
}

fn row(state: &State, act: Act) -> BulkRow {
    let (what, before, after) = words(state, act);
    let whom = whom(state, act);
    let two = takes_two(state, act);
    BulkRow { whom, login: String::new(), what, before, after, refused: None, why: String::new(), two }
}

/// How things stand, as the acts that would say so; what no act can say is left out.
///
/// # Errors
/// `NotPermitted`.
pub fn bulk_now(state: &State, asker: UserId, table: Table) -> Result<Vec<Act>, DenialCode> {
    permitted(state, asker, Permission::UserManage)?;
    let people = || state.access().users();
    Ok(match table {
        Table::Limits => state.books.accounts.iter().flatten().flat_map(limits).collect(),
        Table::Rights => people().flat_map(|(user, known)| rights(state, user, known)).collect(),
        Table::Restricted => {
            let restricted = |id: &InstrumentId| state.books.listing(*id).is_some_and(|listing| listing.restricted);
            let ids = state.instruments().map(|listing| listing.id).filter(restricted);
            ids.map(|instrument| Act::House(House::Restrict { instrument, restricted: true })).collect()
        }
        Table::Roles => people().map(role_now).collect(),
        Table::Desks => people().map(|(user, known)| Act::SetDesk { user, desk: known.desk }).collect(),
    })
}

/// A role of the house's own by its name: taken back as it stands, it widens nothing.
fn role_now((user, known): (UserId, &UserAccess)) -> Act {
    match known.composed {
        Some(code) => Act::SetComposedRole { user, code },
        None => Act::SetRole { user, role: known.role },
    }
}

fn limits(book: &AccountBook) -> impl Iterator<Item = Act> {
    let account = book.info.id;
    let set = Rule::ALL.iter().copied().filter_map(move |rule| book.limits.of(rule).map(|value| (rule, value)));
    set.map(move |(rule, value)| Act::SetLimit { account, rule, value: Some(value) })
}

fn rights<'a>(state: &'a State, user: UserId, known: &'a UserAccess) -> impl Iterator<Item = Act> + 'a {
    known.entitlements.iter().filter_map(move |(scope, ..)| {
        let EntitlementScope::Account(account) = *scope else { return None };
        let to = said_now(state, user, account)?;
        let until = state.access().timed.get(&(user, account)).map(|timed| timed.until);
        Some(Act::SetRights { user, account, to, until })
    })
}
