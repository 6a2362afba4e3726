//! Arranging the list shown: the column at hand, sorting by it, moving it, and taking the last change back; it must draw nothing.

use super::layout::Arrange;
use super::{Model, Screen};

impl Model {
    /// The arrangement of the list shown, where it has one.
    pub(super) fn arrangement(&mut self) -> Option<&mut dyn Arrange> {
        match self.screen {
            Screen::Blotter => Some(&mut self.blotter.arranged),
            Screen::Fills => Some(&mut self.lists.fills.arranged),
            Screen::Positions => Some(&mut self.lists.positions.arranged),
            Screen::Accounts => Some(&mut self.lists.accounts.arranged),
            _ => None,
        }
    }

    /// True when a change of the list shown can be taken back.
    #[must_use]
    pub(super) fn undoable(&self) -> bool {
        match self.screen {
            Screen::Blotter => self.blotter.arranged.undoable(),
            Screen::Fills => self.lists.fills.arranged.undoable(),
            Screen::Positions => self.lists.positions.arranged.undoable(),
            Screen::Accounts => self.lists.accounts.arranged.undoable(),
            _ => false,
        }
    }
}

fn elsewhere(model: &mut Model) {
    model.tell("This list's columns stand as they are.");
}

/// Left and Right: another column is at hand.
pub(super) fn step(model: &mut Model, right: bool) {
    let Some((head, sorts)) = model.arrangement().map(|list| list.step(right)) else { return };
    let sorts = if sorts { "{sort} sorts by it, " } else { "" };
    model.tell_keys(&format!("Column {head}: {sorts}{{column-left}} and {{column-right}} move it."));
}

/// `o`: sorts by the column at hand, or the other way round when it does already.
pub(super) fn sort(model: &mut Model) {
    let Some(sorted) = model.arrangement().map(Arrange::sort) else { return elsewhere(model) };
    told(model, sorted);
}

/// A click on the heads, `x` from the left of a row of `room` cells: sorts by the column that stands there.
pub(super) fn sort_at(model: &mut Model, room: u16, x: u16) {
    let Some(list) = model.arrangement() else { return };
    let Some(place) = list.place_at(room, x) else { return };
    let sorted = list.sort_at(place);
    told(model, sorted);
}

fn told(model: &mut Model, sorted: Result<(), &'static str>) {
    match sorted {
        Ok(()) => {
            if model.screen == Screen::Blotter {
                super::moves::choose_view(model);
            }
            apply(model);
        }
        Err(head) => {
            model.tell_keys(&format!("Nothing is sorted by {head}: {{left}} and {{right}} choose another column."));
        }
    }
}

/// `<` and `>`: moves the column at hand.
pub(super) fn shift(model: &mut Model, right: bool) {
    match model.arrangement() {
        Some(list) => list.shift(right),
        None => elsewhere(model),
    }
}

/// `u`: as it was before the last change.
pub(super) fn undo(model: &mut Model) {
    if let Some(list) = model.arrangement() {
        list.undo();
        apply(model);
    }
}

/// The blotter's rows stand as its layout says; the short lists are put in order when they are drawn.
pub(super) fn apply(model: &mut Model) {
    let layout = &model.blotter.arranged.layout;
    let (sort, ascending) = (layout.sort.sort(), layout.ascending);
    let list = &mut model.blotter.list;
    if (list.sort, list.ascending) != (sort, ascending) {
        (list.sort, list.ascending) = (sort, ascending);
        model.refilter();
    }
}
