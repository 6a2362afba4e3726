//! Arranging the desk: columns, sort, tab, filter and colours, taken back where that can be, and kept; it must draw nothing.

use super::blotter::FILTER_CHARS_MAX;
use super::effect::Effect;
use super::field::Field;
use super::filter::Tab;
use super::layout::Layout;
use super::look::Hues;
use super::{Model, Screen, Stage};

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
pub(super) fn sort(model: &mut Model) {
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
    changed(model, before);
}

/// `<` and `>`: moves the column at hand.
pub(super) fn shift(model: &mut Model, right: bool) {
    if elsewhere(model) {
        return;
    }
    let before = model.blotter.layout.clone();
    if model.blotter.layout.shift(model.blotter.column, right) {
        changed(model, before);
    }
}

/// `u`: as it was before the last change.
pub(super) fn undo(model: &mut Model) {
    if let Some(before) = model.blotter.layouts_before.pop() {
        model.blotter.layout = before;
        apply(model);
    }
}

fn changed(model: &mut Model, before: Layout) {
    let kept = &mut model.blotter.layouts_before;
    if kept.len() >= UNDO_MAX {
        kept.remove(0);
    }
    kept.push(before);
    apply(model);
}

fn apply(model: &mut Model) {
    let Layout { sort, ascending, .. } = model.blotter.layout;
    let list = &mut model.blotter.list;
    if (list.sort, list.ascending) != (sort, ascending) {
        (list.sort, list.ascending) = (sort, ascending);
        model.refilter();
    }
}

/// What stands before a word of the line.
const TAB: &str = "tab=";
/// See [`TAB`].
const THEME: &str = "theme=";
/// Last, for what was typed may have any word in it.
const FILTER: &str = " filter=";

/// All of it as one line: `blotter-1 columns=... sort=time desc tab=working theme=contrast filter=aapl new`.
fn line(model: &Model) -> String {
    let mut line = format!("{} {TAB}{}", model.blotter.layout.encode(), model.blotter.tab().key());
    if let Some(hues) = model.look.choice() {
        line.push_str(&format!(" {THEME}{}", hues.word()));
    }
    if !model.blotter.filter.is_empty() {
        line.push_str(&format!("{FILTER}{}", model.blotter.filter.text()));
    }
    line
}

/// A session begins: what stands now need not be kept.
pub(super) fn begin(model: &mut Model) {
    model.layout_kept = line(model);
}

/// Has it kept when it is another than before; not with every letter of a filter.
pub(super) fn keep(model: &mut Model, out: &mut Vec<Effect>) {
    if model.stage != Stage::Desk || model.blotter.typing {
        return;
    }
    let line = line(model);
    if line != model.layout_kept {
        model.layout_kept.clone_from(&line);
        out.push(Effect::KeepLayout(line));
    }
}

/// What the person had arranged last time.
pub(super) fn restore(model: &mut Model, line: &str) {
    let (words, filter) = line.split_once(FILTER).unwrap_or((line, ""));
    let Some(layout) = Layout::decode(words) else { return };
    let word = |before: &str| words.split_whitespace().find_map(|word| word.strip_prefix(before));
    let tab = word(TAB).and_then(|key| Tab::ALL.into_iter().find(|tab| tab.key() == key));
    if let Some(hues) = word(THEME).and_then(Hues::named) {
        model.look.choose(hues);
    }
    model.blotter.layout = layout;
    model.blotter.list.filter.tab = tab.unwrap_or_default();
    model.blotter.filter = Field::filled(filter, FILTER_CHARS_MAX);
    let Layout { sort, ascending, .. } = model.blotter.layout;
    (model.blotter.list.sort, model.blotter.list.ascending) = (sort, ascending);
    model.refilter();
    begin(model);
}
