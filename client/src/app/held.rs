//! Windows that answers open: each waits until no other window is open, so that no key meant for one lands in another.
//!
//! It must lose no ticket.

use turret_shared::limits::MODAL_GUARD_MS;

use super::key::{Code, Press};
use super::modal::Modal;
use super::{Model, drafts};

/// Answers that may wait at once; beyond it the oldest is put away (its alert stays, its ticket is kept as a draft).
const HELD_MAX: usize = 100;

/// An answer opens a window: at once where none is open, behind those that are otherwise.
pub(super) fn stand(model: &mut Model, modal: Modal) {
    if model.modals.is_empty() {
        return show(model, modal);
    }
    if model.held.len() >= HELD_MAX
        && let Some(Modal::Denied(denied)) = model.held.pop_front()
        && let Some(draft) = denied.only_copy(model)
    {
        drafts::rescue(model, draft);
    }
    model.tell(match &modal {
        Modal::StepUp(_) => "A fresh code is asked for: the window opens when this one closes.",
        _ => "DENIED or REFUSED: what and why is shown when this window closes.",
    });
    model.held.push_back(modal);
}

/// The next one, once nothing is open.
pub(super) fn next(model: &mut Model) {
    if model.modals.is_empty()
        && let Some(modal) = model.held.pop_front()
    {
        show(model, modal);
    }
}

fn show(model: &mut Model, modal: Modal) {
    model.answer_shown_ms = Some(model.now.mono_ms);
    model.modals.push(modal);
}

/// True for a key that was under way before the answer could be seen: it must not put it away, or act on it.
pub(super) fn too_soon(model: &Model, key: Press) -> bool {
    let acts = match model.modals.last() {
        Some(Modal::Denied(_) | Modal::Refused(_)) => true,
        Some(Modal::StepUp(_)) => matches!(key.code, Code::Esc | Code::Enter),
        Some(Modal::Code(_)) => key.code == Code::Esc,
        _ => false,
    };
    acts && model.answer_shown_ms.is_some_and(|shown| model.now.mono_ms.saturating_sub(shown) < MODAL_GUARD_MS)
}
