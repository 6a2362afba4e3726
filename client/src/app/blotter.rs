//! The blotter's state: cursor and marks by OrderID, tab, filter, sort; it must never let either slide to another order.

use std::collections::BTreeSet;

use turret_shared::ids::OrderId;

use super::desk::Desk;
use super::field::Field;
use super::filter::Tab;
use super::layout::{Arrangement, Col};
use super::list::List;
use super::orders::{Orders, Row};

/// Longest filter typed.
pub(super) const FILTER_CHARS_MAX: usize = 40;

/// The list held still: what was shown when it was frozen.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The rows as they were.
    pub rows: Vec<Row>,
    /// Since, in monotonic milliseconds.
    pub since_ms: u64,
    /// Changes since then.
    pub waiting: usize,
}

/// Cursor, marks and what the list shows.
#[derive(Debug)]
pub struct Blotter {
    /// The rows shown.
    pub list: List,
    /// The order the cursor stands on.
    pub cursor: Option<OrderId>,
    /// The line it stood on last, for when its order leaves the view.
    pub line: usize,
    /// First line shown.
    pub top: usize,
    /// Marked orders.
    pub marks: BTreeSet<OrderId>,
    /// Where a range of marks began.
    pub range_from: Option<OrderId>,
    /// Typed filter.
    pub filter: Field,
    /// Keys go to the filter.
    pub typing: bool,
    /// The list alone, with more columns.
    pub zoomed: bool,
    /// Held still.
    pub frozen: Option<Frozen>,
    /// Columns and sort, as the person arranged them.
    pub arranged: Arrangement<Col>,
    /// The lines a message moved the cursor from and to, and nothing else.
    pub(super) stepped: Option<(usize, usize)>,
    /// The draft the cursor stands on, in the tab of drafts.
    pub draft: usize,
    /// The first draft shown.
    pub drafts_top: usize,
    /// The draft that goes at the next such key, and when that was said, in monotonic milliseconds.
    pub(super) doomed: Option<(usize, u64)>,
}

impl Default for Blotter {
    fn default() -> Self {
        Self {
            list: List::default(),
            cursor: None,
            line: 0,
            top: 0,
            marks: BTreeSet::new(),
            range_from: None,
            filter: Field::new(FILTER_CHARS_MAX),
            typing: false,
            zoomed: false,
            frozen: None,
            arranged: Arrangement::new(Col::Time),
            stepped: None,
            draft: 0,
            drafts_top: 0,
            doomed: None,
        }
    }
}

impl Blotter {
    /// The tab shown.
    #[must_use]
    pub const fn tab(&self) -> Tab {
        self.list.filter.tab
    }

    /// The line the cursor's order is shown on; `None` when it is not in this view.
    #[must_use]
    pub fn cursor_line(&self, orders: &Orders, desk: &Desk) -> Option<usize> {
        self.list.line_of(orders.get(self.cursor?)?, orders, desk)
    }

    /// True when the cursor's order is among the rows drawn: those of the list, or those held still.
    #[must_use]
    pub fn cursor_is_seen(&self, orders: &Orders, desk: &Desk) -> bool {
        match (&self.frozen, self.cursor) {
            (Some(frozen), Some(order)) => frozen.rows.iter().any(|row| row.id == order),
            _ => self.cursor_line(orders, desk).is_some(),
        }
    }

    /// The person chose another view: where it does not have the cursor's order the cursor goes to its first row.
    pub fn enter_view(&mut self, orders: &Orders, desk: &Desk) {
        if self.cursor_line(orders, desk).is_none() {
            self.put(0, orders);
        }
    }

    /// Rows came or went: the cursor's order stays on its line of the screen, except at the very top, where the newest shows.
    pub fn keep_still(&mut self, line_before: Option<usize>, orders: &Orders, desk: &Desk) {
        if let Some(frozen) = &mut self.frozen {
            frozen.waiting = frozen.waiting.saturating_add(1);
        }
        let Some(line) = self.cursor_line(orders, desk) else {
            if self.cursor.is_none() {
                self.put(0, orders);
            }
            return;
        };
        if let (Some(before), true) = (line_before, self.top > 0) {
            self.top = self.top.saturating_add(line).saturating_sub(before);
        }
        self.line = line;
    }

