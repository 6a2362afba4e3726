//! Limits in force, rule by rule, and the one under the cursor in full; it must show no figure the server did not give.

use turret_shared::text::escaped;
use turret_shared::view::LimitView;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::geometry::{Area, Geometry, list_rows};
use crate::app::{Model, help, limits};
use crate::format;

const COLUMNS: [Column; 7] = [
    left("Rule", 15),
    left("Scope", 13),
    right("Limit", 16),
    right("Used now", 16),
    right("Use", 5),
    left("Kind", 4),
    right("Headroom", 16),
];

/// Columns of the labels in the pane about one limit.
const LABEL: usize = 11;
/// From this share of a limit on its use is marked, in percent.
const NEAR_PERCENT: i128 = 80;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let area = places.list;
    let rows = &model.limits.table.rows;
    let x = pen.text(area.x, area.y, area.w, "Limits", Token::Focus).saturating_add(2);
    let room = area.w.saturating_sub(x.saturating_sub(area.x));
    pen.text(x, area.y, room, &format!("{} in force; the tightest that applies binds", rows.len()), Token::Muted);
    let columns = table::fitting(&COLUMNS, area.w);
    table::heads(pen, area.x, area.y.saturating_add(1), columns, "");
    let top = area.y.saturating_add(2);
    let shown = rows.iter().enumerate().skip(model.limits.picker.top).take(list_rows(area));
    for (y, (at, row)) in (top..).zip(shown) {
        let here = model.limits.picker.at == Some(at);
        let near = limits::left(row).is_some_and(|(_, percent)| percent >= NEAR_PERCENT);
        let flag = if near { ("!", Token::Warn) } else { (" ", Token::Text) };
        let flags = [table::cursor_flag(here), (flag.0.to_owned(), flag.1)];
        table::row(pen, area.x, y, columns, &flags, &cells(row, near));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if rows.is_empty() {
        let why = model.limits.table.emptiness("No limit binds you.");
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, &why, Token::Muted);
    }
    if let Some(side) = places.dock.or(places.lower) {
        if places.dock.is_none() {
            pen.across(side.x, side.y.saturating_sub(1), side.w);
        }
        one(model).lines(pen, side, 0);
    }
}

fn cells(row: &LimitView, near: bool) -> Vec<Cell> {
    let none = || format::NONE.to_owned();
    let left = limits::left(row);
    let token = if near { Token::Warn } else { Token::Text };
    vec![
        (row.rule.to_string(), Token::Text),
        (escaped(&row.scope), Token::Text),
        (limits::figure(row.rule, &row.limit), Token::Text),
        (row.used.as_ref().map_or_else(none, |used| limits::figure(row.rule, used)), token),
        (left.as_ref().map_or_else(none, |(_, percent)| format!("{percent} %")), token),
        (if row.soft { "soft" } else { "hard" }.into(), Token::Muted),
        (left.map_or_else(none, |(figure, _)| limits::figure(row.rule, &figure)), Token::Text),
    ]
}

/// The one under the cursor, in full.
fn one(model: &Model) -> Sheet {
    let Some(row) = model.limits.chosen() else { return Sheet::default() };
    let line = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    let mut lines = vec![
        Line::labelled("Rule", LABEL, row.rule.to_string(), Token::Focus)
            .and(format!("  for {}", escaped(&row.scope)), Token::Text),
        line("Limit", limits::figure(row.rule, &row.limit)),
    ];
    match (&row.used, limits::left(row)) {
        (Some(used), Some((left, percent))) => {
            let used = limits::figure(row.rule, used);
            lines.push(line("Used now", used).and(format!("  {percent} %"), Token::Muted));
            lines.push(line("Headroom", limits::figure(row.rule, &left)));
        }
        _ => lines.push(Line::labelled("Used now", LABEL, "judged order by order: nothing lasts", Token::Muted)),
    }
    lines.push(line("May exceed", limits::who_may(model, row)));
    let meaning = help::meaning(row.rule.as_str()).unwrap_or_default();
    lines.push(Line::labelled("Meaning", LABEL, meaning.trim_start_matches("rule: "), Token::Muted));
    Sheet { lines, ..Sheet::default() }
}
