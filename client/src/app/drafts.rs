//! What the keys do with a draft: keep it, open it, throw it away; it must send none.

use turret_shared::limits::MODAL_GUARD_MS;

use super::Model;
use super::modal::Modal;
use super::ticket::{Draft, Ticket};

/// Drafts a person keeps.
const DRAFTS_MAX: usize = 50;
/// Drafts altogether, with those that are kept for a person because a window closed over them: a lock, a code never given, a
/// denial put away.
const DRAFTS_AND_RESCUED_MAX: usize = 200;
/// The second key that throws a draft away must come within this, in milliseconds.
const DOOMED_MS: u64 = 5_000;

/// Keeps a ticket for later; the cursor stays on the draft it stands on.
pub(super) fn keep(model: &mut Model, draft: Draft) {
    put(model, draft, DRAFTS_MAX);
}

/// Keeps what was typed and never sent because a window closed over it: nothing older gives way to it before there are many.
pub fn rescue(model: &mut Model, draft: Draft) {
    put(model, draft, DRAFTS_AND_RESCUED_MAX);
}

fn put(model: &mut Model, draft: Draft, drafts_max: usize) {
    if !model.drafts.is_empty() {
        model.blotter.draft = model.blotter.draft.saturating_add(1);
    }
    if let Some((doomed, _)) = &mut model.blotter.doomed {
        *doomed = doomed.saturating_add(1);
    }
    model.drafts.insert(0, draft);
    if model.drafts.len() > drafts_max {
        let lines: Vec<String> = model.drafts.split_off(drafts_max).iter().map(Draft::line).collect();
        model.insist(&format!("Drafts are full, the oldest was thrown away: {}.", lines.join("; ")), None);
    }
}

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
