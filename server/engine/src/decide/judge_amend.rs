//! Judges an amend, for sending and for the dry run alike; it must record nothing.

use alloc::boxed::Box;

use turret_shared::command::{AmendOrder, Command};
use turret_shared::denial::{DenialCode, Refusal, RefusalCode};
use turret_shared::digest::Digest;
use turret_shared::entry::ObjectKind;
use turret_shared::event::alert::AnswerDone;
use turret_shared::event::ops::AccessDenied;
use turret_shared::event::order::{AmendTerms, PriceBasis};
use turret_shared::event::session::StepUpReason;
use turret_shared::ids::OrderId;
use turret_shared::plain;
use turret_shared::role::Permission;

use super::judge_new::{Asking, envelope, fits, price, rate};
use super::{step_up, words};
use crate::access::{self, Access, Object};
use crate::exact::Exact;
use crate::risk::{self, Context, Old, Reserved};
use crate::state::order::{Flags, Order};

/// An amend nothing stands in the way of.
pub(crate) struct Ready<'a> {
    pub(crate) reserved: Reserved,
    pub(crate) order: &'a Order,
    pub(crate) step_up: Option<StepUpReason>,
    /// Surveillance wants a fresh code for it.
    pub(crate) watched: bool,
}

/// Our no to an amend or cancel, with what is recorded of it.
pub(crate) struct No {
    pub(crate) refusal: Box<Refusal>,
    /// The order, when the asker may know of it.
    pub(crate) order: Option<OrderId>,
    pub(crate) basis: Option<PriceBasis>,
    pub(crate) access: Option<AccessDenied>,
}

impl No {
    pub(crate) fn because(code: RefusalCode, order: Option<OrderId>) -> Self {
        Self { refusal: words::refusal(code).into(), order, basis: None, access: None }
    }
}

/// The order in question, if the asker may do this with it; a foreign one answers as one that is not there.
pub(crate) fn find<'a>(asking: &Asking<'a>, id: OrderId, permission: Permission) -> Result<(u32, &'a Order), No> {
    let found = asking.state.orders.find(id);
    let object = found.map_or(Object::Missing, |(_, order)| Object::Account(order.account));
    let access = access::may(asking.state.access(), asking.user, permission, object);
    match (access, found) {
        (Access::Allowed, Some(found)) => Ok(found),
        (access, found) => {
            let (code, denial, own) = if access == Access::NotPermitted {
                (RefusalCode::NotPermitted, DenialCode::NotPermitted, None)
            } else {
                (RefusalCode::UnknownOrder, DenialCode::UnknownOrder, None)
            };
            let denied = AccessDenied {
                permission,
                object: Some(ObjectKind::Order),
                foreign: found.map(|(_, order)| order.id.0),
                code: denial,
            };
            Err(No { access: Some(denied), ..No::because(code, own) })
        }
    }
}

/// The amend in the words of the log.
pub(crate) fn terms(command: &Command, amend: &AmendOrder, digest: Digest) -> AmendTerms {
    AmendTerms {
        cl_ord_id: amend.cl_ord_id.clone(),
        order: amend.order,
        qty: amend.qty,
        price: amend.price,
        confirmed: amend.confirmed,
        command: digest,
        expires: command.expires,
        stop_px: amend.stop_px,
    }
}

/// What is wrong with the envelope, as a refusal.
pub(crate) fn envelope_refusal(asking: &Asking<'_>, command: &Command) -> Option<RefusalCode> {
    envelope(asking.state, command, asking.now).map(|code| match code {
        DenialCode::WrongEnvironment => RefusalCode::WrongEnvironment,
        _ => RefusalCode::CommandExpired,
    })
}

