//! The order looked at: its executions, those the feed told and those asked for; it must follow the cursor.

use turret_shared::ids::OrderId;
use turret_shared::view::FillView;

use super::Model;
use super::effect::Effect;
use super::flight;

/// One order's executions.
#[derive(Debug, Default)]
pub struct Detail {
    /// Which order.
    pub order: Option<OrderId>,
    /// Its executions, oldest first.
    pub fills: Vec<FillView>,
    /// The screen shows nothing else (`Enter` where there is no room to dock).
    pub open: bool,
    /// First line shown.
    pub top: usize,
}

/// The cursor stands on another order: takes what is known and asks for the rest.
pub(super) fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let order = match model.screen {
        super::Screen::Fills => model.chosen_fill().map(|fill| fill.order_id),
        _ => model.blotter.cursor,
    };
    if model.detail.order == order {
        return;
    }
    let fills = order.map(|id| model.desk.fills_of(id).cloned().collect()).unwrap_or_default();
    model.detail = Detail { order, fills, open: model.detail.open, top: 0 };
    let executed = order.and_then(|id| model.orders.get(id)).filter(|row| !row.cum.is_zero()).map(|row| row.id);
    if let Some(id) = executed.filter(|_| model.can_send().is_ok()) {
        flight::ask_fills(model, id, out);
    }
}

/// The server told an order's executions.
pub(super) fn fills_known(model: &mut Model, order: OrderId, mut fills: Vec<FillView>) {
    fills.sort_by_key(|fill| fill.exec_id);
    if model.detail.order == Some(order) {
        for fill in &fills {
            put(&mut model.detail.fills, fill);
        }
    }
}

/// The feed told of one.
pub(super) fn fill_changed(model: &mut Model, fill: &FillView) {
    if model.detail.order == Some(fill.order_id) {
        put(&mut model.detail.fills, fill);
    }
}

fn put(fills: &mut Vec<FillView>, fill: &FillView) {
    match fills.binary_search_by_key(&fill.exec_id, |known| known.exec_id) {
        Ok(at) => {
            if let Some(known) = fills.get_mut(at) {
                *known = fill.clone();
            }
        }
        Err(at) => fills.insert(at, fill.clone()),
    }
}
