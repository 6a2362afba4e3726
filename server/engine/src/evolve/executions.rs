//! Books executions, busts and corrections into order, position and cash; it must book late and surplus ones as well.

use turret_shared::entry::Head;
use turret_shared::event::venue::{Bust, Correct, Trade};
use turret_shared::ids::ExecId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{ExecType, Side};

use crate::State;
use crate::exact::Exact;
use crate::state::fills::{Executed, Fill};
use crate::state::order::Order;

/// Signed cash an execution moves, in 1e-4, half to even: out for a buy, in for a sale.
fn cash(side: Side, qty: Qty, price: Price, multiplier: u32) -> Exact {
    let amount = i128::from(Exact::product(price, qty, multiplier).to_money().0);
    Exact(if side.sign() > 0 { amount.saturating_neg() } else { amount })
}

pub(super) fn trade(state: &mut State, head: &Head, e: &Trade) {
    let Some((place, order)) = state.orders.find(e.order) else { return };
    let (position, side, account) = (order.position, order.side, order.account);
    let before_of_order = order.last_fill;
    let cum = Qty(order.cum.0.saturating_add(e.qty.0));
    let multiplier = state.books.position(position).map_or(1, |p| p.multiplier);
    let before_of_position = state.books.position(position).map_or(crate::state::position::NONE, |p| p.last_fill);
    let executed = Executed {
        exec: ExecId::new(head.sequence, 0),
        venue_exec: e.exec,
        qty: e.qty,
        price: e.price,
        time: e.mark.time,
        removed: e.removed,
    };
    let fill = state.fills.push(Fill::new(executed, place, cum, before_of_order, before_of_position));
    state.change_order(place, head, |order| {
        order.accept();
        order.last_fill = fill;
        order.exec_type = ExecType::Trade;
        count(order, e.qty, e.price);
    });
    state.books.change(position, |p| {
        p.last_fill = fill;
        let amount = Exact::product(e.price, e.qty, p.multiplier);
        p.holding.book(e.qty.0.saturating_mul(side.sign()), amount, e.mark.time);
    });
    if let Some(book) = state.books.account_mut(account) {
        book.cash = book.cash.plus(cash(side, e.qty, e.price, multiplier));
    }
}

/// Adds an execution to CumQty and to what was paid; a negative quantity takes it out.
fn count(order: &mut Order, qty: Qty, price: Price) {
    order.cum = Qty(order.cum.0.saturating_add(qty.0));
    order.paid = order.paid.plus(Exact::product(price, qty, 1));
}

pub(super) fn bust(state: &mut State, head: &Head, e: &Bust) {
    let Some((place, fill)) = state.fills.find(e.trade) else { return };
    let (old_qty, old_price) = (fill.qty, fill.price);
    if let Some(fill) = state.fills.at_mut(place) {
        fill.bust(ExecId::new(head.sequence, 0), e.exec);
    }
    state.fills.rename(place, e.exec);
    rebook(state, head, place, (old_qty, old_price), (Qty::ZERO, old_price), ExecType::TradeCancel);
}

pub(super) fn correct(state: &mut State, head: &Head, e: &Correct) {
    let Some((place, fill)) = state.fills.find(e.trade) else { return };
    let (old_qty, old_price) = (fill.qty, fill.price);
    if let Some(fill) = state.fills.at_mut(place) {
        fill.correct(ExecId::new(head.sequence, 0), e.exec, e.qty, e.price);
    }
    state.fills.rename(place, e.exec);
    rebook(state, head, place, (old_qty, old_price), (e.qty, e.price), ExecType::TradeCorrect);
}

/// Takes the old execution out of order and cash, puts the new one in, and folds the position again.
fn rebook(state: &mut State, head: &Head, fill: u32, old: (Qty, Price), new: (Qty, Price), exec_type: ExecType) {
    let Some(place) = state.fills.at(fill).map(|fill| fill.order) else { return };
    let Some(order) = state.orders.at(place) else { return };
    let (position, side, account) = (order.position, order.side, order.account);
    let multiplier = state.books.position(position).map_or(1, |p| p.multiplier);
    state.change_order(place, head, |order| {
        order.exec_type = exec_type;
        count(order, Qty(old.0.0.saturating_neg()), old.1);
        count(order, new.0, new.1);
    });
    if let Some(book) = state.books.account_mut(account) {
        let out = cash(side, old.0, old.1, multiplier);
        book.cash = book.cash.minus(out).plus(cash(side, new.0, new.1, multiplier));
    }
    refold(state, position);
}

/// The position is what was brought in and then every standing execution in the order they came.
pub(super) fn refold(state: &mut State, position: u32) {
    let Some(held) = state.books.position(position) else { return };
    let (mut holding, multiplier) = (held.base, held.multiplier);
    for place in state.fills.chain(held.last_fill, |fill| fill.before_of_position) {
        let Some(fill) = state.fills.at(place).filter(|fill| fill.stands()) else { continue };
        let Some(side) = state.orders.at(fill.order).map(|order| order.side) else { continue };
        let amount = Exact::product(fill.price, fill.qty, multiplier);
        holding.book(fill.qty.0.saturating_mul(side.sign()), amount, fill.time);
    }
    state.books.change(position, |p| p.holding = holding);
}
