//! An alert of surveillance as those who watch see it, and what they do with it; it must hold no credential.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::event::alert::{AlertRule, AnswerDone};
use crate::ids::{CorrelationId, DeviceId, Sequence, UserId};
use crate::time::Timestamp;

/// What somebody does with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum AlertStep {
    /// It was seen, and whoever says so looks into it.
    #[n(0)]
    Acknowledge,
    /// This person looks into it.
    #[n(1)]
    Assign {
        /// Who may handle alerts themselves.
        #[n(0)]
        to: UserId,
    },
    /// It is over.
    #[n(2)]
    Resolve {
        /// What it was.
        #[n(0)]
        end: AlertEnd,
    },
}

impl AlertStep {
    /// A word of the log and of scripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::Assign { .. } => "assigned",
            Self::Resolve { .. } => "resolved",
        }
    }
}

/// What an alert turned out to be, from a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum AlertEnd {
    /// It was what it says, and it was dealt with.
    #[n(0)]
    Handled,
    /// It was what it says, and agreed before: a drill, a migration.
    #[n(1)]
    Expected,
    /// It was nothing: the rule spoke too early.
    #[n(2)]
    FalsePositive,
    /// Another alert tells the same.
    #[n(3)]
    Duplicate,
}

impl AlertEnd {
    /// Every one, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Handled, Self::Expected, Self::FalsePositive, Self::Duplicate];

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Expected => "expected",
            Self::FalsePositive => "false_positive",
            Self::Duplicate => "duplicate",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Handled => "it was so, and it was dealt with",
            Self::Expected => "it was so, and agreed before",
            Self::FalsePositive => "it was nothing: the rule spoke too early",
            Self::Duplicate => "another alert tells the same",
        }
    }
}

/// A step on one alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HandleAlert {
    /// Which: the entry that raised it.
    #[n(0)]
    pub alert: Sequence,
    /// What is done with it.
    #[n(1)]
    pub step: AlertStep,
}

/// How an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub enum AlertStanding {
    /// Nobody looked yet.
    #[n(0)]
    #[default]
    Open,
    /// Somebody looks into it.
    #[n(1)]
    Acknowledged,
    /// Over.
    #[n(2)]
    Resolved(#[n(0)] AlertEnd),
}

impl AlertStanding {
    /// True once it is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved(_))
    }

    /// `open`, `acknowledged`, `resolved`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved(_) => "resolved",
        }
    }
}

/// What became of the alerts of one rule so far: advice for whoever sets its threshold, and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct AlertTally {
    /// Resolved.
    #[n(0)]
    pub resolved: u32,
    /// As false positives among them.
    #[n(1)]
    pub false_positives: u32,
    /// A threshold at which those had been silent and none of the true ones.
    #[n(2)]
    pub suggested: Option<u32>,
}

/// One step that was done, for people.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertStepView {
    /// When.
    #[n(0)]
    pub time: Timestamp,
    /// By whom.
    #[n(1)]
    pub login: String,
    /// What.
    #[n(2)]
    pub step: AlertStep,
    /// To whom, where it was assigned.
    #[n(3)]
    pub to_login: String,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AlertView {
    /// Its number: the entry that raised it.
    #[n(0)]
    pub alert: Sequence,
    /// When.
    #[n(1)]
    pub time: Timestamp,
    /// By which rule.
    #[n(2)]
    pub rule: AlertRule,
    /// About whom; empty where it is about nobody in particular.
    #[n(3)]
    pub login: String,
    /// On which device.
    #[n(4)]
    pub device: Option<DeviceId>,
    /// How much it was.
    #[n(5)]
    pub figure: u32,
    /// How much is too much.
    #[n(6)]
    pub threshold: u32,
    /// To quote.
    #[n(7)]
    pub correlation: CorrelationId,
    /// How it stands.
    #[n(8)]
    pub standing: AlertStanding,
    /// Who looks into it.
    #[n(9)]
    pub assigned: Option<UserId>,
    /// What was done with it, oldest first; of many the newest.
    #[n(10)]
    pub steps: Vec<AlertStepView>,
    /// Of its rule, as it was when this was sent.
    #[n(11)]
    pub tally: AlertTally,
    /// The entry that was one too many.
    #[n(12)]
    pub evidence: Sequence,
    /// Whoever sees this may handle it.
    #[n(13)]
    pub handle: bool,
    /// What the server did about it by itself.
    #[n(14)]
    pub answered: Option<AnswerDone>,
}

/// Somebody an alert can be given to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AlertHandler {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// Their login.
    #[n(1)]
    pub login: String,
}
