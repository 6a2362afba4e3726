//! Attempts that were denied and nobody reviewed yet, for who reviews them, and the window that asks what they were.

use turret_shared::attempt::{AttemptView, Review, ReviewEnd};
use turret_shared::command::Verb;
use turret_shared::ids::Sequence;
use turret_shared::limits::MODAL_GUARD_MS;
use turret_shared::text::escaped;

use super::asked::Asked;
use super::effect::Effect;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::moves::round;
use super::picker::Picker;
use super::{Model, command, sought};

/// State of the screen.
#[derive(Debug, Default)]
pub struct Attempts {
    /// The open ones and those reviewed of late, as last told.
    pub rows: Asked<AttemptView>,
    /// The row under the cursor, by the entry of its first.
    pub picker: Picker<Sequence>,
}

/// The row under the cursor.
#[must_use]
pub fn chosen(model: &Model) -> Option<&AttemptView> {
    model.attempts.rows.rows.iter().find(|row| Some(row.first) == model.attempts.picker.at)
}

/// Keys of the rows shown.
#[must_use]
pub fn keys(model: &Model) -> Vec<Sequence> {
    sought::attempts(model).into_iter().map(|row| row.first).collect()
}

/// Whose they are, as far as anybody knows.
#[must_use]
pub fn who(row: &AttemptView) -> String {
    match (row.login.is_empty(), row.device) {
        (false, _) => escaped(&row.login),
        (true, Some(device)) => format!("device {device}"),
        (true, None) => "a stranger".into(),
    }
}

/// They, in one line.
#[must_use]
pub fn line(row: &AttemptView) -> String {
    format!("{} {} of {}", row.count, row.kind.as_str(), who(row))
}

/// The window that asks what they were.
#[derive(Debug)]
pub struct Reviewing {
    /// Which, as they were when it opened.
    pub row: AttemptView,
    /// What is chosen.
    pub end: ReviewEnd,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Asks about the row at hand.
pub(super) fn open(model: &mut Model) {
    let Some(row) = chosen(model).cloned() else { return };
    if let Some(by) = &row.reviewed {
        return model.tell(&format!("{} reviewed it: {}.", escaped(&by.login), by.end.sentence()));
    }
    if !row.review {
        return model.tell("It is about you: somebody else reviews it.");
    }
    let shown_ms = model.now.mono_ms;
    model.modals.push(Modal::Review(Box::new(Reviewing { row, end: ReviewEnd::Mistake, shown_ms, message: None })));
}

/// `Enter`: the entry of the last of them.
pub(super) fn entry(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = chosen(model) else { return };
    let words = row.correlation.to_string();
    super::audit::search_for(model, &words, out);
}

/// A key for the open window.
pub(super) fn key(mut open: Box<Reviewing>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc | Code::Enter => return Vec::new(),
        Code::Down | Code::Tab => open.end = round(&ReviewEnd::ALL, open.end, true),
        Code::Up | Code::BackTab => open.end = round(&ReviewEnd::ALL, open.end, false),
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else {
                let review = Review { first: open.row.first, last: open.row.last, end: open.end };
                let bytes = command::bytes(model, Verb::Review(review), true);
                model.send(Flight::Manage { line: format!("REVIEW {}", line(&open.row)) }, bytes, out);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} says so, Enter or Esc goes back")),
    }
    vec![Modal::Review(open)]
}
