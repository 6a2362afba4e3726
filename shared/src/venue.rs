//! What a venue is told and what it tells, whichever protocol carries it; it must not know any one venue.
//!
//! A venue's fact is never refused: it is recorded and, if it surprises, flagged.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::ids::{InstrumentId, OrderId};
use crate::money::{Price, Qty};
use crate::order::{OrdType, Side, TimeInForce};
use crate::time::Timestamp;

/// The id an order has at the venue: `OrderID-revision`. A repeat of the same one is harmless.
///
/// Revision 0 is the new order; each amend or cancel request takes the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct VenueClOrdId {
    /// The order.
    #[n(0)]
    pub order: OrderId,
    /// Which request of its chain.
    #[n(1)]
    pub revision: u32,
}

/// An execution's id at the venue, unique for ever there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct VenueExecId(#[n(0)] pub u64);

/// What we ask of a venue. Sent only after the event that causes it is durable.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Route {
    /// Work this order.
    #[n(0)]
    New(#[n(0)] RouteNew),
    /// Change it.
    #[n(1)]
    Replace {
        /// This request.
        #[n(0)]
        id: VenueClOrdId,
        /// The one it replaces.
        #[n(1)]
        orig: VenueClOrdId,
        /// New total.
        #[n(2)]
        qty: Qty,
        /// New limit price, if it has one.
        #[n(3)]
        price: Option<Price>,
        /// New stop price, if it changes.
        #[n(4)]
        stop_px: Option<Price>,
    },
    /// Take it out.
    #[n(2)]
    Cancel {
        /// This request.
        #[n(0)]
        id: VenueClOrdId,
        /// The one it cancels.
        #[n(1)]
        orig: VenueClOrdId,
    },
    /// Tell what became of it; answered by [`ReportKind::Status`] or [`ReportKind::Unknown`].
    #[n(3)]
    Status {
        /// The request in doubt.
        #[n(0)]
        id: VenueClOrdId,
    },
    /// Steer the simulator.
    #[n(4)]
    Sim(#[n(0)] SimRoute),
}

/// A new order for the venue.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RouteNew {
    /// Its id there.
    #[n(0)]
    pub id: VenueClOrdId,
    /// What.
    #[n(1)]
    pub instrument: InstrumentId,
    /// Which way.
    #[n(2)]
    pub side: Side,
    /// How many.
    #[n(3)]
    pub qty: Qty,
    /// How.
    #[n(4)]
    pub ord_type: OrdType,
    /// Limit price.
    #[n(5)]
    pub price: Option<Price>,
    /// Stop price.
    #[n(6)]
    pub stop_px: Option<Price>,
    /// How long.
    #[n(7)]
    pub tif: TimeInForce,
}

/// Simulator steering in the venue's own ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum SimRoute {
    /// Halt or resume.
    #[n(0)]
    Halt {
        /// Which.
        #[n(0)]
        instrument: InstrumentId,
        /// True to halt.
        #[n(1)]
        halted: bool,
    },
    /// Open or close the session.
    #[n(1)]
    Session {
        /// True to open.
        #[n(0)]
        open: bool,
    },
    /// Bust.
    #[n(2)]
    Bust {
        /// Which.
        #[n(0)]
        exec: VenueExecId,
    },
    /// Correct.
    #[n(3)]
    Correct {
        /// Which.
        #[n(0)]
        exec: VenueExecId,
        /// New price.
        #[n(1)]
        price: Price,
        /// New quantity.
        #[n(2)]
        qty: Qty,
    },
    /// Cancel unasked.
    #[n(4)]
    Unsolicited {
        /// Which.
        #[n(0)]
        order: OrderId,
    },
    /// Delay answers.
    #[n(5)]
    Delay {
        /// Milliseconds.
        #[n(0)]
        ms: u32,
    },
    /// Drop the link.
    #[n(6)]
    DropLink {
        /// Seconds.
        #[n(0)]
        seconds: u32,
    },
}

/// One fact from the venue. `sequence` counts its facts for us without gap: after a break we ask for those after the
/// last one we recorded, and drop those we know.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// The venue's own count, from 1; 0 for an answer that is no fact (status, unknown).
    #[n(0)]
    pub sequence: u64,
    /// The venue's clock.
    #[n(1)]
    pub time: Timestamp,
    /// What happened.
    #[n(2)]
    pub kind: ReportKind,
}

