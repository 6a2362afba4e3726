//! Folds our own facts about orders: taken, denied, amended, canceled, in doubt; it must not know what a rule is.

use turret_shared::approval::{Standing, VoidCause};
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::order::{Amend, Cancel, DoubtResolved, InDoubt, OrderDenied, OrderNew};
use turret_shared::ids::ApprovalId;
use turret_shared::money::Price;
use turret_shared::order::{EndReason, ExecType};

use super::person;
use crate::State;
use crate::decide::words;
use crate::held::Held;
use crate::state::names::Used;
use crate::state::order::{Flags, Order};
use crate::state::orders::Awaited;
use crate::state::position::{NONE, Recent};
use crate::state::requests::{Asked, Request};
use crate::state::{DENIALS_KEPT, NOTES_KEPT};

/// What a person reads of an order the venue never got.
pub(crate) const NEVER_ARRIVED: &str = "never reached the venue; it was not sent again";

pub(super) fn fold(state: &mut State, head: &Head, event: &Event) {
    match event {
        Event::OrderNew(e) => new(state, head, e),
        Event::OrderDenied(e) => denied(state, head, e),
        Event::Amend(e) => amend(state, head, e),
        Event::Cancel(e) => cancel(state, head, e),
        Event::CancelAll(e) => {
            if let Some(user) = person(head) {
                state.orders.names.record(user, &e.cl_ord_id, Used::CancelAll(e.requested, e.already), &e.command);
            }
        }
        Event::InDoubt(e) => in_doubt(state, head, e),
        Event::DoubtResolved(e) => resolved(state, head, e),
        _ => {}
    }
}

fn new(state: &mut State, head: &Head, e: &OrderNew) {
    let Some(owner) = person(head) else { return };
    let terms = &e.terms;
    let position = state.books.position_made(terms.account, terms.instrument);
    let mut order = Order::new(head, owner, terms, position, e.reserve_px);
    let place = u32::try_from(state.orders.len()).unwrap_or(NONE);
    order.name = state.orders.names.record(owner, &terms.cl_ord_id, Used::Order(place), &terms.command);
    order.flags.put(Flags::HELD, e.approval.is_some());
    order.see();
    let waits = e.approval.zip(e.proof);
    let recent = Recent { time: head.time, side: terms.side, qty: terms.qty, price: terms.price };
    state.books.change(position, |p| {
        p.open = p.open.plus(order.open(p.multiplier));
        if waits.is_none() {
            p.remember(recent);
        }
    });
    let id = order.id;
    state.orders.push(order);
    match waits {
        Some((expires, proof)) => {
            let held = Held {
                order: id,
                by: owner,
                account: terms.account,
                command: terms.command,
                confirmed: terms.confirmed,
                asked: head.time,
                expires,
                standing: Standing::Waiting,
                since: head.time,
                judged: None,
                first: e.first,
            };
            state.held.hold(ApprovalId(proof.0), held);
        }
        None => state.orders.await_answer(Awaited { since: head.time, order: place, revision: 0 }),
    }
    state.rates.entry(owner).or_default().add(head.time);
}

/// The second person's word on an order, or that none comes any more.
pub(super) fn second_word(state: &mut State, head: &Head, event: &Event) {
    let (approval, standing, judged) = match event {
        Event::ApprovalJudged(e) => {
            let standing = if e.judge.approve { Standing::Done } else { Standing::Refused };
            (e.judge.approval, standing, Some((e.by, e.judge.ground)))
        }
        Event::ApprovalVoided(e) => (e.approval, Standing::Void(e.cause), None),
        _ => return,
    };
    let Some(held) = state.held.stands(approval, standing, judged, head.time) else { return };
    let Some((place, order)) = state.orders.find(held.order) else { return };
    let recent = Recent { time: head.time, side: order.side, qty: order.qty, price: order.price() };
    let position = order.position;
    state.change_order(place, head, |order| {
        order.flags.put(Flags::HELD, false);
        match standing {
            Standing::Done => order.requests_mut().since = Some(head.time),
            Standing::Void(VoidCause::Withdrawn) => {
                order.exec_type = ExecType::Canceled;
                order.end(EndReason::Canceled);
            }
            _ => {
                order.exec_type = ExecType::Rejected;
                order.flags.put(Flags::DENIED, true);
            }
        }
    });
    let code = match standing {
        Standing::Done => {
            state.books.change(position, |p| p.remember(recent));
            return state.orders.await_answer(Awaited { since: head.time, order: place, revision: 0 });
        }
        Standing::Void(VoidCause::Withdrawn) => return,
        Standing::Refused => DenialCode::ApprovalRefused,
        _ => DenialCode::ApprovalVoid,
    };
    deny_row(state, place, words::denial(code));
}

