//! Sessions begin and end: device, credential and code are judged together, here and nowhere else.

use turret_shared::assertion::Purpose;
use turret_shared::event::Event;
use turret_shared::event::session::{DeviceLocked, SessionEnded, SignInFailed, SignInFault, SignedIn, TotpSpent};
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CredentialId, DeviceId, SessionId, UserId};
use turret_shared::people::LockCause;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, password, signed};
use crate::State;
use crate::input::{Factor, SessionInput};
use crate::state::Session;

pub(super) fn decide(draft: &mut Draft<'_>, input: &SessionInput) {
    match *input {
        SessionInput::SignIn { user, device, credential, ref factor, password, token, script, .. } => {
            let replaced = (password_version(draft, user) != Some(password)).then_some(SignInFault::Password);
            let fault = fault(draft, user, device, credential).or(replaced);
            if let Some(fault) = fault.or_else(|| not_proven(draft, user, credential, factor)) {
                return failed(draft, user, device, fault);
            }
            draft.emit(match factor {
                Factor::Step(step) => Event::TotpSpent(TotpSpent { credential, step: *step }),
                Factor::Signed(signed) => signed::evidence(user, credential, None, signed),
            });
            if password_expired(draft, user) {
                return failed(draft, user, device, SignInFault::PasswordExpired);
            }
            end_where(draft, SessionEnd::Replaced, |s| s.user == user && s.device == device);
            begin(draft, SignedIn { user, device, credential, token, script });
        }
        SessionInput::Renew { user, device, credential, version, token, script, .. } => {
            // Both factors were right a moment ago; whatever else has changed since is judged again.
            if let Some(fault) = fault(draft, user, device, credential) {
                return failed(draft, user, device, fault);
            }
            if !password_expired(draft, user) || !password::renew(draft, user, version) {
                return failed(draft, user, device, SignInFault::Credential);
            }
            end_others(draft, SessionEnd::PasswordChanged, user, None);
            begin(draft, SignedIn { user, device, credential, token, script });
        }
        SessionInput::Failed { user, device, fault, count, first, .. } => {
            let last = draft.stamp.time;
            draft.emit(Event::SignInFailed(SignInFailed { user, device, fault, count, first, last }));
        }
        SessionInput::End { session, reason, .. } => {
            if let Some(user) = draft.state.session(session).map(|s| s.user) {
                draft.emit(Event::SessionEnded(SessionEnded { session, user, reason }));
            }
        }
        SessionInput::LockDevice { device, locked, fault, .. } => {
            let event = DeviceLocked { device, locked, fault };
            let Some(known) = draft.state.access().device(device) else { return };
            // A device that shows a stolen token, or of which there is a copy, is locked for that, whatever it was locked for.
            let graver = known.locked.is_some() && event.cause().is_some_and(LockCause::is_grave);
            if known.locked.is_some() != locked || (graver && known.locked != event.cause()) {
                draft.emit(Event::DeviceLocked(event));
            }
            if locked {
                let misused = event.cause() == Some(LockCause::Token);
                let reason = if misused { SessionEnd::TokenMisused } else { SessionEnd::DeviceLocked };
                end_where(draft, reason, |s| s.device == device);
            }
        }
    }
}

/// What is wrong with a second factor that was right when it was looked at; a key whose counter did not grow is suspended.
fn not_proven(draft: &mut Draft<'_>, user: UserId, credential: CredentialId, factor: &Factor) -> Option<SignInFault> {
    let is = |kind| draft.state.access().counts(credential, user, kind);
    match factor {
        Factor::Step(_) if !is(CredentialKind::Totp) => Some(SignInFault::Credential),
        Factor::Step(step) => {
            let spent = draft.state.spent_step(credential).is_some_and(|spent| *step <= spent);
            spent.then_some(SignInFault::CodeSpent)
        }
        Factor::Signed(_) if !is(CredentialKind::SecurityKey) => Some(SignInFault::Credential),
        Factor::Signed(signed) if signed.purpose != Purpose::SignIn => Some(SignInFault::Key),
        Factor::Signed(signed) => {
            let stands = signed::counter(draft, credential, signed).is_err();
            if stands {
                signed::suspend(draft, credential, signed);
            }
            stands.then_some(SignInFault::Key)
        }
    }
}

fn begin(draft: &mut Draft<'_>, signed_in: SignedIn) {
    let id = SessionId(draft.next().0);
    draft.emit(Event::SignedIn(signed_in));
    draft.decision.session = Some(Ok(id));
}

fn failed(draft: &mut Draft<'_>, user: UserId, device: DeviceId, fault: SignInFault) {
    let (user, device, now) = (Some(user), Some(device), draft.stamp.time);
    draft.emit(Event::SignInFailed(SignInFailed { user, device, fault, count: 1, first: now, last: now }));
    draft.decision.session = Some(Err(fault));
}

/// Which version of a person's password counts: it may have been changed between their password and their code.
fn password_version(draft: &Draft<'_>, user: UserId) -> Option<u32> {
    draft.state.access().credential_of(user, CredentialKind::Password).map(|(_, password)| password.version)
}

/// A new password must be given before anything else.
fn password_expired(draft: &Draft<'_>, user: UserId) -> bool {
    let password = draft.state.access().credential_of(user, CredentialKind::Password);
    password.is_some_and(|(_, password)| password.expired)
}

/// Why both factors being right is not enough, what the second gave aside.
fn fault(draft: &Draft<'_>, user: UserId, device: DeviceId, credential: CredentialId) -> Option<SignInFault> {
    let access = draft.state.access();
    let Some(device) = access.device(device).filter(|d| d.is_live()) else { return Some(SignInFault::Device) };
    let kinds = [CredentialKind::Totp, CredentialKind::SecurityKey];
    let credential_counts = kinds.into_iter().any(|kind| access.counts(credential, user, kind));
    if access.is_bootstrapping() {
        Some(SignInFault::Bootstrap)
    } else if device.user != user {
        Some(SignInFault::OtherUsersDevice)
    } else if access.role(user).is_none() {
        Some(SignInFault::UserDisabled)
    } else if !credential_counts {
        Some(SignInFault::Credential)
    } else if lacks_key(draft.state, user, credential) {
        Some(SignInFault::KeyWanted)
    } else {
        None
    }
}

/// A code where the role takes a key. Whoever has none yet comes in by the code, to register one and for nothing else.
fn lacks_key(state: &State, user: UserId, credential: CredentialId) -> bool {
    let access = state.access();
    let by_code = access.credential(credential).is_some_and(|known| known.kind == CredentialKind::Totp);
    by_code && state.wants_key(user) && access.keys_of(user).next().is_some()
}

/// Ends a person's live sessions, all but one.
pub(super) fn end_others(draft: &mut Draft<'_>, reason: SessionEnd, user: UserId, but: Option<SessionId>) {
    let state = draft.state;
    for (session, _) in state.sessions().filter(|(id, live)| live.user == user && Some(*id) != but) {
        draft.emit(Event::SessionEnded(SessionEnded { session, user, reason }));
    }
}

/// Ends every live session of a kind.
pub(super) fn end_where(draft: &mut Draft<'_>, reason: SessionEnd, which: impl Fn(&Session) -> bool) {
    let state = draft.state;
    for (session, live) in state.sessions().filter(|(_, live)| which(live)) {
        draft.emit(Event::SessionEnded(SessionEnded { session, user: live.user, reason }));
    }
}
