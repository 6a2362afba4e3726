//! Bringing an order under the cursor: by a click, or from wherever it was named; it must change no order.

use turret_shared::ids::OrderId;

use super::effect::Effect;
use super::filter::Tab;
use super::geometry::geometry;
use super::moves::{in_flight, settle_cursors};
use super::{Model, Screen};

impl Model {
    /// Puts the cursor on an order, in a view that shows it; where none does it stands in full in place of the list.
    pub fn look_at(&mut self, order: OrderId, out: &mut Vec<Effect>) {
        let Some(row) = self.orders.get(order).copied() else {
            return self.tell("This order is not kept here any more.");
        };
        self.screen = Screen::Blotter;
        self.detail.open = false;
        if self.blotter.frozen.as_ref().is_some_and(|frozen| frozen.rows.iter().all(|row| row.id != order)) {
            self.blotter.frozen = None;
        }
        let mut shown = self.blotter.list.line_of(&row, &self.orders, &self.desk).is_some();
        if !shown {
            let day_start = self.day_start();
            let tab = [Tab::WorkingToday, Tab::Filled, Tab::Ended, Tab::NeedsMe];
            if let Some(tab) = tab.into_iter().find(|tab| tab.shows(&row, day_start)) {
                self.blotter.filter.clear();
                self.blotter.list.filter.tab = tab;
                self.refilter();
                shown = true;
            }
        }
        self.blotter.cursor = Some(order);
        settle_cursors(self, out);
        if !shown {
            self.detail.open = true;
            self.tell("It ended on an earlier day and no view lists it: here it is in full.");
            settle_cursors(self, out);
        }
    }

    /// The same, with the order in full where it has no place beside the list.
    pub(super) fn look_into(&mut self, order: OrderId, out: &mut Vec<Effect>) {
        self.look_at(order, out);
        self.detail.open |= self.order_here() == Some(order) && geometry(self).dock.is_none();
    }
}

/// A click on the blotter: the order or draft that is seen there.
pub(super) fn point(model: &mut Model, row: usize) {
    // What is on its way stands above the list.
    let Some(row) = row.checked_sub(in_flight(model)).filter(|_| !model.detail.open) else { return };
    if model.blotter.tab() == Tab::Drafts {
        let line = model.blotter.drafts_top.saturating_add(row);
        if line < model.drafts.len() {
            model.blotter.draft = line;
        }
        return;
    }
    if let Some(frozen) = &model.blotter.frozen {
        // The order that is seen, wherever it stands by now.
        model.blotter.cursor = frozen.rows.get(row).map(|row| row.id).or(model.blotter.cursor);
        return;
    }
    let line = model.blotter.top.saturating_add(row);
    if line < model.blotter.list.len() {
        model.blotter.put(line, &model.orders);
    }
}
