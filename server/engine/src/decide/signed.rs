//! What a verified assertion is worth: whose, for which command, once, and with a counter that grew; it must verify nothing.

use turret_shared::assertion::{AssertionFault, judge_counter};
use turret_shared::event::Event;
use turret_shared::event::keys::{IntentSigned, KeySuspended};
use turret_shared::event::session::ProofFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CredentialId, PendingId, UserId};

use super::Draft;
use super::proof::find;
use crate::input::{NotProven, ProofInput, Signed};

/// A key that never counts is taken: some makers leave the counter out so that one key is not known by it at two places.
const UNCOUNTED_WILL_DO: bool = true;

/// Judges an assertion for the one command it was given for.
///
/// # Errors
/// What is wrong with it; a counter that did not grow also suspends the key ([`suspend`]).
pub(super) fn judge(draft: &Draft<'_>, input: &ProofInput, signed: &Signed) -> Result<(), NotProven> {
    let no = |fault| Err(NotProven::Code(fault));
    let Some(session) = draft.state.live_session(&input.principal) else { return no(ProofFault::NotPending) };
    if !draft.state.access().counts(input.credential, session.user, CredentialKind::SecurityKey) {
        return no(ProofFault::Credential);
    }
    if draft.state.clock_stepped() {
        return no(ProofFault::ClockStep);
    }
    // One signature is for one command: nobody can have read several in one line of a window.
    let [one] = *input.pending else { return no(ProofFault::NotPending) };
    let Some(waits) = find(draft, input, one) else { return no(ProofFault::NotPending) };
    // A word on somebody else's command is signed as one, and one's own command as that.
    if signed.purpose != waits.command.purpose() || waits.digest != Some(signed.command) {
        return Err(NotProven::Key(AssertionFault::Signature));
    }
    counter(draft, input.credential, signed).map_err(NotProven::Key)
}

/// Whether its counter grew.
///
/// # Errors
/// [`AssertionFault::Counter`].
pub(super) fn counter(draft: &Draft<'_>, credential: CredentialId, signed: &Signed) -> Result<(), AssertionFault> {
    let kept = draft.state.key_counter(credential).unwrap_or_default();
    judge_counter(kept, signed.counter, UNCOUNTED_WILL_DO)
}

/// Takes a key out whose counter did not grow: there may be two of it.
pub(super) fn suspend(draft: &mut Draft<'_>, credential: CredentialId, signed: &Signed) {
    let kept = draft.state.key_counter(credential).unwrap_or_default();
    draft.emit(Event::KeySuspended(KeySuspended { credential, kept, shown: signed.counter }));
}

/// The evidence.
pub(super) fn evidence(user: UserId, credential: CredentialId, pending: Option<PendingId>, signed: &Signed) -> Event {
    let Signed { purpose, nonce, channel, ref assertion, counter, .. } = *signed;
    let assertion = assertion.clone();
    Event::IntentSigned(IntentSigned { credential, user, purpose, pending, nonce, channel, assertion, counter })
}