/// What happened. Quantities of an order are the venue's own view, compared with ours and flagged when they differ.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ReportKind {
    /// Acknowledged. `working` is false for a stop that waits.
    #[n(0)]
    New {
        /// Our id.
        #[n(0)]
        id: VenueClOrdId,
        /// In the book.
        #[n(1)]
        working: bool,
    },
    /// Not taken.
    #[n(1)]
    Rejected {
        /// Our id.
        #[n(0)]
        id: VenueClOrdId,
        /// Why.
        #[n(1)]
        reason: VenueReason,
    },
    /// Executed.
    #[n(2)]
    Trade {
        /// The id in force when it executed.
        #[n(0)]
        id: VenueClOrdId,
        /// Of this execution.
        #[n(1)]
        exec: VenueExecId,
        /// LastQty.
        #[n(2)]
        qty: Qty,
        /// LastPx.
        #[n(3)]
        price: Price,
        /// True when we took liquidity.
        #[n(4)]
        removed: bool,
        /// CumQty as the venue sees it.
        #[n(5)]
        cum_qty: Qty,
    },
    /// An execution never was. Whether its quantity works again is the venue's rule: a Restated or Canceled follows.
    #[n(3)]
    Bust {
        /// The order.
        #[n(0)]
        order: OrderId,
        /// Of this report.
        #[n(1)]
        exec: VenueExecId,
        /// Which execution.
        #[n(2)]
        refers: VenueExecId,
    },
    /// An execution was otherwise.
    #[n(4)]
    Correct {
        /// The order.
        #[n(0)]
        order: OrderId,
        /// Of this report: later ones refer to it.
        #[n(1)]
        exec: VenueExecId,
        /// Which execution.
        #[n(2)]
        refers: VenueExecId,
        /// New quantity.
        #[n(3)]
        qty: Qty,
        /// New price.
        #[n(4)]
        price: Price,
    },
    /// Out of the book by cancel: asked for (`request` names it) or not (`reason` says why).
    #[n(5)]
    Canceled {
        /// The order.
        #[n(0)]
        order: OrderId,
        /// The request, if it was one.
        #[n(1)]
        request: Option<VenueClOrdId>,
        /// Why, if it was not.
        #[n(2)]
        reason: Option<VenueReason>,
        /// CumQty as the venue sees it.
        #[n(3)]
        cum_qty: Qty,
    },
    /// Amended.
    #[n(6)]
    Replaced {
        /// The request.
        #[n(0)]
        id: VenueClOrdId,
        /// Total now (never below CumQty).
        #[n(1)]
        qty: Qty,
        /// Price now.
        #[n(2)]
        price: Option<Price>,
        /// CumQty as the venue sees it.
        #[n(3)]
        cum_qty: Qty,
        /// Stop price now, where the request changed it.
        #[n(4)]
        stop_px: Option<Price>,
    },
    /// A cancel or amend was not taken (OrderCancelReject).
    #[n(7)]
    CancelRejected {
        /// The request.
        #[n(0)]
        id: VenueClOrdId,
        /// Why.
        #[n(1)]
        reason: VenueReason,
    },
    /// Ended by its time in force.
    #[n(8)]
    Expired {
        /// The order.
        #[n(0)]
        order: OrderId,
        /// CumQty as the venue sees it.
        #[n(1)]
        cum_qty: Qty,
    },
    /// A GTC order rests until the next session.
    #[n(9)]
    DoneForDay {
        /// The order.
        #[n(0)]
        order: OrderId,
    },
    /// It works again, or changed unasked; `qty` is the total now.
    #[n(10)]
    Restated {
        /// The order.
        #[n(0)]
        order: OrderId,
        /// Total now.
        #[n(1)]
        qty: Qty,
        /// Why.
        #[n(2)]
        reason: VenueReason,
    },
    /// Out of the book for now.
    #[n(11)]
    Suspended {
        /// The order.
        #[n(0)]
        order: OrderId,
    },
    /// A stop reached its price.
    #[n(12)]
    Triggered {
        /// The order.
        #[n(0)]
        order: OrderId,
    },
    /// The session opened or closed.
    #[n(13)]
    Session {
        /// Open.
        #[n(0)]
        open: bool,
    },
    /// An instrument was halted or resumed.
    #[n(14)]
    Halt {
        /// Which.
        #[n(0)]
        instrument: InstrumentId,
        /// Halted.
        #[n(1)]
        halted: bool,
    },
    /// Answer: it is known there; every fact about it has been or will be reported under its own sequence.
    #[n(15)]
    Status {
        /// The request asked about.
        #[n(0)]
        id: VenueClOrdId,
        /// The last fact the venue had reported when it answered.
        #[n(1)]
        as_of: u64,
    },
    /// Answer: it never arrived there, and will not be taken if it arrives late.
    #[n(16)]
    Unknown {
        /// The request asked about.
        #[n(0)]
        id: VenueClOrdId,
    },
    /// The simulator could not do what it was told (unknown execution or order).
    #[n(17)]
    SimRefused {
        /// Why.
        #[n(0)]
        reason: VenueReason,
    },
}

/// A venue's reason: its code and its own words (hostile characters are escaped where shown).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VenueReason {
    /// FIX OrdRejReason (103), CxlRejReason (102) or ExecRestatementReason (378).
    #[n(0)]
    pub code: u32,
    /// At most 120 characters.
    #[n(1)]
    pub text: String,
}
