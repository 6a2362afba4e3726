//! A CSV file of acts: its form, its bad lines, or what each row would do; it must show each row as the server judged it.

use turret_shared::bulk::BulkRow;
use turret_shared::text::escaped;

use super::sheet::{Line, Sheet};
use super::theme::Token;
use super::windows::money_sheet;
use crate::app::Model;
use crate::app::bulk::{Focus, ROWS_SHOWN, Stage, TableForm};
use crate::bulk::{self, BadLine};

const LABEL: usize = 9;

/// The window.
pub(super) fn form(model: &Model, open: &TableForm) -> Sheet {
    let mut sheet = money_sheet(model, "BULK EDIT  nothing is sent yet");
    // The row that takes the keys shows without colour too.
    let choice = |focus, label, word: &str| {
        let here = open.focus == focus;
        let (token, hint) = if here { (Token::Focus, "  Left and Right") } else { (Token::Text, "") };
        Line::labelled(label, LABEL, word, token).and(hint, Token::Muted)
    };
    match &open.stage {
        Stage::Typing | Stage::Asked(_) => {
            sheet.line(choice(Focus::Table, "Table", open.table.as_str()));
            let way = if open.write { "write how things stand into it" } else { "read it: a dry run" };
            sheet.line(choice(Focus::Way, "File is", way));
            let before = super::pen::columns(open.file.before_cursor());
            let typing = open.focus == Focus::File && matches!(open.stage, Stage::Typing);
            sheet.line(Line::labelled("File", LABEL, "", Token::Text).field(
                open.file.text(),
                before,
                50,
                typing,
                false,
            ));
            if matches!(open.stage, Stage::Asked(_)) {
                sheet.line(Line::of("It is read, and the server judges every row.", Token::Muted));
            }
        }
        Stage::Bad(bad) => {
            sheet.line(Line::of("These lines are no rows; nothing was sent.", Token::Warn));
            bad.iter().skip(open.top).take(ROWS_SHOWN).for_each(|bad| sheet.line(bad_line(bad)));
            sheet.line(below(open));
        }
        Stage::Judged(lines) => {
            sheet.line(counts(open, lines));
            lines.iter().skip(open.top).take(ROWS_SHOWN).for_each(|line| sheet.line(judged(line)));
            sheet.line(below(open));
            sheet.line(
                Line::labelled("Why", LABEL, open.why.sentence(), Token::Focus).and("  Left and Right", Token::Muted),
            );
            let two = lines.iter().any(|line| line.row.two && line.row.refused.is_none());
            let follows = if two {
                "All of it or nothing; it then waits for a supervisor's word."
            } else {
                "All of it or nothing, after a fresh code."
            };
            sheet.line(Line::of(follows, Token::Muted));
        }
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet
}

/// What its keys do now.
pub(super) const fn hints(stage: &Stage) -> &'static str {
    match stage {
        Stage::Typing | Stage::Asked(_) => "Tab next   Left/Right choose   Enter reads or writes it   Esc back",
        Stage::Bad(_) => "Up/Down lines   Enter/Esc back: mend the file and read it again",
        Stage::Judged(_) => "{confirm} do all of it   Up/Down rows   Left/Right why   Enter/Esc back",
    }
}

fn counts(open: &TableForm, lines: &[bulk::Line]) -> Line {
    let refused = lines.iter().filter(|line| line.is_refused()).count();
    let unchanged = lines.iter().filter(|line| line.is_unchanged()).count();
    let changes = lines.len().saturating_sub(refused).saturating_sub(unchanged);
    let said = format!("{changes} change   {unchanged} as they are   ");
    let token = if refused > 0 { Token::Warn } else { Token::Text };
    Line::labelled(open.table.as_str(), LABEL.max(11), said, Token::Text).and(format!("{refused} refused"), token)
}

fn bad_line(bad: &BadLine) -> Line {
    Line::of(format!("line {:<5}{}", bad.line, escaped(&bad.why)), Token::Warn).hanging(10)
}

fn judged(line: &bulk::Line) -> Line {
    let token = if line.is_refused() {
        Token::Warn
    } else if line.is_unchanged() {
        Token::Muted
    } else {
        Token::Text
    };
    let end = if line.is_unchanged() { "  (as it is)".to_owned() } else { refusal(&line.row) };
    Line::of(format!("line {:<5}{}{end}", line.line, words(&line.row)), token).hanging(10)
}

/// A row of a table that waits for a second person.
pub(super) fn waiting(row: &BulkRow) -> Line {
    let token = if row.refused.is_some() { Token::Warn } else { Token::Text };
    Line::of(format!("{}{}", words(row), refusal(row)), token).hanging(2)
}

fn words(row: &BulkRow) -> String {
    let of = if row.login.is_empty() { String::new() } else { format!(" of {}", escaped(&row.login)) };
    let before = if row.before.is_empty() { String::new() } else { format!("{} -> ", escaped(&row.before)) };
    format!("{}{of}: {before}{}", escaped(&row.what), escaped(&row.after))
}

fn refusal(row: &BulkRow) -> String {
    if row.refused.is_none() { String::new() } else { format!("  ({})", escaped(&row.why)) }
}

fn below(open: &TableForm) -> Line {
    let (all, last) = (open.rows(), open.top.saturating_add(ROWS_SHOWN).min(open.rows()));
    Line::of(format!("rows {} to {last} of {all}", open.top.saturating_add(1).min(all)), Token::Muted)
}
