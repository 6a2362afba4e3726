//! The windows of help and palette; it must show why what is disabled is disabled.

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::actions::{Action, Id};
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::help::lines;
use crate::app::modal::Help;
use crate::app::palette::Palette;

/// Columns of the palette at most.
const PALETTE_WIDTH: u16 = 84;

/// Lines of it at most.
const PALETTE_LINES: usize = 18;

/// Column at which both say what an action does, and go on with it on the next line.
const DOC_AT: u16 = 27;

/// Lines below the field.
fn rows(over: Area) -> usize {
    usize::from(over.h.saturating_sub(5))
}

/// What this screen can do.
pub(super) fn help(pen: &mut Pen<'_>, model: &Model, open: &Help, over: Area) {
    let found = lines(model, open.words.text());
    let before = super::pen::columns(open.words.before_cursor());
    let mut sheet = Sheet {
        title: "Help: what this screen can do".into(),
        corner: format!("{} lines", found.len()),
        token: Token::Accent,
        lines: vec![Line::of("Search ", Token::Muted).field(open.words.text(), before, 30, true, false), Line::rule()],
    };
    for line in found.into_iter().skip(open.top).take(rows(over)) {
        let token = if line.disabled.is_some() { Token::Muted } else { Token::Text };
        let mut text = Line::of(format!("{:<11}", line.keys), Token::Accent)
            .hanging(DOC_AT)
            .and(format!("{:<16}", line.name), if line.disabled.is_some() { Token::Muted } else { Token::Focus })
            .and(line.doc, token);
        if let Some(why) = line.disabled {
            text = text.and(format!("  ({why})"), Token::Warn);
        }
        sheet.line(text);
    }
    sheet.float(pen, over, over.w.saturating_sub(6).min(110));
}

fn keys_of(model: &Model, id: Id) -> String {
    model.keys.keys(id).first().map(ToString::to_string).unwrap_or_default()
}

/// Every action by name.
pub(super) fn palette(pen: &mut Pen<'_>, model: &Model, open: &Palette, over: Area) {
    let before = super::pen::columns(open.words.before_cursor());
    let mut sheet = Sheet {
        title: "Every action".into(),
        corner: format!("{}", open.found.len()),
        token: Token::Accent,
        lines: vec![Line::of(": ", Token::Muted).field(open.words.text(), before, 30, true, false), Line::rule()],
    };
    let inner = over.w.saturating_sub(8).min(PALETTE_WIDTH);
    let room = rows(over).saturating_sub(1).min(PALETTE_LINES);
    for line in around(model, open, inner, room) {
        sheet.line(line);
    }
    if open.found.is_empty() {
        sheet.line(Line::of("  nothing is called so", Token::Muted));
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet.float(pen, over, inner);
}

/// Lines of the palette from which the chosen one is the last that must be seen, folded ones counted as what they take.
fn around(model: &Model, open: &Palette, inner: u16, room: usize) -> Vec<Line> {
    let taken = |line: &Line| line.folded(inner).len();
    let line = |(at, action): (usize, &&'static Action)| offered(model, action, at == open.line);
    let mut left = room;
    let mut shown: Vec<Line> = Vec::new();
    let chosen = open.line.saturating_add(1);
    for line in open.found.iter().enumerate().take(chosen).rev().map(line) {
        let Some(rest) = left.checked_sub(taken(&line)) else { break };
        left = rest;
        shown.push(line);
    }
    shown.reverse();
    for line in open.found.iter().enumerate().skip(chosen).map(line) {
        let Some(rest) = left.checked_sub(taken(&line)) else { break };
        left = rest;
        shown.push(line);
    }
    shown
}

/// An action of the palette: its name, its key, and what it does or why it cannot.
fn offered(model: &Model, action: &'static Action, chosen: bool) -> Line {
    let disabled = model.disabled(action);
    let name = if disabled.is_some() { Token::Muted } else { Token::Focus };
    let line = Line::of(if chosen { "> " } else { "  " }, Token::Accent)
        .hanging(DOC_AT)
        .and(format!("{:<16}", action.name), name)
        .and(format!("{:<9}", keys_of(model, action.id)), Token::Accent);
    match disabled {
        Some(why) => line.and(format!("not now: {why}"), Token::Warn),
        None => line.and(action.doc, Token::Muted),
    }
}
