//! A new security key: taken with a code of its own, for oneself; it must let no key be anybody's twice.

use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::keys::KeyRegistered;
use turret_shared::event::session::{ProofFailed, ProofFault, TotpSpent};
use turret_shared::ids::CredentialId;
use turret_shared::key_model::KeyModel;
use turret_shared::limits::{CREDENTIALS_MAX, KEYS_OF_ONE_MAX};

use super::{Draft, proof, words};
use crate::input::KeyInput;
use crate::{State, Verdict};

pub(super) fn decide(draft: &mut Draft<'_>, input: &KeyInput) {
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
    if let Some(code) = unfit(draft.state, &input.new).or_else(|| {
        let other = input.new.user != input.principal.user;
        other.then_some(DenialCode::NotPermitted)
    }) {
        return draft.answer(Verdict::Denied(words::denial(code).into()));
    }
    draft.emit(Event::KeyRegistered((*input.new).clone()));
    draft.answer(Verdict::KeyRegistered(input.new.credential));
}

/// Why a key cannot be registered as things are.
pub(super) fn unfit(state: &State, new: &KeyRegistered) -> Option<DenialCode> {
    let access = state.access();
    if new.credential.0 >= CREDENTIALS_MAX
        || access.credential(new.credential).is_some()
        || is_claimed(state, new.credential)
    {
        // Somebody took the number in the meantime: the same again gets another.
        return Some(DenialCode::Busy);
    }
    if access.is_known_key(&new.id) {
        return Some(DenialCode::KeyKnown);
    }
    if !access.takes_model(KeyModel(new.aaguid)) {
        return Some(DenialCode::KeyModel);
    }
    (access.keys_of(new.user).count() >= KEYS_OF_ONE_MAX).then_some(DenialCode::TooManyKeys)
}

/// A device that waits for its issuer brings a factor of that number.
fn is_claimed(state: &State, id: CredentialId) -> bool {
    let claims = state.access().enrolments(state.now()).filter_map(|(_, other)| other.claim.as_ref());
    claims.filter_map(|claim| claim.factors).any(|(password, totp)| password == id || totp == id)
}
