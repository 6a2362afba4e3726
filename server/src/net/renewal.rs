//! A device's next key: certified within a session, taken the first time it is shown; it must let no key count before that, and
//! leave none that counted.

use std::sync::Arc;

use turret_certs::identity::{ends_s, key_digest};
use turret_certs::profile::DEVICE_S;
use turret_certs::{Authority, DevicePublic};
use turret_engine::Input;
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::setup::{DeviceRenewed, DeviceTurned};
use turret_shared::ids::DeviceId;
use turret_shared::limits::DEVICE_RENEW_S_MIN;
use turret_shared::time::NS_PER_S;
use turret_shared::wire::control::{Outcome, ServerFrame};

use super::active::Active;
use super::connection::certificate;
use super::conversation::Conversation;
use super::shared::Shared;
use crate::guard::Fault;
use crate::guard::faults::Stage;

impl Conversation {
    /// Certifies a new key of this device, the log first. Only who holds the key that counts gets one, and not twice a day.
    pub(super) async fn renew_device(&mut self, active: &Active, request: u64, key: Vec<u8>) {
        let outcome = match self.renewed(active, &key).await {
            Ok(certificate) => Outcome::DeviceRenewed(certificate),
            Err(Some(word)) => {
                let correlation = self.shared.fault(Some(self.device), Fault::BadInput(Stage::Limit, word));
                return self.put(&ServerFrame::Error { request: Some(request), correlation });
            }
            Err(None) => Outcome::Busy,
        };
        let correlation = self.shared.fresh_correlation();
        self.put_reply(request, correlation, outcome);
    }

    async fn renewed(&self, active: &Active, key: &[u8]) -> Result<String, Option<&'static str>> {
        let shared = &self.shared;
        let Some(enrolling) = shared.enrolling.as_ref() else { return Err(Some("renewal_none")) };
        let Ok(public) = DevicePublic::of_request(key) else { return Err(Some("renewal_key")) };
        let Some(shown) = certificate(&self.connection) else { return Err(Some("renewal_shown")) };
        let now_s = u64::try_from(shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
        let ends = ends_s(&shown).and_then(|s| u64::try_from(s).ok()).unwrap_or(u64::MAX);
        // A client judges by what it knows of our clock: it may be early by a little.
        if ends > now_s.saturating_add(DEVICE_S).saturating_sub(DEVICE_RENEW_S_MIN / 2) {
            return Err(Some("renewal_early"));
        }
        let view = shared.access.now();
        let row = view.device(self.device).filter(|row| key_digest(&shown) == Some(row.key));
        let Some(row) = row else { return Err(Some("renewal_shown")) };
        let digest = public.digest;
        let certified = certify(&enrolling.authority, self.device, public, now_s).await.ok_or(None)?;
        let generation = row.generation.saturating_add(1);
        let event = Event::DeviceRenewed(DeviceRenewed { device: self.device, key: digest, generation });
        let origin = active.session.principal().origin(shared.fresh_correlation());
        match shared.inbox.decided(Input::Setup(origin, Box::new(event))).await {
            Ok(decided) if decided.fault.is_none() => Ok(certified),
            _ => Err(None),
        }
    }
}

/// Signs a certificate away from the runtime's threads: the key may lie in a token that takes its time.
pub(super) async fn certify(
    authority: &Arc<Authority>,
    device: DeviceId,
    public: DevicePublic,
    now_s: u64,
) -> Option<String> {
    let authority = Arc::clone(authority);
    let signed = tokio::task::spawn_blocking(move || authority.certify(device, &public, now_s)).await;
    match signed {
        Ok(Ok(certificate)) => Some(certificate),
        Ok(Err(error)) => {
            tracing::error!(%error, "a device's key could not be certified");
            None
        }
        // A panic in it was reported when it happened.
        Err(_) => None,
    }
}

impl Shared {
    /// A device came with its next key: from here on it counts and the one before does not. False when that was not recorded.
    pub(super) async fn turned(&self, device: DeviceId, key: Digest, generation: u32) -> bool {
        let event = Event::DeviceTurned(DeviceTurned { device, key, generation: generation.saturating_add(1) });
        let origin = Origin { device: Some(device), ..Origin::of(Actor::Engine, self.fresh_correlation()) };
        let decided = self.inbox.decided(Input::Setup(origin, Box::new(event))).await;
        // Another connection of the same device may have been a moment faster.
        decided.is_ok_and(|decided| decided.fault.is_none())
            || self.access.now().device(device).is_some_and(|row| row.key == key && !row.revoked)
    }
}
