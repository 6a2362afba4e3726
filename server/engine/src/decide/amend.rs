//! An amend: refused, held for a proof, or sent; the order stays as it was until the venue answers.

use turret_shared::command::AmendOrder;
use turret_shared::denial::RefusalCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::order::{Amend, AmendTerms, RequestRefused};
use turret_shared::event::session::PendingCommand;
use turret_shared::ids::{ClOrdId, PendingId};
use turret_shared::venue::{Route, VenueClOrdId};

use super::Draft;
use super::client::{Before, access_denied, before};
use super::judge_amend::{No, Ready, envelope_refusal, judge, terms};
use super::judge_new::Asking;
use super::new_order::{ask_proof, pending_before};
use crate::Verdict;
use crate::input::{ClientInput, Principal};
use crate::risk::Reserved;
use crate::state::order::Order;

pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, amend: &AmendOrder) {
    match before(draft, input, &amend.cl_ord_id).or_else(|| pending_before(draft, input, &amend.cl_ord_id)) {
        Before::Fresh => {}
        Before::Same(verdict) => return draft.answer(verdict),
        Before::Reused => {
            let no = No::because(RefusalCode::ClOrdIdReused, None);
            let verdict = refuse(draft, &input.principal, &amend.cl_ord_id, input.digest, no);
            return draft.answer(verdict);
        }
    }
    let terms = terms(&input.command, amend, input.digest);
    let also = core::mem::take(&mut draft.also);
    let asking = Asking {
        state: draft.state,
        market: draft.market,
        user: input.principal.user,
        now: draft.stamp.time,
        also: &also,
        recent: &[],
    };
    let judged = match envelope_refusal(&asking, &input.command) {
        Some(code) => Err(No::because(code, None)),
        None => judge(&asking, &terms),
    };
    let verdict = match judged {
        Err(no) => refuse(draft, &input.principal, &amend.cl_ord_id, input.digest, no),
        Ok(Ready { step_up, watched, .. }) if watched || step_up.is_some() => {
            let waiting = ask_proof(draft, input, PendingCommand::Amend(terms), step_up);
            waiting.unwrap_or_else(|| {
                Verdict::Denied(super::words::denial(turret_shared::denial::DenialCode::TooManyPending).into())
            })
        }
        Ok(ready) => send(draft, terms, ready.order, &ready.reserved, None),
    };
    draft.answer(verdict);
}

/// Records our no to an amend.
pub(super) fn refuse(
    draft: &mut Draft<'_>,
    principal: &Principal,
    cl_ord_id: &ClOrdId,
    command: Digest,
    no: No,
) -> Verdict {
    let refusal = no.refusal.clone();
    draft.emit(Event::AmendRefused(RequestRefused {
        cl_ord_id: cl_ord_id.clone(),
        order: no.order,
        refusal: *no.refusal,
        command,
        basis: no.basis,
    }));
    if let Some(denied) = no.access {
        access_denied(draft, principal, denied);
    }
    Verdict::Refused(refusal)
}

/// Sends an amend.
pub(super) fn send(
    draft: &mut Draft<'_>,
    terms: AmendTerms,
    order: &Order,
    reserved: &Reserved,
    proof: Option<PendingId>,
) -> Verdict {
    let revision = order.requests().revision.saturating_add(1);
    if proof.is_some() {
        draft.also.take(order.account, order.instrument, reserved.open, reserved.power);
    }
    let stop_px = terms.stop_px.filter(|stop| Some(*stop) != order.stop_px());
    draft.route(Route::Replace {
        id: VenueClOrdId { order: order.id, revision },
        orig: VenueClOrdId { order: order.id, revision: order.requests().in_force },
        qty: reserved.qty,
        price: reserved.price,
        stop_px,
    });
    draft.emit(Event::Amend(Amend {
        terms,
        revision,
        qty: reserved.qty,
        price: reserved.price,
        basis: reserved.basis,
        reserve_px: reserved.reserve_px,
        proof,
        stop_px,
    }));
    Verdict::Order { order: order.id, exec_type: None }
}
