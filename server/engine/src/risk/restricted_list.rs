//! Listings that may not be traded; it must let an order that works already be made smaller.

use turret_shared::denial::Figure;

use super::Context;

pub(super) fn trips(c: &Context<'_>) -> bool {
    c.listing.restricted && c.old.is_none_or(|old| c.qty > old.qty)
}

/// Limit, use, headroom: may it be traded, would it be, is there room.
#[expect(clippy::unnecessary_wraps, reason = "every rule answers alike")]
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let free = !c.listing.restricted;
    Some((Figure::Flag(free), Figure::Flag(true), Figure::Flag(free)))
}
