//! What takes two people: asked for with one proof, judged with another over the same command; it must let nobody be both.
//!
//! Everything is judged anew at each step. What is void stays void, and no word is taken on another command than was proved.

use alloc::string::String;

use turret_shared::approval::{FirstProof, Judge, Request, Standing, VoidCause};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::approval::{
    ApprovalAsked, ApprovalDenied, ApprovalJudged, ApprovalVoided, Judgement, Proposal,
};
use turret_shared::event::ops::AccessDenied;
use turret_shared::event::session::PendingCommand;
use turret_shared::ids::{ApprovalId, PendingId, UserId};
use turret_shared::manage::Act;
use turret_shared::own::Deed;
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use super::client::access_denied;
use super::judge_new::envelope;
use super::new_order::hold;
use super::{Draft, bulk, enrol, held, manage, own, words};
use crate::access::{self, Object};
use crate::approvals::{self, Approval};
use crate::input::{ClientInput, Principal};
use crate::{State, Verdict};

/// The proof for something other than an order came.
pub(super) fn proved(
    draft: &mut Draft<'_>,
    principal: &Principal,
    command: PendingCommand,
    (id, first): (PendingId, Option<FirstProof>),
) -> Verdict {
    let now = draft.stamp.time;
    // What only takes away of one's own never waits.
    let waits = !matches!(command, PendingCommand::Let(_));
    if waits && draft.state.alerts.delays(principal.user, now).is_some() {
        return refused(draft, principal, &command, DenialCode::Delayed);
    }
    match command {
        PendingCommand::Manage(act) => manage::carry_out(draft, principal, act, id),
        PendingCommand::Propose(proposal) => propose(draft, principal, proposal, (id, first)),
        PendingCommand::Judge(judgement) => judge(draft, principal, judgement, id),
        PendingCommand::Let(letting) => own::proved(draft, principal, letting),
        PendingCommand::Bulk(batch) => bulk::proved(draft, principal, batch, (id, first)),
        PendingCommand::New(_) | PendingCommand::Amend(_) => {
            Verdict::Denied(words::denial(DenialCode::ProofFailed).into())
        }
    }
}

/// A second act to one proof: it goes on waiting.
pub(super) fn one_act(draft: &mut Draft<'_>, principal: &Principal, command: &PendingCommand) -> Verdict {
    refused(draft, principal, command, DenialCode::OneActPerCode)
}

/// Our no to what was proved.
fn refused(draft: &mut Draft<'_>, principal: &Principal, command: &PendingCommand, code: DenialCode) -> Verdict {
    match command {
        PendingCommand::Manage(act) => manage::no(draft, principal, *act, code),
        PendingCommand::Propose(proposal) => manage::no(draft, principal, proposal.manage, code),
        PendingCommand::Judge(judgement) => no(draft, principal, judgement.judge.approval, code),
        PendingCommand::Let(letting) => own::no(draft, principal, Deed::Let(*letting), code),
        PendingCommand::Bulk(batch) => bulk::refused(draft, principal, batch, code),
        PendingCommand::New(_) | PendingCommand::Amend(_) => Verdict::Denied(words::denial(code).into()),
    }
}

/// The first person's proof came: from now on it waits for the second.
fn propose(
    draft: &mut Draft<'_>,
    principal: &Principal,
    proposal: Proposal,
    (proof, first): (PendingId, Option<FirstProof>),
) -> Verdict {
    let (state, now) = (draft.state, draft.stamp.time);
    let (by, Proposal { manage, command }) = (principal.user, proposal);
    let judged = manage::judged(state, by, manage.act, now);
    if let Err(code) = judged.and_then(|_| state.access().approvals.room(by, now)) {
        return manage::no(draft, principal, manage, code);
    }
    let (approval, expires) = (ApprovalId(proof.0), approvals::until(now));
    let basis = approvals::basis(state, manage.act, &[]);
    let table = None;
    draft.emit(Event::ApprovalAsked(ApprovalAsked { approval, by, manage, command, basis, expires, first, table }));
    Verdict::ApprovalAsked { approval, expires }
}

