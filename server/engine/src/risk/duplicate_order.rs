//! An equal order of the same account just before (soft: equal clips are normal, the broker confirms); it must not speak
//! of amends.

use turret_shared::denial::{Figure, Rule};
use turret_shared::time::NS_PER_MS;

use super::Context;

/// Equal orders within the window.
fn equals(c: &Context<'_>) -> u64 {
    let Some(window) = c.limit(Rule::DuplicateOrder).map(|ms| ms.saturating_mul(NS_PER_MS)) else { return 0 };
    let equal =
        c.recent().filter(|r| r.side == c.side && r.qty == c.qty && r.price == c.price && c.now.since(r.time) < window);
    u64::try_from(equal.count()).unwrap_or(u64::MAX)
}

pub(super) fn trips(c: &Context<'_>) -> bool {
    c.old.is_none() && !c.confirmed && equals(c) > 0
}

/// Limit, use, headroom: equal orders without a word, those there are, and none.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    c.limit(Rule::DuplicateOrder)?;
    c.old.is_none().then(|| (Figure::Count(0), Figure::Count(equals(c)), Figure::Count(0)))
}