    /// Moves the cursor to a line of the list.
    pub fn put(&mut self, line: usize, orders: &Orders) {
        let line = line.min(self.list.len().saturating_sub(1));
        if let Some(row) = self.list.place_at(line).and_then(|place| orders.at(place)) {
            self.cursor = Some(row.id);
            self.line = line;
        }
    }

    /// Moves it by lines; from an order that left the view it goes to where that stood. Gives the line it left and the one it
    /// is on, if it was in the view. Where the list is held still it moves over those `rows` of it that are drawn.
    pub fn step(&mut self, by: isize, rows: usize, orders: &Orders, desk: &Desk) -> Option<(usize, usize)> {
        if let Some(frozen) = &self.frozen {
            let at = frozen.rows.iter().position(|row| Some(row.id) == self.cursor);
            let last = rows.min(frozen.rows.len()).saturating_sub(1);
            let line = at.map_or(0, |at| at.saturating_add_signed(by)).min(last);
            self.cursor = frozen.rows.get(line).map(|row| row.id).or(self.cursor);
            return None;
        }
        let left = self.cursor_line(orders, desk);
        self.put(left.map_or(self.line, |line| line.saturating_add_signed(by)), orders);
        left.map(|left| (left, self.line))
    }

    /// Scrolls so that the cursor is among `height` lines.
    pub fn follow(&mut self, height: usize, orders: &Orders, desk: &Desk) {
        let last = self.list.len().saturating_sub(height);
        if let Some(line) = self.cursor_line(orders, desk) {
            let lowest = line.saturating_sub(height.saturating_sub(1));
            self.top = self.top.clamp(lowest.min(line), line);
        }
        self.top = self.top.min(last);
    }

    /// Scrolls the drafts so that the one under the cursor is among `height` lines.
    pub fn follow_drafts(&mut self, height: usize, count: usize) {
        self.draft = self.draft.min(count.saturating_sub(1));
        let lowest = self.draft.saturating_sub(height.saturating_sub(1));
        self.drafts_top = self.drafts_top.clamp(lowest, self.draft).min(count.saturating_sub(height));
    }

    /// Marks or unmarks an order.
    pub fn mark(&mut self, order: OrderId) {
        if !self.marks.remove(&order) {
            self.marks.insert(order);
        }
    }

    /// Begins a range at an order, or marks from where it began to the cursor.
    pub fn mark_range(&mut self, here: OrderId, orders: &Orders, desk: &Desk) {
        let Some(from) = self.range_from.take() else {
            self.range_from = Some(here);
            return;
        };
        if let Some(frozen) = &self.frozen {
            let line = |order: OrderId| frozen.rows.iter().position(|row| row.id == order);
            let (Some(a), Some(b)) = (line(from), line(here)) else { return };
            let count = a.max(b).saturating_sub(a.min(b)).saturating_add(1);
            self.marks.extend(frozen.rows.iter().skip(a.min(b)).take(count).map(|row| row.id));
            return;
        }
        let from = orders.get(from).and_then(|row| self.list.line_of(row, orders, desk));
        let (Some(a), Some(b)) = (from, self.cursor_line(orders, desk)) else { return };
        let count = a.max(b).saturating_sub(a.min(b)).saturating_add(1);
        let ids: Vec<OrderId> =
            self.list.window(a.min(b), count).filter_map(|place| orders.at(place)).map(|row| row.id).collect();
        self.marks.extend(ids);
    }

    /// How many marked orders this view does not show.
    #[must_use]
    pub fn marks_hidden(&self, orders: &Orders, desk: &Desk) -> usize {
        let shown = |id: &OrderId| orders.get(*id).and_then(|row| self.list.line_of(row, orders, desk)).is_some();
        self.marks.iter().filter(|id| !shown(id)).count()
    }
}
