//! Denied attempts and who reviewed them, and the window that asks what they were; it must show nothing a peer sent.

use turret_shared::attempt::{AttemptView, ReviewEnd};
use turret_shared::text::escaped;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{Cell, Column, left, right};
use super::theme::Token;
use super::users::{Listing, empty};
use crate::app::attempts::{self, Reviewing, line, who};
use crate::app::geometry::Area;
use crate::app::{Model, sought};
use crate::format;

const COLUMNS: [Column; 8] = [
    left("Last UTC", 12),
    left("Who", 11),
    left("Kind", 9),
    right("Count", 5),
    left("Answered", 17),
    left("Reviewed", 18),
    right("Device", 6),
    left("First UTC", 12),
];

/// Columns of the labels in the window.
const LABEL: usize = 9;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (&model.attempts.rows.rows, sought::attempts(model));
    let open = all.iter().filter(|row| row.reviewed.is_none()).count();
    let listing = Listing {
        title: "Denied",
        about: format!("{open} to review   {} reviewed of late", all.len().saturating_sub(open)),
        columns: &COLUMNS,
        count: rows.len(),
        top: model.attempts.picker.top,
        at: model.attempts.picker.line(&attempts::keys(model)),
        empty: empty(all.is_empty(), || model.attempts.rows.emptiness("Nothing was denied that nobody reviewed.")),
    };
    listing.draw(pen, model, area, |at| {
        rows.get(at).map_or((false, Vec::new()), |row| (row.reviewed.is_none(), cells(row)))
    });
}

fn cells(row: &AttemptView) -> Vec<Cell> {
    let token = if row.reviewed.is_some() { Token::Muted } else { Token::Text };
    let reviewed = row.reviewed.as_ref().map_or_else(
        || (format::NONE.into(), Token::Muted),
        |by| (format!("{} {}", escaped(&by.login), by.end.as_str()), Token::Muted),
    );
    vec![
        (format::day_and_time(row.time), token),
        (who(row), token),
        (row.kind.as_str().into(), token),
        (row.count.to_string(), token),
        (escaped(&row.reason), token),
        reviewed,
        (row.device.map_or_else(|| format::NONE.into(), |device| device.to_string()), token),
        (format::day_and_time(row.since), token),
    ]
}

/// The window that asks what they were.
pub(super) fn review(model: &Model, open: &Reviewing) -> Sheet {
    let mut sheet = Sheet { title: "REVIEW".into(), ..Sheet::default() };
    let row = &open.row;
    let line_of = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    sheet.line(Line::labelled("Denied", LABEL, line(row), Token::Focus));
    sheet.line(line_of("What", format!("{}, last answered {}", row.kind.says(), escaped(&row.reason))));
    let times = (format::day_and_time(row.since), format::day_and_time(row.time));
    sheet.line(line_of("When", format!("{}Z to {}Z", times.0, times.1)));
    sheet.line(Line::of("What was it? Up and Down choose; it is in the log with your name.", Token::Muted));
    for end in ReviewEnd::ALL {
        let (mark, token) = if end == open.end { (">", Token::Focus) } else { (" ", Token::Text) };
        sheet.line(Line::of(format!(" {mark} {}", end.sentence()), token));
    }
    let keys = model.keys.say("        {confirm} reviewed        Esc back");
    sheet.line(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
