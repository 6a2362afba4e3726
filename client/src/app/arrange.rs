//! Arranging the blotter: the column at hand, sorting by it, moving it, and taking the last change back; it must draw nothing.

use super::effect::Effect;
use super::layout::Layout;
use super::{Model, Screen};

/// Changes that can be taken back.
const UNDO_MAX: usize = 20;

fn elsewhere(model: &mut Model) -> bool {
    let other = model.screen != Screen::Blotter;
    if other {
        model.tell("Only the blotter's columns are moved and sorted by.");
    }
    other
}

/// Left and Right: another column is at hand.
pub(super) fn step(model: &mut Model, right: bool) {
    let col = model.blotter.layout.beside(model.blotter.column, right);
    model.blotter.column = col;
    let sorts = if col.sort().is_some() { "{sort} sorts by it, " } else { "" };
    model.tell_keys(&format!("Column {}: {sorts}{{column-left}} and {{column-right}} move it.", col.head()));
}

/// `o`: sorts by the column at hand, or the other way round when it does already.
pub(super) fn sort(model: &mut Model, out: &mut Vec<Effect>) {
    if elsewhere(model) {
        return;
    }
    let Some(key) = model.blotter.column.sort() else {
        let head = model.blotter.column.head();
        return model.tell_keys(&format!("Nothing is sorted by {head}: {{left}} and {{right}} choose another column."));
    };
    let before = model.blotter.layout.clone();
    let layout = &mut model.blotter.layout;
    layout.ascending = layout.sort == key && !layout.ascending;
    layout.sort = key;
    changed(model, before, out);
}

/// `<` and `>`: moves the column at hand.
pub(super) fn shift(model: &mut Model, right: bool, out: &mut Vec<Effect>) {
    if elsewhere(model) {
        return;
    }
    let before = model.blotter.layout.clone();
    if model.blotter.layout.shift(model.blotter.column, right) {
        changed(model, before, out);
    }
}

/// `u`: as it was before the last change.
pub(super) fn undo(model: &mut Model, out: &mut Vec<Effect>) {
    if let Some(before) = model.blotter.layouts_before.pop() {
        model.blotter.layout = before;
        apply(model);
        out.push(Effect::KeepLayout(model.blotter.layout.encode()));
    }
}

fn changed(model: &mut Model, before: Layout, out: &mut Vec<Effect>) {
    let kept = &mut model.blotter.layouts_before;
    if kept.len() >= UNDO_MAX {
        kept.remove(0);
    }
    kept.push(before);
    apply(model);
    out.push(Effect::KeepLayout(model.blotter.layout.encode()));
}

fn apply(model: &mut Model) {
    let Layout { sort, ascending, .. } = model.blotter.layout;
    let list = &mut model.blotter.list;
    if (list.sort, list.ascending) != (sort, ascending) {
        (list.sort, list.ascending) = (sort, ascending);
        model.refilter();
    }
}

/// What the person had arranged last time.
pub(super) fn restore(model: &mut Model, line: &str) {
    if let Some(layout) = Layout::decode(line) {
        model.blotter.layout = layout;
        apply(model);
    }
}
