//! How each rule sees an order, in figures, and what would pass it; it must ask the rule itself and judge nothing anew.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::denial::{Override, Rule, RuleUse};
use turret_shared::money::Qty;
use turret_shared::plain::ORDER_QTY_MAX;

use super::{
    Context, buying_power, duplicate_order, long_sell, max_notional, max_quantity, order_rate, price_collar,
    restricted_list, trips,
};

/// How a rule sees the order; `None` when it has no limit here or does not speak of such an order.
pub(super) fn explain(rule: Rule, c: &Context<'_>) -> Option<RuleUse> {
    let (limit, used, headroom) = match rule {
        Rule::MaxQuantity => max_quantity::figures(c)?,
        Rule::MaxNotional => max_notional::figures(c)?,
        Rule::PriceCollar => price_collar::figures(c)?,
        Rule::BuyingPower => buying_power::figures(c)?,
        Rule::LongSell => long_sell::figures(c)?,
        Rule::RestrictedList => restricted_list::figures(c)?,
        Rule::DuplicateOrder => duplicate_order::figures(c)?,
        Rule::OrderRate => order_rate::figures(c)?,
    };
    let by_quantity = matches!(rule, Rule::MaxQuantity | Rule::MaxNotional | Rule::BuyingPower | Rule::LongSell);
    Some(RuleUse {
        rule,
        tripped: trips(rule, c),
        use_percent: percent(rule, c),
        limit,
        used,
        headroom,
        would_pass: if by_quantity { largest_passing(rule, c) } else { None },
        overridable: overridable(rule),
    })
}

/// Who may let an order through a rule.
pub(crate) const fn overridable(rule: Rule) -> Override {
    match rule {
        Rule::DuplicateOrder => Override::Confirm,
        Rule::LongSell | Rule::RestrictedList => Override::Nobody,
        _ => Override::Role(turret_shared::role::Role::Supervisor),
    }
}

/// Every rule that speaks of the order, in the order of [`Rule`].
pub(crate) fn explain_all(c: &Context<'_>) -> Vec<RuleUse> {
    Rule::ALL.iter().filter_map(|rule| explain(*rule, c)).collect()
}

/// The largest quantity, in lots, with which the rule does not trip; `None` when none passes or all do.
fn largest_passing(rule: Rule, c: &Context<'_>) -> Option<Qty> {
    let lot = c.listing.info.lot.0;
    let passes = |lots: i64| lots.checked_mul(lot).is_some_and(|qty| !trips(rule, &c.with_qty(Qty(qty))));
    let mut beyond = ORDER_QTY_MAX.0.checked_div(lot)?;
    if passes(beyond) {
        return None;
    }
    let mut within = 0_i64;
    while beyond.saturating_sub(within) > 1 {
        let middle = within.saturating_add(beyond.saturating_sub(within) / 2);
        if passes(middle) {
            within = middle;
        } else {
            beyond = middle;
        }
    }
    (within > 0).then(|| Qty(within.saturating_mul(lot)))
}

/// Use of the limit in whole percent, rounded up.
fn percent(rule: Rule, c: &Context<'_>) -> Option<u32> {
    let (used, limit) = match rule {
        Rule::MaxQuantity => max_quantity::ratio(c)?,
        Rule::MaxNotional => max_notional::ratio(c)?,
        Rule::BuyingPower => buying_power::ratio(c)?,
        Rule::LongSell => long_sell::ratio(c)?,
        Rule::OrderRate => order_rate::ratio(c)?,
        Rule::PriceCollar => price_collar::ratio(c)?,
        Rule::RestrictedList | Rule::DuplicateOrder => return None,
    };
    if limit <= 0 {
        return None;
    }
    // Scaled down together until a hundredfold fits.
    let (mut used, mut limit) = (used.max(0), limit);
    while used > i128::MAX / 200 {
        (used, limit) = (used / 1_024, (limit / 1_024).max(1));
    }
    let up = used.saturating_mul(100).saturating_add(limit.saturating_sub(1));
    Some(u32::try_from(up.checked_div(limit)?).unwrap_or(u32::MAX))
}

/// One plain sentence for the rules that tripped.
pub(crate) fn sentence(rules: &[RuleUse]) -> String {
    let mut out = String::new();
    for rule in rules {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push_str(&match rule.rule {
            Rule::MaxQuantity => format!("quantity {} is over {}", rule.used, rule.limit),
            Rule::MaxNotional => format!("notional {} is over {}", rule.used, rule.limit),
            Rule::PriceCollar => format!("price {} is outside {}", rule.used, rule.limit),
            Rule::BuyingPower => format!("it needs {} of {} buying power", rule.used, rule.limit),
            Rule::LongSell => format!("sells {} of {} long: use sellshort", rule.used, rule.limit),
            Rule::RestrictedList => String::from("the listing is restricted"),
            Rule::DuplicateOrder => String::from("an equal order was entered just before: confirm to send it too"),
            Rule::OrderRate => format!("{} orders in a minute, {} allowed", rule.used, rule.limit),
        });
    }
    out
}
