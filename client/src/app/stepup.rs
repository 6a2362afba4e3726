//! The fresh code or signature a sensitive order asks for; it must never keep a code after it was sent.

use turret_shared::ids::PendingId;
use turret_shared::time::Timestamp;

use super::alerts::{About, Kind};
use super::effect::{Effect, Request};
use super::field::SecretField;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{Modal, Stack, StepUp};
use super::{Model, drafts, held, keying};

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;

/// The server asks: opens the modal, or adds to the one that is open.
pub(super) fn asked(
    model: &mut Model,
    (pending, signable): (PendingId, bool),
    expires: Timestamp,
    reason: String,
    flight: Flight,
) {
    let signable = signable.then_some(pending);
    for modal in model.modals.iter_mut().chain(&mut model.held) {
        if let Modal::StepUp(open) = modal
            && open.asked.is_none()
        {
            open.pending.push((pending, flight));
            open.reasons.push(reason);
            open.signable.extend(signable);
            open.expires = open.expires.min(expires);
            // A code proves everything in the window: what is typed was meant for what stood there before.
            if open.code.count() > 0 {
                open.code.wipe();
                open.message = Some("Another request joined: give the code again, it is for all of them.".into());
            }
            model.answer_shown_ms = Some(model.now.mono_ms);
            return;
        }
    }
    let open = StepUp {
        pending: vec![(pending, flight)],
        reasons: vec![reason],
        signable: signable.into_iter().collect(),
        expires,
        code: SecretField::new(CODE_DIGITS),
        asked: None,
        not_before_ms: 0,
        message: None,
    };
    held::stand(model, Modal::StepUp(Box::new(open)));
}

fn find(model: &mut Model, request: Request) -> Option<usize> {
    model.modals.iter().position(|modal| matches!(modal, Modal::StepUp(open) if open.asked == Some(request)))
}

/// The proof stood: closes the modal and gives what waited in it.
pub(super) fn proved(model: &mut Model, request: Request) -> Vec<Flight> {
    let Some(at) = find(model, request) else { return Vec::new() };
    match model.modals.remove(at) {
        Modal::StepUp(open) => open.pending.into_iter().map(|(_, flight)| flight).collect(),
        _ => Vec::new(),
    }
}

/// The code was wrong or used: the modal stays and says when another may work.
pub(super) fn refused(model: &mut Model, request: Request, spent: bool, next_code_s: u32) {
    let now = model.now.mono_ms;
    let Some(Modal::StepUp(open)) = find(model, request).and_then(|at| model.modals.get_mut(at)) else { return };
    open.asked = None;
    open.not_before_ms = now.saturating_add(u64::from(next_code_s).saturating_mul(1_000));
    open.message =
        Some(if spent { "This code was used before: each works once.".into() } else { "Wrong code.".into() });
}

/// The proof brought no answer.
pub(super) fn unanswered(model: &mut Model, request: Request, why: &str) {
    let Some(Modal::StepUp(open)) = find(model, request).and_then(|at| model.modals.get_mut(at)) else { return };
    open.asked = None;
    open.message = Some(why.to_owned());
}

/// The code was sent and its answer lost: what it was for may be done. A new order is asked for by its name, of the rest the
/// person is told.
pub(super) fn in_doubt(model: &mut Model, request: Request, why: &str) {
    for flight in proved(model, request) {
        let line = flight.line(model);
        match flight {
            Flight::New { order, draft, sent, .. } => {
                let request = model.next_request();
                model.flights.insert(request, Flight::New { order, draft, sent, in_doubt: true });
                let text =
                    format!("IN DOUBT: the link was lost before the answer to the code: {line}. The server is asked.");
                model.alert(Kind::InDoubt, &text, About::default(), true);
            }
            _ => model.insist(&format!("IN DOUBT, look at the order: {line}: {why}"), None),
        }
    }
}

/// No code is given for what waits: it lapses, and tickets are kept.
fn given_up(open: StepUp, model: &mut Model, out: &mut Vec<Effect>) {
    out.push(Effect::GiveUp(open.pending.iter().map(|(id, _)| *id).collect()));
    for (_, flight) in open.pending {
        let line = flight.line(model);
        let mut text = format!("No code was given: {line} lapses unsent.");
        if let Flight::New { draft, .. } = flight {
            drafts::rescue(model, draft);
            text.push_str(" It is in Drafts.");
        }
        model.tell(&text);
    }
}

/// A key for the open modal.
pub(super) fn key(mut open: Box<StepUp>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        // What the code was for may be done already: only its answer tells.
        Code::Esc if open.asked.is_some() => open.message = Some("the code was sent: its answer is on the way".into()),
        Code::Esc => {
            given_up(*open, model, out);
            return Vec::new();
        }
        Code::F(4) => return by_key(open, model, out),
        Code::F(9) => match model.demo_code() {
            Ok(code) => {
                open.code.set(&code);
                open.message = None;
            }
            Err(why) => open.message = Some(why),
        },
        Code::Enter => submit(&mut open, model, out),
        Code::Char(c) if !c.is_ascii_digit() => open.message = Some("six digits".into()),
        _ => {
            open.message = None;
            open.code.key(key);
        }
    }
    vec![Modal::StepUp(open)]
}

/// A security key signs one command at a time: the first that it may, by itself; the others wait on below.
fn by_key(mut open: Box<StepUp>, model: &mut Model, out: &mut Vec<Effect>) -> Stack {
    let place = open.pending.iter().position(|(id, _)| open.signable.contains(id));
    let fault = match (open.asked, place) {
        (Some(_), _) => Some("asked: the server is answering".into()),
        (None, None) => Some("A security key cannot sign this here: give a code.".into()),
        (None, Some(_)) => model.can_send().err(),
    };
    let Some(place) = place.filter(|_| fault.is_none()) else {
        open.message = fault;
        return vec![Modal::StepUp(open)];
    };
    let (pending, flight) = open.pending.remove(place);
    let reason = if place < open.reasons.len() { open.reasons.remove(place) } else { String::new() };
    open.signable.retain(|id| *id != pending);
    open.code.wipe();
    let request = model.next_request();
    let sentence = keying::sentence(model, &flight);
    model.flights.insert(request, Flight::Proof);
    keying::begin(model, request, keying::For::StepUp, sentence);
    out.push(Effect::ProveByKey { request, pending });
    let one = StepUp {
        pending: vec![(pending, flight)],
        reasons: vec![reason],
        signable: vec![pending],
        expires: open.expires,
        code: SecretField::new(CODE_DIGITS),
        asked: Some(request),
        not_before_ms: open.not_before_ms,
        message: None,
    };
    let rest = (!open.pending.is_empty()).then_some(Modal::StepUp(open));
    rest.into_iter().chain([Modal::StepUp(Box::new(one))]).collect()
}

fn submit(open: &mut StepUp, model: &mut Model, out: &mut Vec<Effect>) {
    if open.asked.is_some() {
        open.message = Some("asked: the server is answering".into());
    } else if open.code.count() != CODE_DIGITS {
        open.message = Some("six digits".into());
    } else if let Err(why) = model.can_send() {
        open.message = Some(why);
    } else {
        let request = model.next_request();
        model.flights.insert(request, Flight::Proof);
        open.asked = Some(request);
        open.message = None;
        let code = open.code.take();
        model.code_sent(&code);
        let pending = open.pending.iter().map(|(id, _)| *id).collect();
        out.push(Effect::Prove { request, pending, code });
    }
}
