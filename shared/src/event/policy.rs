//! Policies, what their figures are and whom they can be said of, and the fact that one was set; it must judge nothing.

use minicbor::{Decode, Encode};

use crate::role::{Permission, Role};

/// Policy figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Policy {
    /// An order of a notional above this (1e-4) needs a fresh proof.
    #[n(0)]
    StepUpNotional,
    /// A short sale of a notional above this (1e-4) needs a fresh proof.
    #[n(1)]
    StepUpShortNotional,
    /// Notional of an order above which a second person approves it.
    #[n(2)]
    ApprovalNotional,
    /// Quantity of an order above which a second person approves it.
    #[n(3)]
    ApprovalQuantity,
    /// A security key as the second factor, and no code: 1 where it is wanted.
    #[n(4)]
    SecurityKey,
}

/// What the figure of a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// An amount in the order's own currency.
    Money,
    /// A quantity.
    Quantity,
    /// Wanted, or not.
    Wanted,
}

impl Policy {
    /// Every one, in the order lists show them.
    pub const ALL: [Self; 5] = [
        Self::StepUpNotional,
        Self::StepUpShortNotional,
        Self::ApprovalNotional,
        Self::ApprovalQuantity,
        Self::SecurityKey,
    ];

    /// What its figure is.
    #[must_use]
    pub const fn kind(self) -> PolicyKind {
        match self {
            Self::StepUpNotional | Self::StepUpShortNotional | Self::ApprovalNotional => PolicyKind::Money,
            Self::ApprovalQuantity => PolicyKind::Quantity,
            Self::SecurityKey => PolicyKind::Wanted,
        }
    }

    /// Whether it can be said of a role at all: what is about orders is, of those that enter some.
    #[must_use]
    pub fn is_for(self, role: Role) -> bool {
        self.kind() == PolicyKind::Wanted || role.may(Permission::OrderEnter)
    }

    /// Whether it is a figure of its kind; `None` lifts it.
    #[must_use]
    pub fn takes(self, value: Option<i64>) -> bool {
        match (self.kind(), value) {
            (_, None) => true,
            (PolicyKind::Wanted, Some(value)) => value == 1,
            (PolicyKind::Money | PolicyKind::Quantity, Some(value)) => value >= 0,
        }
    }

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StepUpNotional => "step_up_notional",
            Self::StepUpShortNotional => "step_up_short_notional",
            Self::ApprovalNotional => "approval_notional",
            Self::ApprovalQuantity => "approval_quantity",
            Self::SecurityKey => "security_key",
        }
    }

    /// For a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::StepUpNotional => "an order above this asks for a fresh code",
            Self::StepUpShortNotional => "a short sale above this asks for a fresh code",
            Self::ApprovalNotional => "an order above this waits for a second person",
            Self::ApprovalQuantity => "an order of more units waits for a second person",
            Self::SecurityKey => "signing in and signing take a security key, where it is wanted",
        }
    }
}

/// A policy figure for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PolicySet {
    /// Which.
    #[n(0)]
    pub policy: Policy,
    /// For whom.
    #[n(1)]
    pub role: Role,
    /// In the policy's unit; `None` lifts it.
    #[n(2)]
    pub value: Option<i64>,
}
