//! A device as access sees it, from its registration through its keys to its end; it must judge nobody's factors.

use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::ids::UserId;
use turret_shared::limits::{DEVICE_TURN_S_MAX, DEVICES_MAX};
use turret_shared::people::LockCause;
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::access::{AccessView, slot_mut};

/// A device as access sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceAccess {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// SHA-256 of its public key.
    #[n(1)]
    pub key: Digest,
    /// Gone for good.
    #[n(2)]
    pub revoked: bool,
    /// Out until unlocked, and what for.
    #[n(3)]
    pub locked: Option<LockCause>,
    /// Which key of it this is, from 1.
    #[n(4)]
    pub generation: u32,
    /// SHA-256 of the public key it was given a certificate for and has not shown yet.
    #[n(5)]
    pub next: Option<Digest>,
    /// When it showed the key it has for the first time; `None` for its first.
    #[n(6)]
    pub turned: Option<Timestamp>,
}

/// What a key shown under a device's number is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShown {
    /// The one it has.
    Own,
    /// The one it was given and shows for the first time.
    Next,
    /// One it had, a moment after it showed the next: two programs of one device may cross.
    JustReplaced,
    /// One it had: a copy.
    Older,
    /// None it ever had, for it never had another than its first.
    Foreign,
}

impl DeviceAccess {
    /// A device as it is registered.
    #[must_use]
    pub const fn new(user: UserId, key: Digest) -> Self {
        Self { user, key, revoked: false, locked: None, generation: 1, next: None, turned: None }
    }

    /// What the key of a certificate of ours is to it. For a device that had more than one we sign no other key than those.
    #[must_use]
    pub fn key_shown(&self, key: &Digest, now: Timestamp) -> KeyShown {
        let crossing = |turned: Timestamp| {
            let ns = i64::try_from(DEVICE_TURN_S_MAX).unwrap_or(i64::MAX).saturating_mul(NS_PER_S);
            turned.after_ns(ns) >= now
        };
        if self.key == *key {
            KeyShown::Own
        } else if self.next == Some(*key) {
            KeyShown::Next
        } else if self.turned.is_some_and(crossing) {
            KeyShown::JustReplaced
        } else if self.turned.is_some() {
            KeyShown::Older
        } else {
            KeyShown::Foreign
        }
    }

    /// Taken at all.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        !self.revoked && self.locked.is_none()
    }
}

impl AccessView {
    pub(crate) fn evolve_devices(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::DeviceRegistered(e) => {
                self.highest_device = self.highest_device.max(e.device);
                if let Some(slot) = slot_mut(&mut self.devices, e.device.0, DEVICES_MAX) {
                    *slot = Some(DeviceAccess::new(e.user, e.key));
                }
            }
            Event::DeviceRenewed(e) => {
                if let Some(Some(device)) = slot_mut(&mut self.devices, e.device.0, DEVICES_MAX) {
                    device.next = Some(e.key);
                }
            }
            Event::DeviceTurned(e) => {
                if let Some(Some(device)) = slot_mut(&mut self.devices, e.device.0, DEVICES_MAX) {
                    (device.key, device.generation) = (e.key, e.generation);
                    (device.next, device.turned) = (None, Some(time));
                }
            }
            Event::DeviceRevoked(e) => {
                if let Some(Some(device)) = slot_mut(&mut self.devices, e.device.0, DEVICES_MAX) {
                    device.revoked = true;
                }
            }
            Event::DeviceLocked(e) => {
                if let Some(Some(device)) = slot_mut(&mut self.devices, e.device.0, DEVICES_MAX) {
                    device.locked = e.cause();
                }
            }
            _ => {}
        }
    }
}
