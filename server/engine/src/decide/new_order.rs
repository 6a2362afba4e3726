//! A new order: denied, held for a proof, or taken and sent; it must name every rule that trips.

use alloc::boxed::Box;
use alloc::string::String;

use turret_shared::approval::FirstProof;
use turret_shared::command::NewOrder;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::order::{OrderDenied, OrderNew, OrderTerms};
use turret_shared::event::session::{PendingCommand, ProofAsked, StepUpReason};
use turret_shared::ids::{ClOrdId, OrderId, PendingId};
use turret_shared::limits::{PENDING_STEP_UPS_MAX, STEP_UP_S_MAX};
use turret_shared::role::Permission;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::venue::{Route, RouteNew, VenueClOrdId};

use super::client::{Before, access_denied, before};
use super::judge_new::{Asking, No, Ready, envelope, judge, plain_faults, resolve, terms};
use super::{Draft, step_up};
use crate::Verdict;
use crate::input::{ClientInput, Principal};
use crate::risk::Reserved;
use crate::state::position::Recent;

pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, order: &NewOrder) {
    match before(draft, input, &order.cl_ord_id).or_else(|| pending_before(draft, input, &order.cl_ord_id)) {
        Before::Fresh => {}
        Before::Same(verdict) => return draft.answer(verdict),
        Before::Reused => return deny(draft, input, &order.cl_ord_id, None, No::because(DenialCode::ClOrdIdReused)),
    }
    let also = core::mem::take(&mut draft.also);
    let asking = Asking {
        state: draft.state,
        market: draft.market,
        user: input.principal.user,
        now: draft.stamp.time,
        also: &also,
        recent: &[],
    };
    let ids = match resolve(&asking, order, Permission::OrderEnter) {
        Ok(ids) => ids,
        Err(no) => return deny(draft, input, &order.cl_ord_id, None, no),
    };
    let terms = terms(order, ids, input.digest, input.text, input.command.expires);
    if let Some(code) = envelope(draft.state, &input.command, draft.stamp.time) {
        return deny(draft, input, &order.cl_ord_id, Some(terms), No::because(code));
    }
    if let Some(no) = plain_faults(draft.state, order, &terms) {
        return deny(draft, input, &order.cl_ord_id, Some(terms), no);
    }
    match judge(&asking, &terms) {
        Err(no) => deny(draft, input, &order.cl_ord_id, Some(terms), no),
        Ok(ready) if ready.needs_proof() => {
            let Ready { step_up, second, .. } = ready;
            let figures = second.or_else(|| step_up.as_ref().map(step_up::sentence));
            let sentence = figures.unwrap_or_else(|| step_up::WATCHED.into());
            match hold(draft, input, PendingCommand::New(terms.clone()), step_up, sentence, None) {
                Some(verdict) => draft.answer(verdict),
                // Without a row, so that the same command may come again later.
                None => deny(draft, input, &order.cl_ord_id, None, No::because(DenialCode::TooManyPending)),
            }
        }
        Ok(ready) => {
            let verdict = take(draft, terms, &ready.reserved, None, None);
            draft.answer(verdict);
        }
    }
}

fn deny(draft: &mut Draft<'_>, input: &ClientInput, id: &ClOrdId, terms: Option<OrderTerms>, no: No) {
    let verdict = record_denial(draft, &input.principal, id.clone(), terms, no);
    draft.answer(verdict);
}

/// Records our no; with terms it becomes a row.
pub(super) fn record_denial(
    draft: &mut Draft<'_>,
    principal: &Principal,
    cl_ord_id: ClOrdId,
    terms: Option<OrderTerms>,
    no: No,
) -> Verdict {
    let denial = no.denial.clone();
    draft.emit(Event::OrderDenied(OrderDenied {
        cl_ord_id,
        terms: terms.map(Box::new),
        denial: no.denial,
        basis: no.basis,
    }));
    if let Some(denied) = no.access {
        access_denied(draft, principal, denied);
    }
    Verdict::Denied(denial.into())
}

