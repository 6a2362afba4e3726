//! What an order is made of, and its status derived from facts; it must never store a status.
//!
//! FIX 4.4 / 5.0SP2 Appendix D: the order's facts decide OrdStatus by a fixed precedence.

use core::fmt;
use core::str::FromStr;

use minicbor::{Decode, Encode};

/// Not one of the words of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $n:literal $variant:ident = $word:literal, fix $fix:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(index_only)]
        pub enum $name { $($(#[$vdoc])* #[n($n)] $variant,)* }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word of scripts and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The FIX code.
            #[must_use]
            pub const fn fix_code(self) -> char {
                match self { $(Self::$variant => $fix,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text).ok_or(UnknownWord)
            }
        }
    };
}

words! {
    /// FIX 54.
    Side {
        /// Buy.
        0 Buy = "buy", fix '1';
        /// Sell what is long.
        1 Sell = "sell", fix '2';
        /// Sell what is borrowed.
        2 SellShort = "sellshort", fix '5';
        /// Short sale exempt from the price test.
        3 SellShortExempt = "sellshortexempt", fix '6';
    }
}

words! {
    /// FIX 40.
    OrdType {
        /// At the best there is.
        0 Market = "market", fix '1';
        /// At a price or better.
        1 Limit = "limit", fix '2';
        /// Market once the last price reaches the stop price.
        2 Stop = "stop", fix '3';
        /// Limit once the last price reaches the stop price.
        3 StopLimit = "stoplimit", fix '4';
    }
}

words! {
    /// FIX 59.
    TimeInForce {
        /// Until the close.
        0 Day = "day", fix '0';
        /// Until canceled.
        1 Gtc = "gtc", fix '1';
        /// What can be had at once, the rest canceled.
        2 Ioc = "ioc", fix '3';
        /// All at once or nothing.
        3 Fok = "fok", fix '4';
    }
}

words! {
    /// FIX 39, besides our own `Denied` and `InDoubt`.
    OrdStatus {
        /// Durable here, not yet acknowledged by the venue.
        0 PendingNew = "PendingNew", fix 'A';
        /// Acknowledged by the venue.
        1 New = "New", fix '0';
        /// Some of it executed.
        2 PartiallyFilled = "PartiallyFilled", fix '1';
        /// All of it executed.
        3 Filled = "Filled", fix '2';
        /// Done until tomorrow.
        4 DoneForDay = "DoneForDay", fix '3';
        /// Ended by a cancel.
        5 Canceled = "Canceled", fix '4';
        /// A cancel is at the venue.
        6 PendingCancel = "PendingCancel", fix '6';
        /// Stopped by the venue (parsed, never originated).
        7 Stopped = "Stopped", fix '7';
        /// The venue's no.
        8 Rejected = "Rejected", fix '8';
        /// Out of the book for now.
        9 Suspended = "Suspended", fix '9';
        /// Done and calculated (parsed, never originated).
        10 Calculated = "Calculated", fix 'B';
        /// Ended by its time in force.
        11 Expired = "Expired", fix 'C';
        /// Bidding (parsed, never originated).
        12 AcceptedForBidding = "AcceptedForBidding", fix 'D';
        /// An amend is at the venue.
        13 PendingReplace = "PendingReplace", fix 'E';
        /// Our no; nothing reached the venue.
        14 Denied = "Denied", fix '8';
        /// It waits for a second person; nothing reached the venue.
        15 PendingApproval = "PendingApproval", fix 'A';
    }
}

words! {
    /// FIX 150.
    ExecType {
        /// Acknowledged.
        0 New = "New", fix '0';
        /// Done until tomorrow.
        1 DoneForDay = "DoneForDay", fix '3';
        /// Canceled.
        2 Canceled = "Canceled", fix '4';
        /// Amended.
        3 Replaced = "Replaced", fix '5';
        /// Cancel sent.
        4 PendingCancel = "PendingCancel", fix '6';
        /// Stopped.
        5 Stopped = "Stopped", fix '7';
        /// Rejected by the venue.
        6 Rejected = "Rejected", fix '8';
        /// Suspended.
        7 Suspended = "Suspended", fix '9';
        /// Durable, not acknowledged.
        8 PendingNew = "PendingNew", fix 'A';
        /// Calculated.
        9 Calculated = "Calculated", fix 'B';
        /// Expired.
        10 Expired = "Expired", fix 'C';
        /// Restated by the venue.
        11 Restated = "Restated", fix 'D';
        /// Amend sent.
        12 PendingReplace = "PendingReplace", fix 'E';
        /// Execution.
        13 Trade = "Trade", fix 'F';
        /// Execution corrected.
        14 TradeCorrect = "TradeCorrect", fix 'G';
        /// Execution busted.
        15 TradeCancel = "TradeCancel", fix 'H';
        /// Answer to a question, no change.
        16 OrderStatus = "OrderStatus", fix 'I';
        /// A stop reached its price.
        17 Triggered = "Triggered", fix 'L';
    }
}

impl Side {
    /// The short word of screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
            Self::SellShort => "SHRT",
            Self::SellShortExempt => "SHEX",
        }
    }

    /// +1 for a buy, -1 for any sale.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell | Self::SellShort | Self::SellShortExempt => -1,
        }
    }

    /// True for the two short sales.
    #[must_use]
    pub const fn is_short(self) -> bool {
        matches!(self, Self::SellShort | Self::SellShortExempt)
    }
}

