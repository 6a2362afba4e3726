//! When things were made, set or last used, and by whom: people, devices, factors, limits; it must judge nobody.

use alloc::collections::BTreeMap;

use minicbor::{Decode, Encode};
use turret_shared::denial::Rule;
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Head};
use turret_shared::event::own::Labelled;
use turret_shared::event::session::{SignInFailed, SignInFault};
use turret_shared::event::setup::LimitScope;
use turret_shared::ids::{CredentialId, DeviceId, UserId};
use turret_shared::own::Thing;
use turret_shared::time::Timestamp;

/// The last sign-in that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Failed {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(1)]
    pub(crate) device: Option<DeviceId>,
    #[n(2)]
    pub(crate) fault: SignInFault,
}

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
    /// The device of the last sign-in that succeeded.
    #[n(3)]
    pub(crate) last_on: Option<DeviceId>,
    /// The last of the failures counted.
    #[n(4)]
    pub(crate) failed: Option<Failed>,
}

impl Sight {
    const fn new(made: Timestamp) -> Self {
        Self { made, last_in: None, failures: 0, last_on: None, failed: None }
    }

    fn signed_in(&mut self, device: DeviceId, at: Timestamp) {
        *self = Self { last_in: Some(at), last_on: Some(device), ..Self::new(self.made) };
    }

    fn failed(&mut self, e: &SignInFailed) {
        self.failures = self.failures.saturating_add(e.count);
        self.failed = Some(Failed { at: e.last, device: e.device, fault: e.fault });
    }
}

/// When something was set last, and by which person: by none where whoever runs the server or the server itself did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Set {
    #[n(0)]
    pub(crate) at: Timestamp,
    #[n(1)]
    pub(crate) by: Option<UserId>,
}

impl Set {
    const fn of(head: &Head) -> Self {
        let by = match head.origin.actor {
            Actor::User(user) => Some(user),
            _ => None,
        };
        Self { at: head.time, by }
    }
}

/// Of one person, besides what devices have too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Standing {
    #[n(0)]
    pub(crate) role: Option<Set>,
    #[n(1)]
    pub(crate) desk: Option<Set>,
}

/// Which limit: its scope by kind and number, and its rule.
type LimitKey = (u8, u32, u8);

const fn limit_key(scope: LimitScope, rule: Rule) -> LimitKey {
    match scope {
        LimitScope::Role(role) => (0, role as u32, rule as u8),
        LimitScope::Account(account) => (1, account.0, rule as u8),
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
    #[n(2)]
    standings: BTreeMap<UserId, Standing>,
    /// Of devices that are locked.
    #[n(3)]
    locks: BTreeMap<DeviceId, Set>,
    #[n(4)]
    factors: BTreeMap<CredentialId, Timestamp>,
    #[n(5)]
    limits: BTreeMap<LimitKey, Set>,
    /// When each security key last signed.
    #[n(6)]
    used: BTreeMap<CredentialId, Timestamp>,
    /// What keys and devices are called by their owners.
    #[n(7)]
    labels: BTreeMap<Thing, Digest>,
}

impl Seen {
    /// The desk they begin at is theirs from then on.
    pub(crate) fn person_made(&mut self, user: UserId, head: &Head) {
        self.people.entry(user).or_insert(Sight::new(head.time));
        self.desk_set(user, head);
    }

    pub(crate) fn device_made(&mut self, device: DeviceId, head: &Head) {
        self.devices.entry(device).or_insert(Sight::new(head.time));
    }

    pub(crate) fn role_set(&mut self, user: UserId, head: &Head) {
        self.standings.entry(user).or_default().role = Some(Set::of(head));
    }

    pub(crate) fn desk_set(&mut self, user: UserId, head: &Head) {
        self.standings.entry(user).or_default().desk = Some(Set::of(head));
    }

    pub(crate) fn factor_set(&mut self, credential: CredentialId, head: &Head) {
        self.factors.insert(credential, head.time);
    }

    pub(crate) fn key_used(&mut self, credential: CredentialId, at: Timestamp) {
        self.used.insert(credential, at);
    }

    pub(crate) fn labelled(&mut self, e: &Labelled) {
        match e.name {
            Some(name) => self.labels.insert(e.thing, name),
            None => self.labels.remove(&e.thing),
        };
    }

    pub(crate) fn limit_set(&mut self, scope: LimitScope, rule: Rule, head: &Head) {
        self.limits.insert(limit_key(scope, rule), Set::of(head));
    }

    /// Locked again for something else, a device is locked since the first time.
    pub(crate) fn device_locked(&mut self, device: DeviceId, locked: bool, head: &Head) {
        if locked {
            self.locks.entry(device).or_insert(Set::of(head));
        } else {
            self.locks.remove(&device);
        }
    }

    pub(crate) fn signed_in(&mut self, user: UserId, device: DeviceId, at: Timestamp) {
        if let Some(sight) = self.people.get_mut(&user) {
            sight.signed_in(device, at);
        }
        if let Some(sight) = self.devices.get_mut(&device) {
            sight.signed_in(device, at);
        }
    }

    pub(crate) fn failed(&mut self, e: &SignInFailed) {
        if let Some(sight) = e.user.and_then(|user| self.people.get_mut(&user)) {
            sight.failed(e);
        }
        if let Some(sight) = e.device.and_then(|device| self.devices.get_mut(&device)) {
            sight.failed(e);
        }
    }

    pub(crate) fn person(&self, user: UserId) -> Option<Sight> {
        self.people.get(&user).copied()
    }

    pub(crate) fn device(&self, device: DeviceId) -> Option<Sight> {
        self.devices.get(&device).copied()
    }

    pub(crate) fn standing(&self, user: UserId) -> Standing {
        self.standings.get(&user).copied().unwrap_or_default()
    }

    pub(crate) fn lock(&self, device: DeviceId) -> Option<Set> {
        self.locks.get(&device).copied()
    }

    pub(crate) fn factor(&self, credential: CredentialId) -> Option<Timestamp> {
        self.factors.get(&credential).copied()
    }

    pub(crate) fn last_used(&self, credential: CredentialId) -> Option<Timestamp> {
        self.used.get(&credential).copied()
    }

    pub(crate) fn label(&self, thing: Thing) -> Option<Digest> {
        self.labels.get(&thing).copied()
    }

    pub(crate) fn limit(&self, scope: LimitScope, rule: Rule) -> Option<Set> {
        self.limits.get(&limit_key(scope, rule)).copied()
    }
}
