//! What the keys do with a draft: open it, throw it away; it must send none.

use turret_shared::limits::MODAL_GUARD_MS;

use super::Model;
use super::modal::Modal;
use super::ticket::Ticket;

/// The second key that throws a draft away must come within this, in milliseconds.
const DOOMED_MS: u64 = 5_000;

/// The draft at hand goes at the second key, and a key held down is none.
pub(super) fn throw_away(model: &mut Model) {
    let at = model.blotter.draft;
    let Some(draft) = model.drafts.get(at) else { return };
    let line = draft.line();
    let now = model.now.mono_ms;
    let asked = model.blotter.doomed.replace((at, now));
    let since = asked.filter(|(doomed, _)| *doomed == at).map(|(_, ms)| now.saturating_sub(ms));
    if !since.is_some_and(|ms| (MODAL_GUARD_MS..DOOMED_MS).contains(&ms)) {
        return model.tell_keys(&format!("{{dismiss}} again throws this draft away: {line}."));
    }
    model.blotter.doomed = None;
    model.drafts.remove(at);
    model.blotter.draft = at.min(model.drafts.len().saturating_sub(1));
    model.tell(&format!("Thrown away: {line}."));
}

/// `Enter`: the draft at hand becomes a ticket again.
pub(super) fn open(model: &mut Model) {
    if model.drafts.get(model.blotter.draft).is_none() {
        return;
    }
    let Some(id) = model.next_cl_ord_id() else { return };
    let draft = model.drafts.remove(model.blotter.draft);
    model.blotter.doomed = None;
    let mut ticket = Ticket::from_draft(&draft, id);
    ticket.taken = Some(draft);
    ticket.edited_now(model);
    model.modals.push(Modal::Ticket(Box::new(ticket)));
}