fn deny_row(state: &mut State, place: u32, denial: Denial) {
    state.denials.insert(place, denial);
    while state.denials.len() > DENIALS_KEPT {
        state.denials.pop_first();
    }
}

fn denied(state: &mut State, head: &Head, e: &OrderDenied) {
    let (Some(owner), Some(terms)) = (person(head), &e.terms) else { return };
    let position = state.books.position_made(terms.account, terms.instrument);
    let mut order = Order::new(head, owner, terms, position, Price::ZERO);
    let place = u32::try_from(state.orders.len()).unwrap_or(NONE);
    order.name = state.orders.names.record(owner, &terms.cl_ord_id, Used::Order(place), &terms.command);
    order.flags.put(Flags::DENIED, true);
    order.exec_type = ExecType::Rejected;
    order.see();
    state.orders.push(order);
    deny_row(state, place, e.denial.clone());
}

fn amend(state: &mut State, head: &Head, e: &Amend) {
    let (Some(user), Some(place)) = (person(head), state.orders.place(e.terms.order)) else { return };
    let name = state.orders.names.record(user, &e.terms.cl_ord_id, Used::Order(place), &e.terms.command);
    state.change_order(place, head, |order| {
        let requests = order.requests_mut();
        requests.revision = requests.revision.max(e.revision);
        requests.amend = Request { revision: e.revision, name, since: head.time };
        requests.asked = Asked { qty: e.qty, price: e.price, reserve_px: e.reserve_px, stop_px: e.stop_px };
        requests.by = Some(user);
        order.exec_type = ExecType::PendingReplace;
    });
    state.orders.await_answer(Awaited { since: head.time, order: place, revision: e.revision });
    state.rates.entry(user).or_default().add(head.time);
}

fn cancel(state: &mut State, head: &Head, e: &Cancel) {
    let Some(place) = state.orders.place(e.order) else { return };
    let name = match (person(head), &e.cl_ord_id) {
        (Some(user), Some(id)) => state.orders.names.record(user, id, Used::Order(place), &e.command),
        _ => NONE,
    };
    state.change_order(place, head, |order| {
        let requests = order.requests_mut();
        requests.revision = requests.revision.max(e.revision);
        requests.cancel = Request { revision: e.revision, name, since: head.time };
        requests.by = person(head);
        order.flags.put(Flags::DOUBT_CANCEL, false);
        order.exec_type = ExecType::PendingCancel;
    });
    state.orders.await_answer(Awaited { since: head.time, order: place, revision: e.revision });
}

fn in_doubt(state: &mut State, head: &Head, e: &InDoubt) {
    let Some(place) = state.orders.place(e.order) else { return };
    state.change_order(place, head, |order| {
        if let Some((_, doubt)) = order.awaited(e.revision) {
            order.flags.put(doubt, true);
        }
    });
}

fn resolved(state: &mut State, head: &Head, e: &DoubtResolved) {
    let Some((place, order)) = state.orders.find(e.order) else { return };
    let Some((_, doubt)) = order.awaited(e.revision) else { return };
    let amend = order.requests().amend;
    let is_amend = amend.is_pending() && amend.revision == e.revision;
    state.change_order(place, head, |order| {
        order.flags.put(doubt, false);
        match (e.arrived, e.revision) {
            (true, 0) => order.requests_mut().since = Some(head.time),
            (true, _) if is_amend => order.requests_mut().amend.since = head.time,
            (true, _) => order.requests_mut().cancel.since = head.time,
            (false, 0) => {
                order.exec_type = ExecType::Rejected;
                order.end(EndReason::Rejected);
            }
            (false, _) if is_amend => order.drop_amend(),
            (false, _) => order.drop_cancel(),
        }
    });
    if e.arrived {
        state.orders.await_answer(Awaited { since: head.time, order: place, revision: e.revision });
    } else {
        note(state, place, NEVER_ARRIVED);
    }
}

/// Keeps the last words about an order.
pub(super) fn note(state: &mut State, place: u32, text: &str) {
    state.notes.insert(place, text.into());
    while state.notes.len() > NOTES_KEPT {
        state.notes.pop_first();
    }
}
