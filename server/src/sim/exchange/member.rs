//! A member's order as the exchange keeps it, in memory and in its journal; it must decide nothing.

use minicbor::{Decode, Encode};
use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::venue::{RouteNew, VenueClOrdId};

use crate::sim::book::{Entry, Key};

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Life {
    /// Only asked about, amended or canceled so far; it never arrived.
    #[n(0)]
    Absent,
    /// Rests, or waits for its stop.
    #[n(1)]
    Working,
    /// Out of the book until the next session.
    #[n(2)]
    DoneForDay,
    /// Filled, canceled, expired or rejected.
    #[n(3)]
    Ended,
}

impl Life {
    /// True when nothing of it can trade any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Absent | Self::Ended)
    }
}

/// One member order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MemberOrder {
    /// Its id at the member's.
    #[n(0)]
    pub order: OrderId,
    /// What.
    #[n(1)]
    pub instrument: InstrumentId,
    /// Which way.
    #[n(2)]
    pub side: Side,
    /// Type.
    #[n(3)]
    pub ord_type: OrdType,
    /// How long.
    #[n(4)]
    pub tif: TimeInForce,
    /// Total.
    #[n(5)]
    pub qty: Qty,
    /// Limit price.
    #[n(6)]
    pub price: Option<Price>,
    /// Stop price.
    #[n(7)]
    pub stop_px: Option<Price>,
    /// Executed, busts and corrections counted.
    #[n(8)]
    pub cum: Qty,
    /// The request in force.
    #[n(9)]
    pub current: u32,
    /// Every request that arrived.
    #[n(10)]
    pub seen: Vec<u32>,
    /// Every request asked about before it arrived: they are never taken.
    #[n(11)]
    pub refused: Vec<u32>,
    /// Where it is in its life.
    #[n(12)]
    pub life: Life,
    /// Its stop reached its price.
    #[n(13)]
    pub triggered: bool,
    /// Its turn among all orders.
    #[n(14)]
    pub place: u64,
    /// Executions busted or corrected.
    #[n(15)]
    pub voided: Vec<u64>,
}

impl MemberOrder {
    /// A place for what is known of an order that never arrived.
    #[must_use]
    pub const fn absent(order: OrderId) -> Self {
        Self {
            order,
            instrument: InstrumentId(0),
            side: Side::Buy,
            ord_type: OrdType::Limit,
            tif: TimeInForce::Day,
            qty: Qty::ZERO,
            price: None,
            stop_px: None,
            cum: Qty::ZERO,
            current: 0,
            seen: Vec::new(),
            refused: Vec::new(),
            life: Life::Absent,
            triggered: false,
            place: 0,
            voided: Vec::new(),
        }
    }

    /// Takes over what the member asked for.
    pub(super) fn arrive(&mut self, new: &RouteNew) {
        self.instrument = new.instrument;
        self.side = new.side;
        self.ord_type = new.ord_type;
        self.tif = new.tif;
        self.qty = new.qty;
        self.price = new.price;
        self.stop_px = new.stop_px;
        self.current = new.id.revision;
    }

    /// The id of the request in force.
    #[must_use]
    pub const fn id(&self) -> VenueClOrdId {
        VenueClOrdId { order: self.order, revision: self.current }
    }

    /// What may still execute.
    #[must_use]
    pub const fn leaves(&self) -> Qty {
        Qty(self.qty.0.saturating_sub(self.cum.0))
    }

    /// As the book takes it.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let waits = self.ord_type.has_stop() && !self.triggered;
        let kind = match (waits, self.ord_type) {
            (false, OrdType::StopLimit) => OrdType::Limit,
            (false, OrdType::Stop) => OrdType::Market,
            (_, kind) => kind,
        };
        Entry {
            key: Key::Member(self.order),
            way: self.side.into(),
            kind,
            limit: self.price,
            stop: self.stop_px.filter(|_| waits),
            tif: self.tif,
            leaves: self.leaves(),
        }
    }
}
