//! Roles and permissions as closed enums, and which role has which; it must decide nothing about objects.

use core::fmt;
use core::str::FromStr;

use minicbor::{Decode, Encode};

/// The five built-in roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// Trades for the accounts of a desk.
    #[n(0)]
    Broker,
    /// Watches a desk, sets limits, cancels on behalf.
    #[n(1)]
    Supervisor,
    /// Runs users, roles and policy; never trades.
    #[n(2)]
    Admin,
    /// Inspects evidence and says what it reviewed; changes nothing else.
    #[n(3)]
    Support,
    /// Sees, and where entitled trades, their own accounts.
    #[n(4)]
    Customer,
}

impl Role {
    /// Every role, in the order lists show them.
    pub const ALL: [Self; 5] = [Self::Broker, Self::Supervisor, Self::Admin, Self::Support, Self::Customer];

    /// Lower-case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
            Self::Support => "support",
            Self::Customer => "customer",
        }
    }

    /// What the role may do at all; the object is checked besides.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Broker => &[
                P::OrderEnter,
                P::OrderAmend,
                P::OrderCancel,
                P::OrderPreview,
                P::OrderRead,
                P::FillRead,
                P::PositionRead,
                P::AccountRead,
                P::LimitRead,
                P::QuoteRead,
                P::InstrumentRead,
                P::SimControl,
                P::OwnManage,
            ],
            Self::Supervisor => &[
                P::OrderCancel,
                P::OrderRead,
                P::FillRead,
                P::PositionRead,
                P::AccountRead,
                P::LimitRead,
                P::QuoteRead,
                P::InstrumentRead,
                P::AuditRead,
                P::SimControl,
                P::Approve,
                P::AlertHandle,
                P::OwnManage,
            ],
            Self::Admin => &[
                P::InstrumentRead,
                P::LimitRead,
                P::AuditRead,
                P::UserRead,
                P::UserManage,
                P::SimControl,
                P::Approve,
                P::AlertHandle,
                P::DenialReview,
                P::OwnManage,
            ],
            Self::Support => {
                &[P::OrderRead, P::FillRead, P::AuditRead, P::InstrumentRead, P::DenialReview, P::OwnManage]
            }
            Self::Customer => &[
                P::OrderEnter,
                P::OrderAmend,
                P::OrderCancel,
                P::OrderPreview,
                P::OrderRead,
                P::FillRead,
                P::PositionRead,
                P::AccountRead,
                P::LimitRead,
                P::QuoteRead,
                P::InstrumentRead,
                P::OwnManage,
            ],
        }
    }

    /// True when the role holds `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Not one of the five words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// One thing a role may do. Commands and reads alike; a new one needs its rows in the golden matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Permission {
    /// Send a new order.
    #[n(0)]
    OrderEnter,
    /// Change a working order.
    #[n(1)]
    OrderAmend,
    /// Cancel orders.
    #[n(2)]
    OrderCancel,
    /// Dry run of an order.
    #[n(3)]
    OrderPreview,
    /// See orders.
    #[n(4)]
    OrderRead,
    /// See executions.
    #[n(5)]
    FillRead,
    /// See positions.
    #[n(6)]
    PositionRead,
    /// See accounts and buying power.
    #[n(7)]
    AccountRead,
    /// See limits.
    #[n(8)]
    LimitRead,
    /// See market data.
    #[n(9)]
    QuoteRead,
    /// See listings.
    #[n(10)]
    InstrumentRead,
    /// Search the audit log.
    #[n(11)]
    AuditRead,
    /// See users.
    #[n(12)]
    UserRead,
    /// Steer the exchange simulator; never held on a LIVE server.
    #[n(13)]
    SimControl,
    /// Act on people, sessions and devices.
    #[n(14)]
    UserManage,
    /// See what waits for a second person, and be that person.
    #[n(15)]
    Approve,
    /// Acknowledge, assign and resolve alerts of surveillance.
    #[n(30)]
    AlertHandle = 30,
    /// See attempts that were denied, and say what they were.
    #[n(31)]
    DenialReview = 31,
    /// See and end one's own sessions, keys and devices.
    #[n(60)]
    OwnManage = 60,
}

impl Permission {
    /// Every permission, for the golden matrix.
    pub const ALL: [Self; 19] = [
        Self::OrderEnter,
        Self::OrderAmend,
        Self::OrderCancel,
        Self::OrderPreview,
        Self::OrderRead,
        Self::FillRead,
        Self::PositionRead,
        Self::AccountRead,
        Self::LimitRead,
        Self::QuoteRead,
        Self::InstrumentRead,
        Self::AuditRead,
        Self::UserRead,
        Self::SimControl,
        Self::UserManage,
        Self::Approve,
        Self::AlertHandle,
        Self::DenialReview,
        Self::OwnManage,
    ];

    /// A word of scripts and of the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderEnter => "order_enter",
            Self::OrderAmend => "order_amend",
            Self::OrderCancel => "order_cancel",
            Self::OrderPreview => "order_preview",
            Self::OrderRead => "order_read",
            Self::FillRead => "fill_read",
            Self::PositionRead => "position_read",
            Self::AccountRead => "account_read",
            Self::LimitRead => "limit_read",
            Self::QuoteRead => "quote_read",
            Self::InstrumentRead => "instrument_read",
            Self::AuditRead => "audit_read",
            Self::UserRead => "user_read",
            Self::SimControl => "sim_control",
            Self::UserManage => "user_manage",
            Self::Approve => "approve",
            Self::AlertHandle => "alert_handle",
            Self::DenialReview => "denial_review",
            Self::OwnManage => "own_manage",
        }
    }

    /// For a person: what whoever holds it may do.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OrderEnter => "enter orders",
            Self::OrderAmend => "amend orders",
            Self::OrderCancel => "cancel orders",
            Self::OrderPreview => "try an order without sending it",
            Self::OrderRead => "see orders",
            Self::FillRead => "see executions",
            Self::PositionRead => "see positions",
            Self::AccountRead => "see accounts and buying power",
            Self::LimitRead => "see limits",
            Self::QuoteRead => "see market data",
            Self::InstrumentRead => "see listings",
            Self::AuditRead => "search the log",
            Self::UserRead => "see people",
            Self::SimControl => "steer the simulator",
            Self::UserManage => "act on people, sessions and devices",
            Self::Approve => "be the second person",
            Self::AlertHandle => "answer alerts",
            Self::DenialReview => "review denied attempts",
            Self::OwnManage => "see and end what is their own",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
