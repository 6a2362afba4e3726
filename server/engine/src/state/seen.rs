//! When people and devices were made and last let in, and how often they were turned away since; it must judge nobody.

use alloc::collections::BTreeMap;

use minicbor::{Decode, Encode};
use turret_shared::ids::{DeviceId, UserId};
use turret_shared::time::Timestamp;

/// Of one person or device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Sight {
    /// When it was made.
    #[n(0)]
    pub(crate) made: Timestamp,
    /// The last sign-in that succeeded.
    #[n(1)]
    pub(crate) last_in: Option<Timestamp>,
    /// Sign-ins that failed since then.
    #[n(2)]
    pub(crate) failures: u32,
}

impl Sight {
    fn signed_in(&mut self, at: Timestamp) {
        (self.last_in, self.failures) = (Some(at), 0);
    }

    fn failed(&mut self, count: u32) {
        self.failures = self.failures.saturating_add(count);
    }
}

/// All of them: only those that were made are counted for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Seen {
    #[n(0)]
    people: BTreeMap<UserId, Sight>,
    #[n(1)]
    devices: BTreeMap<DeviceId, Sight>,
}

impl Seen {
    pub(crate) fn person_made(&mut self, user: UserId, at: Timestamp) {
        self.people.entry(user).or_insert(Sight { made: at, last_in: None, failures: 0 });
    }

    pub(crate) fn device_made(&mut self, device: DeviceId, at: Timestamp) {
        self.devices.entry(device).or_insert(Sight { made: at, last_in: None, failures: 0 });
    }

    pub(crate) fn signed_in(&mut self, user: UserId, device: DeviceId, at: Timestamp) {
        if let Some(sight) = self.people.get_mut(&user) {
            sight.signed_in(at);
        }
        if let Some(sight) = self.devices.get_mut(&device) {
            sight.signed_in(at);
        }
    }

    pub(crate) fn failed(&mut self, user: Option<UserId>, device: Option<DeviceId>, count: u32) {
        if let Some(sight) = user.and_then(|user| self.people.get_mut(&user)) {
            sight.failed(count);
        }
        if let Some(sight) = device.and_then(|device| self.devices.get_mut(&device)) {
            sight.failed(count);
        }
    }

    pub(crate) fn person(&self, user: UserId) -> Option<Sight> {
        self.people.get(&user).copied()
    }

    pub(crate) fn device(&self, device: DeviceId) -> Option<Sight> {
        self.devices.get(&device).copied()
    }
}
