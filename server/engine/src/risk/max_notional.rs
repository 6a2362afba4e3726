//! Notional of one order, by role and account, at its limit price or the estimate; it must not look at any other order.

use turret_shared::denial::{Figure, Rule};
use turret_shared::money::Money;

use super::Context;
use crate::exact::Exact;

fn limit(c: &Context<'_>) -> Option<Money> {
    c.limit(Rule::MaxNotional).map(Money)
}

fn used(c: &Context<'_>) -> Exact {
    c.notional().max(c.old_notional())
}

pub(super) fn trips(c: &Context<'_>) -> bool {
    let new = c.notional();
    limit(c).is_some_and(|limit| new > Exact::from_money(limit) && (c.old.is_none() || new > c.old_notional()))
}

/// Limit, use, headroom.
pub(super) fn figures(c: &Context<'_>) -> Option<(Figure, Figure, Figure)> {
    let currency = c.account.info.currency;
    let limit = Figure::Money(limit(c)?, currency);
    Some((limit.clone(), Figure::Money(used(c).to_money_ceiling(), currency), limit))
}

pub(super) fn ratio(c: &Context<'_>) -> Option<(i128, i128)> {
    Some((used(c).0, Exact::from_money(limit(c)?).0))
}
