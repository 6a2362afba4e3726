//! What a code shown with a key is worth: a pure look at what vault and log know; it must change nothing.

use turret_engine::AccessView;
use turret_shared::digest::Digest;
use turret_shared::event::ops::EnrolFault;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CodeId, DeviceId, UserId};
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::vault::KnownCode;

/// How far a device has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The code is unused.
    Fresh,
    /// This device waits for its issuer.
    Waiting,
    /// This device is let in and may have its certificate.
    Confirmed(DeviceId),
}

/// A code and the key it is shown with.
pub(super) fn judge(
    known: Option<KnownCode>,
    view: &AccessView,
    key: &Digest,
    now: Timestamp,
) -> Result<(CodeId, UserId, Standing), (Option<UserId>, EnrolFault)> {
    let Some(KnownCode { code, user, expires_s }) = known else { return Err((None, EnrolFault::Unknown)) };
    let Some(standing) = standing(view, code, key, now) else {
        let now_s = u64::try_from(now.0 / NS_PER_S).unwrap_or(0);
        let is_late = now_s > expires_s && view.enrolment(code, now).is_none();
        return Err((Some(user), if is_late { EnrolFault::Expired } else { EnrolFault::Used }));
    };
    Ok((code, user, standing))
}

/// How far the device with this key has come by this code; `None` when the code is not, or no longer, for it.
pub(super) fn standing(view: &AccessView, code: CodeId, key: &Digest, now: Timestamp) -> Option<Standing> {
    let known = view.enrolment(code, now)?;
    match &known.claim {
        None => Some(Standing::Fresh),
        Some(claim) if claim.key != *key => None,
        Some(_) if !known.confirmed => Some(Standing::Waiting),
        Some(claim) => {
            let device = view.device(claim.device).filter(|device| !device.revoked && device.key == *key);
            device.map(|_| Standing::Confirmed(claim.device))
        }
    }
}

/// True for someone who has yet to choose a password and an authenticator. Whoever has them keeps them: a code lets a device
/// in and never replaces what only its owner knows.
pub(super) fn needs_factors(view: &AccessView, user: UserId) -> bool {
    let has = |kind| view.credential_of(user, kind).is_some();
    !has(CredentialKind::Password) || !has(CredentialKind::Totp)
}
