//! How the cells of the terminal are shared out: pure arithmetic that update and view both use; it must draw nothing.

use super::{Model, Screen};
use crate::app::modal::Modal;

/// Smallest width served.
pub const WIDTH_MIN: u16 = 80;
/// Smallest height served.
pub const HEIGHT_MIN: u16 = 24;
/// From this width detail docks to the right.
const WIDTH_DOCK: u16 = 120;
/// From this width depth and trades join.
const WIDTH_FULL: u16 = 200;
/// From this height executions and story stand below the list.
const HEIGHT_LOWER: u16 = 36;
/// Width of a docked pane, its separator aside.
pub const DOCK: u16 = 39;

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Leftmost column.
    pub x: u16,
    /// Topmost line.
    pub y: u16,
    /// Columns.
    pub w: u16,
    /// Lines.
    pub h: u16,
}

impl Area {
    /// The rightmost `width` columns and what is left of them, one column between.
    #[must_use]
    pub const fn split_right(self, width: u16) -> (Self, Self) {
        let left = self.w.saturating_sub(width).saturating_sub(1);
        let x = self.x.saturating_add(left).saturating_add(1);
        (Self { w: left, ..self }, Self { x, w: width, ..self })
    }

    /// The top `height` lines and what is below, one line between.
    #[must_use]
    pub const fn split_top(self, height: u16) -> (Self, Self) {
        let y = self.y.saturating_add(height).saturating_add(1);
        let below = self.h.saturating_sub(height).saturating_sub(1);
        (Self { h: height, ..self }, Self { y, h: below, ..self })
    }

    /// True when the cell lies in it.
    #[must_use]
    pub const fn has(self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.x.saturating_add(self.w) && y >= self.y && y < self.y.saturating_add(self.h)
    }
}

/// Where everything stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Geometry {
    /// The screen's main list or pane, heads included.
    pub list: Area,
    /// Below the list: executions and story.
    pub lower: Option<Area>,
    /// To the right: detail, ticket or denial.
    pub dock: Option<Area>,
    /// To the right of that: depth and trades.
    pub market: Option<Area>,
}

/// True when the terminal is large enough.
#[must_use]
pub const fn fits(size: (u16, u16)) -> bool {
    size.0 >= WIDTH_MIN && size.1 >= HEIGHT_MIN
}

/// True when ticket and denial dock instead of floating.
#[must_use]
pub fn docks(model: &Model) -> bool {
    model.size.0 >= WIDTH_DOCK && model.size.1 >= HEIGHT_LOWER.saturating_sub(4)
}

/// The body between tab line and message, which takes as many lines as it needs to be read.
#[must_use]
pub fn body(model: &Model) -> Area {
    let (w, h) = model.size;
    Area { x: 0, y: 2, w, h: h.saturating_sub(3).saturating_sub(model.message_lines()) }
}

/// Where an order in full stands: in place of the list and of what is below it.
#[must_use]
pub fn page(model: &Model) -> Area {
    let places = geometry(model);
    let below = places.lower.map_or(0, |lower| lower.h.saturating_add(1));
    Area { h: places.list.h.saturating_add(below), ..places.list }
}

/// Shares out the body for the screen shown.
#[must_use]
pub fn geometry(model: &Model) -> Geometry {
    let whole = body(model);
    match model.screen {
        Screen::Blotter | Screen::Fills => orders(model, whole),
        Screen::Quotes => quotes(model, whole),
        Screen::Audit | Screen::Alerts | Screen::Limits | Screen::Approvals if model.size.0 >= WIDTH_DOCK => {
            let (list, dock) = whole.split_right(DOCK);
            Geometry { list, dock: Some(dock), ..Geometry::default() }
        }
        Screen::Approvals => {
            let (list, lower) = whole.split_top(whole.h.saturating_sub(10));
            Geometry { list, lower: Some(lower), ..Geometry::default() }
        }
        Screen::Audit | Screen::Alerts | Screen::Limits => {
            let (list, lower) = whole.split_top(whole.h.saturating_sub(7));
            Geometry { list, lower: Some(lower), ..Geometry::default() }
        }
        Screen::Users if model.size.0 >= WIDTH_DOCK => {
            let (left, dock) = whole.split_right(DOCK);
            let dock = Some(dock);
            if model.size.1 < HEIGHT_LOWER {
                return Geometry { list: left, dock, ..Geometry::default() };
            }
            let (list, lower) = left.split_top(left.h / 2);
            Geometry { list, lower: Some(lower), dock, market: None }
        }
        Screen::Users => {
            let (list, lower) = whole.split_top(whole.h.saturating_sub(7));
            Geometry { list, lower: Some(lower), ..Geometry::default() }
        }
        Screen::Positions
        | Screen::Accounts
        | Screen::Sessions
        | Screen::Devices
        | Screen::House
        | Screen::Bans
        | Screen::Denied => {
            let docked = docks(model) && money_modal(model);
            if docked {
                let (list, dock) = whole.split_right(DOCK);
                return Geometry { list, dock: Some(dock), ..Geometry::default() };
            }
            Geometry { list: whole, ..Geometry::default() }
        }
    }
}

fn money_modal(model: &Model) -> bool {
    model.modals.iter().any(|modal| matches!(modal, Modal::Ticket(_) | Modal::Denied(_)))
}

fn orders(model: &Model, whole: Area) -> Geometry {
    let zoomed = model.blotter.zoomed && !money_modal(model);
    if zoomed || !docks(model) {
        return Geometry { list: whole, ..Geometry::default() };
    }
    let (left, market) = if model.size.0 >= WIDTH_FULL {
        let (left, market) = whole.split_right(DOCK);
        (left, Some(market))
    } else {
        (whole, None)
    };
    let (left, dock) = left.split_right(DOCK);
    let dock = Some(dock);
    if model.size.1 < HEIGHT_LOWER {
        return Geometry { list: left, lower: None, dock, market };
    }
    // Two lines more for group line and heads.
    let rows = left.h.saturating_sub(2) / 2;
    let (list, lower) = left.split_top(rows.saturating_add(2));
    Geometry { list, lower: Some(lower), dock, market }
}

fn quotes(model: &Model, whole: Area) -> Geometry {
    if model.quotes.zoomed && !money_modal(model) {
        let chart = model.chart.shape != super::chart::Shape::Ladder;
        return match model.quotes.pane {
            _ if chart => Geometry { market: Some(whole), ..Geometry::default() },
            super::quotes::Pane::List => Geometry { list: whole, ..Geometry::default() },
            super::quotes::Pane::Ladder => Geometry { market: Some(whole), ..Geometry::default() },
        };
    }
    if model.size.0 < WIDTH_DOCK {
        let (left, ladder) = whole.split_right(36);
        let (list, lower) = left.split_top(left.h.saturating_sub(5));
        return Geometry { list, lower: Some(lower), dock: None, market: Some(ladder) };
    }
    let (left, right) = whole.split_right(DOCK);
    let docked = docks(model) && money_modal(model);
    let (left, dock, market) = if model.size.0 >= WIDTH_FULL && docked {
        let (left, dock) = left.split_right(DOCK);
        (left, Some(dock), Some(right))
    } else if docked {
        (left, Some(right), None)
    } else {
        (left, None, Some(right))
    };
    let (list, lower) = left.split_top(left.h / 2);
    Geometry { list, lower: Some(lower), dock, market }
}

/// Lines for rows in a list area: group line and heads stand above them.
#[must_use]
pub const fn list_rows(area: Area) -> usize {
    area.h.saturating_sub(2) as usize
}
