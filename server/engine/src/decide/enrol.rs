//! Enrolment: a code made, a device shown with it, the issuer's word; it must let no code be used twice, late, or by two.

use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::enrol_code::DEVICE_LETTERS;
use turret_shared::event::Event;
use turret_shared::event::session::TotpSpent;
use turret_shared::event::setup::{
    BootstrapClosed, BootstrapOpened, CodeMade, CredentialActivated, CredentialKind, CredentialRevoked, DeviceClaimed,
    DeviceRegistered, EnrolmentJudged, UserRecovered,
};
use turret_shared::ids::{CodeId, CredentialId, DeviceId, PendingId, UserId};
use turret_shared::limits::{CREDENTIALS_MAX, DEVICES_MAX, ENROLMENTS_MAX, RECOVERY_S};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::SessionEnd;

use super::{Draft, session};
use crate::access::AccessView;
use crate::enrolment::{Claim, until};
use crate::{SetupFault, State, Verdict};

/// Whose device waits; only who made the code compares the letters.
pub(super) fn confirmable(
    access: &AccessView,
    by: UserId,
    device: DeviceId,
    now: Timestamp,
) -> Result<Option<UserId>, DenialCode> {
    match access.waiting(device, now) {
        Some((_, known, _)) if known.by != by => Err(DenialCode::NotIssuer),
        found => Ok(found.map(|(_, known, _)| known.user)),
    }
}

/// One more may be under way.
pub(super) fn has_room(access: &AccessView, now: Timestamp) -> Result<(), DenialCode> {
    if access.enrolments(now).count() < ENROLMENTS_MAX { Ok(()) } else { Err(DenialCode::TooManyPending) }
}

/// The code is known by the step-up it was made with: one act to a proof.
pub(super) fn make_code(draft: &mut Draft<'_>, by: UserId, user: UserId, proof: PendingId) -> Verdict {
    let (code, expires) = (CodeId(proof.0), until(draft.stamp.time));
    draft.emit(Event::CodeMade(CodeMade { code, user, by, expires }));
    Verdict::CodeMade { code, user, expires }
}

/// Every factor of a person is gone, their sessions with it; whoever chooses new ones does nothing sensitive for a day, in
/// which they or their colleagues can say that it was not them.
pub(super) fn reset(draft: &mut Draft<'_>, user: UserId) {
    for credential in draft.state.access().credentials_of(user) {
        draft.emit(Event::CredentialRevoked(CredentialRevoked { credential }));
    }
    let seconds = i64::try_from(RECOVERY_S).unwrap_or(i64::MAX);
    let until = draft.stamp.time.after_ns(seconds.saturating_mul(NS_PER_S));
    draft.emit(Event::UserRecovered(UserRecovered { user, until }));
    session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
}

/// Lets a device that waits in, with the factors chosen with it, or turns it away.
pub(super) fn judge(draft: &mut Draft<'_>, device: DeviceId, confirmed: bool) {
    let Some((code, known, claim)) = draft.state.access().waiting(device, draft.stamp.time) else { return };
    let user = known.user;
    let Claim { key, factors, .. } = claim;
    if confirmed {
        return let_in(draft, (code, device, user), (*key, *factors));
    }
    draft.emit(Event::EnrolmentJudged(EnrolmentJudged { code, device, confirmed }));
}

fn let_in(
    draft: &mut Draft<'_>,
    (code, device, user): (CodeId, DeviceId, UserId),
    (key, factors): (Digest, Option<(CredentialId, CredentialId)>),
) {
    draft.emit(Event::EnrolmentJudged(EnrolmentJudged { code, device, confirmed: true }));
    draft.emit(Event::DeviceRegistered(DeviceRegistered { device, user, key }));
    if let Some((password, totp)) = factors {
        for (credential, kind) in [(password, CredentialKind::Password), (totp, CredentialKind::Totp)] {
            draft.emit(Event::CredentialActivated(CredentialActivated { credential, user, kind, version: 1 }));
        }
    }
}

/// A device shown with a code: nothing of it is taken or ever was, and the code is unused and in time.
pub(super) fn claimable(state: &State, e: &DeviceClaimed, now: Timestamp) -> Result<(), SetupFault> {
    let access = state.access();
    let known = access.enrolment(e.code, now).ok_or(SetupFault::Unknown)?;
    let claims = || access.enrolments(now).filter_map(|(_, other)| other.claim.as_ref());
    let free = |id: CredentialId| {
        let claimed = claims().filter_map(|claim| claim.factors).any(|(password, totp)| password == id || totp == id);
        access.credential(id).is_none() && !claimed
    };
    let taken = known.claim.is_some()
        || e.device <= access.highest_device()
        || e.factors.is_some_and(|(password, totp, _)| password == totp || !free(password) || !free(totp));
    let fits = e.device.0 < DEVICES_MAX
        && e.factors.is_none_or(|(password, totp, _)| password.0.max(totp.0) < CREDENTIALS_MAX)
        && is_letters(&e.letters)
        && e.expires <= until(now);
    match (taken, fits) {
        (true, _) => Err(SetupFault::Taken),
        (_, false) => Err(SetupFault::Invalid),
        _ => Ok(()),
    }
}

fn is_letters(letters: &str) -> bool {
    letters.len() == DEVICE_LETTERS.saturating_add(1) && letters.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The code that showed that the new authenticator works is spent by it. One of a new deployment's first people is let in
/// there and then, for nobody is there to say so; with the last of them sessions may begin.
pub(super) fn claimed(draft: &mut Draft<'_>, e: &DeviceClaimed) {
    if let Some((_, credential, step)) = e.factors {
        draft.emit(Event::TotpSpent(TotpSpent { credential, step }));
    }
    let access = draft.state.access();
    let (Some(first), Some(known)) = (access.bootstrap.as_ref(), access.enrolments.get(&e.code)) else { return };
    if !first.contains(&known.user) {
        return;
    }
    let claim = (e.key, e.factors.map(|(password, totp, _)| (password, totp)));
    let (user, is_last) = (known.user, first.iter().all(|waiting| *waiting == known.user));
    let_in(draft, (e.code, e.device, user), claim);
    if is_last {
        draft.emit(Event::BootstrapClosed(BootstrapClosed {}));
    }
}

/// A new deployment's first codes: two admins' and a supervisor's, who have roles and no device; before anybody is in.
pub(super) fn bootstrap(state: &State, e: &BootstrapOpened) -> Result<(), SetupFault> {
    let access = state.access();
    let with = |role| e.codes.iter().filter(|(_, user)| access.role(*user) == Some(role)).count();
    let distinct = e.codes.iter().enumerate().all(|(at, (code, user))| {
        e.codes.iter().skip(at.saturating_add(1)).all(|(other, another)| other != code && another != user)
    });
    if access.bootstrap.is_some() || access.devices().next().is_some() || !access.enrolments.is_empty() {
        return Err(SetupFault::Taken);
    }
    let three = e.codes.len() == 3 && distinct && with(Role::Admin) == 2 && with(Role::Supervisor) == 1;
    if three { Ok(()) } else { Err(SetupFault::Invalid) }
}
