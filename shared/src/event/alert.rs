//! What surveillance raised: a rule, whom it is about and how much it was; it must hold no name and no address.

use minicbor::{Decode, Encode};

use crate::alert::HandleAlert;
use crate::denial::DenialCode;
use crate::digest::Digest;
use crate::ids::{DeviceId, Sequence, UserId};
use crate::time::Timestamp;

/// A rule of surveillance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AlertRule {
    /// One device guesses passwords or codes.
    #[n(0)]
    BruteForce,
    /// Many devices do.
    #[n(1)]
    Stuffing,
    /// One device tries names that are not its owner's.
    #[n(2)]
    Spraying,
    /// A session's token was shown by another device.
    #[n(3)]
    TokenReplay,
    /// Somebody asks again and again after what is not theirs.
    #[n(4)]
    Probing,
    /// A large order from a device enrolled of late.
    #[n(5)]
    NewDevice,
    /// More orders than hands can send.
    #[n(6)]
    Velocity,
    /// An order far larger than the person's usual.
    #[n(7)]
    OwnSize,
    /// An order that meets the person's own.
    #[n(8)]
    SelfCrossing,
    /// Orders taken back before anybody could trade with them.
    #[n(9)]
    QuickCancels,
    /// A sign-in when nobody works.
    #[n(10)]
    OffHours,
    /// The log read by the thousand.
    #[n(11)]
    MassExport,
    /// An older key of a device came back: there is a copy of it.
    #[n(12)]
    DeviceCopied,
    /// A security key's counter did not grow: there may be a copy of it.
    #[n(13)]
    KeyCounter,
    /// The server's clock jumped.
    #[n(14)]
    ClockStep,
    /// One person active from two places within less than the way between them takes.
    #[n(20)]
    PlaceChange,
    /// Orders in one listing and side, each small and together large.
    #[n(21)]
    SplitOrders,
    /// The token with the server's keys does not answer.
    #[n(30)]
    KeysLost,
    /// A witness of the log does not answer.
    #[n(24)]
    WitnessMissing,
    /// A witness of the log says that there are two histories.
    #[n(25)]
    WitnessRefused,
    /// Who is sent the log as it grows cannot be reached.
    #[n(31)]
    SiemMissing,
}

impl AlertRule {
    /// Every rule.
    pub const ALL: [Self; 21] = [
        Self::BruteForce,
        Self::Stuffing,
        Self::Spraying,
        Self::TokenReplay,
        Self::Probing,
        Self::NewDevice,
        Self::Velocity,
        Self::OwnSize,
        Self::SelfCrossing,
        Self::QuickCancels,
        Self::OffHours,
        Self::MassExport,
        Self::DeviceCopied,
        Self::KeyCounter,
        Self::ClockStep,
        Self::PlaceChange,
        Self::SplitOrders,
        Self::KeysLost,
        Self::WitnessMissing,
        Self::WitnessRefused,
        Self::SiemMissing,
    ];

    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BruteForce => "brute_force",
            Self::Stuffing => "stuffing",
            Self::Spraying => "spraying",
            Self::TokenReplay => "token_replay",
            Self::Probing => "probing",
            Self::NewDevice => "new_device",
            Self::Velocity => "order_velocity",
            Self::OwnSize => "own_size",
            Self::SelfCrossing => "self_crossing",
            Self::QuickCancels => "quick_cancels",
            Self::OffHours => "off_hours",
            Self::MassExport => "mass_export",
            Self::DeviceCopied => "device_copied",
            Self::KeyCounter => "key_counter",
            Self::ClockStep => "clock_step",
            Self::PlaceChange => "place_change",
            Self::SplitOrders => "split_orders",
            Self::KeysLost => "keys_lost",
            Self::WitnessMissing => "witness_missing",
            Self::WitnessRefused => "witness_refused",
            Self::SiemMissing => "siem_missing",
        }
    }

    /// True where a higher threshold is a more patient one: not of hours, and not where once is enough.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(
            self,
            Self::OffHours
                | Self::TokenReplay
                | Self::DeviceCopied
                | Self::KeyCounter
                | Self::ClockStep
                | Self::PlaceChange
                | Self::KeysLost
                | Self::WitnessMissing
                | Self::WitnessRefused
                | Self::SiemMissing
        )
    }

    /// True where an alert is about somebody, so that something can be done about them.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::Stuffing
                | Self::ClockStep
                | Self::KeysLost
                | Self::WitnessMissing
                | Self::WitnessRefused
                | Self::SiemMissing
        )
    }

    /// What it says of so much, in a sentence without its end.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::BruteForce => "wrong passwords or codes, one after another",
            Self::Stuffing => "wrong passwords from many devices at once",
            Self::Spraying => "sign-ins for names that are not its owner's",
            Self::TokenReplay => "a session's token shown by another device",
            Self::Probing => "asked again and again after what is not theirs",
            Self::NewDevice => "a large order from a device enrolled of late",
            Self::Velocity => "more orders in a minute than hands can send",
            Self::OwnSize => "an order far larger than their usual",
            Self::SelfCrossing => "an order at a price that meets their own",
            Self::QuickCancels => "orders taken back within seconds",
            Self::OffHours => "signed in when nobody works",
            Self::MassExport => "read the log by the thousand",
            Self::DeviceCopied => "an older key of a device came back: there is a copy",
            Self::KeyCounter => "a security key's counter did not grow: there may be a copy",
            Self::PlaceChange => "active from two places within fewer minutes than the way takes",
            Self::SplitOrders => "orders that each ask for nothing more and together would",
            Self::KeysLost => "the server's keys do not answer: nothing is signed until their token is back",
            Self::WitnessMissing => "a witness of the log is silent for so many seconds",
            Self::WitnessRefused => "a witness of the log refused it: nothing is published until this is settled",
            Self::SiemMissing => "the SIEM cannot be sent the log for so many seconds",
            Self::ClockStep => "the server's clock jumped: no code counts until an admin resolves this",
        }
    }
}

