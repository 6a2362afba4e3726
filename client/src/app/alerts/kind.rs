//! What alerts are about, each with its word; it must not know an alert.

use turret_shared::ids::{AccountId, CorrelationId, OrderId};
use turret_shared::view::OrderView;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Our no to an order.
    Denied,
    /// The venue's no to an order.
    Rejected,
    /// A no to an amend or cancel.
    Refused,
    /// No answer where one was due.
    InDoubt,
    /// An execution taken back.
    Busted,
    /// An execution changed.
    Corrected,
    /// A cancel nobody asked for.
    Unasked,
    /// An amend or cancel of one's own order that somebody else asked for.
    ByOther,
    /// The link between this workstation and its server.
    Link,
    /// The link between the server and its venue, or where prices come from.
    Venue,
    /// Something waits for this person's word, or what they asked for was judged.
    Approval,
    /// Rights or accounts that changed.
    Rights,
    /// A session, key or device of one's own, changed by another session or by others.
    Own,
    /// What the server's surveillance found.
    Watch,
    /// Anything else that was said to stay.
    Message,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 15] = [
        Self::Denied,
        Self::Rejected,
        Self::Refused,
        Self::InDoubt,
        Self::Busted,
        Self::Corrected,
        Self::Unasked,
        Self::ByOther,
        Self::Link,
        Self::Venue,
        Self::Approval,
        Self::Rights,
        Self::Own,
        Self::Watch,
        Self::Message,
    ];

    /// Its word in the list.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Denied => "DENIED",
            Self::Rejected => "REJECTED",
            Self::Refused => "REFUSED",
            Self::InDoubt => "IN DOUBT",
            Self::Busted => "BUSTED",
            Self::Corrected => "CORRECTED",
            Self::Unasked => "UNASKED",
            Self::ByOther => "BY OTHER",
            Self::Link => "LINK",
            Self::Venue => "VENUE",
            Self::Approval => "APPROVAL",
            Self::Rights => "RIGHTS",
            Self::Own => "YOURS",
            Self::Watch => "WATCH",
            Self::Message => "MESSAGE",
        }
    }

    /// True for what went against the person, false for what only must be known.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        matches!(
            self,
            Self::Denied
                | Self::Rejected
                | Self::Refused
                | Self::InDoubt
                | Self::Busted
                | Self::Corrected
                | Self::Unasked
                | Self::Watch
        )
    }
}

/// What is to be told.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The order.
    pub order: Option<OrderId>,
    /// Its account.
    pub account: Option<AccountId>,
    /// To quote.
    pub reference: Option<CorrelationId>,
}

impl About {
    /// An order that is known here.
    #[must_use]
    pub const fn order(view: &OrderView) -> Self {
        Self { order: Some(view.order_id), account: Some(view.account), reference: Some(view.correlation) }
    }

    /// Something with nothing but a reference.
    #[must_use]
    pub const fn reference(reference: Option<CorrelationId>) -> Self {
        Self { order: None, account: None, reference }
    }
}
