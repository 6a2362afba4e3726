//! Who may do what with which account: role and entitlement, function and object; it must never look at an order's facts.
//!
//! Deny beats allow. What is not visible to someone answers exactly like what does not exist.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};
use turret_shared::account::Rights;
use turret_shared::bulk;
use turret_shared::composed::ComposedRole;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::setup::{CredentialKind, EntitlementScope, Policy, PolicySet};
use turret_shared::house::Code;
use turret_shared::ids::{AccountId, CodeId, CredentialId, DeskId, DeviceId, EntitlementVersion, UserId};
use turret_shared::key_model::KeyModel;
use turret_shared::limits::{ACCOUNTS_MAX, CREDENTIALS_MAX, USERS_MAX};
use turret_shared::role::{Permission, Role};
use turret_shared::time::Timestamp;
use turret_shared::wire::query::Ask;

use crate::approvals::Approvals;
use crate::bans::Bans;
pub use crate::devices::{DeviceAccess, KeyShown};
use crate::enrolment::Enrolment;
use crate::keyring::Authenticator;

/// What a permission is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Nothing in particular.
    None,
    /// An account, or something of an account.
    Account(AccountId),
    /// Something that does not exist.
    Missing,
}

/// Answer of [`may`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Allowed,
    /// The role, or the entitlement on an account that is visible, does not cover it.
    NotPermitted,
    /// There is no such object, or none that this person may know of.
    Unknown,
}

/// A person as access sees them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct UserAccess {
    /// Their role; `None` may do nothing and not sign in.
    #[n(0)]
    pub role: Option<Role>,
    /// Their desk.
    #[n(1)]
    pub desk: Option<DeskId>,
    /// Scope, given, taken.
    #[n(2)]
    pub entitlements: Vec<(EntitlementScope, Rights, Rights)>,
    /// Their factors were reset by others: nothing sensitive before this.
    #[n(3)]
    pub recovering: Option<Timestamp>,
    /// What they have of their role, where that is not all: one of the house's own roles.
    #[n(4)]
    pub composed: Option<Code>,
}

/// A credential as access sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CredentialAccess {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// What.
    #[n(1)]
    pub kind: CredentialKind,
    /// Version in the vault.
    #[n(2)]
    pub version: u32,
    /// No longer counts.
    #[n(3)]
    pub revoked: bool,
    /// Good for being replaced by its next version only.
    #[n(4)]
    pub expired: bool,
}

/// Everything access needs, small enough to publish after each commit that changes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct AccessView {
    #[n(0)]
    pub(crate) users: Vec<Option<UserAccess>>,
    #[n(1)]
    pub(crate) desks_of_accounts: Vec<Option<DeskId>>,
    #[n(2)]
    pub(crate) devices: Vec<Option<DeviceAccess>>,
    #[n(3)]
    pub(crate) credentials: Vec<Option<CredentialAccess>>,
    #[n(4)]
    pub(crate) enrolments: BTreeMap<CodeId, Enrolment>,
    /// The highest number a device was ever shown or registered under.
    #[n(5)]
    pub(crate) highest_device: DeviceId,
    #[n(7)]
    pub(crate) keys: BTreeMap<CredentialId, Authenticator>,
    #[n(6)]
    pub(crate) approvals: Approvals,
    /// Those of a new deployment's first people who have yet to enrol; `None` once they all have, and where there were none.
    #[n(8)]
    pub(crate) bootstrap: Option<Vec<UserId>>,
    #[n(10)]
    pub(crate) bans: Bans,
    /// What was said of rights on one account for a time.
    #[n(9)]
    pub(crate) timed: BTreeMap<(UserId, AccountId), Timed>,
    /// Roles that take a security key in place of a code.
    #[n(11)]
    pub(crate) by_key: Vec<Role>,
    /// Models of keys that may be registered, in order; none: every one.
    #[n(12)]
    pub(crate) key_models: Vec<KeyModel>,
    /// Roles of the house's own, by code.
    #[n(13)]
    pub(crate) roles: Vec<ComposedRole>,
}

/// Rights on an account that end by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Timed {
    /// When.
    #[n(0)]
    pub until: Timestamp,
    /// What was said before, and is again from then on: given.
    #[n(1)]
    pub allow: Rights,
    /// And taken.
    #[n(2)]
    pub deny: Rights,
}

