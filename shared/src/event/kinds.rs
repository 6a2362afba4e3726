//! The closed enum of facts and the number, version and word of each kind; it must never renumber one.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::entry::{EntryOutcome, Head, Object};

use super::{alert, approval, custody, grant, keys, meaning, ops, order, own, session, setup, venue};

/// Why a body is not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventError {
    /// No such kind, or a version of it this code does not know.
    UnknownKind,
    /// Not of the kind's shape.
    Malformed,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownKind => "unknown kind of event",
            Self::Malformed => "malformed event",
        })
    }
}

impl core::error::Error for EventError {}

macro_rules! events {
    ($($(#[$doc:meta])* $number:literal v $version:literal $variant:ident($body:ty) = $word:literal;)*) => {
        /// One fact.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event { $($(#[$doc])* $variant($body),)* }

        /// Kind number, current version and action word of every kind, in order.
        pub const KINDS: &[(u16, u8, &str)] = &[$(($number, $version, $word),)*];

        impl Event {
            /// The number of its kind.
            #[must_use]
            pub const fn kind(&self) -> u16 {
                match self { $(Self::$variant(_) => $number,)* }
            }

            /// The version its body is written in.
            #[must_use]
            pub const fn version(&self) -> u8 {
                match self { $(Self::$variant(_) => $version,)* }
            }

            /// The word the audit searches by.
            #[must_use]
            pub const fn action(&self) -> &'static str {
                match self { $(Self::$variant(_) => $word,)* }
            }

            /// Appends the body to `out`.
            pub fn encode_body(&self, out: &mut Vec<u8>) {
                match self { $(Self::$variant(body) => crate::cbor::put(body, out),)* }
            }

            /// Reads a body of a kind and version.
            ///
            /// # Errors
            /// [`EventError`].
            pub fn decode_body(kind: u16, version: u8, body: &[u8]) -> Result<Self, EventError> {
                match (kind, version) {
                    $(($number, $version) => minicbor::decode(body).map(Self::$variant).map_err(|_| EventError::Malformed),)*
                    _ => Err(EventError::UnknownKind),
                }
            }
        }
    };
}

events! {
    /// The first entry of a log.
    0 v 1 Genesis(setup::Genesis) = "genesis";
    /// A desk.
    1 v 1 DeskOpened(setup::DeskOpened) = "desk_opened";
    /// A listing, new or changed.
    2 v 1 InstrumentListed(setup::InstrumentListed) = "instrument_listed";
    /// An account.
    3 v 1 AccountOpened(setup::AccountOpened) = "account_opened";
    /// A person, by number.
    4 v 1 UserCreated(setup::UserCreated) = "user_created";
    /// A person's role, or none any more.
    5 v 1 RoleSet(setup::RoleSet) = "role_set";
    /// What a person may do with a desk's accounts or with one.
    6 v 1 EntitlementSet(setup::EntitlementSet) = "entitlement_set";
    /// A risk limit.
    7 v 1 LimitSet(setup::LimitSet) = "limit_set";
    /// A policy figure.
    8 v 1 PolicySet(setup::PolicySet) = "policy_set";
    /// The restricted list.
    9 v 1 RestrictedSet(setup::RestrictedSet) = "restricted_set";
    /// Cash in or out.
    10 v 1 CashMoved(setup::CashMoved) = "cash_moved";
    /// A position brought in.
    11 v 1 PositionOpened(setup::PositionOpened) = "position_opened";
    /// A device of a person.
    12 v 1 DeviceRegistered(setup::DeviceRegistered) = "device_registered";
    /// A device no longer taken.
    13 v 1 DeviceRevoked(setup::DeviceRevoked) = "device_revoked";
    /// A credential that counts from now on.
    14 v 1 CredentialActivated(setup::CredentialActivated) = "credential_activated";
    /// A credential that no longer counts.
    15 v 1 CredentialRevoked(setup::CredentialRevoked) = "credential_revoked";
    /// A public key of the server.
    16 v 1 KeyActivated(setup::KeyActivated) = "key_activated";
    /// A person's desk, or none any more.
    17 v 1 DeskSet(setup::DeskSet) = "desk_set";
    /// An enrolment code.
    18 v 1 CodeMade(setup::CodeMade) = "code_made";
    /// A device waits for its issuer.
    19 v 1 DeviceClaimed(setup::DeviceClaimed) = "device_claimed";
    /// A device that waited was let in or turned away.
    20 v 1 EnrolmentJudged(setup::EnrolmentJudged) = "enrolment_judged";
    /// A credential that must be replaced at the next sign-in.
    21 v 1 CredentialExpired(setup::CredentialExpired) = "credential_expired";
    /// A device was given a certificate for a new key.
    22 v 1 DeviceRenewed(setup::DeviceRenewed) = "device_renewed";
    /// A device showed its new key.
    23 v 1 DeviceTurned(setup::DeviceTurned) = "device_turned";
    /// A new deployment waits for its first people.
    24 v 1 BootstrapOpened(setup::BootstrapOpened) = "bootstrap_opened";
    /// They all hold their credentials.
    25 v 1 BootstrapClosed(setup::BootstrapClosed) = "bootstrap_closed";
    /// A person's factors were taken away by others.
    26 v 1 UserRecovered(setup::UserRecovered) = "user_recovered";

    /// A security key that counts from now on.
    30 v 1 KeyRegistered(keys::KeyRegistered) = "key_registered";
    /// A key or device was called something by its owner.
    31 v 1 Labelled(own::Labelled) = "labelled";
    /// Our no to what somebody would do with their own.
    32 v 1 OwnDenied(own::OwnDenied) = "own_denied";
    /// Rights on an account that end by themselves.
    33 v 1 GrantTimed(grant::GrantTimed) = "grant_timed";
    /// Models of security keys that may be registered.
    34 v 1 KeyModelSet(keys::KeyModelSet) = "key_model_set";
    /// A role of the house's own, new or made of other permissions.
    35 v 1 RoleComposed(setup::RoleComposed) = "role_composed";
    /// A role of the house's own that is there no more.
    36 v 1 RoleRetired(setup::RoleRetired) = "role_retired";
    /// A person has a role of the house's own.
    37 v 1 ComposedRoleSet(setup::ComposedRoleSet) = "composed_role_set";

    /// A session began.
    100 v 1 SignedIn(session::SignedIn) = "signed_in";
    /// Sign-ins that failed, counted.
    101 v 1 SignInFailed(session::SignInFailed) = "sign_in_failed";
    /// A session ended.
    102 v 1 SessionEnded(session::SessionEnded) = "session_ended";
    /// A command waits for a proof.
    103 v 1 ProofAsked(session::ProofAsked) = "proof_asked";
    /// A proof was given for it.
    104 v 1 ProofGiven(session::ProofGiven) = "proof_given";
    /// A proof failed.
    105 v 1 ProofFailed(session::ProofFailed) = "proof_failed";
    /// A step of a time-based code was spent.
    106 v 1 TotpSpent(session::TotpSpent) = "totp_spent";
    /// A device was locked, or unlocked.
    107 v 1 DeviceLocked(session::DeviceLocked) = "device_locked";
    /// A person signed with their security key.
    120 v 1 IntentSigned(keys::IntentSigned) = "intent_signed";
    /// A security key that may have been copied.
    121 v 1 KeySuspended(keys::KeySuspended) = "key_suspended";

    /// What somebody asked for and proved waits for a second person.
    150 v 1 ApprovalAsked(approval::ApprovalAsked) = "approval_asked";
    /// A second person judged it.
    151 v 1 ApprovalJudged(approval::ApprovalJudged) = "approval_judged";
    /// It waits no more, and nothing was done.
    152 v 1 ApprovalVoided(approval::ApprovalVoided) = "approval_voided";
    /// Our no to whoever would judge it.
    153 v 1 ApprovalDenied(approval::ApprovalDenied) = "approval_denied";

    /// An order was taken and goes to the venue.
    200 v 1 OrderNew(order::OrderNew) = "order_new";
    /// Our no to an order.
    201 v 1 OrderDenied(order::OrderDenied) = "order_denied";
    /// An amend goes to the venue.
    202 v 1 Amend(order::Amend) = "amend";
    /// Our no to an amend.
    203 v 1 AmendRefused(order::RequestRefused) = "amend_refused";
    /// A cancel goes to the venue.
    204 v 1 Cancel(order::Cancel) = "cancel";
    /// Our no to a cancel.
    205 v 1 CancelRefused(order::RequestRefused) = "cancel_refused";
    /// No answer from the venue: it is asked.
    206 v 1 InDoubt(order::InDoubt) = "in_doubt";
    /// The venue said what became of it.
    207 v 1 DoubtResolved(order::DoubtResolved) = "doubt_resolved";
    /// A mass cancel, with how many requests it made.
    208 v 1 CancelAll(order::CancelAllAsked) = "cancel_all";

    /// Acknowledged.
    300 v 1 VenueNew(venue::VenueNew) = "venue_new";
    /// The venue's no.
    301 v 1 VenueRejected(venue::VenueRejected) = "venue_rejected";
    /// An execution.
    302 v 1 Trade(venue::Trade) = "trade";
    /// An execution that never was.
    303 v 1 Bust(venue::Bust) = "bust";
    /// An execution that was otherwise.
    304 v 1 Correct(venue::Correct) = "correct";
    /// Out of the book by cancel.
    305 v 1 Canceled(venue::Canceled) = "canceled";
    /// Amended.
    306 v 1 Replaced(venue::Replaced) = "replaced";
    /// The venue's no to an amend or cancel.
    307 v 1 CancelRejected(venue::CancelRejected) = "cancel_rejected";
    /// Ended by its time in force.
    308 v 1 Expired(venue::OfOrder) = "expired";
    /// Done until the next session.
    309 v 1 DoneForDay(venue::OfOrder) = "done_for_day";
    /// Changed unasked, or working again.
    310 v 1 Restated(venue::Restated) = "restated";
    /// Out of the book for now.
    311 v 1 Suspended(venue::OfOrder) = "suspended";
    /// A stop reached its price.
    312 v 1 Triggered(venue::OfOrder) = "triggered";
    /// The venue's session opened or closed.
    313 v 1 VenueSession(venue::VenueSession) = "venue_session";
    /// A listing was halted or resumed.
    314 v 1 Halt(venue::Halt) = "halt";
    /// The link to the venue came up or went down.
    315 v 1 VenueLink(venue::VenueLink) = "venue_link";
    /// A fact that matches nothing recorded.
    316 v 1 Unmatched(venue::Unmatched) = "unmatched_fact";
    /// The simulator could not do what it was told.
    317 v 1 SimRefused(venue::SimRefused) = "sim_refused";

    /// The server started.
    400 v 1 Started(ops::Started) = "started";
    /// The server stopped in good order.
    401 v 1 Stopped(ops::Stopped) = "stopped";
    /// The audit log was read.
    402 v 1 AuditRead(ops::AuditRead) = "audit_read";
    /// Someone asked for what they may not, or for what is not theirs.
    403 v 1 AccessDenied(ops::AccessDenied) = "access_denied";
    /// Bytes that no client of ours sends.
    404 v 1 BadInput(ops::BadInput) = "bad_input";
    /// The simulator was steered.
    405 v 1 SimControl(ops::SimControlled) = "sim_control";
    /// The clock jumped.
    406 v 1 ClockStep(ops::ClockStep) = "clock_step";
    /// A connection, with the commitment to its address.
    407 v 1 Connected(ops::Connected) = "connected";
    /// Somebody who runs users acted on a person, a session or a device.
    408 v 1 Managed(ops::Managed) = "managed";
    /// Our no to such an act.
    409 v 1 ManageDenied(ops::ManageDenied) = "manage_denied";
    /// Enrolment codes that were not taken, counted.
    410 v 1 EnrolmentFailed(ops::EnrolmentFailed) = "enrolment_failed";
    /// A source of strangers is let in no more for a while.
    411 v 1 BanSet(ops::BanSet) = "ban_set";
    /// The source of a ban is let in again before its time.
    412 v 1 BanLifted(ops::BanLifted) = "ban_lifted";
    /// Somebody said what denied attempts were.
    413 v 1 DenialReviewed(ops::DenialReviewed) = "denial_reviewed";
    /// Our no to whoever would.
    414 v 1 ReviewDenied(ops::ReviewDenied) = "review_denied";
    /// Surveillance found something.
    420 v 1 AlertRaised(alert::AlertRaised) = "alert_raised";
    /// Somebody did something with an alert.
    421 v 1 AlertHandled(alert::AlertHandled) = "alert_handled";
    /// Our no to whoever would.
    422 v 1 AlertDenied(alert::AlertDenied) = "alert_denied";
    /// The engine answered an alert by itself.
    423 v 1 AlertAnswered(alert::AlertAnswered) = "alert_answered";
    /// A proof pack was made and handed out.
    440 v 1 PackMade(ops::PackMade) = "pack_made";
    /// The server's keys in a token cannot be used.
    460 v 1 KeysLost(custody::KeysLost) = "keys_lost";
    /// They can again.
    461 v 1 KeysBack(custody::KeysBack) = "keys_back";
    /// The key that signs checkpoints gave way to the next.
    462 v 1 KeySucceeded(custody::KeySucceeded) = "key_succeeded";
    /// A recovery key was made and given out in shares.
    470 v 1 KeyCeremony(custody::KeyCeremony) = "key_ceremony";
    /// A backup was made.
    471 v 1 BackupMade(custody::BackupMade) = "backup_made";
    /// A backup was put back.
    472 v 1 BackupRestored(custody::BackupRestored) = "backup_restored";
    /// The log goes on under a new origin.
    473 v 1 LogReopened(custody::LogReopened) = "log_reopened";
    /// A key of the server gives way to the next.
    474 v 1 KeyRotated(custody::KeyRotated) = "key_rotated";
    /// Nothing needs a key that gave way any more: it ends.
    475 v 1 KeyRetired(custody::KeyRetired) = "key_retired";
    /// An operator ends a key that gave way, whatever is lost by it.
    476 v 1 KeyRevoked(custody::KeyRevoked) = "key_revoked";
    /// The keys were moved to another store.
    477 v 1 KeysMoved(custody::KeysMoved) = "keys_moved";
}

impl Event {
    /// What it is about; `head` gives the ids that are the entry's own sequence.
    #[must_use]
    pub fn object(&self, head: &Head) -> Option<Object> {
        meaning::object(self, head)
    }

    /// Where it stands in the venue's own count, for a fact of the venue.
    #[must_use]
    pub const fn mark(&self) -> Option<&venue::VenueMark> {
        meaning::mark(self)
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> EntryOutcome {
        meaning::outcome(self)
    }

    /// The code behind the outcome.
    #[must_use]
    pub fn reason(&self) -> Option<Cow<'static, str>> {
        meaning::reason(self)
    }
}
