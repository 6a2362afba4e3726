//! The form for a new password; it must show how much was typed and never what.

use turret_shared::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};

use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::app::Model;
use crate::app::password::{Focus, PasswordForm};
use crate::app::stepup::CODE_DIGITS;

/// Columns of a password's field.
const FIELD: usize = 32;

/// Within a session.
pub(super) fn within(model: &Model, open: &PasswordForm) -> Sheet {
    let mut sheet = Sheet { title: "NEW PASSWORD".into(), token: Token::Accent, ..Sheet::default() };
    sheet.lines.extend(fields(open));
    sheet.lines.push(Line::default());
    sheet.lines.extend(rules().map(|text| Line::of(text, Token::Muted)));
    sheet.lines.push(Line::of("Your other sessions are signed out by it; orders stay working.", Token::Text));
    if model.demo_authenticator().is_some() {
        let text = model.keys.say("DEMO: {sign-in-code} types what the demo knows, the old password and the code");
        sheet.lines.push(Line::of(text, Token::Warn));
    }
    sheet.lines.extend(open.message.iter().map(|text| Line::of(text.clone(), Token::Error)));
    sheet.lines.push(Line::of(
        if open.asked.is_some() { "asked ..." } else { "Enter goes on and, on the code, changes it; Esc gives up" },
        Token::Accent,
    ));
    sheet
}

/// At a sign-in that wants one.
pub(super) fn at_sign_in(open: &PasswordForm, login: &str) -> Sheet {
    let mut sheet = Sheet { title: "A NEW PASSWORD IS NEEDED".into(), token: Token::Warn, ..Sheet::default() };
    sheet.lines.extend(wanted(login).map(|text| Line::of(text, Token::Text)));
    sheet.lines.push(Line::default());
    sheet.lines.extend(fields(open));
    sheet.lines.push(Line::default());
    sheet.lines.extend(rules().map(|text| Line::of(text, Token::Muted)));
    sheet.lines.extend(open.message.iter().map(|text| Line::of(text.clone(), Token::Error)));
    sheet.lines.push(Line::of("Enter goes on and signs in; Esc gives up", Token::Accent));
    sheet
}

fn wanted(login: &str) -> [String; 2] {
    [
        format!("Password and code of {login} are right. An administrator asks for a"),
        "new password before you go on; nothing else can be done yet.".to_owned(),
    ]
}

/// The same for the ear, but for the fields.
pub(super) fn spoken(open: &PasswordForm, login: &str) -> Vec<String> {
    let said = open.message.iter().cloned();
    std::iter::once(wanted(login).join(" ")).chain(rules()).chain(said).collect()
}

fn fields(open: &PasswordForm) -> Vec<Line> {
    let row = |focus: &Focus| {
        let (label, width) = match focus {
            Focus::Old => ("Old", FIELD),
            Focus::New => ("New", FIELD),
            Focus::Again => ("New again", FIELD),
            Focus::Code => ("Code", CODE_DIGITS),
        };
        let here = open.focus == *focus;
        let count = open.field(*focus).count();
        let columns = u16::try_from(count).unwrap_or(u16::MAX);
        let mark = if here { "> " } else { "  " };
        let line = Line::labelled(label, 10, mark, Token::Accent);
        let line = line.field(&"*".repeat(count), columns, width, here && open.asked.is_none(), false);
        match focus {
            Focus::New if count > 0 && count < PASSWORD_CHARS_MIN => {
                line.and(format!("  {} more", PASSWORD_CHARS_MIN.saturating_sub(count)), Token::Warn)
            }
            Focus::Code => line.and("  6 digits, each works once", Token::Muted),
            _ => line,
        }
    };
    open.fields.iter().map(row).collect()
}

fn rules() -> [String; 3] {
    [
        format!("{PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters, whatever you like, spaces too."),
        "Not the one you have, not your name, and none of those people try first:".to_owned(),
        "a few words that have nothing to do with each other are good.".to_owned(),
    ]
}