/// Decides whether `user` may use `permission` on `object`.
#[must_use]
pub fn may(view: &AccessView, user: UserId, permission: Permission, object: Object) -> Access {
    if !view.holds(user, permission) {
        return Access::NotPermitted;
    }
    match object {
        Object::None => Access::Allowed,
        Object::Missing => Access::Unknown,
        Object::Account(account) => {
            let rights = view.rights(user, account);
            if !rights.has(Rights::VIEW) {
                Access::Unknown
            } else if suffices(rights, permission) {
                Access::Allowed
            } else {
                Access::NotPermitted
            }
        }
    }
}

/// The rights a permission needs on the account it is used on.
const fn suffices(rights: Rights, permission: Permission) -> bool {
    match permission {
        Permission::OrderEnter | Permission::OrderAmend | Permission::OrderPreview => rights.has(Rights::TRADE),
        Permission::Approve => rights.has(Rights::APPROVE),
        // Whoever watches a desk may take its orders out.
        Permission::OrderCancel => rights.has(Rights::TRADE) || rights.has(Rights::APPROVE),
        _ => rights.has(Rights::VIEW),
    }
}

/// The permission a question needs, before any object is looked at.
#[must_use]
pub const fn permission_of(ask: &Ask) -> Permission {
    match ask {
        Ask::Orders { .. } | Ask::Order(_) | Ask::WaitStatus { .. } | Ask::Story(_) => Permission::OrderRead,
        Ask::Fills(_) | Ask::Fill(_) => Permission::FillRead,
        Ask::Quote(_) | Ask::Trades(_) | Ask::Bars(_) => Permission::QuoteRead,
        Ask::Positions(_) => Permission::PositionRead,
        Ask::Accounts => Permission::AccountRead,
        Ask::Limits(_) | Ask::LimitTable | Ask::Policies => Permission::LimitRead,
        Ask::Instruments => Permission::InstrumentRead,
        Ask::Preview(_) => Permission::OrderPreview,
        // The log calls accounts by their codes.
        Ask::Audit(_) | Ask::Pack(_) | Ask::Alerts | Ask::Bans | Ask::AccountCodes => Permission::AuditRead,
        Ask::Attempts => Permission::DenialReview,
        Ask::Approvals => Permission::Approve,
        Ask::Bulk(asked) => match **asked {
            bulk::Asked::Dry(_) | bulk::Asked::Now(_) => Permission::UserManage,
            bulk::Asked::Waiting(_) => Permission::Approve,
        },
        Ask::Own | Ask::Colleagues => Permission::OwnManage,
        Ask::Users | Ask::Sessions | Ask::Devices | Ask::People | Ask::Person(_) | Ask::House => Permission::UserRead,
    }
}

impl Access {
    /// The denial for it, `unknown` being the code for an object that is not there.
    #[must_use]
    pub const fn denial(self, unknown: DenialCode) -> Option<DenialCode> {
        match self {
            Self::Allowed => None,
            Self::NotPermitted => Some(DenialCode::NotPermitted),
            Self::Unknown => Some(unknown),
        }
    }
}

fn slot<T>(list: &[Option<T>], id: u32) -> Option<&T> {
    usize::try_from(id).ok().and_then(|at| list.get(at)).and_then(Option::as_ref)
}

/// The slot of an id below `max`, made if need be.
pub(crate) fn slot_mut<T: Clone>(list: &mut Vec<Option<T>>, id: u32, max: u32) -> Option<&mut Option<T>> {
    let at = usize::try_from(id).ok().filter(|_| id < max)?;
    if list.len() <= at {
        list.resize(at.saturating_add(1), None);
    }
    list.get_mut(at)
}

impl AccessView {
    /// The person.
    #[must_use]
    pub fn user(&self, user: UserId) -> Option<&UserAccess> {
        slot(&self.users, user.0)
    }

    /// Sources that are let in no more for a while.
    #[must_use]
    pub const fn bans(&self) -> &Bans {
        &self.bans
    }

