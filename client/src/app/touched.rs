//! What of the last frame may look otherwise now, so that the rest need not be drawn again; it must draw nothing.
//!
//! Every message touches everything, unless it is known to touch less: a step of the blotter's cursor, and what only time and
//! the link tell. What is shown beside the list is always drawn again.

use super::filter::Tab;
use super::geometry::{fits, geometry};
use super::layout::{Col, fitting};
use super::session::Link;
use super::{Model, Screen, Stage};

/// What the next frame has to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Touched {
    /// Nothing.
    #[default]
    Nothing,
    /// All but the line of screens and the blotter's list.
    Beside,
    /// That, and two lines of the list, the topmost of the whole list being 0: the one the cursor left and the one it is on.
    Cursor {
        /// Left.
        from: usize,
        /// Reached.
        to: usize,
    },
    /// Anything.
    All,
}

impl Touched {
    /// Both, one after the other.
    pub(super) const fn and(self, later: Self) -> Self {
        match (self, later) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::Beside, other) | (other, Self::Beside) => other,
            (Self::Cursor { from, to: reached }, Self::Cursor { from: left, to }) if reached == left => {
                Self::Cursor { from, to }
            }
            _ => Self::All,
        }
    }
}

/// What the blotter's list looks like as a whole, while it is one that neither time nor a window changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    size: (u16, u16),
    top: usize,
    rows: usize,
    tab: Tab,
    marks: usize,
    utc: bool,
    zoomed: bool,
    up: bool,
    /// Lines of the message below.
    message: u16,
}

impl Standing {
    /// `None` while it may change with every message.
    pub(super) fn of(model: &Model) -> Option<Self> {
        let blotter = &model.blotter;
        let moves = model.stage != Stage::Desk
            || model.screen != Screen::Blotter
            || !fits(model.size)
            || !model.modals.is_empty()
            || !model.flights.is_empty()
            || model.in_snapshot
            || model.detail.open
            || blotter.typing
            || blotter.frozen.is_some()
            || blotter.tab() == Tab::Drafts;
        (!moves).then(|| Self {
            size: model.size,
            top: blotter.top,
            rows: blotter.list.len(),
            tab: blotter.tab(),
            marks: blotter.marks.len(),
            utc: model.utc,
            zoomed: blotter.zoomed,
            up: model.link == Link::Up,
            message: model.message_lines(),
        })
    }
}

/// What a message touched that is known to touch no more than `least`: everything if the list stood otherwise before, or shows
/// what time changes.
pub(super) fn after(model: &Model, before: Option<&Standing>, least: Touched) -> Touched {
    let stood = before.is_some() && before == Standing::of(model).as_ref();
    if stood && !model.waits_in_sight() && !shows_ages(model) { least } else { Touched::All }
}

/// Prices in the list look otherwise when they grow old.
fn shows_ages(model: &Model) -> bool {
    fitting(&model.blotter.arranged.layout, geometry(model).list.w).contains(&Col::Last)
}
