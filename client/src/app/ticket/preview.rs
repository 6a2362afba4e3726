//! The dry run behind an open ticket: asked a moment after the last key, never twice at once; it must decide nothing.

use turret_shared::wire::query::{AnswerBody, Ask};

use super::Ticket;
use crate::app::effect::{Effect, Request};
use crate::app::modal::Modal;
use crate::app::{Model, command};

/// Quiet time before the server is asked, in milliseconds.
const DEBOUNCE_MS: u64 = 120;
/// The dry run is asked again after this while the ticket stays open, in milliseconds: the market moves.
const REFRESH_MS: u64 = 2_000;

impl Ticket {
    /// The fields changed: what was known of them is void.
    pub(super) fn edited(&mut self, mono_ms: u64) {
        self.preview.view = None;
        self.preview.fault = None;
        self.preview.due_ms = Some(mono_ms.saturating_add(DEBOUNCE_MS));
    }

    /// When a dry run is due, in monotonic milliseconds; none while one is under way or the fields are locked.
    #[must_use]
    pub const fn wake_ms(&self) -> Option<u64> {
        if self.review.is_some() || self.preview.asked.is_some() { None } else { self.preview.due_ms }
    }
}

fn open_ticket(model: &mut Model) -> Option<&mut Ticket> {
    model.modals.iter_mut().rev().find_map(|modal| match modal {
        Modal::Ticket(ticket) => Some(&mut **ticket),
        _ => None,
    })
}

/// Asks for the dry run once it is due.
pub fn due(model: &mut Model, out: &mut Vec<Effect>) {
    let now = model.now.mono_ms;
    let may = model.may(turret_shared::role::Permission::OrderPreview) && model.can_send().is_ok();
    let Some(at) = model.modals.iter().rposition(|m| matches!(m, Modal::Ticket(_))) else { return };
    let Some(Modal::Ticket(ticket)) = model.modals.get(at) else { return };
    if !may || ticket.review.is_some() || ticket.preview.asked.is_some() {
        return;
    }
    if ticket.preview.due_ms.is_none_or(|due| due > now) {
        return;
    }
    let verb = ticket.verb(model);
    let request = model.next_request();
    let bytes = verb.map(|verb| command::bytes(model, verb, false));
    let Some(ticket) = open_ticket(model) else { return };
    ticket.preview.due_ms = None;
    if let Some(bytes) = bytes {
        ticket.preview.asked = Some(request);
        out.push(Effect::Ask { request, ask: Ask::Preview(bytes) });
    }
}

/// Takes the answer if it is the open ticket's; false when it is somebody else's.
pub fn answered(model: &mut Model, request: Request, body: &AnswerBody) -> bool {
    let now = model.now.mono_ms;
    let Some(ticket) = open_ticket(model).filter(|ticket| ticket.preview.asked == Some(request)) else { return false };
    ticket.preview.asked = None;
    // A key came in between: the answer is about other figures, and the next question is due already.
    if ticket.preview.due_ms.is_some() {
        return true;
    }
    if let AnswerBody::Preview(view) = body {
        ticket.preview.view = Some((**view).clone());
        ticket.preview.fault = None;
        ticket.preview.due_ms = Some(now.saturating_add(REFRESH_MS));
    }
    true
}

/// The dry run brought no answer; false when it was somebody else's question.
pub fn unanswered(model: &mut Model, request: Request, why: &str) -> bool {
    let now = model.now.mono_ms;
    let Some(ticket) = open_ticket(model).filter(|ticket| ticket.preview.asked == Some(request)) else { return false };
    ticket.preview.asked = None;
    ticket.preview.fault = Some(why.to_owned());
    // A key since then has made its own question due.
    ticket.preview.due_ms = ticket.preview.due_ms.or(Some(now.saturating_add(REFRESH_MS)));
    true
}

/// Ticks the far touch moved since the ticket was opened; `None` when either is unknown.
#[must_use]
pub fn market_moved(ticket: &Ticket, model: &Model) -> Option<i64> {
    let instrument = ticket.instrument(model)?;
    let side = ticket.side();
    let then = if side == turret_shared::order::Side::Buy { ticket.opened.1 } else { ticket.opened.0 }?;
    let now = model.market.quote(instrument.id)?.far(side)?.price;
    now.minus(then).ok()?.ticks(instrument.tick)
}
