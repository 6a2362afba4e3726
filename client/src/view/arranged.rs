//! Lists whose columns a person arranges: which stand where, and how the one at hand looks; it must change no arrangement.

use super::pen::Pen;
use super::table::{self, Cell, Column};
use super::theme::Token;
use super::typed;
use crate::app::field::Field;
use crate::app::geometry::Area;
use crate::app::layout::{Arranged, Arrangement, fitting};
use crate::format;

/// Columns as they stand: which, and how each looks.
#[derive(Debug, Clone)]
pub(super) struct Shown<C> {
    /// Which.
    pub(super) order: Vec<C>,
    /// How each looks.
    pub(super) columns: Vec<Column>,
}

/// The columns as the person arranged them, as many as fit.
pub(super) fn arranged<C: Arranged>(arrangement: &Arrangement<C>, room: u16) -> Shown<C> {
    let order = fitting(&arrangement.layout, room).to_vec();
    let shape = |col: &C| Column { head: col.head(), width: col.width(), right: col.right() };
    let columns = order.iter().map(shape).collect();
    Shown { order, columns }
}

/// Cells in the usual order, put as the columns stand; what has none is not applicable.
pub(super) fn picked<C: Arranged>(order: &[C], cells: &[Cell]) -> Vec<Cell> {
    let usual = |col: &C| C::ALL.iter().position(|known| known == col);
    let none = || (format::NONE.to_owned(), Token::Muted);
    order.iter().map(|col| usual(col).and_then(|at| cells.get(at).cloned()).unwrap_or_else(none)).collect()
}

/// The head of the column `o`, `<` and `>` are about, once it is another than the first.
pub(super) fn column_at_hand<C: Arranged>(pen: &mut Pen<'_>, column: C, shown: &Shown<C>, area: Area) {
    let Some(at) = shown.order.iter().position(|col| *col == column).filter(|at| *at > 0) else { return };
    let x = table::width(shown.columns.get(..at).unwrap_or_default()).saturating_add(1);
    let w = shown.columns.get(at).map_or(0, |column| column.width);
    let style = pen.theme.style(Token::Focus);
    pen.over(Area { x: area.x.saturating_add(x), y: area.y.saturating_add(1), w, h: 1 }, style);
}

/// The heads of a list, the one at hand marked.
pub(super) fn heads<C: Arranged>(
    pen: &mut Pen<'_>,
    arrangement: &Arrangement<C>,
    shown: &Shown<C>,
    area: Area,
    zone: &str,
) {
    table::heads(pen, area.x, area.y.saturating_add(1), &shown.columns, zone);
    column_at_hand(pen, arrangement.column, shown, area);
}

/// Cells the words typed over a list take at most.
pub(super) const FILTER_CELLS: u16 = 42;

/// The words typed over a list; gives where the next text begins.
pub(super) fn filter(pen: &mut Pen<'_>, x: u16, y: u16, filter: &Field, typing: bool) -> u16 {
    if !typing && filter.is_empty() {
        return x;
    }
    typed::line(pen, (x, y), FILTER_CELLS, "/", filter, typing).saturating_add(2)
}

/// `sort Qty desc`, where it is not what it is at first.
pub(super) fn sort<C: Arranged>(arrangement: &Arrangement<C>) -> String {
    let layout = &arrangement.layout;
    if C::ALL.first() == Some(&layout.sort) && layout.ascending == C::ASCENDING {
        return String::new();
    }
    format!("   sort {} {}", layout.sort.head(), if layout.ascending { "asc" } else { "desc" })
}
