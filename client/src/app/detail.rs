//! The order looked at: its executions, those the feed told and those asked for; it must follow the cursor.

use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::role::Permission;
use turret_shared::view::{AuditView, FillState, FillView};
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::flight::{self, Question};
use super::orders::Row;

/// One order's executions.
#[derive(Debug, Default)]
pub struct Detail {
    /// Which order.
    pub order: Option<OrderId>,
    /// Its executions, oldest first.
    pub fills: Vec<FillView>,
    /// It stands in full in place of the list.
    pub open: bool,
    /// First line shown of it then.
    pub top: usize,
    /// What became of asking for those executions the feed did not tell.
    pub fetched: Fetched,
    /// What happened to it from its first entry on, oldest first, once the server told.
    pub story: Option<Vec<AuditView>>,
    /// Why the server told none.
    pub story_fault: Option<String>,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fetched {
    /// It was not asked.
    #[default]
    Unasked,
    /// It is under way.
    Asked,
    /// It was answered.
    Known,
    /// It brought no answer.
    Failed(String),
}

impl Detail {
    /// True when every execution that counts in the order's CumQty is known here.
    #[must_use]
    pub fn is_whole(&self, row: &Row) -> bool {
        let standing = self.fills.iter().filter(|fill| fill.state != FillState::Busted);
        standing.fold(0_i64, |sum, fill| sum.saturating_add(fill.last_qty.0)) == row.cum.0
    }

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
    if matches!(model.detail.fetched, Fetched::Failed(_)) {
        ask_fills(model, order, out);
    }
    if !model.questions.values().any(|question| *question == Question::Story(order)) {
        model.detail.story_fault = None;
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
    model.detail = Detail { order, fills, open: model.detail.open, ..Detail::default() };
    let executed = order.and_then(|id| model.orders.get(id)).filter(|row| !row.cum.is_zero()).map(|row| row.id);
    if let Some(id) = executed.filter(|_| model.can_send().is_ok()) {
        ask_fills(model, id, out);
    }
}

fn ask_fills(model: &mut Model, order: OrderId, out: &mut Vec<Effect>) {
    if flight::ask_fills(model, order, out) {
        model.detail.fetched = Fetched::Asked;
    }
}

/// A question about the order looked at brought no answer.
pub(super) fn failed(model: &mut Model, question: &Question, why: &str) {
    match question {
        Question::Fills(order) if model.detail.order == Some(*order) => {
            model.detail.fetched = Fetched::Failed(why.to_owned());
        }
        Question::Story(order) if model.detail.order == Some(*order) => {
            model.detail.story_fault = Some(why.to_owned());
        }
        _ => {}
    }
}

/// The server told an order's executions.
pub(super) fn fills_known(model: &mut Model, order: OrderId, mut fills: Vec<FillView>) {
    fills.sort_by_key(|fill| fill.exec_id);
    if model.detail.order == Some(order) {
        model.detail.fetched = Fetched::Known;
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
