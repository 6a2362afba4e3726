//! Quantity of one order, by role and account; it must not look at any other order.

use turret_shared::denial::{Figure, Rule};
use turret_shared::money::Qty;

use super::Context;

pub(super) fn trips(c: &Context<'_>) -> bool {
    c.limit(Rule::MaxQuantity).is_some_and(|limit| c.qty.0 > limit && c.old.is_none_or(|old| c.qty > old.qty))
}

/// Limit, use, headroom.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let limit = Figure::Qty(Qty(c.limit(Rule::MaxQuantity)?));
    Some((limit.clone(), Figure::Qty(used(c)), limit))
}

pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    Some((used(c).0.into(), c.limit(Rule::MaxQuantity)?.into()))
}

fn used(c: &Context<'_>) -> Qty {
    c.old.map_or(c.qty, |old| c.qty.max(old.qty))
}