/// Takes an order and sends it; with `second` it waits for a second person until then, whose word names that proof.
pub(super) fn take(
    draft: &mut Draft<'_>,
    terms: OrderTerms,
    reserved: &Reserved,
    proof: Option<PendingId>,
    second: Option<(Timestamp, Option<FirstProof>)>,
) -> Verdict {
    let order = OrderId::new(draft.next(), 0);
    if proof.is_some() {
        // Others may follow under the same proof.
        draft.also.take(terms.account, terms.instrument, reserved.open, reserved.power);
        let recent = Recent { time: draft.stamp.time, side: terms.side, qty: terms.qty, price: terms.price };
        draft.also.remember(terms.account, terms.instrument, recent);
    }
    if second.is_none() {
        draft.route(Route::New(RouteNew {
            id: VenueClOrdId { order, revision: 0 },
            instrument: terms.instrument,
            side: terms.side,
            qty: terms.qty,
            ord_type: terms.ord_type,
            price: terms.price,
            stop_px: terms.stop_px,
            tif: terms.tif,
        }));
    }
    let (basis, reserve_px) = (reserved.basis, reserved.reserve_px);
    let (approval, first) = (second.map(|(until, _)| until), second.and_then(|(_, first)| first));
    draft.emit(Event::OrderNew(OrderNew { terms, basis, reserve_px, proof, approval, first }));
    Verdict::Order { order, exec_type: None }
}

/// Holds an order until a proof comes, for figures or because surveillance wants it; `None` when too many wait.
pub(super) fn ask_proof(
    draft: &mut Draft<'_>,
    input: &ClientInput,
    command: PendingCommand,
    reason: Option<StepUpReason>,
) -> Option<Verdict> {
    let sentence = reason.as_ref().map_or_else(|| step_up::WATCHED.into(), step_up::sentence);
    hold(draft, input, command, reason, sentence, None)
}

/// Holds any command until a proof comes, saying why, at most `until`; `None` when too many wait.
pub(super) fn hold(
    draft: &mut Draft<'_>,
    input: &ClientInput,
    command: PendingCommand,
    reason: Option<StepUpReason>,
    mut sentence: String,
    until: Option<Timestamp>,
) -> Option<Verdict> {
    let (now, session) = (draft.stamp.time, input.principal.session);
    let waiting = draft.state.sessions.pending.values().filter(|p| p.session == session && p.expires >= now);
    if waiting.count() >= PENDING_STEP_UPS_MAX {
        return None;
    }
    let seconds = i64::try_from(STEP_UP_S_MAX).unwrap_or(i64::MAX);
    let latest = now.after_ns(seconds.saturating_mul(NS_PER_S));
    let expires = until.map_or(latest, |until| until.min(latest));
    if draft.state.wants_key(input.principal.user) {
        sentence.push_str("; your role signs with a security key, a code will not do");
    }
    let verdict = Verdict::StepUp { pending: PendingId(draft.next().0), expires, reason: sentence };
    draft.emit(Event::ProofAsked(ProofAsked { command, reason, expires, bytes: input.loggable() }));
    Some(verdict)
}

/// What a ClOrdID means that waits for a proof: the same command again is asked the same again.
pub(super) fn pending_before(draft: &Draft<'_>, input: &ClientInput, id: &ClOrdId) -> Before {
    let (now, user) = (draft.stamp.time, input.principal.user);
    let waiting = draft.state.sessions.pending.iter().filter(|(_, p)| p.user == user && p.expires >= now);
    let same_id = |pending: &PendingCommand| match pending {
        PendingCommand::New(terms) => (terms.cl_ord_id == *id).then_some(terms.command),
        PendingCommand::Amend(terms) => (terms.cl_ord_id == *id).then_some(terms.command),
        PendingCommand::Manage(_)
        | PendingCommand::Propose(_)
        | PendingCommand::Judge(_)
        | PendingCommand::Bulk(_)
        | PendingCommand::Let(_) => None,
    };
    for (pending, waits) in waiting {
        let Some(command) = same_id(&waits.command) else { continue };
        if command != input.digest {
            return Before::Reused;
        }
        if waits.session == input.principal.session {
            let reason = String::from("a fresh code is asked for already");
            return Before::Same(Verdict::StepUp { pending: *pending, expires: waits.expires, reason });
        }
    }
    Before::Fresh
}
