//! The windows of help and palette; it must show why what is disabled is disabled.

use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::actions::Id;
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::help::lines;
use crate::app::modal::Help;
use crate::app::palette::Palette;

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
    let top = open.top.min(found.len().saturating_sub(rows(over)));
    for line in found.into_iter().skip(top).take(rows(over)) {
        let token = if line.disabled.is_some() { Token::Muted } else { Token::Text };
        let mut text = Line::of(format!("{:<11}", line.keys), Token::Accent)
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
    let room = rows(over).saturating_sub(1).min(18);
    let top = open.line.saturating_sub(room.saturating_sub(1));
    for (at, action) in open.found.iter().enumerate().skip(top).take(room) {
        let disabled = model.disabled(action);
        let mark = if at == open.line { "> " } else { "  " };
        let name = if disabled.is_some() { Token::Muted } else { Token::Focus };
        let mut line = Line::of(mark, Token::Accent)
            .and(format!("{:<16}", action.name), name)
            .and(format!("{:<9}", keys_of(model, action.id)), Token::Accent);
        line = match disabled {
            Some(why) => line.and(format!("not now: {why}"), Token::Warn),
            None => line.and(action.doc, Token::Muted),
        };
        sheet.line(line);
    }
    if open.found.is_empty() {
        sheet.line(Line::of("  nothing is called so", Token::Muted));
    }
    if let Some(text) = &open.message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
    sheet.float(pen, over, over.w.saturating_sub(8).min(84));
}