impl OrdType {
    /// True when a limit price belongs to it.
    #[must_use]
    pub const fn has_price(self) -> bool {
        matches!(self, Self::Limit | Self::StopLimit)
    }

    /// True when a stop price belongs to it.
    #[must_use]
    pub const fn has_stop(self) -> bool {
        matches!(self, Self::Stop | Self::StopLimit)
    }

    /// The three letters of screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Market => "MKT",
            Self::Limit => "LMT",
            Self::Stop => "STP",
            Self::StopLimit => "STL",
        }
    }
}

impl TimeInForce {
    /// The three letters of screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Gtc => "GTC",
            Self::Ioc => "IOC",
            Self::Fok => "FOK",
        }
    }
}

impl OrdStatus {
    /// The status word of lists, at most 8 characters; `working` tells a waiting stop from a live order.
    #[must_use]
    pub const fn word(self, working: bool) -> &'static str {
        match self {
            Self::PendingNew => "PendNew",
            Self::New if !working => "New(stp)",
            Self::New => "New",
            Self::PartiallyFilled => "PartFill",
            Self::Filled => "Filled",
            Self::DoneForDay => "DoneDay",
            Self::Canceled => "Canceled",
            Self::PendingCancel => "PendCxl",
            Self::Stopped => "Stopped",
            Self::Rejected => "Rejected",
            Self::Suspended => "Suspend",
            Self::Calculated => "Calcd",
            Self::Expired => "Expired",
            Self::AcceptedForBidding => "Bidding",
            Self::PendingReplace => "PendRepl",
            Self::Denied => "Denied",
            Self::PendingApproval => "Approve?",
        }
    }

    /// True while the order can still execute.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Filled | Self::Canceled | Self::Expired | Self::Rejected | Self::Denied | Self::Calculated
        )
    }
}

/// How an order ended, as a fact (Filled is no end: it follows from quantities and can be busted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum EndReason {
    /// By a cancel, asked for or not.
    #[n(0)]
    Canceled,
    /// By its time in force.
    #[n(1)]
    Expired,
    /// By the venue's no.
    #[n(2)]
    Rejected,
}

/// The facts a status follows from; quantities in 1e-6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusFacts {
    /// The venue acknowledged it.
    pub accepted: bool,
    /// OrderQty (38).
    pub order_qty: i64,
    /// CumQty (14), busts and corrections counted.
    pub cum_qty: i64,
    /// A cancel waits for the venue's answer.
    pub cancel_pending: bool,
    /// An amend waits for the venue's answer.
    pub replace_pending: bool,
    /// Done for today.
    pub done_for_day: bool,
    /// Out of the book.
    pub suspended: bool,
    /// Stopped (guaranteed) by the venue.
    pub stopped: bool,
    /// Calculated by the venue.
    pub calculated: bool,
    /// How it ended, if it did.
    pub ended: Option<EndReason>,
}

/// OrdStatus by the precedence of FIX Appendix D: the highest that applies.
///
/// A Rejected order that executed all the same (a venue's fact is never refused) shows its executions.
#[must_use]
pub const fn derive_status(facts: &StatusFacts) -> OrdStatus {
    if facts.ended.is_none() {
        if facts.cancel_pending {
            return OrdStatus::PendingCancel;
        }
        if facts.replace_pending {
            return OrdStatus::PendingReplace;
        }
        if facts.done_for_day {
            return OrdStatus::DoneForDay;
        }
    }
    if facts.calculated {
        return OrdStatus::Calculated;
    }
    match facts.ended {
        Some(EndReason::Canceled) => return OrdStatus::Canceled,
        Some(EndReason::Expired) => return OrdStatus::Expired,
        Some(EndReason::Rejected) if facts.cum_qty <= 0 => return OrdStatus::Rejected,
        Some(EndReason::Rejected) | None => {}
    }
    if facts.cum_qty >= facts.order_qty && facts.cum_qty > 0 {
        return OrdStatus::Filled;
    }
    if facts.stopped {
        return OrdStatus::Stopped;
    }
    if facts.suspended {
        return OrdStatus::Suspended;
    }
    if facts.cum_qty > 0 {
        return OrdStatus::PartiallyFilled;
    }
    if facts.accepted { OrdStatus::New } else { OrdStatus::PendingNew }
}