    /// Everyone.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &UserAccess)> {
        (0_u32..).zip(&self.users).filter_map(|(id, user)| user.as_ref().map(|user| (UserId(id), user)))
    }

    /// Every account, by number.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        (0_u32..).zip(&self.desks_of_accounts).filter(|(_, desk)| desk.is_some()).map(|(id, _)| AccountId(id))
    }

    /// The device.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> Option<&DeviceAccess> {
        slot(&self.devices, device.0)
    }

    /// Every device, by number.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &DeviceAccess)> {
        (0_u32..).zip(&self.devices).filter_map(|(id, device)| device.as_ref().map(|device| (DeviceId(id), device)))
    }

    /// The credential.
    #[must_use]
    pub fn credential(&self, credential: CredentialId) -> Option<&CredentialAccess> {
        slot(&self.credentials, credential.0)
    }

    /// The number of every credential there ever was, revoked ones included.
    pub fn credentials(&self) -> impl Iterator<Item = CredentialId> {
        (0_u32..).zip(&self.credentials).filter(|(_, known)| known.is_some()).map(|(id, _)| CredentialId(id))
    }

    /// The credentials of a person that were not taken from them, suspended and expired ones included.
    pub fn credentials_of(&self, user: UserId) -> impl Iterator<Item = CredentialId> {
        self.credentials().filter(move |id| self.credential(*id).is_some_and(|c| c.user == user && !c.revoked))
    }

    /// True while a person whose factors were reset by others does nothing sensitive.
    #[must_use]
    pub fn is_recovering(&self, user: UserId, now: Timestamp) -> bool {
        self.user(user).and_then(|known| known.recovering).is_some_and(|until| now < until)
    }

    /// The highest number a credential has, revoked ones included.
    #[must_use]
    pub fn highest_credential(&self) -> CredentialId {
        CredentialId(u32::try_from(self.credentials.len()).unwrap_or(u32::MAX).saturating_sub(1))
    }

    /// The credential of a kind that counts for a person: the newest not revoked.
    #[must_use]
    pub fn credential_of(&self, user: UserId, kind: CredentialKind) -> Option<(CredentialId, &CredentialAccess)> {
        let all = (0_u32..).zip(&self.credentials);
        all.filter_map(|(id, c)| c.as_ref().map(|c| (CredentialId(id), c)))
            .filter(|(_, c)| c.user == user && c.kind == kind && !c.revoked)
            .last()
    }

    /// Whoever has a credential of a kind that counts, and whether it must be replaced.
    pub fn holders(&self, kind: CredentialKind) -> impl Iterator<Item = (UserId, bool)> {
        let all = self.credentials.iter().flatten();
        all.filter(move |c| c.kind == kind && !c.revoked).map(|c| (c.user, c.expired))
    }

    /// What was said of a person for every account of this one's desk: all that is given less all that is taken.
    #[must_use]
    pub(crate) fn rights_by_desk(&self, user: UserId, account: AccountId) -> Rights {
        let (Some(user), Some(desk)) = (self.user(user), slot(&self.desks_of_accounts, account.0)) else {
            return Rights::default();
        };
        let of_desk = user.entitlements.iter().find(|(scope, ..)| *scope == EntitlementScope::Desk(*desk));
        of_desk.map_or_else(Rights::default, |(_, allow, deny)| Rights(allow.0 & !deny.0))
    }

    /// What a person may do with an account: all that is given less all that is taken; nothing for one that is not there.
    #[must_use]
    pub fn rights(&self, user: UserId, account: AccountId) -> Rights {
        let (Some(user), Some(desk)) = (self.user(user), slot(&self.desks_of_accounts, account.0)) else {
            return Rights::default();
        };
        let applies = |scope: &EntitlementScope| match scope {
            EntitlementScope::Desk(d) => d == desk,
            EntitlementScope::Account(a) => *a == account,
        };
        let (allow, deny) = user
            .entitlements
            .iter()
            .filter(|(scope, ..)| applies(scope))
            .fold((0_u8, 0_u8), |(allow, deny), (_, given, taken)| (allow | given.0, deny | taken.0));
        Rights(allow & !deny)
    }

    /// True when the person may see orders, fills and positions of the account: what the feed shows.
    #[must_use]
    pub fn sees(&self, user: UserId, account: AccountId) -> bool {
        may(self, user, Permission::OrderRead, Object::Account(account)) == Access::Allowed
    }

    /// Names what a person may see and do: another name for another role, or other rights on any account they see. What
    /// was so before is named as before, so that it outlives a restart without being kept.
    #[must_use]
    pub fn entitlement_version(&self, user: UserId) -> EntitlementVersion {
        let mut hash = Sha256::new();
        hash.update(b"turret/entitlements/v1\0");
        hash.update(user.0.to_be_bytes());
        hash.update(self.role(user).map_or("", Role::as_str));
        if let Some(composed) = self.held_role(user).and_then(|held| held.composed) {
            hash.update(composed.code.as_str());
            hash.update(composed.permissions.bits().to_be_bytes());
        }
        for account in self.accounts() {
            let rights = self.rights(user, account);
            if rights.has(Rights::VIEW) {
                hash.update(account.0.to_be_bytes());
                hash.update([rights.0]);
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        EntitlementVersion(digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first)))
    }

    /// True for events after which a new view must be published.
    #[must_use]
    pub const fn is_changed_by(event: &Event) -> bool {
        matches!(
            event,
            Event::AccountOpened(_)
                | Event::UserCreated(_)
                | Event::RoleSet(_)
                | Event::RoleComposed(_)
                | Event::RoleRetired(_)
                | Event::ComposedRoleSet(_)
                | Event::DeskSet(_)
                | Event::EntitlementSet(_)
                | Event::GrantTimed(_)
                | Event::DeviceRegistered(_)
                | Event::DeviceRevoked(_)
                | Event::DeviceRenewed(_)
                | Event::DeviceTurned(_)
                | Event::DeviceLocked(_)
                | Event::CredentialActivated(_)
                | Event::CredentialRevoked(_)
                | Event::UserRecovered(_)
                | Event::CodeMade(_)
                | Event::BootstrapOpened(_)
                | Event::BootstrapClosed(_)
                | Event::DeviceClaimed(_)
                | Event::EnrolmentJudged(_)
                | Event::CredentialExpired(_)
                | Event::KeyRegistered(_)
                | Event::KeySuspended(_)
                | Event::ApprovalAsked(_)
                | Event::ApprovalJudged(_)
                | Event::ApprovalVoided(_)
                | Event::BanSet(_)
                | Event::BanLifted(_)
                | Event::KeyModelSet(_)
                | Event::PolicySet(PolicySet { policy: Policy::SecurityKey, .. })
        )
    }

    /// Folds one event recorded at `time`.
    pub fn evolve(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::AccountOpened(e) => {
                if let Some(slot) = slot_mut(&mut self.desks_of_accounts, e.account.id.0, ACCOUNTS_MAX) {
                    *slot = Some(e.account.desk);
                }
            }
            Event::UserCreated(e) => {
                if let Some(slot) = slot_mut(&mut self.users, e.user.0, USERS_MAX) {
                    *slot = Some(UserAccess { desk: e.desk, ..UserAccess::default() });
                }
            }
            Event::DeskSet(e) => {
                if let Some(user) = self.user_mut(e.user) {
                    user.desk = e.desk;
                }
            }
            Event::EntitlementSet(e) => {
                if let Some(user) = self.user_mut(e.user) {
                    user.entitlements.retain(|(scope, ..)| *scope != e.scope);
                    if e.allow != Rights::default() || e.deny != Rights::default() {
                        user.entitlements.push((e.scope, e.allow, e.deny));
                    }
                }
                if let EntitlementScope::Account(account) = e.scope {
                    self.timed.remove(&(e.user, account));
                }
            }
            Event::GrantTimed(e) => {
                let timed = Timed { until: e.until, allow: e.allow, deny: e.deny };
                self.timed.insert((e.user, e.account), timed);
            }
            Event::RoleSet(_) | Event::ComposedRoleSet(_) | Event::RoleComposed(_) | Event::RoleRetired(_) => {
                self.evolve_roles(event);
            }
            other => self.evolve_credentials(time, other),
        }
    }

    fn evolve_credentials(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::DeviceRegistered(_)
            | Event::DeviceRenewed(_)
            | Event::DeviceTurned(_)
            | Event::DeviceRevoked(_)
            | Event::DeviceLocked(_) => self.evolve_devices(time, event),
            Event::CredentialActivated(e) => {
                if let Some(slot) = slot_mut(&mut self.credentials, e.credential.0, CREDENTIALS_MAX) {
                    let (user, kind, version) = (e.user, e.kind, e.version);
                    *slot = Some(CredentialAccess { user, kind, version, revoked: false, expired: false });
                }
            }
            Event::UserRecovered(e) => {
                if let Some(Some(user)) = slot_mut(&mut self.users, e.user.0, USERS_MAX) {
                    user.recovering = Some(e.until);
                }
            }
            Event::CredentialExpired(e) => {
                if let Some(Some(credential)) = slot_mut(&mut self.credentials, e.credential.0, CREDENTIALS_MAX) {
                    credential.expired = true;
                }
            }
            Event::CredentialRevoked(e) => {
                if let Some(Some(credential)) = slot_mut(&mut self.credentials, e.credential.0, CREDENTIALS_MAX) {
                    credential.revoked = true;
                }
            }
            Event::KeyRegistered(_) | Event::KeySuspended(_) | Event::KeyModelSet(_) | Event::PolicySet(_) => {
                self.evolve_keys(event)
            }
            other => {
                self.evolve_enrolments(time, other);
                self.approvals.evolve(time, other);
                self.bans.evolve(time, other);
            }
        }
    }

    pub(crate) fn user_mut(&mut self, user: UserId) -> Option<&mut UserAccess> {
        usize::try_from(user.0).ok().and_then(|at| self.users.get_mut(at)).and_then(Option::as_mut)
    }
}
