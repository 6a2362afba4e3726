//! A code taken by a device: factors into the vault, the claim into the log; begun, it must be brought to its end.

use std::sync::Arc;

use quinn::Connection;
use turret_certs::DevicePublic;
use turret_engine::{AccessView, Input};
use turret_shared::enrol_code::device_letters;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::setup::DeviceClaimed;
use turret_shared::ids::{CodeId, CredentialId, DeviceId, UserId};
use turret_shared::limits::ENROL_S_MAX;
use turret_shared::secret::SecretText;
use turret_shared::time::{NS_PER_S, Timestamp};
use zeroize::Zeroizing;

use super::door::Enrolling;
use super::judged::{Standing, standing};
use crate::net::shared::Shared;
use crate::vault::TOTP_SEED_BYTES;

/// The secret of a new authenticator.
pub(super) type Seed = Zeroizing<[u8; TOTP_SEED_BYTES]>;

/// Both factors, the second shown to work by the code of a step.
pub(super) struct Factors {
    pub(super) password: SecretText,
    pub(super) seed: Seed,
    pub(super) step: u64,
}

/// What is claimed, and by whom.
pub(super) struct Claim {
    pub(super) code: CodeId,
    pub(super) user: UserId,
    pub(super) public: DevicePublic,
    pub(super) factors: Option<Factors>,
    pub(super) connection: Connection,
}

/// The code is used by this device, durably; whoever was a moment faster has it.
pub(super) async fn claim(shared: Arc<Shared>, enrolling: Arc<Enrolling>, wanted: Claim) -> bool {
    let Claim { code, user, public, factors, connection } = wanted;
    let _one = enrolling.claiming.lock().await;
    let view = shared.access.now();
    let now = shared.clock.wall();
    if standing(&view, code, &public.digest, now) != Some(Standing::Fresh) {
        return false;
    }
    let vault = Arc::clone(shared.auth.vault());
    let Ok(Ok(highest)) = tokio::task::spawn_blocking(move || vault.highest_credential()).await else {
        return false;
    };
    let (device, first) = free(&view, highest, now);
    let numbers = match factors {
        None => None,
        Some(Factors { password, seed, step }) => {
            if !shared.auth.keep_factors(first, user, password, seed).await {
                return false;
            }
            Some((first, CredentialId(first.0.saturating_add(1)), step))
        }
    };
    // From where it came is committed to under the device's own number, as its connections will be.
    let source = shared.next_connection();
    shared.note_connected(source, device, user, connection.remote_address()).await;
    let letters = device_letters(&public.digest, &enrolling.authority.key_digest());
    let ns = i64::try_from(ENROL_S_MAX).unwrap_or(i64::MAX).saturating_mul(NS_PER_S);
    let expires = shared.clock.wall().after_ns(ns);
    let claimed = DeviceClaimed { code, device, key: public.digest, letters, expires, factors: numbers };
    let correlation = shared.fresh_correlation();
    let origin = Origin { actor: Actor::User(user), device: None, session: None, source: Some(source), correlation };
    let decided = shared.inbox.decided(Input::Setup(origin, Box::new(Event::DeviceClaimed(claimed)))).await;
    let taken = decided.is_ok_and(|decided| decided.fault.is_none());
    if let (false, Some((password, totp, _))) = (taken, numbers) {
        let vault = Arc::clone(shared.auth.vault());
        let _ = tokio::task::spawn_blocking(move || vault.drop_factors(&[password, totp])).await;
    }
    taken
}

/// The numbers the next device and its first factor get: a device's was never anyone's, a factor's is nobody's, nobody's who
/// waits, and nobody's in the vault.
fn free(view: &AccessView, highest: CredentialId, now: Timestamp) -> (DeviceId, CredentialId) {
    (DeviceId(view.highest_device().0.saturating_add(1)), free_credential(view, highest, now))
}

/// The number the next factor gets, `highest` being the highest in the vault.
pub(in crate::net) fn free_credential(view: &AccessView, highest: CredentialId, now: Timestamp) -> CredentialId {
    let claims = view.enrolments(now).filter_map(|(_, known)| known.claim.as_ref());
    let waiting = claims.filter_map(|claim| claim.factors).map(|(_, totp)| totp).max();
    let last = highest.max(waiting.unwrap_or_default()).max(view.highest_credential());
    CredentialId(last.0.saturating_add(1))
}
