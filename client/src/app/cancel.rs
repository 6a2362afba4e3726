//! Cancels: one, the marked ones, all mine; each asks in its own way, and none acts on the key that opened it.

use turret_shared::ids::OrderId;
use turret_shared::limits::MODAL_GUARD_MS;

use super::effect::Effect;
use super::field::Field;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{CANCEL_ALL_WORD, CancelAllMine, CancelMarked, CancelOne, Modal, Stack};
use super::{Model, command};
use crate::format;

/// Said while what a window is about cannot be read.
pub(super) const FETCHED: &str = "the orders are being fetched afresh: again once it is shown";

/// Asks about the order under the cursor.
pub(super) fn open_one(model: &mut Model) {
    let Some(order) = model.order_here() else { return };
    model.modals.push(Modal::Cancel(CancelOne { order, shown_ms: model.now.mono_ms, message: None }));
}

/// Asks about the marked ones.
pub(super) fn open_marked(model: &mut Model) {
    let orders: Vec<OrderId> = model.blotter.marks.iter().copied().filter(|id| can_end(model, *id)).collect();
    let left_alone = model.blotter.marks.len().saturating_sub(orders.len());
    if orders.is_empty() {
        model.tell("Every marked order is over or being cancelled already: nothing to do.");
        return;
    }
    model.modals.push(Modal::CancelMarked(CancelMarked {
        left_alone,
        hidden: model.blotter.marks_hidden(&model.orders, &model.desk),
        orders,
        count: Field::new(6),
        shown_ms: model.now.mono_ms,
        message: None,
    }));
}

/// Asks about all of one's own.
pub(super) fn open_all(model: &mut Model) {
    let working = model.my_working();
    model.modals.push(Modal::CancelAll(CancelAllMine {
        working,
        word: Field::new(12),
        shown_ms: model.now.mono_ms,
        message: None,
    }));
}

/// True for what a cancel can still be asked for.
fn can_end(model: &Model, id: OrderId) -> bool {
    model.orders.get(id).is_some_and(|row| row.is_open() && !cancelling(row.status))
}

const fn cancelling(status: turret_shared::order::OrdStatus) -> bool {
    matches!(status, turret_shared::order::OrdStatus::PendingCancel)
}

fn send_one(model: &mut Model, order: OrderId, out: &mut Vec<Effect>) {
    let line = command::order_line(model, order);
    let Some(id) = model.next_cl_ord_id() else { return };
    let bytes = command::bytes(model, command::cancel(id, order), false);
    model.send(Flight::Cancel { order, line }, bytes, out);
}

/// A key for the modal about one order.
pub(super) fn key_one(mut open: CancelOne, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Enter | Code::Esc => return Vec::new(),
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else if model.orders.get(open.order).is_none() {
                open.message = Some(FETCHED.into());
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else {
                send_one(model, open.order, out);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} cancels this order, Enter or Esc goes back")),
    }
    vec![Modal::Cancel(open)]
}

/// A key for the modal about the marked orders.
pub(super) fn key_marked(mut open: CancelMarked, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    if model.in_snapshot && key.code != Code::Esc {
        open.message = Some(FETCHED.into());
        return vec![Modal::CancelMarked(open)];
    }
    let before = open.orders.len();
    open.orders.retain(|id| can_end(model, *id));
    let ended = before.saturating_sub(open.orders.len());
    if ended > 0 {
        // The count that was read is no longer true: it is to be read and typed again.
        open.left_alone = open.left_alone.saturating_add(ended);
        open.count.clear();
        let left = open.orders.len();
        open.message = Some(match left {
            0 => "every one ended meanwhile: nothing to cancel".into(),
            _ => format!("{} ended meanwhile: type {left}, then Enter", format::counted(ended, "order")),
        });
        return if key.code == Code::Esc { Vec::new() } else { vec![Modal::CancelMarked(open)] };
    }
    let wanted = before.to_string();
    match key.code {
        Code::Enter if before == 0 => return Vec::new(),
        Code::Esc => return Vec::new(),
        Code::Char('h') => {
            model.blotter.filter.clear();
            model.refilter();
            open.hidden = model.blotter.marks_hidden(&model.orders, &model.desk);
        }
        Code::Enter if open.count.is_empty() => return Vec::new(),
        Code::Enter if open.count.text() != wanted => {
            open.message = Some(format!("{} is not {wanted}: nothing was cancelled", open.count.text()));
        }
        Code::Enter if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS => {
            open.message = Some("too soon: Enter again".into());
        }
        Code::Enter => {
            if let Err(why) = model.can_send() {
                open.message = Some(why);
                return vec![Modal::CancelMarked(open)];
            }
            for order in &open.orders {
                send_one(model, *order, out);
                model.blotter.marks.remove(order);
            }
            return Vec::new();
        }
        Code::Char(c) if !c.is_ascii_digit() => open.message = Some(format!("type {wanted}, then Enter")),
        _ => {
            open.count.key(key);
            open.message = None;
        }
    }
    vec![Modal::CancelMarked(open)]
}

/// A key for the modal about all of one's own.
pub(super) fn key_all(mut open: CancelAllMine, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter if open.word.is_empty() => return Vec::new(),
        Code::Enter if !open.word.text().eq_ignore_ascii_case(CANCEL_ALL_WORD) => {
            open.message = Some(format!("type the word {CANCEL_ALL_WORD}: nothing was cancelled"));
        }
        Code::Enter if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS => {
            open.message = Some("too soon: Enter again".into());
        }
        Code::Enter => {
            if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else if let Some(id) = model.next_cl_ord_id() {
                let bytes = command::bytes(model, command::cancel_all_mine(id), false);
                model.send(Flight::CancelAll, bytes, out);
                return Vec::new();
            }
        }
        _ => {
            open.word.key(key);
            open.message = None;
        }
    }
    vec![Modal::CancelAll(open)]
}
