//! Facts of set-up: desks, listings, accounts, people by number, limits and policy; it must hold no name of a person.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::account::{Account, Rights};
use crate::command::Environment;
use crate::composed::ComposedRole;
use crate::denial::Rule;
use crate::digest::Digest;
use crate::house::Code;
use crate::ids::{AccountId, CodeId, CredentialId, DeskId, DeviceId, InstrumentId, UserId};
use crate::instrument::Instrument;
use crate::money::{Money, Price, Qty};
use crate::role::Role;
use crate::time::Timestamp;

pub use super::policy::{Policy, PolicyKind, PolicySet};

/// The first entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Genesis {
    /// Name of the deployment and of its log.
    #[n(0)]
    pub origin: String,
    /// Where its orders go.
    #[n(1)]
    pub environment: Environment,
    /// Random; keys the engine's hash tables, so that nobody outside can make ids collide.
    #[n(2)]
    pub seed: Digest,
    /// A demonstration: says so everywhere.
    #[n(3)]
    pub demo: bool,
}

/// A desk.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeskOpened {
    /// Ours.
    #[n(0)]
    pub desk: DeskId,
    /// `EQ1`.
    #[n(1)]
    pub code: String,
}

/// A listing, new or changed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct InstrumentListed {
    /// All of it.
    #[n(0)]
    pub instrument: Instrument,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AccountOpened {
    /// All of it.
    #[n(0)]
    pub account: Account,
}

/// A person; login and name lie in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct UserCreated {
    /// Ours.
    #[n(0)]
    pub user: UserId,
    /// Of this desk, if of one.
    #[n(1)]
    pub desk: Option<DeskId>,
}

/// A person's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RoleSet {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// `None`: may do nothing any more.
    #[n(1)]
    pub role: Option<Role>,
}

/// A role of the house's own, new or made of other permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RoleComposed {
    /// All of it.
    #[n(0)]
    pub role: ComposedRole,
}

/// A role of the house's own that is there no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RoleRetired {
    /// Which.
    #[n(0)]
    pub code: Code,
}

/// A person has a role of the house's own, until a [`RoleSet`] says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ComposedRoleSet {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// Which; [`RoleSet`] gave its built-in role just before.
    #[n(1)]
    pub code: Code,
}

/// A person's desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeskSet {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// `None`: of none any more.
    #[n(1)]
    pub desk: Option<DeskId>,
}

/// An enrolment code; what proves it lies hashed in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CodeMade {
    /// Which.
    #[n(0)]
    pub code: CodeId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// Who made it and confirms its device.
    #[n(2)]
    pub by: UserId,
    /// Void after this.
    #[n(3)]
    pub expires: Timestamp,
}

/// A new deployment: only those with these codes may come in, and to enrol only, until each has a device and both factors.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BootstrapOpened {
    /// Codes, and whose: two admins' and a supervisor's.
    #[n(0)]
    pub codes: Vec<(CodeId, UserId)>,
    /// The codes are void after this.
    #[n(1)]
    pub expires: Timestamp,
}

/// Everybody of the bootstrap holds their credentials: from here on sessions begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct BootstrapClosed {}

/// A person's factors were taken away by others, who gave them a code to choose new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct UserRecovered {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Nothing sensitive is theirs to do before this.
    #[n(1)]
    pub until: Timestamp,
}

/// A device was shown with the code, which is used by it: it waits for its issuer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceClaimed {
    /// By which code.
    #[n(0)]
    pub code: CodeId,
    /// Its number, if it is confirmed.
    #[n(1)]
    pub device: DeviceId,
    /// SHA-256 of its public key (SubjectPublicKeyInfo).
    #[n(2)]
    pub key: Digest,
    /// What its holder reads out: [`crate::enrol_code::device_letters`].
    #[n(3)]
    pub letters: String,
    /// Waits no longer than this.
    #[n(4)]
    pub expires: Timestamp,
    /// The factors chosen with it, for someone who had none: password, authenticator, and the step its first code was of.
    #[n(5)]
    pub factors: Option<(CredentialId, CredentialId, u64)>,
}

/// The issuer's word on a device that waited; what they let in follows in entries of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolmentJudged {
    /// Of which code.
    #[n(0)]
    pub code: CodeId,
    /// Which device.
    #[n(1)]
    pub device: DeviceId,
    /// True: it is let in.
    #[n(2)]
    pub confirmed: bool,
}

