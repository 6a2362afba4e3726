//! Security keys as access sees them: what verifies, and whether it counts; it must hold no counter, which changes each time.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use turret_shared::event::Event;
use turret_shared::event::setup::{CredentialKind, Policy, PolicySet};
use turret_shared::ids::{CredentialId, UserId};
use turret_shared::key_model::KeyModel;
use turret_shared::limits::CREDENTIALS_MAX;

use crate::AccessView;
use crate::access::{CredentialAccess, slot_mut};

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Authenticator {
    /// The id the key gave it.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub id: Vec<u8>,
    /// Its public half (COSE).
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub public: Vec<u8>,
    /// The key's model.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub aaguid: [u8; 16],
    /// Its counter went back: there may be two of it.
    #[n(3)]
    pub suspended: bool,
}

impl AccessView {
    /// True for somebody whose role takes a security key in place of a code.
    #[must_use]
    pub fn wants_key(&self, user: UserId) -> bool {
        self.role(user).is_some_and(|role| self.by_key.contains(&role))
    }

    /// True for a session of theirs that was opened by a code all the same, for they had no key yet: it registers one, and
    /// sees and does nothing else.
    #[must_use]
    pub fn lacks_key(&self, user: UserId, opened_by: CredentialId) -> bool {
        let by_code = self.credential(opened_by).is_some_and(|known| known.kind == CredentialKind::Totp);
        by_code && self.wants_key(user)
    }

    /// A person's second factor that counts: of them, not revoked, and no key that may have been copied.
    #[must_use]
    pub fn counts(&self, credential: CredentialId, user: UserId, kind: CredentialKind) -> bool {
        let known = self.credential(credential);
        let suspended = || self.keys.get(&credential).is_some_and(|key| key.suspended);
        known.is_some_and(|c| c.user == user && c.kind == kind && !c.revoked) && !suspended()
    }

    /// A key, if it counts for this person.
    #[must_use]
    pub fn key(&self, credential: CredentialId, user: UserId) -> Option<&Authenticator> {
        self.keys.get(&credential).filter(|_| self.counts(credential, user, CredentialKind::SecurityKey))
    }

    /// The keys that count for a person, oldest first.
    pub fn keys_of(&self, user: UserId) -> impl Iterator<Item = (CredentialId, &Authenticator)> {
        let counts = move |id: CredentialId| self.counts(id, user, CredentialKind::SecurityKey);
        self.keys.iter().map(|(id, key)| (*id, key)).filter(move |(id, _)| counts(*id))
    }

    /// A person's keys that were not taken from them, suspended ones among them, oldest first.
    pub fn keys_held_by(&self, user: UserId) -> impl Iterator<Item = (CredentialId, &Authenticator)> {
        let theirs = move |id: CredentialId| self.credential(id).is_some_and(|c| c.user == user && !c.revoked);
        self.keys.iter().map(|(id, key)| (*id, key)).filter(move |(id, _)| theirs(*id))
    }

    /// Models of keys that may be registered; where none is named, every one may.
    #[must_use]
    pub fn key_models(&self) -> &[KeyModel] {
        &self.key_models
    }

    /// True for a key that says it is of a model that may be registered.
    #[must_use]
    pub fn takes_model(&self, model: KeyModel) -> bool {
        self.key_models.is_empty() || self.key_models.contains(&model)
    }

    /// Somebody's, whether it counts or not.
    #[must_use]
    pub fn is_known_key(&self, id: &[u8]) -> bool {
        self.keys.values().any(|key| key.id == id)
    }

    pub(crate) fn evolve_keys(&mut self, event: &Event) {
        match event {
            Event::KeyRegistered(e) => {
                let Some(slot) = slot_mut(&mut self.credentials, e.credential.0, CREDENTIALS_MAX) else { return };
                let (user, kind) = (e.user, CredentialKind::SecurityKey);
                *slot = Some(CredentialAccess { user, kind, version: 1, revoked: false, expired: false });
                let (id, public, aaguid) = (e.id.clone(), e.public.clone(), e.aaguid);
                self.keys.insert(e.credential, Authenticator { id, public, aaguid, suspended: false });
            }
            Event::KeySuspended(e) => {
                if let Some(key) = self.keys.get_mut(&e.credential) {
                    key.suspended = true;
                }
            }
            Event::KeyModelSet(e) => {
                self.key_models.retain(|known| *known != e.model);
                self.key_models.extend(e.allowed.then_some(e.model));
                self.key_models.sort_unstable();
            }
            Event::PolicySet(PolicySet { policy: Policy::SecurityKey, role, value }) => {
                self.by_key.retain(|known| known != role);
                self.by_key.extend(value.map(|_| *role));
                self.by_key.sort_unstable();
            }
            _ => {}
        }
    }
}
