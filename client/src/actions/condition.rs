//! What must be so for an action to be offered, and the sentence that says when it is not; it must look at nothing itself.

/// One thing that must be so. The screen says which are; the server checks again what matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Condition {
    /// The link stands and a session lives.
    Connected,
    /// The cursor stands on a row.
    Row,
    /// The order under the cursor can still execute.
    OpenOrder,
    /// The order under the cursor is open, has no amend or cancel under way, and is not in doubt.
    AmendableOrder,
    /// Something is marked.
    Marks,
    /// The session's user has working orders.
    WorkingOrders,
    /// A row needs the user.
    NeedsYou,
    /// A denial, rejection or refusal is shown.
    Notice,
    /// A listing is under the cursor or in the ticket.
    Listing,
    /// The market of that listing has a far side.
    FarTouch,
    /// The server is a simulator.
    Simulator,
    /// Something can be undone.
    Undoable,
}

impl Condition {
    /// Every one, in the order of the bits.
    pub const ALL: [Self; 12] = [
        Self::Connected,
        Self::Row,
        Self::OpenOrder,
        Self::AmendableOrder,
        Self::Marks,
        Self::WorkingOrders,
        Self::NeedsYou,
        Self::Notice,
        Self::Listing,
        Self::FarTouch,
        Self::Simulator,
        Self::Undoable,
    ];

    /// Said when it is not so.
    #[must_use]
    pub const fn why_not(self) -> &'static str {
        match self {
            Self::Connected => "not connected: nothing can be sent",
            Self::Row => "no row under the cursor",
            Self::OpenOrder => "this order has ended",
            Self::AmendableOrder => "this order cannot be amended now",
            Self::Marks => "nothing is marked: Space marks a row",
            Self::WorkingOrders => "you have no working orders",
            Self::NeedsYou => "nothing needs you",
            Self::Notice => "no notice to answer",
            Self::Listing => "no listing chosen",
            Self::FarTouch => "no far side to take",
            Self::Simulator => "only on a simulator",
            Self::Undoable => "nothing to undo",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The set of conditions that are so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Situation(u32);

impl Situation {
    /// Everything is so.
    #[must_use]
    pub fn all() -> Self {
        Condition::ALL.into_iter().fold(Self::default(), |s, c| s.with(c, true))
    }

    /// The same with `condition` being so or not.
    #[must_use]
    pub const fn with(self, condition: Condition, so: bool) -> Self {
        if so { Self(self.0 | condition.bit()) } else { Self(self.0 & !condition.bit()) }
    }

    /// True when it is so.
    #[must_use]
    pub const fn has(self, condition: Condition) -> bool {
        self.0 & condition.bit() != 0
    }
}
