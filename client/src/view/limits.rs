//! Limits in force, rule by rule, and the one under the cursor in full; it must show no figure the server did not give.

use turret_shared::denial::Figure;
use turret_shared::text::escaped;
use turret_shared::view::LimitView;

use super::arranged::filter;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::geometry::{Area, Geometry, list_rows};
use crate::app::{Model, help, limits, sought};
use crate::format;

const COLUMNS: [Column; 11] = [
    left("Rule", 15),
    left("Scope", 13),
    right("Limit", 13),
    right("Used now", 12),
    right("Use", 5),
    left("Kind", 4),
    left("Set by", 9),
    left("Since UTC", 10),
    right("Headroom", 16),
    right("Largest order", 16),
    left("Whose", 9),
];
/// Room for an amount with its currency beside it, where a column has several.
const MIXED: u16 = 16;

/// Columns of the labels in the pane about one limit.
const LABEL: usize = 12;
/// From this share of a limit on its use is marked, in percent.
const NEAR_PERCENT: i128 = 80;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let area = places.list;
    let rows = &model.limits.table.rows;
    let x = pen.text(area.x, area.y, area.w, "Limits", Token::Focus).saturating_add(2);
    let sought = &model.lists.sought.limits;
    let x = filter(pen, x, area.y, &sought.filter, sought.typing);
    let room = area.w.saturating_sub(x.saturating_sub(area.x));
    pen.text(x, area.y, room, &format!("{} in force; the tightest that applies binds", rows.len()), Token::Muted);
    let mixed = limits::currencies(rows) > 1;
    let mut columns = COLUMNS;
    for column in columns.iter_mut().filter(|column| mixed && matches!(column.head, "Limit" | "Used now")) {
        column.width = MIXED;
    }
    let columns = table::fitting(&columns, area.w);
    table::heads(pen, area.x, area.y.saturating_add(1), columns, "");
    let top = area.y.saturating_add(2);
    let fitting = sought::limits(model);
    let shown = fitting.iter().copied().skip(model.limits.picker.top).take(list_rows(area));
    for (y, (at, row)) in (top..).zip(shown) {
        let here = model.limits.picker.at == Some(at);
        let near = limits::left(row).is_some_and(|(_, percent)| percent >= NEAR_PERCENT);
        let flag = if near { ("!", Token::Warn) } else { (" ", Token::Text) };
        let flags = [table::cursor_flag(here), (flag.0.to_owned(), flag.1)];
        table::row(pen, area.x, y, columns, &flags, &cells(model, row, near, mixed));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if fitting.is_empty() {
        let none = rows.is_empty().then(|| model.limits.table.emptiness("No limit binds you."));
        let why = none.unwrap_or_else(|| sought::NONE_FITS.to_owned());
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, &why, Token::Muted);
    }
    if let Some(side) = places.dock.or(places.lower) {
        if places.dock.is_none() {
            pen.across(side.x, side.y.saturating_sub(1), side.w);
        }
        one(model).lines(pen, side, 0);
    }
}

fn cells(model: &Model, row: &LimitView, near: bool, mixed: bool) -> Vec<Cell> {
    let none = || (format::NONE.to_owned(), Token::Muted);
    let left = limits::left(row);
    let figure = |figure: &Figure| match figure {
        Figure::Money(amount, _) if !mixed => format::money(*amount),
        other => limits::figure(row.rule, other),
    };
    // What is judged order by order has its largest order in place of what lasts.
    let (used, token) = match (&row.used, near) {
        (Some(used), true) => (Some(used), Token::Warn),
        (Some(used), false) => (Some(used), Token::Text),
        (None, _) => (row.largest.as_ref(), Token::Muted),
    };
    let percent = left.as_ref().map(|(_, percent)| *percent).or_else(|| limits::largest_percent(row));
    let scope = limits::whose(model, row).unwrap_or_else(|| escaped(&row.scope));
    vec![
        (row.rule.to_string(), Token::Text),
        (scope, Token::Text),
        (figure(&row.limit), Token::Text),
        used.map_or_else(none, |used| (figure(used), token)),
        percent.map_or_else(none, |percent| (format!("{percent} %"), token)),
        (if row.soft { "soft" } else { "hard" }.into(), Token::Muted),
        limits::set_by(model, row).map_or_else(none, |by| (by, Token::Text)),
        row.since.map_or_else(none, |since| (format::date(since, &format::Zone::utc()), Token::Text)),
        left.map_or_else(none, |(figure, _)| (limits::figure(row.rule, &figure), Token::Text)),
        row.largest.as_ref().map_or_else(none, |most| (limits::figure(row.rule, most), Token::Text)),
        limits::whose(model, row).map_or_else(none, |login| (login, Token::Text)),
    ]
}

/// The one under the cursor, in full.
fn one(model: &Model) -> Sheet {
    let Some(row) = model.limits.chosen() else { return Sheet::default() };
    let line = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    let whose = limits::whose(model, row).map_or_else(String::new, |login| format!(", orders of {login}"));
    let mut lines = vec![
        Line::labelled("Rule", LABEL, row.rule.to_string(), Token::Focus)
            .and(format!("  for {}{whose}", escaped(&row.scope)), Token::Text),
        line("Limit", limits::figure(row.rule, &row.limit)).and(set(model, row), Token::Muted),
    ];
    match (&row.used, limits::left(row), &row.largest) {
        (Some(used), Some((left, percent)), _) => {
            let used = limits::figure(row.rule, used);
            let left = limits::figure(row.rule, &left);
            let headroom = format!("  {percent} %, headroom {left}");
            lines.push(line("Used now", used).and(headroom, Token::Muted));
        }
        (.., Some(largest)) => {
            let percent = limits::largest_percent(row).map_or_else(String::new, |percent| format!("  {percent} %"));
            let largest = limits::figure(row.rule, largest);
            lines.push(line("Largest now", largest).and(format!("{percent}, judged order by order"), Token::Muted));
        }
        _ => lines.push(Line::labelled("Used now", LABEL, "judged order by order: nothing lasts", Token::Muted)),
    }
    lines.push(line("May exceed", limits::who_may(model, row)));
    let meaning = help::meaning(row.rule.as_str()).unwrap_or_default();
    lines.push(Line::labelled("Meaning", LABEL, meaning.trim_start_matches("rule: "), Token::Muted));
    Sheet { lines, ..Sheet::default() }
}

/// Who set it and since when.
fn set(model: &Model, row: &LimitView) -> String {
    match (limits::set_by(model, row), row.since) {
        (Some(by), Some(since)) => {
            let who = if row.set_by.is_some() { format!("by {by}") } else { format!("at {by}") };
            format!("  set {who}, {}Z", format::day_and_time(since))
        }
        _ => String::new(),
    }
}
