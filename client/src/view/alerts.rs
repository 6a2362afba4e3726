//! The alerts, newest first, with the one under the cursor in full; it must show those put away only when asked to.

use turret_shared::alert::{AlertStanding, AlertStep, AlertView};
use turret_shared::role::Permission;
use turret_shared::text::escaped;

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left};
use super::theme::Token;
use crate::app::Model;
use crate::app::alerts::Alert;
use crate::app::alerts::handling::{Choice, Handling};
use crate::app::alerts::watch::{Shown, line, stands};
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
        table::row(pen, area.x, y, &columns, &flags, &cells(model, alert, &zone));
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if model.alerts.shown().next().is_none() {
        let why = if model.alerts.is_empty() {
            "Nothing happened that you must know of."
        } else if model.alerts.shown == Shown::Open {
            "Nothing is open. {tab-next} shows what you put away."
        } else {
            "Nothing of that kind. {tab-next} shows the others."
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
    text.push_str(&format!("   {}", model.alerts.shown.words()));
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

fn cells(model: &Model, alert: &Alert, zone: &format::Zone) -> Vec<Cell> {
    let base = if alert.dismissed { Token::Muted } else { Token::Text };
    let about = match (alert.order, model.alerts.watched(alert)) {
        (Some(order), _) => order.to_string(),
        (None, Some(view)) => stands_short(view).to_owned(),
        (None, None) => format::NONE.into(),
    };
    vec![
        (format::clock(alert.time, zone), base),
        (alert.kind.word().into(), token(alert)),
        (about, base),
        (alert.text.clone(), base),
    ]
}

const fn stands_short(view: &AlertView) -> &'static str {
    match (view.standing, view.assigned) {
        (AlertStanding::Resolved(_), _) => "resolved",
        (_, Some(_)) => "taken",
        (AlertStanding::Acknowledged, None) => "seen",
        (AlertStanding::Open, None) => "open",
    }
}

/// How an alert of surveillance stands, what was done with it, and what its rule's threshold came to so far.
fn watched(model: &Model, view: &AlertView) -> Vec<Line> {
    let zone = format::Zone::utc();
    let line = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    let over = view.standing.is_over();
    let token = if over { Token::Muted } else { Token::Focus };
    let mut lines = vec![Line::labelled("Stands", LABEL, stands(view), token)];
    if let Some(done) = view.answered {
        lines.push(Line::labelled("Answered", LABEL, done.sentence(), Token::Warn));
    }
    for step in &view.steps {
        let to = if step.to_login.is_empty() { String::new() } else { format!(" to {}", escaped(&step.to_login)) };
        let as_what = match step.step {
            AlertStep::Resolve { end } => format!(": {}", end.as_str()),
            AlertStep::Acknowledge | AlertStep::Assign { .. } => String::new(),
        };
        let did = step.step.as_str();
        lines.push(line(&format::clock(step.time, &zone), format!("{} {did}{to}{as_what}", escaped(&step.login))));
    }
    let tally = view.tally;
    if tally.resolved > 0 {
        let of = format!("{} of {} resolved were nothing", tally.false_positives, tally.resolved);
        let instead = tally.suggested.filter(|figure| *figure > view.threshold);
        let advice = instead.map_or_else(String::new, |figure| {
            format!("; {figure} in place of {} had said nothing of those (an admin's to decide)", view.threshold)
        });
        lines.push(line("Rule", format!("{of}{advice}")));
    }
    if view.handle && !over && model.may(Permission::AlertHandle) {
        let keys = "{alert-acknowledge} seen   {alert-take} mine   {alert-assign} give   {alert-resolve} resolve";
        lines.push(Line::of(model.keys.say(keys), Token::Muted));
    }
    lines
}

/// The window that asks what it was, or whose it is from now on.
pub(super) fn handle(model: &Model, open: &Handling) -> Sheet {
    let (title, asks, does) = match open.choice {
        Choice::Resolve(_) => {
            ("RESOLVE", "What was it? Up and Down choose; it is in the log with your name.", "resolve")
        }
        Choice::Assign(..) => ("GIVE", "To whom? Up and Down choose; it is in the log with your name.", "give"),
    };
    let mut sheet = Sheet { title: title.into(), ..Sheet::default() };
    let row = &open.row;
    sheet.line(Line::labelled("Alert", LABEL, line(row), Token::Focus));
    let what = format!("{} ({} of {})", row.rule.says(), row.figure, row.threshold);
    sheet.line(Line::labelled("What", LABEL, what, Token::Text));
    sheet.line(Line::labelled("Stands", LABEL, stands(row), Token::Text));
    if let Some(done) = row.answered {
        sheet.line(Line::labelled("Answered", LABEL, done.sentence(), Token::Text));
    }
    sheet.line(Line::of(asks, Token::Muted));
    for (text, chosen) in open.choice.lines() {
        let (mark, token) = if chosen { (">", Token::Focus) } else { (" ", Token::Text) };
        sheet.line(Line::of(format!(" {mark} {}", escaped(text)), token));
    }
    let keys = model.keys.say(&format!("        {{confirm}} {does}        Esc back"));
    sheet.line(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
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
    if let Some(view) = model.alerts.watched(alert) {
        lines.extend(watched(model, view));
    }
    if let Some(reference) = alert.reference {
        lines.push(line("Ref", reference.to_string()));
    }
    let enter = if alert.order.is_some() { "{open} opens the order   " } else { "" };
    let away = if alert.dismissed { "" } else { "{dismiss} puts it away   " };
    lines.push(Line::of(model.keys.say(&format!("{enter}{away}{{copy}} copies this")), Token::Muted));
    Sheet { lines, ..Sheet::default() }
}
