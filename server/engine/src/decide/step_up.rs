//! Which orders need a fresh proof: policy figures by role; it must not judge the proof.

use alloc::format;
use alloc::string::String;

use turret_shared::event::session::StepUpReason;
use turret_shared::event::setup::Policy;
use turret_shared::money::Money;

use crate::State;
use crate::exact::Exact;
use crate::risk::Context;

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
