//! What is plainly wrong with an order whoever looks: the client refuses it before sending and the server again.
//!
//! It must need no market, no limit and no account: those are risk rules.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::command::NewOrder;
use crate::instrument::Instrument;
use crate::limits::ORDER_TEXT_CHARS_MAX;
use crate::money::{Price, Qty};
use crate::order::{OrdType, TimeInForce};
use crate::text;

/// Largest quantity any order may carry (one billion units): beyond it amounts stop being meaningful.
pub const ORDER_QTY_MAX: Qty = Qty(1_000_000_000_000_000);

/// One thing plainly wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainFault {
    /// Quantity of zero or less.
    QtyNotPositive,
    /// Quantity beyond [`ORDER_QTY_MAX`].
    QtyAbsurd,
    /// Quantity off the lot grid.
    OffLot(Qty),
    /// A type that needs a price has none.
    PriceMissing,
    /// A type without a price has one.
    PriceUnwanted,
    /// Price of zero or less.
    PriceNotPositive,
    /// Price off the tick grid.
    OffTick(Price),
    /// A stop type without a stop price.
    StopMissing,
    /// A stop price on another type.
    StopUnwanted,
    /// Stop price of zero or less.
    StopNotPositive,
    /// Stop price off the tick grid.
    StopOffTick(Price),
    /// A stop cannot be immediate.
    StopImmediate,
    /// Text too long or with control, bidi or invisible characters.
    TextHostile,
}

impl fmt::Display for PlainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QtyNotPositive => f.write_str("quantity must be above zero"),
            Self::QtyAbsurd => f.write_str("quantity is beyond any order"),
            Self::OffLot(lot) => write!(f, "quantity must be a multiple of {lot}"),
            Self::PriceMissing => f.write_str("this order type needs a price"),
            Self::PriceUnwanted => f.write_str("this order type has no price"),
            Self::PriceNotPositive => f.write_str("price must be above zero"),
            Self::OffTick(tick) => write!(f, "price must be a multiple of the tick {tick}"),
            Self::StopMissing => f.write_str("this order type needs a stop price"),
            Self::StopUnwanted => f.write_str("this order type has no stop price"),
            Self::StopNotPositive => f.write_str("stop price must be above zero"),
            Self::StopOffTick(tick) => write!(f, "stop price must be a multiple of the tick {tick}"),
            Self::StopImmediate => f.write_str("a stop order waits: it cannot be IOC or FOK"),
            Self::TextHostile => f.write_str("text is too long or has control, direction or invisible characters"),
        }
    }
}

/// Everything plainly wrong with a quantity.
#[must_use]
pub fn check_qty(qty: Qty, instrument: &Instrument) -> Option<PlainFault> {
    if !qty.is_positive() {
        Some(PlainFault::QtyNotPositive)
    } else if qty > ORDER_QTY_MAX {
        Some(PlainFault::QtyAbsurd)
    } else if !qty.is_multiple_of(instrument.lot) {
        Some(PlainFault::OffLot(instrument.lot))
    } else {
        None
    }
}

/// Everything plainly wrong with a limit price where the type has one.
#[must_use]
pub fn check_price(ord_type: OrdType, price: Option<Price>, instrument: &Instrument) -> Option<PlainFault> {
    match (ord_type.has_price(), price) {
        (true, None) => Some(PlainFault::PriceMissing),
        (false, Some(_)) => Some(PlainFault::PriceUnwanted),
        (true, Some(p)) if !p.is_positive() => Some(PlainFault::PriceNotPositive),
        (true, Some(p)) if p.ticks(instrument.tick).is_none() => Some(PlainFault::OffTick(instrument.tick)),
        _ => None,
    }
}

/// Everything plainly wrong with a stop price where the type has one.
#[must_use]
pub fn check_stop(ord_type: OrdType, stop: Option<Price>, instrument: &Instrument) -> Option<PlainFault> {
    match (ord_type.has_stop(), stop) {
        (true, None) => Some(PlainFault::StopMissing),
        (false, Some(_)) => Some(PlainFault::StopUnwanted),
        (true, Some(p)) if !p.is_positive() => Some(PlainFault::StopNotPositive),
        (true, Some(p)) if p.ticks(instrument.tick).is_none() => Some(PlainFault::StopOffTick(instrument.tick)),
        _ => None,
    }
}

/// Everything plainly wrong with a new order, in the order of the ticket's fields.
#[must_use]
pub fn check_new(order: &NewOrder, instrument: &Instrument) -> Vec<PlainFault> {
    let immediate = matches!(order.tif, TimeInForce::Ioc | TimeInForce::Fok);
    let hostile = !order.text.is_empty() && !text::is_clean(&order.text, ORDER_TEXT_CHARS_MAX);
    let mut faults = Vec::new();
    faults.extend(check_qty(order.qty, instrument));
    faults.extend(check_price(order.ord_type, order.price, instrument));
    faults.extend(check_stop(order.ord_type, order.stop_px, instrument));
    faults.extend((order.ord_type.has_stop() && immediate).then_some(PlainFault::StopImmediate));
    faults.extend(hostile.then_some(PlainFault::TextHostile));
    faults
}

/// One sentence for several faults.
#[must_use]
pub fn sentence(faults: &[PlainFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
