//! Orders and amends a person sends in a minute; it must not count what was denied.

use turret_shared::denial::{Figure, Rule};

use super::Context;

fn limit(c: &Context<'_>) -> Option<u64> {
    c.limit(Rule::OrderRate).map(|limit| u64::try_from(limit).unwrap_or(0))
}

pub(super) fn trips(c: &Context<'_>) -> bool {
    limit(c).is_some_and(|limit| c.rate >= limit)
}

/// Limit, use with this order, headroom before it.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let limit = limit(c)?;
    let used = Figure::Count(c.rate.saturating_add(1));
    Some((Figure::Count(limit), used, Figure::Count(limit.saturating_sub(c.rate))))
}

pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    Some((c.rate.saturating_add(1).into(), limit(c)?.into()))
}
