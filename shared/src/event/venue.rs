//! Facts of the venue as we recorded them; it must never leave one out, however it surprises.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::ids::{ExecId, InstrumentId, OrderId};
use crate::money::{Price, Qty};
use crate::time::Timestamp;
use crate::venue::{VenueExecId, VenueReason};

/// Where a fact stands in the venue's own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VenueMark {
    /// The venue's count.
    #[n(0)]
    pub sequence: u64,
    /// The venue's clock.
    #[n(1)]
    pub time: Timestamp,
    /// What surprises about it.
    #[n(2)]
    pub surprise: Surprise,
}

impl VenueMark {
    /// `surprise` as well, if `so`.
    #[must_use]
    pub const fn and_if(self, so: bool, surprise: Surprise) -> Self {
        Self { surprise: self.surprise.and_if(so, surprise), ..self }
    }
}

/// What surprises about a fact: a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Surprise(#[n(0)] pub u16);

impl Surprise {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The order had ended.
    pub const LATE: Self = Self(1);
    /// More was executed than ordered.
    pub const OVERFILL: Self = Self(2);
    /// Worse than the limit price.
    pub const BEYOND_LIMIT: Self = Self(4);
    /// The venue counts another CumQty than we do.
    pub const CUM_QTY_DIFFERS: Self = Self(8);
    /// Reports before it are missing.
    pub const GAP: Self = Self(16);
    /// Nobody asked for it.
    pub const UNASKED: Self = Self(32);
    /// It answers a request we know nothing of, or one answered before.
    pub const NO_SUCH_REQUEST: Self = Self(64);
    /// It names an execution that is not the latest of its trade.
    pub const STALE_REFERENCE: Self = Self(128);

    /// Words and bits.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::LATE, "late"),
        (Self::OVERFILL, "overfill"),
        (Self::BEYOND_LIMIT, "beyond_limit"),
        (Self::CUM_QTY_DIFFERS, "cum_qty_differs"),
        (Self::GAP, "gap"),
        (Self::UNASKED, "unasked"),
        (Self::NO_SUCH_REQUEST, "no_such_request"),
        (Self::STALE_REFERENCE, "stale_reference"),
    ];

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// `other` as well, if `so`.
    #[must_use]
    pub const fn and_if(self, so: bool, other: Self) -> Self {
        if so { self.with(other) } else { self }
    }

    /// True when nothing surprises.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// True when all of `other` is in it.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VenueNew {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// In the book.
    #[n(2)]
    pub working: bool,
}

/// The venue's no.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VenueRejected {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// Why.
    #[n(2)]
    pub reason: VenueReason,
}

/// An execution; its ExecID is (sequence of this entry, 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Trade {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// Revision in force there when it executed.
    #[n(2)]
    pub revision: u32,
    /// The venue's id.
    #[n(3)]
    pub exec: VenueExecId,
    /// LastQty.
    #[n(4)]
    pub qty: Qty,
    /// LastPx.
    #[n(5)]
    pub price: Price,
    /// We took liquidity.
    #[n(6)]
    pub removed: bool,
}

/// An execution that never was. The id of this report is (sequence of this entry, 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Bust {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// The venue's id of this report.
    #[n(2)]
    pub exec: VenueExecId,
    /// Our first ExecID of the trade.
    #[n(3)]
    pub trade: ExecId,
}

/// An execution that was otherwise. The id of this report is (sequence of this entry, 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Correct {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// The venue's id of this report.
    #[n(2)]
    pub exec: VenueExecId,
    /// Our first ExecID of the trade.
    #[n(3)]
    pub trade: ExecId,
    /// Quantity as it is.
    #[n(4)]
    pub qty: Qty,
    /// Price as it is.
    #[n(5)]
    pub price: Price,
}

/// Out of the book by cancel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Canceled {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// The request it answers, if any.
    #[n(2)]
    pub revision: Option<u32>,
    /// Why, if nobody asked.
    #[n(3)]
    pub reason: Option<VenueReason>,
}

/// Amended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Replaced {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// The request it answers.
    #[n(2)]
    pub revision: u32,
    /// Total now.
    #[n(3)]
    pub qty: Qty,
    /// Price now.
    #[n(4)]
    pub price: Option<Price>,
    /// Stop price now, where the request changed it.
    #[n(5)]
    pub stop_px: Option<Price>,
}

/// The venue's no to an amend or cancel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CancelRejected {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// The request it answers.
    #[n(2)]
    pub revision: u32,
    /// Why.
    #[n(3)]
    pub reason: VenueReason,
}

/// A fact that only names its order: expired, done for day, suspended, triggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OfOrder {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
}

/// Changed unasked, or working again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Restated {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which order.
    #[n(1)]
    pub order: OrderId,
    /// Total now.
    #[n(2)]
    pub qty: Qty,
    /// Why.
    #[n(3)]
    pub reason: VenueReason,
}

/// The venue's session opened or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VenueSession {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Open.
    #[n(1)]
    pub open: bool,
}

/// A listing was halted or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Halt {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Which.
    #[n(1)]
    pub instrument: InstrumentId,
    /// Halted.
    #[n(2)]
    pub halted: bool,
}

/// The link to the venue came up or went down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct VenueLink {
    /// Up.
    #[n(0)]
    pub up: bool,
}

/// A fact that matches nothing recorded: kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Unmatched {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Why it could not be booked.
    #[n(1)]
    pub cause: UnmatchedCause,
    /// The report's CBOR.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub report: Vec<u8>,
}

/// Why a fact could not be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum UnmatchedCause {
    /// It names an order we never sent.
    #[n(0)]
    Order,
    /// It names an execution we do not know.
    #[n(1)]
    Execution,
    /// It names a listing we do not know.
    #[n(2)]
    Instrument,
    /// Its amounts do not fit.
    #[n(3)]
    Amount,
    /// The same execution was reported before under another count.
    #[n(4)]
    Repeated,
    /// It names an execution that was busted before.
    #[n(5)]
    Busted,
}

impl UnmatchedCause {
    /// The audit's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "unknown_order",
            Self::Execution => "unknown_execution",
            Self::Instrument => "unknown_instrument",
            Self::Amount => "amount",
            Self::Repeated => "repeated",
            Self::Busted => "busted",
        }
    }
}

/// The simulator could not do what it was told.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SimRefused {
    /// Of the venue.
    #[n(0)]
    pub mark: VenueMark,
    /// Why.
    #[n(1)]
    pub reason: VenueReason,
}
