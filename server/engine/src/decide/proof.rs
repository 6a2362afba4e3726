//! A proof for commands that wait: a code's step must be newer than the last spent one, a signature is judged in `signed`, and each command is judged again
//! as things are now. It must let nothing through that changed since it was asked about.

use turret_shared::approval::FirstProof;
use turret_shared::assertion::AssertionFault;
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::event::Event;
use turret_shared::event::session::{PendingCommand, ProofFailed, ProofFault, ProofGiven, TotpSpent};
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CredentialId, PendingId};
use turret_shared::limits::{PROOF_PENDING_MAX, TOTP_STEP_S};
use turret_shared::time::NS_PER_S;

use super::judge_new::{Asking, No, judge};
use super::{Draft, amend, approval, judge_amend, new_order, signed, words};
use crate::Verdict;
use crate::approvals;
use crate::input::{Factor, NotProven, Principal, ProofInput};
use crate::state::sessions::Pending;

pub(super) fn decide(draft: &mut Draft<'_>, input: &ProofInput) {
    let factor = match judged(draft, input) {
        Ok(factor) => factor,
        Err(fault) => return fail(draft, input, fault),
    };
    if let Factor::Step(step) = *factor {
        draft.emit(Event::TotpSpent(TotpSpent { credential: input.credential, step }));
    }
    let mut verdicts = alloc::vec::Vec::with_capacity(input.pending.len());
    let mut given: alloc::vec::Vec<PendingId> = alloc::vec::Vec::new();
    let mut managed = false;
    for id in &input.pending {
        let waiting = find(draft, input, *id).filter(|_| !given.contains(id)).cloned();
        let act = waiting.as_ref().is_some_and(|pending| pending.command.is_act());
        let verdict = match waiting {
            None => Verdict::Denied(words::denial(DenialCode::ProofFailed).into()),
            // Judged on the state from before the first act, a second might do what the first rules out. It goes on waiting.
            Some(pending) if act && managed => approval::one_act(draft, &input.principal, &pending.command),
            Some(pending) => {
                managed |= act;
                given.push(*id);
                let proof = given_by(input, *id, factor);
                let first = FirstProof::of(&proof);
                draft.emit(proof);
                again(draft, input, (*id, first), pending)
            }
        };
        verdicts.push(verdict);
    }
    draft.answer(Verdict::Proof(verdicts));
}

/// The proof, if it is worth anything.
fn judged<'a>(draft: &Draft<'_>, input: &'a ProofInput) -> Result<&'a Factor, NotProven> {
    let code = |given| step(draft, &input.principal, input.credential, given).map_err(NotProven::Code);
    match &input.given {
        Ok(Factor::Step(step)) => {
            code(Ok(*step))?;
            if draft.state.wants_key(input.principal.user) {
                return Err(NotProven::Code(ProofFault::KeyWanted));
            }
        }
        Ok(Factor::Signed(signed)) => signed::judge(draft, input, signed)?,
        // What was known at the edge already: nothing to sign was asked for, or not of that key.
        Err(no @ NotProven::Code(ProofFault::NotPending | ProofFault::Credential)) => return Err(*no),
        Err(NotProven::Code(fault)) => drop(code(Err(*fault))?),
        Err(NotProven::Key(fault)) => return Err(NotProven::Key(*fault)),
    }
    let some =
        input.pending.len() <= PROOF_PENDING_MAX && input.pending.iter().any(|id| find(draft, input, *id).is_some());
    input.given.as_ref().ok().filter(|_| some).ok_or(NotProven::Code(ProofFault::NotPending))
}

/// That it was given, as the log has it.
fn given_by(input: &ProofInput, pending: PendingId, factor: &Factor) -> Event {
    let credential = input.credential;
    match factor {
        Factor::Step(step) => Event::ProofGiven(ProofGiven { pending, credential, step: *step }),
        Factor::Signed(signed) => signed::evidence(input.principal.user, credential, Some(pending), signed),
    }
}

/// The step of a code given within a live session, if it is worth anything.
pub(super) fn step(
    draft: &Draft<'_>,
    principal: &Principal,
    credential: CredentialId,
    step: Result<u64, ProofFault>,
) -> Result<u64, ProofFault> {
    let Some(session) = draft.state.live_session(principal) else { return Err(ProofFault::NotPending) };
    let known = draft.state.access().credential(credential);
    let counts = known.is_some_and(|c| c.user == session.user && c.kind == CredentialKind::Totp && !c.revoked);
    if !counts {
        return Err(ProofFault::Credential);
    }
    if draft.state.clock_stepped() {
        return Err(ProofFault::ClockStep);
    }
    let step = step?;
    if draft.state.spent_step(credential).is_some_and(|spent| step <= spent) {
        return Err(ProofFault::Spent);
    }
    Ok(step)
}

/// What this session has waiting under that id, still in time.
pub(super) fn find<'a>(draft: &Draft<'a>, input: &ProofInput, id: PendingId) -> Option<&'a Pending> {
    let pending = draft.state.sessions.pending.get(&id)?;
    let mine = pending.session == input.principal.session && pending.user == input.principal.user;
    (mine && pending.expires >= draft.stamp.time).then_some(pending)
}

