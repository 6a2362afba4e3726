//! Rows of fixed columns: heads, cells, flags; it must never leave a cell empty where a figure belongs.

use super::pen::{Pen, columns};
use super::theme::Token;

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Head.
    pub(super) head: &'static str,
    /// Columns of the terminal.
    pub(super) width: u16,
    /// Figures end at the right.
    pub(super) right: bool,
}

/// Left-aligned words.
#[must_use]
pub(super) const fn left(head: &'static str, width: u16) -> Column {
    Column { head, width, right: false }
}

/// Right-aligned figures.
#[must_use]
pub(super) const fn right(head: &'static str, width: u16) -> Column {
    Column { head, width, right: true }
}

/// One cell.
pub(super) type Cell = (String, Token);

/// Columns of the terminal a row takes.
#[must_use]
pub(super) fn width(columns: &[Column]) -> u16 {
    columns.iter().fold(2, |sum, column| sum.saturating_add(column.width).saturating_add(1))
}

/// As many columns as fit, from the left.
#[must_use]
pub(super) fn fitting(columns: &[Column], room: u16) -> &[Column] {
    let count = (0..=columns.len()).rev().find(|n| columns.get(..*n).is_some_and(|some| width(some) <= room));
    columns.get(..count.unwrap_or(0)).unwrap_or_default()
}

/// The same columns, words given the room that is left over as far as a cell of `rows` would be cut, from the left.
#[must_use]
pub(super) fn widened<'a>(shown: &[Column], room: u16, rows: impl Iterator<Item = &'a [Cell]>) -> Vec<Column> {
    let mut wide = shown.to_vec();
    let mut wanted: Vec<u16> = shown.iter().map(|column| column.width).collect();
    for cells in rows {
        for (wanted, (text, _)) in wanted.iter_mut().zip(cells) {
            *wanted = columns(text).max(*wanted);
        }
    }
    let mut spare = room.saturating_sub(width(shown));
    for (column, wanted) in wide.iter_mut().zip(wanted).filter(|(column, _)| !column.right) {
        let more = wanted.saturating_sub(column.width).min(spare);
        column.width = column.width.saturating_add(more);
        spare = spare.saturating_sub(more);
    }
    wide
}

/// Writes the heads; the zone of times is put into heads that begin with `Time`.
pub(super) fn heads(pen: &mut Pen<'_>, x: u16, y: u16, columns: &[Column], zone: &str) {
    let mut at = x.saturating_add(3);
    for column in columns {
        let head = if column.head.starts_with("Time") { format!("Time {zone}") } else { column.head.to_owned() };
        if column.right {
            pen.right(at, y, column.width, &head, Token::Muted);
        } else {
            pen.text(at, y, column.width, &head, Token::Muted);
        }
        at = at.saturating_add(column.width).saturating_add(1);
    }
}

/// Writes a row behind its two flags; a word that is cut says so, for an id that lost its end is another's.
pub(super) fn row(pen: &mut Pen<'_>, x: u16, y: u16, shown: &[Column], flags: &[Cell; 2], cells: &[Cell]) {
    for (at, (flag, token)) in (0_u16..).zip(flags) {
        pen.text(x.saturating_add(at), y, 1, flag, *token);
    }
    let mut at = x.saturating_add(3);
    for (column, (text, token)) in shown.iter().zip(cells) {
        if column.right {
            pen.right(at, y, column.width, text, *token);
        } else if columns(text) > column.width {
            pen.text(at, y, column.width.saturating_sub(1), text, *token);
            let cut = if pen.is_ascii() { ">" } else { "\u{2026}" };
            pen.text(at.saturating_add(column.width).saturating_sub(1), y, 1, cut, Token::Muted);
        } else {
            pen.text(at, y, column.width, text, *token);
        }
        at = at.saturating_add(column.width).saturating_add(1);
    }
}

/// The cursor's flag.
#[must_use]
pub(super) fn cursor_flag(here: bool) -> Cell {
    (if here { ">" } else { " " }.to_owned(), Token::Accent)
}