/// What the engine does by itself when a rule raises an alert: the house's choice, rule by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AlertAnswer {
    /// The person's sessions end.
    #[n(0)]
    KillSession,
    /// Besides, their devices are locked.
    #[n(1)]
    LockUser,
    /// Their new orders are refused until the alert is resolved.
    #[n(2)]
    HoldOrders,
    /// Each of their orders asks for a fresh code until the alert is resolved.
    #[n(3)]
    StepUp,
    /// The source it was done from is let in no more for a while, and their sessions end.
    #[n(10)]
    Ban,
    /// Their orders and sensitive commands wait a while.
    #[n(11)]
    Delay,
}

impl AlertAnswer {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::KillSession, Self::LockUser, Self::HoldOrders, Self::StepUp, Self::Ban, Self::Delay];

    /// A word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KillSession => "kill_session",
            Self::LockUser => "lock_user",
            Self::HoldOrders => "hold_orders",
            Self::StepUp => "step_up",
            Self::Ban => "ban",
            Self::Delay => "delay",
        }
    }
}

/// What came of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AnswerDone {
    /// Their sessions ended.
    #[n(0)]
    SessionEnded,
    /// Their devices were locked, and their sessions ended.
    #[n(1)]
    UserLocked,
    /// Their orders are held.
    #[n(2)]
    OrdersHeld,
    /// Their orders ask for a fresh code.
    #[n(3)]
    StepUp,
    /// Of the last admin who can sign in only the sessions ended: nobody could let them in again.
    #[n(4)]
    LastAdmin,
    /// It was so already, or there was no session to end.
    #[n(5)]
    Nothing,
    /// The alert is about nobody in particular.
    #[n(6)]
    Nobody,
    /// The source it was done from is banned, and their sessions ended.
    #[n(10)]
    Banned,
    /// Their orders and sensitive commands wait until a moment that stands beside it.
    #[n(11)]
    Delayed,
}

impl AnswerDone {
    /// A word of the log and of scripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionEnded => "session_ended",
            Self::UserLocked => "user_locked",
            Self::OrdersHeld => "orders_held",
            Self::StepUp => "step_up",
            Self::LastAdmin => "last_admin",
            Self::Nothing => "nothing",
            Self::Nobody => "nobody",
            Self::Banned => "banned",
            Self::Delayed => "delayed",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SessionEnded => "session ended",
            Self::UserLocked => "locked, and their session ended",
            Self::OrdersHeld => "new orders refused until this is resolved",
            Self::StepUp => "each order asks for a fresh code until this is resolved",
            Self::LastAdmin => "session ended; the last admin is not locked",
            Self::Nothing => "nothing left to do: it was so already",
            Self::Nobody => "nothing: it is about nobody in particular",
            Self::Delayed => "made to wait a while before the next order or sensitive command",
            Self::Banned => "the source is banned for an hour, and their session ended",
        }
    }

    /// True for what stands until the alert is resolved.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(self, Self::OrdersHeld | Self::StepUp)
    }
}

/// Surveillance found something; the entry's own sequence is the alert's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertRaised {
    /// By which rule.
    #[n(0)]
    pub rule: AlertRule,
    /// About whom, where it is about one person.
    #[n(1)]
    pub user: Option<UserId>,
    /// On which device.
    #[n(2)]
    pub device: Option<DeviceId>,
    /// How much it was.
    #[n(3)]
    pub figure: u32,
    /// How much is too much.
    #[n(4)]
    pub threshold: u32,
    /// The entry that was one too many.
    #[n(5)]
    pub evidence: Sequence,
    /// What the engine is to do about it, where the house wants more than to be told.
    #[n(6)]
    pub answer: Option<AlertAnswer>,
    /// Commitment to the address it was done from, where that is to be banned and a session did it.
    #[n(7)]
    pub address: Option<Digest>,
    /// How long whom it is about is to wait, in seconds, where that is the answer.
    #[n(8)]
    pub delay_s: Option<u32>,
}

/// The engine answered an alert by itself; what it did stands behind this entry, in the same decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertAnswered {
    /// Which: the entry that raised it.
    #[n(0)]
    pub alert: Sequence,
    /// About whom.
    #[n(1)]
    pub user: Option<UserId>,
    /// What came of it.
    #[n(2)]
    pub done: AnswerDone,
    /// Until when they wait, where that is what came of it.
    #[n(3)]
    pub until: Option<Timestamp>,
}

/// Somebody did something with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertHandled {
    /// What, with which.
    #[n(0)]
    pub handle: HandleAlert,
    /// Who.
    #[n(1)]
    pub by: UserId,
}

/// Our no to whoever would handle one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertDenied {
    /// Which.
    #[n(0)]
    pub alert: Sequence,
    /// What was answered.
    #[n(1)]
    pub code: DenialCode,
}