fn fail(draft: &mut Draft<'_>, input: &ProofInput, no: NotProven) {
    let mut pending = input.pending.clone();
    pending.truncate(PROOF_PENDING_MAX);
    let (fault, assertion) = match no {
        NotProven::Code(fault) => (fault, None),
        NotProven::Key(assertion) => (ProofFault::Assertion, Some(assertion)),
    };
    draft.emit(Event::ProofFailed(ProofFailed { pending, fault, assertion }));
    if let (Some(AssertionFault::Counter), Ok(Factor::Signed(signed))) = (assertion, &input.given) {
        signed::suspend(draft, input.credential, signed);
    }
    if fault == ProofFault::NotPending {
        let denied = || Verdict::Denied(words::denial(DenialCode::ProofFailed).into());
        let count = input.pending.len().min(PROOF_PENDING_MAX);
        return draft.answer(Verdict::Proof(core::iter::repeat_with(denied).take(count).collect()));
    }
    let refused = refused(draft, input.credential, fault);
    draft.answer(refused);
}

/// The answer to a code that is no good: how long until one can be.
pub(super) fn refused(draft: &Draft<'_>, credential: CredentialId, fault: ProofFault) -> Verdict {
    // Both the code of now and the one before it are taken, so the next that can work is the one after the last spent.
    let step_s = i64::try_from(TOTP_STEP_S).unwrap_or(i64::MAX);
    let now_s = draft.stamp.time.0.div_euclid(NS_PER_S);
    let spent = draft.state.spent_step(credential).and_then(|step| i64::try_from(step).ok());
    let from_s = spent.map_or(now_s, |step| step.saturating_add(1).saturating_mul(step_s));
    let next_code_s = u32::try_from(from_s.saturating_sub(now_s).max(0)).unwrap_or(u32::MAX);
    Verdict::ProofRefused { spent: fault == ProofFault::Spent, next_code_s }
}

/// Decides the command once more, as things are now, with the proof in hand.
fn again(
    draft: &mut Draft<'_>,
    input: &ProofInput,
    (id, first): (PendingId, Option<FirstProof>),
    pending: Pending,
) -> Verdict {
    let also = core::mem::take(&mut draft.also);
    let recent = match &pending.command {
        PendingCommand::New(terms) => also.recent(terms.account, terms.instrument),
        _ => alloc::vec::Vec::new(),
    };
    let (state, market, now) = (draft.state, draft.market, draft.stamp.time);
    let asking = Asking { state, market, user: input.principal.user, now, also: &also, recent: &recent };
    match pending.command {
        PendingCommand::New(terms) => {
            let also_taken = draft
                .decision
                .events
                .iter()
                .any(|event| matches!(event, Event::OrderNew(new) if new.terms.cl_ord_id == terms.cl_ord_id));
            let used = also_taken || state.orders.names.used(input.principal.user, &terms.cl_ord_id).is_some();
            let judged = if used { Err(No::because(DenialCode::ClOrdIdReused)) } else { judge(&asking, &terms) };
            let by = input.principal.user;
            let judged = judged.and_then(|ready| match ready.second {
                None => Ok((ready.reserved, None)),
                Some(_) => {
                    let second = Some((approvals::until(now), first));
                    state.held.room(by).map(|()| (ready.reserved, second)).map_err(No::because)
                }
            });
            draft.also = also;
            match judged {
                Ok((reserved, until)) => new_order::take(draft, terms, &reserved, Some(id), until),
                Err(no) => {
                    let named = (!used).then(|| terms.clone());
                    new_order::record_denial(draft, &input.principal, terms.cl_ord_id, named, no)
                }
            }
        }
        PendingCommand::Amend(terms) => {
            let as_of = state.orders.find(terms.order).map(|(_, order)| order.sequence);
            let taken = draft
                .decision
                .events
                .iter()
                .any(|event| matches!(event, Event::Amend(amend) if amend.terms.order == terms.order));
            let judged = if as_of != pending.order_as_of || taken {
                let mut no = judge_amend::No::because(RefusalCode::TooLate, Some(terms.order));
                no.refusal.text = alloc::string::String::from("the order changed since the proof was asked for");
                Err(no)
            } else {
                judge_amend::judge(&asking, &terms)
            };
            let judged = judged.map(|ready| ready.reserved);
            draft.also = also;
            match (judged, state.orders.find(terms.order)) {
                (Ok(reserved), Some((_, order))) => amend::send(draft, terms, order, &reserved, Some(id)),
                (Ok(_), None) => Verdict::Denied(words::denial(DenialCode::ProofFailed).into()),
                (Err(no), _) => amend::refuse(draft, &input.principal, &terms.cl_ord_id, terms.command, no),
            }
        }
        act => {
            draft.also = also;
            approval::proved(draft, &input.principal, act, (id, first))
        }
    }
}
