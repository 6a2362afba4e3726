//! What surveillance raised: a rule, whom it is about and how much it was; it must hold no name and no address.

use minicbor::{Decode, Encode};

use crate::alert::HandleAlert;
use crate::denial::DenialCode;
use crate::ids::{DeviceId, Sequence, UserId};

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
}

impl AlertRule {
    /// Every rule.
    pub const ALL: [Self; 12] = [
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
        }
    }

    /// True where a higher threshold is a more patient one: not of hours, and not where once is enough.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::OffHours | Self::TokenReplay)
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
        }
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
