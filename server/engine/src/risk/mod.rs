//! Judges one order by every rule, a rule a file: the same code for sending, amending and the dry run.
//!
//! A rule says whether it trips, and on request explains itself; what would pass is found by asking the rule again. An
//! amend is judged by the larger of old and new, and never trips a rule it does not make worse.

use alloc::vec::Vec;

use turret_shared::denial::{Rule, RuleUse};

mod buying_power;
pub(crate) mod context;
mod duplicate_order;
mod explain;
mod long_sell;
mod max_notional;
mod max_quantity;
mod order_rate;
mod price_collar;
mod restricted_list;

pub(crate) use context::{Context, Old, Reserved};
pub(crate) use explain::{explain_all, overridable, sentence};
pub(crate) use price_collar::{centre, with_margin};

/// Whether a rule stands in the way.
pub(crate) fn trips(rule: Rule, c: &Context<'_>) -> bool {
    match rule {
        Rule::MaxQuantity => max_quantity::trips(c),
        Rule::MaxNotional => max_notional::trips(c),
        Rule::PriceCollar => price_collar::trips(c),
        Rule::BuyingPower => buying_power::trips(c),
        Rule::LongSell => long_sell::trips(c),
        Rule::RestrictedList => restricted_list::trips(c),
        Rule::DuplicateOrder => duplicate_order::trips(c),
        Rule::OrderRate => order_rate::trips(c),
    }
}

/// Every rule that trips, in the order of [`Rule`], and of those that speak of the order how many do not, as the dry run counts
/// them. Without any, nothing is allocated.
pub(crate) fn tripped(c: &Context<'_>) -> (Vec<RuleUse>, u32) {
    if !Rule::ALL.iter().any(|rule| trips(*rule, c)) {
        return (Vec::new(), 0);
    }
    let (uses, passing): (Vec<_>, Vec<_>) = explain_all(c).into_iter().partition(|rule| rule.tripped);
    (uses, u32::try_from(passing.len()).unwrap_or(u32::MAX))
}
