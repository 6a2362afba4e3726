//! One row each of orders, fills, positions and accounts, without any check of rights; it must fill in no name or text.

use alloc::string::String;

use turret_shared::account::Rights;
use turret_shared::ids::{AccountId, ExecId, InstrumentId, OrderId, UserId};
use turret_shared::money::{Price, Qty};
use turret_shared::view::{AccountView, FillView, OrderView, PositionView, TradingState};

use crate::State;
use crate::state::fills::Fill;
use crate::state::order::{Flags, Order};
use crate::state::position::Position;

/// The order as it is now.
#[must_use]
pub fn order_row(state: &State, order: OrderId) -> Option<OrderView> {
    let (place, order) = state.orders.find(order)?;
    of_order(state, place, order)
}

pub(super) fn of_order(state: &State, place: u32, order: &Order) -> Option<OrderView> {
    let requests = order.requests();
    let pending = requests.amend.is_pending();
    Some(OrderView {
        order_id: order.id,
        cl_ord_id: state.orders.names.cl_ord_id(order.name)?,
        orig_cl_ord_id: state.orders.names.cl_ord_id(requests.orig),
        account: order.account,
        owner: order.owner,
        instrument: order.instrument,
        side: order.side,
        ord_type: order.ord_type,
        tif: order.tif,
        order_qty: order.qty,
        price: order.price(),
        stop_px: order.stop_px(),
        cum_qty: order.cum,
        leaves_qty: order.leaves(),
        avg_px: order.avg_px(),
        ord_status: order.status(),
        exec_type: order.exec_type,
        working: order.is_working(),
        in_doubt: order.flags.any(Flags::DOUBT),
        entered: order.entered,
        changed: order.changed,
        text: String::new(),
        note: state.notes.get(&place).cloned().unwrap_or_default(),
        pending_qty: pending.then_some(requests.asked.qty),
        pending_price: if pending { requests.asked.price } else { None },
        denial: state.denial_at(place),
        correlation: order.correlation,
        sequence: order.sequence,
        asked_by: requests.by,
        pending_stop: if pending { requests.asked.stop_px } else { None },
    })
}

/// The execution as it stands.
#[must_use]
pub fn fill_row(state: &State, exec: ExecId) -> Option<FillView> {
    let (_, fill) = state.fills.find(exec)?;
    of_fill(state, fill)
}

pub(super) fn of_fill(state: &State, fill: &Fill) -> Option<FillView> {
    let order = state.orders.at(fill.order)?;
    Some(FillView {
        exec_id: fill.exec,
        order_id: order.id,
        account: order.account,
        instrument: order.instrument,
        side: order.side,
        last_qty: fill.qty,
        last_px: fill.price,
        removed: fill.removed,
        state: fill.state(),
        exec_ref_id: fill.changed_by(),
        was: fill.was(),
        time: fill.time,
        venue_exec: fill.venue_exec.0,
        cum_qty: fill.cum,
        owner: order.owner,
    })
}

/// The position as it stands, flat ones included once there was one.
#[must_use]
pub fn position_row(state: &State, account: AccountId, instrument: InstrumentId) -> Option<PositionView> {
    let place = state.books.position_of(account, instrument)?;
    state.books.position(place).map(|position| of_position(state, position))
}

pub(super) fn of_position(state: &State, position: &Position) -> PositionView {
    let held = &position.holding;
    let today = held.day == state.now().utc_day();
    let counted = |qty: i64| if today { Qty(qty) } else { Qty::ZERO };
    let avg_cost: Option<Price> = if held.qty == 0 { None } else { held.cost.per_unit(held.qty, position.multiplier) };
    PositionView {
        account: position.account,
        instrument: position.instrument,
        qty: Qty(held.qty),
        avg_cost,
        realised: held.realised.to_money(),
        bought: counted(held.bought),
        sold: counted(held.sold),
        open_buy: Qty(position.open.buy_qty),
        open_sell: Qty(position.open.sell_qty.saturating_add(position.open.short_qty)),
    }
}

/// The account with the rights of `user`, its name left empty.
#[must_use]
pub fn account_row(state: &State, user: UserId, account: AccountId) -> Option<AccountView> {
    let book = state.books.account(account)?;
    let rights: Rights = state.access().rights(user, account);
    Some(AccountView {
        account,
        code: book.info.code.clone(),
        name: String::new(),
        desk: book.info.desk,
        desk_code: state.desk_code(book.info.desk).unwrap_or_default().into(),
        capacity: book.info.capacity,
        currency: book.info.currency,
        cash: book.cash(),
        reserved: book.required.to_money_ceiling(),
        buying_power: book.buying_power().to_money_floor(),
        rights,
    })
}

/// The listing's state at its venue.
#[must_use]
pub fn trading(state: &State, instrument: InstrumentId) -> TradingState {
    match state.books.listing(instrument) {
        _ if !state.venue_open() => TradingState::Closed,
        Some(listing) if listing.halted => TradingState::Halted,
        _ => TradingState::Open,
    }
}
