//! A new password: taken with a code of its own, or in place of one that must be replaced; it must never see one.

use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::session::{ProofFailed, ProofFault, TotpSpent};
use turret_shared::event::setup::{CredentialActivated, CredentialKind};
use turret_shared::ids::UserId;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, proof, session, words};
use crate::Verdict;
use crate::input::PasswordInput;

/// Within a session. The person's other sessions end: whoever knew the old password is out.
pub(super) fn decide(draft: &mut Draft<'_>, input: &PasswordInput) {
    let (user, own) = (input.principal.user, input.principal.session);
    let step = match proof::step(draft, &input.principal, input.credential, input.step) {
        Ok(step) => step,
        Err(fault) => {
            draft.emit(Event::ProofFailed(ProofFailed { pending: Vec::new(), fault, assertion: None }));
            return draft.answer(match fault {
                ProofFault::NotPending => Verdict::Denied(words::denial(DenialCode::NotPermitted).into()),
                fault => proof::refused(draft, input.credential, fault),
            });
        }
    };
    draft.emit(Event::TotpSpent(TotpSpent { credential: input.credential, step }));
    if !renew(draft, user, input.version) {
        return draft.answer(Verdict::Denied(words::denial(DenialCode::Busy).into()));
    }
    session::end_others(draft, SessionEnd::PasswordChanged, user, Some(own));
    draft.answer(Verdict::PasswordChanged);
}

/// The next version of a person's password counts from here on; false when it is not the next.
pub(super) fn renew(draft: &mut Draft<'_>, user: UserId, version: u32) -> bool {
    let kind = CredentialKind::Password;
    let Some((credential, known)) = draft.state.access().credential_of(user, kind) else { return false };
    if known.version.checked_add(1) != Some(version) {
        return false;
    }
    draft.emit(Event::CredentialActivated(CredentialActivated { credential, user, kind, version }));
    true
}
