//! One's own sessions, security keys and devices in a window; it must show no more of them than was told.

use turret_shared::own::{KeyView, OwnView};
use turret_shared::people::{DeviceView, SessionView};
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;

use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::app::Model;
use crate::app::own::{Doing, OwnWindow, Row, follows, register_hint};
use crate::format;

/// Columns of the window.
pub(super) const WIDTH: u16 = 76;
/// Rows of one kind shown around the cursor.
const ROWS_SHOWN: usize = 5;
/// Columns of a name's field.
const FIELD: usize = 30;

/// The window.
pub(super) fn sheet(model: &Model, open: &OwnWindow) -> Sheet {
    let mut sheet = Sheet { title: "YOUR SESSIONS, KEYS AND DEVICES".into(), token: Token::Accent, ..Sheet::default() };
    let Some(view) = &open.view else {
        let text = open.fault.as_ref().map_or_else(|| "Fetching ...".into(), |why| format!("Not to be had: {why}."));
        sheet.line(Line::of(text, Token::Muted));
        return sheet;
    };
    sheet.line(Line::of(factors(model, view), Token::Muted));
    let rows = open.rows();
    let parts = [
        ("Sessions", view.sessions.iter().map(|row| session(model, view, row)).collect::<Vec<_>>()),
        ("Security keys", view.keys.iter().map(|row| key(model, row)).collect()),
        ("Devices", view.devices.iter().map(|row| device(model, view, row)).collect()),
    ];
    let mut before = 0;
    for (title, lines) in parts {
        sheet.line(Line::of(title, Token::Accent));
        if lines.is_empty() {
            sheet.line(Line::of("  none", Token::Muted));
        }
        part(&mut sheet, &lines, open.at.checked_sub(before));
        before = before.saturating_add(lines.len());
    }
    asked(&mut sheet, open, rows.get(open.at).copied());
    if let Some(message) = &open.message {
        sheet.line(Line::of(message.clone(), Token::Warn));
    }
    sheet.line(Line::of(register_hint(model), Token::Muted));
    sheet
}

/// One kind; around the cursor (`at`, counted from its first row) where they are many.
fn part(sheet: &mut Sheet, lines: &[(String, Token)], at: Option<usize>) {
    let at = at.filter(|at| *at < lines.len());
    let last_top = lines.len().saturating_sub(ROWS_SHOWN);
    let top = at.map_or(0, |at| at.saturating_sub(ROWS_SHOWN / 2).min(last_top));
    for (place, (text, token)) in lines.iter().enumerate().skip(top).take(ROWS_SHOWN) {
        let here = Some(place) == at;
        let mark = if here { "> " } else { "  " };
        sheet.line(Line::of(format!("{mark}{text}"), if here { Token::Focus } else { *token }));
    }
    let hidden = lines.len().saturating_sub(ROWS_SHOWN);
    if hidden > 0 {
        sheet.line(Line::of(format!("  and {hidden} more"), Token::Muted));
    }
}

/// What the keys of the keyboard go to, where it is not the list.
fn asked(sheet: &mut Sheet, open: &OwnWindow, row: Option<Row>) {
    sheet.line(Line::rule());
    match &open.doing {
        Doing::Looking => {
            let named = matches!(row, Some(Row::Key(_) | Row::Device(_)));
            let text = if named { "x gives it up   n names it   Esc back" } else { "x ends it   Esc back" };
            sheet.line(Line::of(text, Token::Text));
        }
        Doing::Sure(letting, _) => {
            sheet.line(Line::of(follows(*letting), Token::Warn));
            sheet.line(Line::of("> [Back] Enter", Token::Focus).and("        y do it        Esc back", Token::Text));
        }
        Doing::Naming(_, field) => {
            let at = super::pen::columns(field.before_cursor());
            sheet.line(Line::labelled("Name", 6, "", Token::Text).field(field.text(), at, FIELD, true, false));
            sheet.line(Line::of("Enter keeps it; empty for none. You and your administrators see it.", Token::Muted));
        }
    }
}

fn since(model: &Model, at: Option<Timestamp>) -> String {
    let (zone, now) = (model.zone(), model.now.wall);
    let today = |at| zone.date(at) == zone.date(now);
    at.map_or_else(|| "?".into(), |at| if today(at) { format::clock(at, &zone) } else { format::dated(at, &zone, now) })
}

fn factors(model: &Model, view: &OwnView) -> String {
    let totp = view.totp.map_or_else(|| "none".into(), |at| format!("since {}", since(model, Some(at))));
    format!("Password since {}, authenticator {totp}", since(model, view.password))
}

fn session(model: &Model, view: &OwnView, row: &SessionView) -> (String, Token) {
    let here = view.session == row.session;
    let place = if row.place.is_empty() { "no connection".into() } else { escaped(&row.place) };
    let kind = match (here, row.script) {
        (true, _) => "this one",
        (false, true) => "a script",
        (false, false) => "a screen",
    };
    let text = format!(
        "{:<8} {kind:<9} device {:<5} {place:<18} since {}",
        row.session,
        row.device,
        since(model, Some(row.since))
    );
    (text, if here { Token::Muted } else { Token::Text })
}

fn named(name: &str) -> String {
    if name.is_empty() { "-".into() } else { escaped(name) }
}

fn key(model: &Model, row: &KeyView) -> (String, Token) {
    let used = row.last_used.map_or_else(|| "never used".into(), |at| format!("used {}", since(model, Some(at))));
    let state = if row.suspended { "  SUSPENDED" } else { "" };
    let text =
        format!("{:<4} {:<22} since {}  {used}{state}", row.credential, named(&row.name), since(model, row.since));
    (text, if row.suspended { Token::Error } else { Token::Text })
}

fn device(model: &Model, view: &OwnView, row: &DeviceView) -> (String, Token) {
    let place = if view.device == row.device { "  this one" } else { "" };
    let last = row.last_in.map_or_else(|| "never in".into(), |at| format!("last in {}", since(model, Some(at))));
    let text = format!("{:<4} {:<22} {:<8} {last}{place}", row.device, named(&row.name), row.state.word());
    (text, Token::Text)
}