/// Judges an amend: rights, the order's own condition, what is plainly wrong, every rule, whether it needs a proof.
pub(crate) fn judge<'a>(asking: &Asking<'a>, terms: &AmendTerms) -> Result<Ready<'a>, No> {
    let (_, order) = find(asking, terms.order, Permission::OrderAmend)?;
    let no = |code| Err(No::because(code, Some(order.id)));
    if terms.expires < asking.now {
        return no(RefusalCode::CommandExpired);
    }
    match condition(order) {
        // No answer of the venue's will change that: it was never asked.
        Some(RefusalCode::NotYetAcknowledged) if asking.state.held.of(order.id).is_some() => {
            return no(RefusalCode::AwaitsApproval);
        }
        Some(code) => return no(code),
        None => {}
    }
    if terms.price.is_some() && !order.ord_type.has_price() {
        return no(RefusalCode::NotAmendable);
    }
    if let Some(code) = terms.stop_px.and_then(|_| stop_condition(order)) {
        return no(code);
    }
    let Some(mut context) = context(asking, order, terms) else {
        return no(RefusalCode::UnknownOrder);
    };
    let moved = context.price != order.price() || context.stop_px != order.stop_px();
    if context.qty == order.qty && !moved {
        return no(RefusalCode::NoChange);
    }
    let instrument = &context.listing.info;
    let fault = plain::check_qty(context.qty, instrument)
        .or(plain::check_price(order.ord_type, context.price, instrument))
        .or(plain::check_stop(order.ord_type, context.stop_px, instrument));
    if let Some(fault) = fault {
        let mut refused = No::because(RefusalCode::Invalid, Some(order.id));
        refused.refusal.text = alloc::string::ToString::to_string(&fault);
        return Err(refused);
    }
    if price(asking, &mut context).is_err() || !fits(&context) {
        return no(RefusalCode::Invalid);
    }
    // One that only takes quantity away goes out whatever stands against the person.
    let reduces = context.qty < order.qty && !moved;
    let bound = |done| !reduces && asking.state.alerts.binds(asking.user, done);
    if bound(AnswerDone::OrdersHeld) {
        return no(RefusalCode::OrdersHeld);
    }
    let watched = bound(AnswerDone::StepUp);
    let (rules, _) = risk::tripped(&context);
    if !rules.is_empty() {
        let refusal = Refusal { code: RefusalCode::Risk, text: risk::sentence(&rules), rules, until: None };
        return Err(No { refusal: refusal.into(), order: Some(order.id), basis: context.basis, access: None });
    }
    // What an amend makes of an order nobody else would have seen.
    if step_up::second_person(asking.state, &context).is_some() {
        return no(RefusalCode::NeedsApproval);
    }
    let step_up = step_up::needed(asking.state, &context);
    if (step_up.is_some() || watched) && asking.state.access().is_recovering(asking.user, asking.now) {
        return no(RefusalCode::Recovering);
    }
    // What would be taken but for the time.
    if let Some(until) = asking.state.alerts.delays(asking.user, asking.now).filter(|_| !reduces) {
        let refusal = words::refused_delayed(until).into();
        return Err(No { refusal, order: Some(order.id), basis: context.basis, access: None });
    }
    Ok(Ready { step_up, watched, reserved: context.reserved(), order })
}

/// What the rules would look at, for the dry run; `None` where the asker may not know of the order.
pub(crate) fn context_of<'a>(asking: &Asking<'a>, terms: &AmendTerms) -> Option<Context<'a>> {
    let (_, order) = find(asking, terms.order, Permission::OrderAmend).ok()?;
    let mut context = context(asking, order, terms)?;
    price(asking, &mut context).ok()?;
    Some(context)
}

/// Why the order cannot be amended as it stands.
fn condition(order: &Order) -> Option<RefusalCode> {
    if !order.lives() {
        Some(RefusalCode::TooLate)
    } else if order.requests().cancel.is_pending() {
        Some(RefusalCode::CancelPending)
    } else if order.requests().amend.is_pending() {
        Some(RefusalCode::AmendPending)
    } else if !order.flags.any(Flags::ACCEPTED) || order.flags.any(Flags::DOUBT) {
        Some(RefusalCode::NotYetAcknowledged)
    } else if order.leaves().is_zero() {
        Some(RefusalCode::TooLate)
    } else {
        None
    }
}

/// Why its stop price cannot be changed: it has none, or what it waited for has happened.
fn stop_condition(order: &Order) -> Option<RefusalCode> {
    if !order.ord_type.has_stop() {
        Some(RefusalCode::NoStop)
    } else if order.flags.any(Flags::WORKING) {
        Some(RefusalCode::StopTriggered)
    } else {
        None
    }
}

fn context<'a>(asking: &Asking<'a>, order: &Order, terms: &AmendTerms) -> Option<Context<'a>> {
    let state = asking.state;
    let account = state.books.account(order.account)?;
    let position = state.books.position(order.position)?;
    Some(Context {
        now: asking.now,
        role: state.access().role(asking.user)?,
        side: order.side,
        ord_type: order.ord_type,
        qty: terms.qty.unwrap_or(order.qty),
        price: terms.price.or(order.price()),
        stop_px: terms.stop_px.or(order.stop_px()),
        reserve_px: order.reserve_px,
        confirmed: terms.confirmed,
        old: Some(Old {
            qty: order.qty,
            cum: order.cum,
            price: order.price(),
            stop_px: order.stop_px(),
            reserve_px: order.reserve_px,
            open: order.open(position.multiplier),
        }),
        basis: None,
        listing: state.books.listing(order.instrument)?,
        account,
        limits: &state.limits,
        position: Some(position),
        open: position.open.plus(asking.also.open(order.account, order.instrument)),
        power: account.buying_power().minus(asking.also.power(order.account)),
        rate: rate(asking),
        also: asking.recent,
        needed: Exact::ZERO,
    })
}
