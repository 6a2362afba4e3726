//! Which orders need a fresh proof: policy figures by role; it must not judge the proof.

use alloc::format;
use alloc::string::String;

use turret_shared::event::session::StepUpReason;
use turret_shared::event::setup::Policy;
use turret_shared::money::{Money, Qty};

use crate::State;
use crate::exact::Exact;
use crate::risk::Context;

/// Why an order asks for a fresh code that no figure asks for.
pub(crate) const WATCHED: &str = "surveillance asks for a fresh code until its alert is resolved";

/// The threshold the order is over, if it is over one. An amend counts when it raises the notional.
pub(crate) fn needed(state: &State, c: &Context<'_>) -> Option<StepUpReason> {
    let notional = c.notional();
    if c.old.is_some() && notional <= c.old_notional() {
        return None;
    }
    let over = |policy: Policy, short: bool| {
        let threshold = Money(state.limits.policy(policy, c.role)?);
        (notional > Exact::from_money(threshold)).then(|| StepUpReason {
            short,
            notional: notional.to_money_ceiling(),
            threshold,
            currency: c.account.info.currency,
        })
    };
    if c.side.is_short() { over(Policy::StepUpShortNotional, true) } else { None }
        .or_else(|| over(Policy::StepUpNotional, false))
}

/// For the person: figure over threshold.
pub(crate) fn sentence(reason: &StepUpReason) -> String {
    let what = if reason.short { "short sale" } else { "notional" };
    let StepUpReason { notional, threshold, currency, .. } = reason;
    format!("{what} {notional:.2} {currency} over {threshold:.2} {currency}")
}

/// The sentence of why the order takes a second person, if it does. An amend counts when it asks for more.
pub(crate) fn second_person(state: &State, c: &Context<'_>) -> Option<String> {
    let notional = c.notional();
    let figure = |policy| state.limits.policy(policy, c.role);
    if let Some(most) = figure(Policy::ApprovalNotional).map(Money)
        && notional > Exact::from_money(most)
        && (c.old.is_none() || notional > c.old_notional())
    {
        let (notional, currency) = (notional.to_money_ceiling(), c.account.info.currency);
        return Some(format!("notional {notional:.2} {currency} over {most:.2} {currency} takes a second person"));
    }
    let most = figure(Policy::ApprovalQuantity).map(Qty)?;
    let raises = c.old.is_none_or(|old| c.qty > old.qty);
    (c.qty > most && raises).then(|| format!("quantity {} over {most} takes a second person", c.qty))
}
