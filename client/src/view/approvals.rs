//! What waits for a second person, the request under the cursor in full, and the window that asks for a word; it must show
//! nothing the server did not tell.

use turret_shared::approval::{ApprovalView, Standing};
use turret_shared::digest::Digest;
use turret_shared::text::escaped;

use super::passing;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use super::windows::money_sheet;
use crate::app::Model;
use crate::app::approvals::{self, Judging, ROWS_SHOWN};
use crate::app::geometry::{Area, Geometry, list_rows};
use crate::format;

const COLUMNS: [Column; 8] = [
    left("State", 8),
    left("Asked by", 9),
    left("About", 9),
    left("What", 14),
    left("Would be", 14),
    right("Void", 7),
    left("As it is", 14),
    left("Judged by", 9),
];
/// Columns of the labels in the pane about one request.
const LABEL: usize = 12;
/// Digits of a digest shown.
const DIGEST_SHOWN: usize = 16;

/// Draws them.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let area = places.list;
    let list = &model.approvals.list;
    let x = pen.text(area.x, area.y, area.w, "Approvals", Token::Focus).saturating_add(2);
    let room = area.w.saturating_sub(x.saturating_sub(area.x));
    let text = format!("{} for your word; nobody judges what they asked for", model.approvals.waiting());
    pen.text(x, area.y, room, &text, Token::Muted);
    let told: Vec<Vec<Cell>> = list.rows.iter().map(|row| cells(model, row)).collect();
    // Of all of them, not of those in sight: columns keep still under a cursor that moves.
    let columns = table::widened(table::fitting(&COLUMNS, area.w), area.w, told.iter().map(Vec::as_slice));
    table::heads(pen, area.x, area.y.saturating_add(1), &columns, "");
    let top = area.y.saturating_add(2);
    let shown = list.rows.iter().zip(&told).skip(model.approvals.picker.top).take(list_rows(area));
    for (y, (row, told)) in (top..).zip(shown) {
        let here = model.approvals.picker.at == Some(row.approval);
        let flag = if row.judge { ("!", Token::Warn) } else { (" ", Token::Text) };
        let flags = [table::cursor_flag(here), (flag.0.to_owned(), flag.1)];
        table::row(pen, area.x, y, &columns, &flags, told);
        if here {
            let style = pen.theme.cursor();
            pen.over(Area { y, h: 1, ..area }, style);
        }
    }
    if list.rows.is_empty() {
        let why = list.emptiness("Nothing waits for a second person.");
        pen.text(area.x.saturating_add(3), top.saturating_add(1), area.w, &why, Token::Muted);
    }
    if let Some(side) = places.dock.or(places.lower) {
        if places.dock.is_none() {
            pen.across(side.x, side.y.saturating_sub(1), side.w);
        }
        one(model).lines(pen, side, 0);
    }
}

fn cells(model: &Model, row: &ApprovalView) -> Vec<Cell> {
    let word = |text: &str| {
        if text.is_empty() { (format::NONE.to_owned(), Token::Muted) } else { (escaped(text), Token::Text) }
    };
    let token = match row.standing {
        Standing::Waiting | Standing::Approved => Token::Warn,
        Standing::Refused | Standing::Void(_) => Token::Muted,
        Standing::Done => Token::Text,
    };
    vec![
        (row.standing.as_str().to_owned(), token),
        word(&row.by_login),
        word(&row.login),
        word(&row.what),
        word(&row.after),
        if row.standing.is_open() { (passing::end_listed(model, row.expires), Token::Text) } else { word("") },
        word(&row.before),
        word(&row.judge_login),
    ]
}

/// The one under the cursor, in full.
fn one(model: &Model) -> Sheet {
    let Some(row) = model.approvals.chosen() else { return Sheet::default() };
    let mut sheet = Sheet::default();
    facts(&mut sheet, model, row);
    sheet.line(Line::labelled("Stands", LABEL, approvals::became(row), Token::Text));
    sheet
}

/// What is asked for, by whom, and what proves it.
fn facts(sheet: &mut Sheet, model: &Model, row: &ApprovalView) {
    let line = |label: &str, text: String| Line::labelled(label, LABEL, text, Token::Text);
    let whom = if row.name.is_empty() {
        escaped(&row.login)
    } else {
        format!("{}, {}", escaped(&row.login), escaped(&row.name))
    };
    sheet.line(Line::labelled("What", LABEL, escaped(&row.what), Token::Focus));
    if !row.login.is_empty() {
        sheet.line(line("About", whom));
    }
    if !row.before.is_empty() {
        sheet.line(line("As it is", escaped(&row.before)));
    }
    sheet.line(Line::labelled("Would be", LABEL, escaped(&row.after), Token::Focus));
    let why = row.manage.map(|manage| format!(": {}", manage.why.sentence())).unwrap_or_default();
    sheet.line(line("Asked by", format!("{}{why}", escaped(&row.by_login))));
    if let Some(order) = row.order {
        sheet.line(line("Order", order.to_string()));
    }
    let void =
        if row.standing.is_open() { format!(", void {}", passing::end(model, row.expires)) } else { String::new() };
    sheet.line(line("At", format!("{}Z{void}", format::day_and_time(row.asked))));
    let part = |digest: Digest| -> String { digest.to_string().chars().take(DIGEST_SHOWN).collect() };
    let command = format!("step-up {}, {}..", row.approval, part(row.command));
    sheet.line(Line::labelled("Command", LABEL, command, Token::Muted));
    let proof =
        row.first.map_or_else(|| "none kept".into(), |first| format!("{}, {}..", first.words(), part(first.digest)));
    sheet.line(Line::labelled("Proof", LABEL, proof, Token::Muted));
}

/// Of many acts asked for as one every row, a page at a time.
fn table(sheet: &mut Sheet, open: &Judging) {
    let Some(rows) = &open.table else { return };
    let last = open.top.saturating_add(ROWS_SHOWN).min(rows.len());
    rows.iter().skip(open.top).take(ROWS_SHOWN).for_each(|row| sheet.line(super::bulk::waiting(row)));
    let said = format!("rows {} to {last} of {}   PageUp and PageDown", open.top.saturating_add(1), rows.len());
    sheet.line(Line::of(said, Token::Muted));
}

/// A word on a request.
pub(super) fn judge(model: &Model, open: &Judging) -> Sheet {
    let title = if open.approve { "APPROVE  asks for a fresh code" } else { "REFUSE  asks for a fresh code" };
    let mut sheet = money_sheet(model, title);
    facts(&mut sheet, model, &open.row);
    table(&mut sheet, open);
    sheet.line(Line::of("Why? Up and Down choose; it is in the log with your name.", Token::Muted));
    for ground in open.grounds() {
        let (mark, token) = if ground == open.ground { (">", Token::Focus) } else { (" ", Token::Text) };
        sheet.line(Line::of(format!(" {mark} {}", ground.sentence()), token));
    }
    let does = if open.approve { "approve" } else { "refuse" };
    let keys = model.keys.say(&format!("        {{confirm}} {does}, after a code        Esc back"));
    sheet.line(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}