/// What an entitlement speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum EntitlementScope {
    /// Every account of a desk.
    #[n(0)]
    Desk(#[n(0)] DeskId),
    /// One account.
    #[n(1)]
    Account(#[n(0)] AccountId),
}

/// Rights of a person on a desk's accounts or on one; replaces what was said of that scope before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EntitlementSet {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// On what.
    #[n(1)]
    pub scope: EntitlementScope,
    /// Given.
    #[n(2)]
    pub allow: Rights,
    /// Taken, whatever else gives it.
    #[n(3)]
    pub deny: Rights,
}

/// Whom a limit binds. The tightest of those that apply is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum LimitScope {
    /// Everyone of a role.
    #[n(0)]
    Role(#[n(0)] Role),
    /// Every order of an account.
    #[n(1)]
    Account(#[n(0)] AccountId),
}

/// A risk limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LimitSet {
    /// Whom it binds.
    #[n(0)]
    pub scope: LimitScope,
    /// Which rule: one of `MaxQuantity` (1e-6), `MaxNotional` (1e-4 of the account's currency), `PriceCollar` (basis
    /// points of the market), `OrderRate` (orders a minute), `DuplicateOrder` (milliseconds).
    #[n(1)]
    pub rule: Rule,
    /// In that unit; `None` lifts it.
    #[n(2)]
    pub value: Option<i64>,
}

/// The restricted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RestrictedSet {
    /// Which listing.
    #[n(0)]
    pub instrument: InstrumentId,
    /// On the list.
    #[n(1)]
    pub restricted: bool,
}

/// Cash in (above zero) or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CashMoved {
    /// Whose.
    #[n(0)]
    pub account: AccountId,
    /// In the account's currency.
    #[n(1)]
    pub amount: Money,
}

/// A position brought in from elsewhere; stands before every execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PositionOpened {
    /// Whose.
    #[n(0)]
    pub account: AccountId,
    /// In what.
    #[n(1)]
    pub instrument: InstrumentId,
    /// Signed.
    #[n(2)]
    pub qty: Qty,
    /// At this average cost.
    #[n(3)]
    pub avg_cost: Price,
}

/// A device of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRegistered {
    /// Ours; stands in the certificate.
    #[n(0)]
    pub device: DeviceId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// SHA-256 of its public key (SubjectPublicKeyInfo).
    #[n(2)]
    pub key: Digest,
}

/// A device was given a certificate for a new key: it counts from when the device first shows it, and the one it has until
/// then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRenewed {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// SHA-256 of the new public key (SubjectPublicKeyInfo).
    #[n(1)]
    pub key: Digest,
    /// One more than that of the key it has; a renewal that was lost on its way is made again under the same.
    #[n(2)]
    pub generation: u32,
}

/// A device showed its new key: the older ones are out, and whoever comes with one has a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceTurned {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// SHA-256 of its public key from now on.
    #[n(1)]
    pub key: Digest,
    /// Of that key.
    #[n(2)]
    pub generation: u32,
}

/// A device no longer taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRevoked {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
}

/// What a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum CredentialKind {
    /// A password.
    #[n(0)]
    Password,
    /// A time-based code (RFC 6238).
    #[n(1)]
    Totp,
    /// A security key (FIDO2).
    #[n(2)]
    SecurityKey,
}

/// A credential that counts from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CredentialActivated {
    /// Ours.
    #[n(0)]
    pub credential: CredentialId,
    /// Whose.
    #[n(1)]
    pub user: UserId,
    /// What.
    #[n(2)]
    pub kind: CredentialKind,
    /// Which version of it in the vault.
    #[n(3)]
    pub version: u32,
}

/// A credential that is good for one thing only: being replaced by its next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CredentialExpired {
    /// Which.
    #[n(0)]
    pub credential: CredentialId,
}

/// A credential that no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CredentialRevoked {
    /// Which.
    #[n(0)]
    pub credential: CredentialId,
}

/// A public key of the server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KeyActivated {
    /// `checkpoint`, `ca`.
    #[n(0)]
    pub purpose: String,
    /// Which of them.
    #[n(1)]
    pub version: u32,
    /// The key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub public: Vec<u8>,
}
