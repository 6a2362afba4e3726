//! The dry run: what sending these bytes now would be answered with, by the very code that would answer; it must record
//! nothing.

use alloc::vec::Vec;

use turret_shared::command::{Command, Verb};
use turret_shared::denial::{Denial, DenialCode, RefusalCode, RuleUse};
use turret_shared::digest::Digest;
use turret_shared::ids::{ClOrdId, UserId};
use turret_shared::money::{Money, Qty};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;
use turret_shared::view::PreviewView;

use crate::decide::Also;
use crate::decide::judge_new::{Asking, No, envelope, judge, plain_faults, resolve, terms};
use crate::decide::{judge_amend, judge_new};
use crate::risk::{self, Context};
use crate::{Market, State};

/// The dry run of a new order or an amend.
///
/// # Errors
/// `NotPermitted` for a role that may not ask; `Invalid` for another command. Everything else is in the view.
pub fn preview(
    state: &State,
    market: &Market,
    user: UserId,
    command: &Command,
    now: Timestamp,
) -> Result<PreviewView, DenialCode> {
    super::permitted(state, user, Permission::OrderPreview)?;
    let also = Also::default();
    let asking = Asking { state, market, user, now, also: &also, recent: &[] };
    match &command.verb {
        Verb::OrderNew(order) => {
            let used = state.orders.names.used(user, &order.cl_ord_id).is_some();
            let ids = match resolve(&asking, order, Permission::OrderEnter) {
                _ if used => return Ok(only(No::because(DenialCode::ClOrdIdReused).denial)),
                Ok(ids) => ids,
                Err(no) => return Ok(only(no.denial)),
            };
            let terms = terms(order, ids, Digest::default(), None, command.expires);
            let plain = envelope(state, command, now).map(No::because);
            if let Some(no) = plain.or_else(|| plain_faults(state, order, &terms)) {
                return Ok(only(no.denial));
            }
            let judged = judge(&asking, &terms);
            let step_up = matches!(&judged, Ok(ready) if ready.needs_proof());
            let context = judge_new::context(&asking, &terms).ok();
            Ok(view(judged.err().map(|no| no.denial), context.as_ref(), step_up))
        }
        Verb::OrderAmend(amend) => {
            let terms = judge_amend::terms(command, amend, Digest::default());
            let judged = match before_amend(&asking, command, &amend.cl_ord_id) {
                Some(code) => Err(judge_amend::No::because(code, None)),
                None => judge_amend::judge(&asking, &terms),
            };
            let step_up = matches!(&judged, Ok(ready) if ready.step_up.is_some() || ready.watched);
            let context = judge_amend::context_of(&asking, &terms);
            Ok(view(judged.err().map(as_denial), context.as_ref(), step_up))
        }
        _ => Err(DenialCode::Invalid),
    }
}

fn before_amend(asking: &Asking<'_>, command: &Command, id: &ClOrdId) -> Option<RefusalCode> {
    let used = asking.state.orders.names.used(asking.user, id).is_some();
    if used { Some(RefusalCode::ClOrdIdReused) } else { judge_amend::envelope_refusal(asking, command) }
}

/// A refusal in the words of a denial: the view has one field for both.
fn as_denial(no: judge_amend::No) -> Denial {
    let refusal = *no.refusal;
    let code = match refusal.code {
        RefusalCode::Risk => DenialCode::Risk,
        RefusalCode::UnknownOrder => DenialCode::UnknownOrder,
        RefusalCode::NotPermitted => DenialCode::NotPermitted,
        RefusalCode::ClOrdIdReused => DenialCode::ClOrdIdReused,
        RefusalCode::CommandExpired => DenialCode::CommandExpired,
        RefusalCode::Recovering => DenialCode::Recovering,
        RefusalCode::KeyWanted => DenialCode::KeyWanted,
        RefusalCode::OrdersHeld => DenialCode::OrdersHeld,
        RefusalCode::Delayed => DenialCode::Delayed,
        RefusalCode::WrongEnvironment => DenialCode::WrongEnvironment,
        _ => DenialCode::Invalid,
    };
    Denial { code, rules: refusal.rules, text: refusal.text, passed: 0, until: refusal.until }
}

/// Our no before any rule could look.
fn only(denial: Denial) -> PreviewView {
    view(Some(denial), None, false)
}

fn view(denial: Option<Denial>, context: Option<&Context<'_>>, step_up: bool) -> PreviewView {
    let rules: Vec<RuleUse> = context.map(risk::explain_all).unwrap_or_default();
    let untripped = rules.iter().filter(|rule| !rule.tripped && rule.use_percent.is_some());
    let closest = untripped.max_by_key(|rule| rule.use_percent).cloned();
    let Some(c) = context else {
        return PreviewView {
            denial,
            rules,
            closest,
            notional: None,
            currency: None,
            position_before: Qty::ZERO,
            position_after: Qty::ZERO,
            buying_power_before: Money::ZERO,
            buying_power_after: Money::ZERO,
            step_up,
        };
    };
    let done = c.old.map_or(0, |old| old.cum.0);
    let moved = c.qty.0.saturating_sub(done).max(0).saturating_mul(c.side.sign());
    PreviewView {
        denial,
        rules,
        closest,
        notional: Some(c.notional().to_money_ceiling()),
        currency: Some(c.account.info.currency),
        position_before: Qty(c.held()),
        position_after: Qty(c.held().saturating_add(moved)),
        buying_power_before: c.power.to_money_floor(),
        buying_power_after: c.power.minus(c.power_needed()).to_money_floor(),
        step_up,
    }
}
