//! A turn with a security key: what a touch says, what the key waits for, what is left of the minute; it must show no PIN.

use super::denied::wrapped;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::app::Model;
use crate::app::keying::{For, Keying, Wait};
use crate::app::new_key::{Focus, KeyForm};
use crate::app::stepup::CODE_DIGITS;
use crate::format;
use crate::keys::SIMULATED_PIN;

/// Columns of the window.
pub(super) const WIDTH: u16 = 66;
/// Columns of a sentence in it.
const SENTENCE: usize = 62;
/// Columns of the PIN's field.
const FIELD: usize = 24;

/// The window.
pub(super) fn sheet(model: &Model, open: &Keying) -> Sheet {
    let title = "SECURITY KEY";
    let mut sheet = match open.purpose {
        // What is signed may be money's: its window says whose.
        For::StepUp => super::windows::money_sheet(model, title),
        For::SignIn | For::NewKey => Sheet { title: title.into(), token: Token::Accent, ..Sheet::default() },
    };
    for line in wrapped(&open.sentence, SENTENCE) {
        sheet.line(Line::of(line, Token::Focus));
    }
    sheet.line(Line::default());
    for line in waits(open) {
        sheet.line(line);
    }
    let left = open.ends_ms.saturating_sub(model.now.mono_ms).div_ceil(1_000);
    sheet.line(Line::labelled("Ends in", 9, format::countdown(left), Token::Muted));
    if model.simulated_key {
        let text = match open.wait {
            Wait::Touch => "SIMULATED KEY (cargo demo only): {sign-in-code} touches it".to_owned(),
            Wait::Pin { .. } => {
                format!("SIMULATED KEY (cargo demo only): its PIN is {SIMULATED_PIN}, {{sign-in-code}} types it")
            }
            Wait::Key | Wait::Asked => "SIMULATED KEY (cargo demo only)".to_owned(),
        };
        sheet.line(Line::of(model.keys.say(&text), Token::Warn));
    }
    if let Some(message) = &open.message {
        sheet.line(Line::of(message.clone(), Token::Error));
    }
    let other = if open.purpose == For::NewKey { "registered" } else { "signed, and a code works too" };
    sheet.line(Line::of(format!("Esc gives up: nothing is {other}"), Token::Muted));
    sheet
}

/// The form for a key of one's own.
pub(super) fn new_key(model: &Model, open: &KeyForm) -> Sheet {
    let mut sheet = Sheet { title: "NEW SECURITY KEY".into(), token: Token::Accent, ..Sheet::default() };
    for text in [
        "Plug in the key that is to be yours. Your password and a fresh code",
        "say that it is you; then the key asks for its PIN and a touch.",
    ] {
        sheet.line(Line::of(text, Token::Text));
    }
    sheet.line(Line::default());
    let rows = [("Password", Focus::Password, &open.password, 32), ("Code", Focus::Code, &open.code, CODE_DIGITS)];
    for (label, focus, field, width) in rows {
        let here = open.focus == focus;
        let at = u16::try_from(field.count()).unwrap_or(u16::MAX);
        let line = Line::labelled(label, 10, if here { "> " } else { "  " }, Token::Accent);
        sheet.line(line.field(&"*".repeat(field.count()), at, width, here && open.asked.is_none(), false));
    }
    if model.demo_authenticator().is_some() {
        sheet.line(Line::of(model.keys.say("DEMO AUTHENTICATOR: {sign-in-code} types password and code"), Token::Warn));
    }
    if let Some(message) = &open.message {
        sheet.line(Line::of(message.clone(), Token::Error));
    }
    let hint =
        if open.asked.is_some() { "asked ..." } else { "Enter goes on and, on the code, asks the key; Esc gives up" };
    sheet.line(Line::of(hint, Token::Accent));
    sheet
}

fn waits(open: &Keying) -> Vec<Line> {
    match open.wait {
        Wait::Key => vec![Line::of("Looking for your key ...", Token::Text)],
        Wait::Asked => vec![Line::of("Asking the key ...", Token::Text)],
        Wait::Touch => vec![Line::of("The key waits: touch it now.", Token::Warn)],
        Wait::Pin { tries, wrong } => {
            let count = open.pin.count();
            let at = u16::try_from(count).unwrap_or(u16::MAX);
            let field = Line::labelled("PIN", 9, "", Token::Text).field(&"*".repeat(count), at, FIELD, true, false);
            let left = if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") };
            let said = if wrong {
                Line::of(format!("Wrong PIN: {left} before the key locks itself"), Token::Error)
            } else {
                Line::of(format!("The PIN of the key, then Enter; {left} left"), Token::Muted)
            };
            vec![field, said]
        }
    }
}

/// The same in a sentence, for who reads lines.
pub(super) fn spoken(model: &Model, open: &Keying) -> String {
    let waits: Vec<String> = match open.wait {
        Wait::Touch if model.simulated_key => vec!["A simulated key: :f9 touches it.".to_owned()],
        Wait::Pin { .. } if model.simulated_key => vec![format!("A simulated key: its PIN is {SIMULATED_PIN}.")],
        Wait::Touch | Wait::Key => Vec::new(),
        Wait::Asked => return "Asking the key ...".to_owned(),
        Wait::Pin { tries, wrong: true } => vec![format!("Wrong PIN: {tries} tries before the key locks itself.")],
        Wait::Pin { .. } => vec!["The key wants its PIN.".to_owned()],
    };
    let sentence = matches!(open.wait, Wait::Key | Wait::Touch).then(|| open.sentence.clone());
    sentence.into_iter().chain(waits).collect::<Vec<_>>().join(" ")
}
