//! The alerts, newest first, with the one under the cursor in full; it must show those put away only when asked to.

use turret_shared::text::escaped;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left};
use super::theme::Token;
use crate::app::Model;
use crate::app::alerts::Alert;
use crate::app::geometry::{Area, Geometry, list_rows};
use crate::format;

const COLUMNS: [Column; 4] = [left("Time", 8), left("What", 9), left("Order", 11), left("Detail", 20)];

/// Columns of the labels in the pane about one alert.
const LABEL: usize = 9;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let area = places.list;
    head(pen, model, area);
    let zone = model.zone();
    let mut columns = COLUMNS;
    let spare = area.w.saturating_sub(table::width(&columns));
    if let Some(detail) = columns.last_mut() {
        detail.width = detail.width.saturating_add(spare);
    }
    table::heads(pen, area.x, area.y.saturating_add(1), &columns, zone.label);
    let top = area.y.saturating_add(2);
    for (y, alert) in (top..).zip(model.alerts.shown().skip(model.alerts.picker.top).take(list_rows(area))) {
        let here = model.alerts.picker.at == Some(alert.id);
        let flag = if alert.dismissed { (" ", Token::Muted) } else { ("!", token(alert)) };
        let flags = [table::cursor_flag(here), (flag.0.to_owned(), flag.1)];
        table::row(pen, area.x, y, &columns, &flags, &cells(alert, &zone));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if model.alerts.shown().next().is_none() {
        let why = if model.alerts.is_empty() {
            "Nothing happened that you must know of."
        } else {
            "Nothing is open. {tab-next} shows what you put away."
        };
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, &model.keys.say(why), Token::Muted);
    }
    if let Some(side) = places.dock.or(places.lower) {
        if places.dock.is_none() {
            pen.across(side.x, side.y.saturating_sub(1), side.w);
        }
        one(model).lines(pen, side, 0);
    }
}

fn head(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let x = pen.text(area.x, area.y, area.w, "Alerts", Token::Focus).saturating_add(2);
    let mut text = format!("{} open of {}", model.alerts.open(), model.alerts.len());
    text.push_str(if model.alerts.all { "   all of this session" } else { "   open only" });
    if model.alerts.lost > 0 {
        text.push_str(&format!("   {} older ones had no room", model.alerts.lost));
    }
    pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &text, Token::Muted);
}

const fn token(alert: &Alert) -> Token {
    if alert.dismissed {
        Token::Muted
    } else if alert.kind.is_trouble() {
        Token::Error
    } else {
        Token::Warn
    }
}

fn cells(alert: &Alert, zone: &format::Zone) -> Vec<Cell> {
    let base = if alert.dismissed { Token::Muted } else { Token::Text };
    vec![
        (format::clock(alert.time, zone), base),
        (alert.kind.word().into(), token(alert)),
        (alert.order.map_or_else(|| format::NONE.into(), |order| order.to_string()), base),
        (alert.text.clone(), base),
    ]
}

/// The one under the cursor, in full, and what can be done about it.
fn one(model: &Model) -> Sheet {
    let Some(alert) = model.alerts.chosen() else {
        return Sheet { lines: vec![Line::of("No alert chosen.", Token::Muted)], ..Sheet::default() };
    };
    let line = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    let mut lines = vec![
        Line::labelled("Alert", LABEL, alert.kind.word(), token(alert))
            .and(if alert.dismissed { "  put away" } else { "" }, Token::Muted),
        line("What", alert.text.clone()),
        line("When", format!("{} UTC", format::full_time(alert.time, &format::Zone::utc()))),
    ];
    if let Some(row) = alert.order.and_then(|order| model.orders.get(order)) {
        let now = format::status(row.status, row.working, row.in_doubt);
        let whose = escaped(model.desk.login(row.owner));
        lines.push(line("Order", format!("{} of {whose}, now {now}", row.id)));
    }
    if let Some(reference) = alert.reference {
        lines.push(line("Ref", reference.to_string()));
    }
    let enter = if alert.order.is_some() { "{open} opens the order   " } else { "" };
    let away = if alert.dismissed { "" } else { "{dismiss} puts it away   " };
    lines.push(Line::of(model.keys.say(&format!("{enter}{away}{{copy}} copies this")), Token::Muted));
    Sheet { lines, ..Sheet::default() }
}
