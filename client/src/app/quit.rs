//! Leaving: says what stays working and asks; it must never leave on the key that opened it.

use turret_shared::limits::MODAL_GUARD_MS;

use super::effect::Effect;
use super::key::{Code, Press};
use super::modal::{Modal, Quit, Stack};
use super::{Model, kept, lock};

/// Asks.
pub(super) fn open(model: &mut Model) {
    if !model.modals.iter().any(|modal| matches!(modal, Modal::Quit(_))) {
        let working = model.my_working();
        model.modals.push(Modal::Quit(Quit { working, shown_ms: model.now.mono_ms, message: None }));
    }
}

/// A key for the question.
pub(super) fn key(mut open: Quit, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Enter | Code::Esc => return Vec::new(),
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else {
                lock::put_aside(model, out);
                kept::keep_drafts(model, out);
                out.push(Effect::SignOut { locked: false });
                out.push(Effect::Quit);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} leaves, Enter or Esc stays")),
    }
    vec![Modal::Quit(open)]
}