/// Whether a person may be the second one for a request; whom it concerns.
pub(crate) fn may_judge(
    state: &State,
    user: UserId,
    known: &Approval,
    now: Timestamp,
) -> Result<Option<UserId>, DenialCode> {
    let access = state.access();
    let may = access::may(access, user, Permission::Approve, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    if known.by == user {
        return Err(DenialCode::OwnRequest);
    }
    if access.role(known.by) == access.role(user) {
        return Err(DenialCode::OtherRole);
    }
    if !known.table.is_empty() {
        return bulk::may_judge(state, user, known, now).map(|()| None);
    }
    let whom = manage::target(state, known.by, known.manage.act, now).map_err(|_| DenialCode::ApprovalVoid)?;
    if whom == Some(user) { Err(DenialCode::NotYourself) } else { Ok(whom) }
}

/// Whether a word is on this command and on the very proof its author gave for it.
pub(super) fn names(word: &Judge, command: Digest, first: Option<FirstProof>) -> bool {
    word.command == command && first.is_some_and(|first| word.first == Some(first.digest))
}

/// The request a word is on, and whom it concerns, where the word can be taken.
fn judgeable(
    state: &State,
    principal: &Principal,
    word: &Judge,
    now: Timestamp,
) -> Result<(Approval, Option<UserId>), DenialCode> {
    let access = state.access();
    // Nobody learns from the answer what there is who may see nothing of it.
    let may = access::may(access, principal.user, Permission::Approve, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    if access.is_recovering(principal.user, now) {
        return Err(DenialCode::Recovering);
    }
    let waiting = access.approvals.open(word.approval, now).filter(|one| one.standing(now) == Standing::Waiting);
    let known = waiting.ok_or(DenialCode::ApprovalVoid)?;
    let whom = may_judge(state, principal.user, known, now)?;
    if !names(word, known.command, known.first) || word.ground.approves() != word.approve {
        return Err(DenialCode::Invalid);
    }
    if word.approve {
        let judged = if known.table.is_empty() {
            manage::judged(state, known.by, known.manage.act, now).map(drop)
        } else {
            bulk::still_is(state, known, now)
        };
        judged.map_err(|_| DenialCode::ApprovalVoid)?;
    }
    Ok((known.clone(), whom))
}

/// The second person's word was sent: judged, and held for a proof of their own.
pub(super) fn ask(draft: &mut Draft<'_>, input: &ClientInput, word: Judge) {
    let (state, principal, now) = (draft.state, &input.principal, draft.stamp.time);
    let judged = if state.held.knows(word.approval) {
        held::judgeable(state, principal.user, &word, now).map(drop)
    } else {
        judgeable(state, principal, &word, now).map(drop)
    };
    let delayed = || state.alerts.delays(principal.user, now).map_or(Ok(()), |_| Err(DenialCode::Delayed));
    let judged = judged.and_then(|()| delayed());
    let judged = judged.and_then(|()| envelope(state, &input.command, now).map_or(Ok(()), Err));
    let verdict = match judged {
        Ok(()) => {
            let why = String::from("the second person's word asks for a fresh code of their own");
            let command = PendingCommand::Judge(Judgement { judge: word, command: input.digest });
            let held = hold(draft, input, command, None, why, Some(input.command.expires));
            held.unwrap_or_else(|| no(draft, principal, word.approval, DenialCode::TooManyPending))
        }
        Err(code) => no(draft, principal, word.approval, code),
    };
    draft.answer(verdict);
}

/// The second person's proof came: judged once more, recorded, and done if it was a yes.
fn judge(draft: &mut Draft<'_>, principal: &Principal, judgement: Judgement, proof: PendingId) -> Verdict {
    let (word, now) = (judgement.judge, draft.stamp.time);
    if draft.state.held.knows(word.approval) {
        return held::judge(draft, principal, word, proof);
    }
    let (known, whom) = match judgeable(draft.state, principal, &word, now) {
        Ok(found) => found,
        Err(code) => return no(draft, principal, word.approval, code),
    };
    // An enrolment code is told to its issuer alone: it is made when they take it.
    let taken_later = word.approve && matches!(known.manage.act, Act::NewCode { .. } | Act::Recover { .. });
    let until = taken_later.then(|| crate::enrolment::until(now));
    draft.emit(Event::ApprovalJudged(ApprovalJudged { judge: word, by: principal.user, proof, until, order: None }));
    if !word.approve || taken_later {
        return Verdict::Managed;
    }
    let proof = PendingId(word.approval.0);
    if !known.table.is_empty() {
        return bulk::approved(draft, &known, proof);
    }
    manage::perform(draft, known.by, known.manage, proof, whom)
}

/// The author of a request takes it back, or takes what is theirs of it. Neither asks for another proof: the one gives
/// nothing, and the other was proved and approved.
pub(super) fn own(draft: &mut Draft<'_>, input: &ClientInput, request: Request) {
    let (state, principal, now) = (draft.state, &input.principal, draft.stamp.time);
    let approval = request.approval();
    let access = state.access();
    let may = access::may(access, principal.user, Permission::Approve, Object::None);
    let known = access.approvals.open(approval, now).filter(|known| known.by == principal.user);
    let found = match (may.denial(DenialCode::NotPermitted), known) {
        (Some(code), _) => Err(code),
        // Another's answers like none.
        (None, None) => Err(DenialCode::ApprovalVoid),
        (None, Some(known)) => envelope(state, &input.command, now).map_or_else(|| Ok(known.clone()), Err),
    };
    let verdict = match (found, request) {
        (Err(code), _) => no(draft, principal, approval, code),
        (Ok(_), Request::Withdraw { .. }) => {
            draft.emit(Event::ApprovalVoided(ApprovalVoided { approval, cause: VoidCause::Withdrawn, order: None }));
            Verdict::Managed
        }
        (Ok(known), Request::Collect { .. }) => collect(draft, principal, approval, &known),
    };
    draft.answer(verdict);
}

fn collect(draft: &mut Draft<'_>, principal: &Principal, approval: ApprovalId, known: &Approval) -> Verdict {
    let (state, now, manage) = (draft.state, draft.stamp.time, known.manage);
    if known.standing(now) != Standing::Approved {
        return no(draft, principal, approval, DenialCode::NotApproved);
    }
    if state.alerts.delays(principal.user, now).is_some() {
        return no(draft, principal, approval, DenialCode::Delayed);
    }
    let judged = manage::judged(state, principal.user, manage.act, now)
        .and_then(|whom| enrol::has_room(state.access(), now).map(|()| whom));
    match judged {
        Ok(whom) => manage::perform(draft, principal.user, manage, PendingId(approval.0), whom),
        Err(code) => no(draft, principal, approval, code),
    }
}

/// Our no, recorded under the id that the person is shown; one of access counts as such.
pub(super) fn no(draft: &mut Draft<'_>, principal: &Principal, approval: ApprovalId, code: DenialCode) -> Verdict {
    draft.emit(Event::ApprovalDenied(ApprovalDenied { approval, code }));
    if code == DenialCode::NotPermitted {
        let permission = Permission::Approve;
        access_denied(draft, principal, AccessDenied { permission, object: None, foreign: None, code });
    }
    Verdict::Denied(words::denial(code).into())
}

/// The log says of each request that became void why it did.
pub(super) fn over(draft: &mut Draft<'_>) {
    for (approval, cause) in draft.state.access().approvals.unsaid(draft.stamp.time) {
        draft.emit(Event::ApprovalVoided(ApprovalVoided { approval, cause, order: None }));
    }
    held::over(draft);
}
