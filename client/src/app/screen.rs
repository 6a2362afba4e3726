//! The screens there are, and beside which of them one stands; it must know nothing of what is on them.

/// Screens; their digits are the same for every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// Orders.
    Blotter,
    /// Watchlist, depth, trades.
    Quotes,
    /// Positions.
    Positions,
    /// Executions.
    Fills,
    /// Accounts and buying power.
    Accounts,
    /// The log.
    Audit,
    /// People.
    Users,
    /// Live sessions.
    Sessions,
    /// Devices.
    Devices,
    /// Desks, accounts and listings.
    House,
    /// Limits in force.
    Limits,
    /// What waits for a second person.
    Approvals,
    /// What must be known until it is put away.
    Alerts,
    /// Sources that are let in no more for a while: beside the alerts.
    Bans,
    /// Denied attempts to be reviewed: likewise.
    Denied,
}

impl Screen {
    /// The one it stands beside in the line of screens: itself, where it has a place there.
    #[must_use]
    pub const fn tab(self) -> Self {
        match self {
            Self::Bans | Self::Denied => Self::Alerts,
            other => other,
        }
    }
}
