//! Sources that are let in no more for a while, and the form that bans one; it must show none the server did not name.

use turret_shared::ban::BanView;
use turret_shared::text::escaped;
use turret_shared::time::NS_PER_S;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{Cell, Column, left, right};
use super::theme::Token;
use super::users::{Listing, empty};
use crate::app::bans::{self, BanForm};
use crate::app::geometry::Area;
use crate::app::{Model, sought};
use crate::format;

const COLUMNS: [Column; 8] = [
    left("Source", 21),
    left("Why", 13),
    right("Ends in", 8),
    right("Count", 5),
    left("Set UTC", 12),
    left("By", 11),
    left("Ends UTC", 12),
    right("Ban", 20),
];

/// Seconds in a minute.
const MINUTE_S: i64 = 60;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (&model.bans.rows.rows, sought::bans(model));
    let by_hand = all.iter().filter(|row| !row.by.is_empty()).count();
    let listing = Listing {
        title: "Bans",
        about: format!("{} in force   by hand {by_hand}", all.len()),
        columns: &COLUMNS,
        count: rows.len(),
        top: model.bans.picker.top,
        at: model.bans.picker.line(&bans::keys(model)),
        empty: empty(all.is_empty(), || model.bans.rows.emptiness("Nobody is banned.")),
    };
    listing.draw(pen, model, area, |at| rows.get(at).map_or((false, Vec::new()), |row| (false, cells(model, row))));
}

fn cells(model: &Model, row: &BanView) -> Vec<Cell> {
    let text = |text: String| (text, Token::Text);
    let by = if row.by.is_empty() { ("the server".into(), Token::Muted) } else { text(escaped(&row.by)) };
    vec![
        text(escaped(&row.source)),
        text(escaped(&row.why)),
        text(left_of(model, row)),
        text(row.times.to_string()),
        text(format::day_and_time(row.since)),
        by,
        text(format::day_and_time(row.until)),
        (row.ban.to_string(), Token::Muted),
    ]
}

/// What is left of it, in whole minutes and then seconds.
fn left_of(model: &Model, row: &BanView) -> String {
    let seconds = row.until.since(model.now.wall).max(0) / NS_PER_S;
    if seconds >= MINUTE_S { format!("{} min", seconds / MINUTE_S) } else { format!("{seconds} s") }
}

/// The form.
pub(super) fn form(open: &BanForm) -> Sheet {
    let mut sheet = Sheet { title: "BAN A SOURCE  nothing is sent yet".into(), ..Sheet::default() };
    let before = |field: &crate::app::field::Field| super::pen::columns(field.before_cursor());
    sheet.line(
        Line::labelled("Source", 9, "", Token::Text)
            .field(open.source.text(), before(&open.source), 40, !open.on_minutes, false)
            .and("  an address", Token::Muted),
    );
    sheet.line(
        Line::labelled("Minutes", 9, "", Token::Text)
            .field(open.minutes.text(), before(&open.minutes), 6, open.on_minutes, true)
            .and("  a day at most", Token::Muted),
    );
    sheet.line(Line::of("Of an IPv6 address its /64 is meant.", Token::Muted));
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
