//! Outcomes of commands, and what the link brought instead, as answers; it must send nothing.

use serde_json::{Value, json};
use turret_shared::denial::DenialCode;
use turret_shared::ids::{CorrelationId, OrderId};
use turret_shared::wire::control::{Accepted, CodeMade, Outcome, SessionEnd};

use super::answer::Answer;
use super::figures;
use super::people::Person;
use super::rows;
use crate::link::{LinkError, Reply};

/// What kind of no a line gets when it has none of the engine's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// For an order: our no is a denial.
    Order,
    /// For an amend or cancel: our no is a refusal.
    Change,
    /// For anything else.
    Other,
}

/// An answer, and the order it is about if it is about one.
pub(super) struct Told {
    pub(super) answer: Answer,
    pub(super) order: Option<OrderId>,
}

/// What came back for a command or proof.
pub(super) fn reply(reply: Reply, asked: Asked, person: &mut Person) -> Told {
    let told = outcome(reply.outcome, asked, person);
    let answer = quoted(told.answer, reply.correlation);
    Told { answer, order: told.order }
}

/// Every failure carries the correlation id, and so does every other answer, for the audit knows it.
fn quoted(answer: Answer, correlation: CorrelationId) -> Answer {
    answer.with("correlation_id", correlation.to_string())
}

pub(super) fn outcome(outcome: Outcome, asked: Asked, person: &mut Person) -> Told {
    let plain = |answer| Told { answer, order: None };
    match outcome {
        Outcome::Order(accepted) => order(&accepted, person),
        Outcome::Denied(denial) => plain(Answer::not_ok().with("denial", figures::denial(&denial))),
        Outcome::Refused(refusal) => plain(Answer::not_ok().with("refusal", figures::refusal(&refusal))),
        Outcome::StepUp { pending, expires, reason, .. } => {
            // The same command again is asked the same again.
            if !person.pending.iter().any(|(known, _)| *known == pending) {
                person.pending.push((pending, expires));
            }
            let wanted = json!({ "pending": pending.0, "expires": expires.rfc3339(), "reason": reason });
            plain(Answer::ok().with("step_up", wanted))
        }
        Outcome::CancelAll { requested, already } => {
            plain(Answer::ok().with("requested", requested).with("already", already))
        }
        Outcome::Proof(outcomes) => proof(outcomes, asked, person),
        Outcome::ProofRefused { spent, next_code_s } => {
            plain(Answer::not_ok().with("proof", json!({ "spent": spent, "next_code_s": next_code_s })))
        }
        Outcome::Sim | Outcome::Managed | Outcome::PasswordChanged { .. } => plain(Answer::ok()),
        Outcome::CodeMade(made) => plain(code_made(&made)),
        Outcome::KeyOffer(_) | Outcome::DeviceRenewed(_) => plain(Answer::ok()),
        Outcome::KeyRegistered { credential } => plain(Answer::ok().with("credential", credential.0)),
        Outcome::ApprovalAsked(approval, expires) => {
            plain(Answer::ok().with("approval", json!({ "id": approval.0, "expires": expires.rfc3339() })))
        }
        Outcome::PasswordRefused(fault) => plain(Answer::error(fault.as_str(), fault.sentence(), None)),
        Outcome::Busy => plain(busy(asked)),
    }
}

/// An enrolment code: told here and nowhere again, to be read to whoever enrols.
fn code_made(made: &CodeMade) -> Answer {
    let Some(text) = &made.text else {
        return Answer::error("not_kept", "the code could not be kept: ask for another", None);
    };
    let told = json!({ "code": text.expose(), "expires": made.expires.rfc3339(), "port": made.port });
    Answer::ok().with("enrolment", told)
}

fn order(accepted: &Accepted, person: &mut Person) -> Told {
    let row = &accepted.order;
    person.saw_order(row.order_id, row.instrument);
    let receipt = json!({ "sequence": accepted.sequence.0, "leaf": rows::hex(&accepted.leaf) });
    let answer = Answer::ok().with_row(rows::order(row, &person.names)).with("receipt", receipt);
    Told { answer, order: Some(row.order_id) }
}

/// One order proved stands in the answer itself too, as if it had never waited.
fn proof(outcomes: Vec<Outcome>, asked: Asked, person: &mut Person) -> Told {
    let all: Vec<Told> = outcomes.into_iter().map(|one| outcome(one, asked, person)).collect();
    let last = all.iter().rev().find_map(|told| told.order);
    let ok = all.iter().all(|told| told.answer.is_ok());
    let values: Vec<Value> = all.iter().map(|told| told.answer.clone().into_value()).collect();
    let answer = match all.as_slice() {
        [only] => only.answer.clone(),
        _ if ok => Answer::ok(),
        _ => Answer::not_ok(),
    };
    Told { answer: answer.with("orders", values), order: last }
}

fn busy(asked: Asked) -> Answer {
    let text = "the server takes no more work just now; nothing happened";
    match asked {
        Asked::Order => figures::denied(DenialCode::Busy, text),
        Asked::Change | Asked::Other => Answer::error("busy", text, None),
    }
}

/// What the link brought instead of an answer.
pub(super) fn link_error(error: LinkError, end: Option<SessionEnd>) -> Answer {
    let text = error.to_string();
    match (error, end) {
        (LinkError::Denied { code, correlation }, _) => {
            quoted(figures::denied(code, "not for this session, or not known to it"), correlation)
        }
        (LinkError::Server(correlation), _) => Answer::error("server", "the server could not do it", Some(correlation)),
        (LinkError::Down, Some(end)) => Answer::error(end_word(end), "the session is over; `as` signs in again", None),
        (LinkError::InDoubt, _) => Answer::error("in_doubt", &text, None),
        (LinkError::Down, None) => Answer::error("not_connected", &text, None),
        (LinkError::TooLong, _) => Answer::error("too_long", &text, None),
        (LinkError::TimedOut, _) => Answer::error("timed_out", &text, None),
        (LinkError::Protocol, _) => Answer::error("protocol", &text, None),
    }
}

const fn end_word(end: SessionEnd) -> &'static str {
    match end {
        SessionEnd::SignedOut => "session_signed_out",
        SessionEnd::Idle => "session_idle",
        SessionEnd::Absolute => "session_too_old",
        SessionEnd::Killed => "session_killed",
        SessionEnd::DeviceRevoked => "session_device_revoked",
        SessionEnd::TokenMisused => "session_token_misused",
        SessionEnd::Replaced => "session_replaced",
        SessionEnd::Locked => "session_locked",
        SessionEnd::Probing => "session_probing",
        SessionEnd::DeviceLocked => "session_device_locked",
        SessionEnd::PasswordChanged => "session_password_changed",
        SessionEnd::Alert => "session_alert",
        SessionEnd::Elsewhere => "session_elsewhere",
    }
}
