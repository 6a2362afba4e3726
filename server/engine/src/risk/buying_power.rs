//! Buying power with everything open reserved, the worst case of amends included; it must count what this order holds
//! already only once.

use turret_shared::denial::Figure;

use super::Context;

pub(super) fn trips(c: &Context<'_>) -> bool {
    let needed = c.power_needed();
    needed.0 > 0 && needed > c.power
}

/// Limit, use, headroom.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let currency = c.account.info.currency;
    let left = c.power.to_money_floor();
    let headroom = if left.is_negative() { turret_shared::money::Money::ZERO } else { left };
    let needed = c.power_needed().to_money_ceiling();
    Some((Figure::Money(left, currency), Figure::Money(needed, currency), Figure::Money(headroom, currency)))
}

pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    Some((c.power_needed().0, c.power.0))
}
