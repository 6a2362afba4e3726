//! The order looked at: its executions, those the feed told and those asked for; it must follow the cursor.

use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::role::Permission;
use turret_shared::view::{AuditView, FillView};
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::flight::{self, Question};

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
    /// What happened to it from its first entry on, oldest first, once the server told.
    pub story: Option<Vec<AuditView>>,
}

impl Detail {
    /// Names of its requests with what each was for, oldest first, as far as the server told.
    #[must_use]
    pub fn chain(&self) -> Vec<(&ClOrdId, &'static str)> {
        let told = self.story.iter().flatten().filter_map(|row| {
            let what = match row.action.as_str() {
                "order_new" | "order_denied" => "new",
                "amend" => "replace",
                "amend_refused" => "replace refused",
                "cancel" => "cancel",
                "cancel_refused" => "cancel refused",
                _ => return None,
            };
            Some((row.cl_ord_id.as_ref()?, what))
        });
        told.collect()
    }
}

/// The order at hand was opened: asks what happened to it before this session saw it.
pub(super) fn ask_story(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(order) = model.order_here().filter(|_| model.can_send().is_ok() && model.may(Permission::OrderRead))
    else {
        return;
    };
    if !model.questions.values().any(|question| *question == Question::Story(order)) {
        model.ask(Question::Story(order), Ask::Story(order), out);
    }
}

/// The server told it.
pub(super) fn story_known(model: &mut Model, order: OrderId, mut rows: Vec<AuditView>) {
    if model.detail.order == Some(order) {
        rows.sort_by_key(|row| row.sequence);
        model.detail.story = Some(rows);
    }
}

/// The cursor stands on another order: takes what is known and asks for the rest.
pub(super) fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let order = match model.screen {
        super::Screen::Fills => model.chosen_fill().map(|fill| fill.order_id),
        super::Screen::Blotter => model.order_here(),
        _ => return,
    };
    if model.detail.order == order {
        return;
    }
    let fills = order.map(|id| model.desk.fills_of(id).cloned().collect()).unwrap_or_default();
    model.detail = Detail { order, fills, open: model.detail.open, top: 0, story: None };
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
