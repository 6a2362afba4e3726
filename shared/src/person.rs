//! One person in full as those who run users see them: standing, rights, factors, history; it must hold no credential.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::account::Rights;
use crate::event::session::SignInFault;
use crate::event::setup::CredentialKind;
use crate::ids::{AccountId, DeskId, DeviceId, UserId};
use crate::money::Currency;
use crate::people::{DeviceView, SessionView};
use crate::time::Timestamp;
use crate::view::{AuditView, LimitView};

/// Everything about one person but their row in the list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PersonFacts {
    /// Ours.
    #[n(0)]
    pub user: UserId,
    /// When they were created.
    #[n(1)]
    pub made: Option<Timestamp>,
    /// Since when they have their role, or have none.
    #[n(2)]
    pub role_since: Option<Timestamp>,
    /// Since when they are of their desk, or of none.
    #[n(3)]
    pub desk_since: Option<Timestamp>,
    /// The last sign-in that succeeded: when, and on which device.
    #[n(4)]
    pub last_in: Option<(Timestamp, Option<DeviceId>)>,
    /// The last of the sign-ins that failed since then.
    #[n(5)]
    pub failed: Option<FailedSignIn>,
    /// Factors that count.
    #[n(6)]
    pub factors: Vec<FactorView>,
    /// What was said of their rights, scope by scope.
    #[n(7)]
    pub grants: Vec<GrantView>,
    /// Accounts they may do something with, by code, at most `PERSON_ACCOUNTS_MAX`.
    #[n(8)]
    pub accounts: Vec<EntrustedView>,
    /// How many more there are.
    #[n(9)]
    pub accounts_more: u32,
    /// Their devices, at most `PERSON_DEVICES_MAX`, those that are gone last.
    #[n(10)]
    pub devices: Vec<DeviceView>,
    /// Their live sessions.
    #[n(11)]
    pub sessions: Vec<SessionView>,
    /// Limits of their role and of their accounts.
    #[n(12)]
    pub limits: Vec<LimitView>,
    /// Who else may cancel every order of theirs that can still execute, at most `PERSON_COVER_MAX`.
    #[n(13)]
    pub cover: Vec<UserId>,
    /// What was done to them and how they came in, newest first, at most `PERSON_HISTORY_MAX`.
    #[n(14)]
    pub history: Vec<AuditView>,
}

/// A sign-in that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FailedSignIn {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// On which device.
    #[n(1)]
    pub device: Option<DeviceId>,
    /// Why.
    #[n(2)]
    pub fault: SignInFault,
}

/// A factor that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct FactorView {
    /// What it is.
    #[n(0)]
    pub kind: CredentialKind,
    /// Since when.
    #[n(1)]
    pub since: Option<Timestamp>,
    /// It must be replaced at the next sign-in.
    #[n(2)]
    pub expired: bool,
}

/// What was said of someone's rights on a desk's accounts or on one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct GrantView {
    /// Of every account of this desk, or else of one account.
    #[n(0)]
    pub desk: Option<DeskId>,
    /// The account.
    #[n(1)]
    pub account: Option<AccountId>,
    /// The desk's or the account's code.
    #[n(2)]
    pub code: String,
    /// Given.
    #[n(3)]
    pub allow: Rights,
    /// Taken, whatever else gives it.
    #[n(4)]
    pub deny: Rights,
    /// When that ends by itself.
    #[n(5)]
    pub until: Option<Timestamp>,
}

/// An account by its code, for who says who may do what with it; nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AccountCode {
    /// Which.
    #[n(0)]
    pub account: AccountId,
    /// `A1001`.
    #[n(1)]
    pub code: String,
    /// Its desk: `EQ1`.
    #[n(2)]
    pub desk_code: String,
    /// Of its limits.
    #[n(3)]
    pub currency: Currency,
}

/// An account they may do something with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EntrustedView {
    /// Which.
    #[n(0)]
    pub account: AccountId,
    /// `A1001`.
    #[n(1)]
    pub code: String,
    /// Its desk: `EQ1`.
    #[n(2)]
    pub desk_code: String,
    /// All that is given less all that is taken.
    #[n(3)]
    pub rights: Rights,
    /// Something was said of this very account, not of its desk alone.
    #[n(4)]
    pub by_account: bool,
}
