//! The second person's word on an order: judged as theirs, and the order once more as its author's; it must send nothing that
//! is denied now.

use turret_shared::approval::{Judge, VoidCause};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::approval::{ApprovalJudged, ApprovalVoided};
use turret_shared::event::order::OrderTerms;
use turret_shared::ids::{PendingId, UserId};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use super::judge_new::{Asking, No, judge as judge_order};
use super::{Also, Draft, approval};
use crate::access::{self, Object};
use crate::exact::Exact;
use crate::held::Held;
use crate::input::Principal;
use crate::outbox::new_route;
use crate::state::order::Order;
use crate::state::position::{Open, required};
use crate::{State, Verdict};

/// Whether a person may be the second one for an order: with the right to approve over its account, and never its author.
pub(crate) fn may_judge(state: &State, user: UserId, held: &Held) -> Result<(), DenialCode> {
    let may = access::may(state.access(), user, Permission::Approve, Object::Account(held.account));
    // What is not theirs to see is not there.
    if let Some(code) = may.denial(DenialCode::ApprovalVoid) {
        return Err(code);
    }
    if held.by == user { Err(DenialCode::OwnRequest) } else { Ok(()) }
}

/// The order a word is on, where the word can be taken.
pub(super) fn judgeable(state: &State, user: UserId, word: &Judge, now: Timestamp) -> Result<Held, DenialCode> {
    let may = access::may(state.access(), user, Permission::Approve, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let held = state.held.waiting(word.approval, now).ok_or(DenialCode::ApprovalVoid)?;
    may_judge(state, user, held)?;
    let fits = approval::names(word, held.command, held.first) && word.ground.approves() == word.approve;
    if fits { Ok(*held) } else { Err(DenialCode::Invalid) }
}

/// The second person's proof came: judged once more, recorded, and sent if it was a yes and nothing stands in the way.
pub(super) fn judge(draft: &mut Draft<'_>, principal: &Principal, word: Judge, proof: PendingId) -> Verdict {
    let (state, now, by) = (draft.state, draft.stamp.time, principal.user);
    let found = judgeable(state, by, &word, now)
        .and_then(|held| state.orders.find(held.order).map(|(_, order)| (held, order)).ok_or(DenialCode::ApprovalVoid));
    let (held, order) = match found {
        Ok(found) => found,
        Err(code) => return approval::no(draft, principal, word.approval, code),
    };
    let again = if word.approve { again(draft, &held, order) } else { Ok(()) };
    if let Err(no) = again {
        let (approval, cause) = (word.approval, VoidCause::Denied);
        draft.emit(Event::ApprovalVoided(ApprovalVoided { approval, cause, order: Some(held.order) }));
        return Verdict::Denied(no.denial.into());
    }
    if word.approve {
        draft.route(new_route(order));
    }
    draft.emit(Event::ApprovalJudged(ApprovalJudged { judge: word, by, proof, until: None, order: Some(held.order) }));
    Verdict::Managed
}

/// The order as its author would enter it now, what it reserves already left out.
fn again(draft: &Draft<'_>, held: &Held, order: &Order) -> Result<(), No> {
    let (state, market, now) = (draft.state, draft.market, draft.stamp.time);
    let mut also = Also::default();
    if let Some(position) = state.books.position(order.position) {
        let (qty, cost, own) = (position.holding.qty, position.holding.cost, order.open(position.multiplier));
        let without = required(qty, cost, &position.open.minus(own));
        let power = required(qty, cost, &position.open).minus(without);
        also.take(order.account, order.instrument, Open::default().minus(own), Exact::ZERO.minus(power));
        // It was counted when it was entered.
        also.rate = 0;
    }
    let Some(cl_ord_id) = state.orders.names.cl_ord_id(order.name) else {
        return Err(No::because(DenialCode::ApprovalVoid));
    };
    let terms = OrderTerms {
        cl_ord_id,
        account: order.account,
        instrument: order.instrument,
        side: order.side,
        qty: order.qty,
        ord_type: order.ord_type,
        price: order.price(),
        stop_px: order.stop_px(),
        tif: order.tif,
        confirmed: held.confirmed,
        text: None,
        saw: None,
        command: held.command,
        expires: held.expires,
    };
    let judged = judge_order(&Asking { state, market, user: held.by, now, also: &also, recent: &[] }, &terms);
    match judged {
        // Its author entered it before: it is no new command of theirs.
        Err(no) if no.denial.code == DenialCode::Delayed => Ok(()),
        judged => judged.map(drop),
    }
}

/// The log says of each order that waits no more why it does.
pub(super) fn over(draft: &mut Draft<'_>) {
    let (state, now) = (draft.state, draft.stamp.time);
    for (approval, held) in state.held.all() {
        let waits = held.standing == turret_shared::approval::Standing::Waiting;
        if let Some(cause) = state.held_void(held, now).filter(|_| waits) {
            draft.emit(Event::ApprovalVoided(ApprovalVoided { approval, cause, order: Some(held.order) }));
        }
    }
}
