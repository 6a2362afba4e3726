//! Which rows there are, newest first, for a feed's snapshot; it must judge no right: the caller filters by account.

use turret_shared::ids::{AccountId, ExecId, InstrumentId, OrderId};

use crate::State;

/// Every order with its account, newest first.
pub fn order_keys(state: &State) -> impl Iterator<Item = (AccountId, OrderId)> + '_ {
    state.orders.list().iter().rev().map(|order| (order.account, order.id))
}

/// Every execution with its account, newest first.
pub fn fill_keys(state: &State) -> impl Iterator<Item = (AccountId, ExecId)> + '_ {
    state.fills.list().iter().rev().filter_map(|fill| {
        let order = state.orders.at(fill.order)?;
        Some((order.account, fill.exec))
    })
}

/// Every position there is or was.
pub fn position_keys(state: &State) -> impl Iterator<Item = (AccountId, InstrumentId)> + '_ {
    state
        .books
        .positions
        .iter()
        .filter(|position| position.is_shown())
        .map(|position| (position.account, position.instrument))
}
