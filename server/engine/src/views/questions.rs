//! Questions of a session, each under its rights; it must show nothing of an account the asker may not see.

use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::ids::{AccountId, ClOrdId, ExecId, InstrumentId, OrderId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::order::OrdStatus;
use turret_shared::role::Permission;
use turret_shared::view::{AccountView, FillView, OrderView, PositionView};

use super::rows::{account_row, of_fill, of_order, of_position};
use crate::State;
use crate::access::{self, Access, Object};
use crate::state::names::Used;
use crate::state::order::Order;

/// Rows in one answer.
const ROWS_MAX: usize = QUERY_ROWS_MAX as usize;

/// Whether the asker may ask such a thing at all, before any object.
///
/// # Errors
/// `NotPermitted`.
pub fn permitted(state: &State, user: UserId, permission: Permission) -> Result<(), DenialCode> {
    match access::may(state.access(), user, permission, Object::None).denial(DenialCode::NotPermitted) {
        None => Ok(()),
        Some(code) => Err(code),
    }
}

pub(super) fn on_account(
    state: &State,
    user: UserId,
    permission: Permission,
    account: Option<AccountId>,
    unknown: DenialCode,
) -> Result<AccountId, DenialCode> {
    let object = account.map_or(Object::Missing, Object::Account);
    match (access::may(state.access(), user, permission, object).denial(unknown), account) {
        (None, Some(account)) => Ok(account),
        (code, _) => Err(code.unwrap_or(unknown)),
    }
}

fn named_account(
    state: &State,
    user: UserId,
    permission: Permission,
    code: Option<&str>,
) -> Result<Option<AccountId>, DenialCode> {
    let Some(code) = code else { return permitted(state, user, permission).map(|()| None) };
    let account = state.account_by_code(code);
    on_account(state, user, permission, account, DenialCode::UnknownAccount).map(Some)
}

pub(super) fn sees(state: &State, user: UserId, permission: Permission, account: AccountId) -> bool {
    access::may(state.access(), user, permission, Object::Account(account)) == Access::Allowed
}

/// Orders the asker may see, newest first, at most `rows` (and `QUERY_ROWS_MAX` unless `rows` is larger: a feed's
/// snapshot asks for all).
///
/// # Errors
/// `NotPermitted`, `UnknownAccount`.
pub fn orders(
    state: &State,
    user: UserId,
    status: Option<OrdStatus>,
    account: Option<&str>,
    cl_ord_id: Option<&ClOrdId>,
    rows: Option<usize>,
) -> Result<Vec<OrderView>, DenialCode> {
    let account = named_account(state, user, Permission::OrderRead, account)?;
    let mut seen = Seen::new(state, user, Permission::OrderRead);
    let fits = |order: &Order| {
        account.is_none_or(|account| order.account == account) && status.is_none_or(|s| order.status() == s)
    };
    let count = u32::try_from(state.orders.len()).unwrap_or(u32::MAX);
    // A name belongs to one person and one order: it is found without walking them.
    let places = match cl_ord_id.map(|id| state.orders.names.used(user, id).map(|known| known.used)) {
        None => 0..count,
        Some(Some(Used::Order(place))) => place..place.saturating_add(1).min(count),
        Some(Some(Used::CancelAll(..)) | None) => 0..0,
    };
    Ok(places
        .rev()
        .filter_map(|place| state.orders.at(place).map(|order| (place, order)))
        .filter(|(_, order)| fits(order) && seen.sees(order.account))
        .filter_map(|(place, order)| of_order(state, place, order))
        .take(rows.unwrap_or(ROWS_MAX))
        .collect())
}

/// One order.
///
/// # Errors
/// `NotPermitted`, `UnknownOrder`.
pub fn order(state: &State, user: UserId, order: OrderId) -> Result<OrderView, DenialCode> {
    let (place, order) = visible_order(state, user, Permission::OrderRead, order)?;
    of_order(state, place, order).ok_or(DenialCode::UnknownOrder)
}

/// Whether an order is or has at any time been in a status.
///
/// # Errors
/// `NotPermitted`, `UnknownOrder`.
pub fn has_been(state: &State, user: UserId, order: OrderId, status: OrdStatus) -> Result<bool, DenialCode> {
    visible_order(state, user, Permission::OrderRead, order).map(|(_, order)| order.has_been(status))
}

fn visible_order(
    state: &State,
    user: UserId,
    permission: Permission,
    order: OrderId,
) -> Result<(u32, &Order), DenialCode> {
    let found = state.orders.find(order);
    on_account(state, user, permission, found.map(|(_, order)| order.account), DenialCode::UnknownOrder)?;
    found.ok_or(DenialCode::UnknownOrder)
}

/// Executions of one order, oldest first, or the newest of all, newest first.
///
/// # Errors
/// `NotPermitted`, `UnknownOrder`.
pub fn fills(
    state: &State,
    user: UserId,
    order: Option<OrderId>,
    rows: Option<usize>,
) -> Result<Vec<FillView>, DenialCode> {
    if let Some(order) = order {
        let (_, order) = visible_order(state, user, Permission::FillRead, order)?;
        let places = state.fills.chain(order.last_fill, |fill| fill.before_of_order);
        let views = places.into_iter().filter_map(|place| state.fills.at(place)).filter_map(|f| of_fill(state, f));
        return Ok(views.take(rows.unwrap_or(ROWS_MAX)).collect());
    }
    permitted(state, user, Permission::FillRead)?;
    let mut seen = Seen::new(state, user, Permission::FillRead);
    let views = state.fills.list().iter().rev().filter_map(|fill| of_fill(state, fill));
    Ok(views.filter(|view| seen.sees(view.account)).take(rows.unwrap_or(ROWS_MAX)).collect())
}

/// One execution.
///
/// # Errors
/// `NotPermitted`, `UnknownExecution`.
pub fn fill(state: &State, user: UserId, exec: ExecId) -> Result<FillView, DenialCode> {
    let view = super::fill_row(state, exec);
    let account = view.as_ref().map(|view| view.account);
    on_account(state, user, Permission::FillRead, account, DenialCode::UnknownExecution)?;
    view.ok_or(DenialCode::UnknownExecution)
}

/// Positions of one account or of all the asker may see.
///
/// # Errors
/// `NotPermitted`, `UnknownAccount`.
pub fn positions(state: &State, user: UserId, account: Option<&str>) -> Result<Vec<PositionView>, DenialCode> {
    let account = named_account(state, user, Permission::PositionRead, account)?;
    let mut seen = Seen::new(state, user, Permission::PositionRead);
    let fits = |of: AccountId| account.is_none_or(|account| of == account);
    let positions = state.books.positions.iter().filter(|p| p.is_shown() && fits(p.account) && seen.sees(p.account));
    Ok(positions.map(|position| of_position(state, position)).collect())
}

/// Accounts the asker may see.
///
/// # Errors
/// `NotPermitted`.
pub fn accounts(state: &State, user: UserId) -> Result<Vec<AccountView>, DenialCode> {
    permitted(state, user, Permission::AccountRead)?;
    let ids = state.books.accounts.iter().flatten().map(|book| book.info.id);
    let seen = ids.filter(|account| sees(state, user, Permission::AccountRead, *account));
    Ok(seen.filter_map(|account| account_row(state, user, account)).collect())
}

/// Every listing.
///
/// # Errors
/// `NotPermitted`.
pub fn instruments(state: &State, user: UserId) -> Result<Vec<Instrument>, DenialCode> {
    permitted(state, user, Permission::InstrumentRead)?;
    Ok(state.instruments().cloned().collect())
}

/// The listing of a symbol whose market the asker may see.
///
/// # Errors
/// `NotPermitted`, `UnknownSymbol`.
pub fn quotable(state: &State, user: UserId, symbol: &str) -> Result<InstrumentId, DenialCode> {
    permitted(state, user, Permission::QuoteRead)?;
    state.instrument_by_symbol(symbol).ok_or(DenialCode::UnknownSymbol)
}

/// Which accounts someone sees, asked once each.
struct Seen<'a> {
    state: &'a State,
    user: UserId,
    permission: Permission,
    known: Vec<(AccountId, bool)>,
}

impl<'a> Seen<'a> {
    const fn new(state: &'a State, user: UserId, permission: Permission) -> Self {
        Self { state, user, permission, known: Vec::new() }
    }

    fn sees(&mut self, account: AccountId) -> bool {
        if let Some((_, sees)) = self.known.iter().find(|(known, _)| *known == account) {
            return *sees;
        }
        let sees = sees(self.state, self.user, self.permission, account);
        // A handful of accounts covers nearly every row; beyond, asking again is no worse than searching.
        if self.known.len() < 64 {
            self.known.push((account, sees));
        }
        sees
    }
}
