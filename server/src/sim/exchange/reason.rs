//! The exchange's reasons: FIX codes and words; it must decide nothing.

use turret_shared::venue::VenueReason;

use crate::sim::book::Remainder;

/// OrdRejReason (103), CxlRejReason (102) or ExecRestatementReason (378) and its words.
pub(super) fn reason(code: u32, text: &str) -> VenueReason {
    VenueReason { code, text: text.to_owned() }
}

/// OrdRejReason 1.
pub(super) fn unknown_instrument() -> VenueReason {
    reason(1, "unknown instrument")
}

/// OrdRejReason 2; CxlRejReason 2 has another meaning, so amends use 99.
pub(super) const EXCHANGE_CLOSED: u32 = 2;
/// OrdRejReason 11: unsupported order characteristic.
pub(super) const UNSUPPORTED: u32 = 11;
/// OrdRejReason 13: incorrect quantity.
pub(super) const QUANTITY: u32 = 13;
/// OrdRejReason 18: invalid price increment.
pub(super) const INCREMENT: u32 = 18;
/// CxlRejReason 0.
pub(super) const TOO_LATE: u32 = 0;
/// CxlRejReason 1.
pub(super) const UNKNOWN_ORDER: u32 = 1;
/// Any list: other.
pub(super) const OTHER: u32 = 99;
/// ExecRestatementReason 1: GT renewal.
pub(super) const RENEWAL: u32 = 1;
/// ExecRestatementReason 8: market (exchange) option.
pub(super) const EXCHANGE_OPTION: u32 = 8;

/// Why a remainder was taken out.
pub(super) fn remainder(why: Remainder) -> VenueReason {
    match why {
        Remainder::Immediate => reason(OTHER, "immediate or cancel: the rest is canceled"),
        Remainder::Kill => reason(OTHER, "fill or kill: it could not be filled at once"),
        Remainder::NothingThere => reason(OTHER, "nothing left to trade with"),
    }
}
