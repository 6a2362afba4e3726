//! Cancels: one order, or all of an account or of one's own; a cancel can always be sent, whatever else is pending.

use turret_shared::approval::VoidCause;
use turret_shared::command::{CancelAll, CancelOrder};
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::approval::ApprovalVoided;
use turret_shared::event::ops::AccessDenied;
use turret_shared::event::order::{Cancel, CancelAllAsked, RequestRefused};
use turret_shared::ids::{AccountId, ClOrdId};
use turret_shared::role::Permission;
use turret_shared::venue::{Route, VenueClOrdId};

use super::Draft;
use super::client::{Before, access_denied, before};
use super::judge_amend::{No, envelope_refusal, find};
use super::judge_new::Asking;
use crate::Verdict;
use crate::access::{self, Access, Object};
use crate::input::ClientInput;
use crate::state::order::{Flags, Order};

pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, cancel: &CancelOrder) {
    match before(draft, input, &cancel.cl_ord_id) {
        Before::Fresh => {}
        Before::Same(verdict) => return draft.answer(verdict),
        Before::Reused => return refuse(draft, input, &cancel.cl_ord_id, RefusalCode::ClOrdIdReused.into()),
    }
    let also = core::mem::take(&mut draft.also);
    let asking = asking(draft, input, &also);
    if let Some(code) = envelope_refusal(&asking, &input.command) {
        return refuse(draft, input, &cancel.cl_ord_id, code.into());
    }
    let order = match find(&asking, cancel.order, Permission::OrderCancel) {
        Ok((_, order)) => order,
        Err(no) => return refuse(draft, input, &cancel.cl_ord_id, no),
    };
    let code = if order.requests().cancel.is_pending() {
        Some(RefusalCode::CancelPending)
    } else if order.leaves().is_zero() {
        Some(RefusalCode::TooLate)
    } else {
        None
    };
    if let Some(code) = code {
        return refuse(draft, input, &cancel.cl_ord_id, No::because(code, Some(order.id)));
    }
    send(draft, input, order, Some(cancel.cl_ord_id.clone()));
    draft.answer(Verdict::Order { order: order.id, exec_type: None });
}

impl From<RefusalCode> for No {
    fn from(code: RefusalCode) -> Self {
        Self::because(code, None)
    }
}

fn asking<'a>(draft: &Draft<'a>, input: &ClientInput, also: &'a super::Also) -> Asking<'a> {
    Asking {
        state: draft.state,
        market: draft.market,
        user: input.principal.user,
        now: draft.stamp.time,
        also,
        recent: &[],
    }
}

fn refuse(draft: &mut Draft<'_>, input: &ClientInput, cl_ord_id: &ClOrdId, no: No) {
    draft.emit(Event::CancelRefused(RequestRefused {
        cl_ord_id: cl_ord_id.clone(),
        order: no.order,
        refusal: (*no.refusal).clone(),
        command: input.digest,
        basis: None,
    }));
    if let Some(denied) = no.access {
        access_denied(draft, &input.principal, denied);
    }
    draft.answer(Verdict::Refused(no.refusal));
}

fn send(draft: &mut Draft<'_>, input: &ClientInput, order: &Order, cl_ord_id: Option<ClOrdId>) {
    let revision = order.requests().revision.saturating_add(1);
    if let Some(approval) = draft.state.held.of(order.id).filter(|_| order.flags.any(Flags::HELD)) {
        // The venue never had it.
        let (cause, order) = (VoidCause::Withdrawn, order.id);
        draft.emit(Event::Cancel(Cancel { order, revision, cl_ord_id, command: input.digest }));
        draft.emit(Event::ApprovalVoided(ApprovalVoided { approval, cause, order: Some(order) }));
        return;
    }
    draft.route(Route::Cancel {
        id: VenueClOrdId { order: order.id, revision },
        orig: VenueClOrdId { order: order.id, revision: order.requests().in_force },
    });
    draft.emit(Event::Cancel(Cancel { order: order.id, revision, cl_ord_id, command: input.digest }));
}

pub(super) fn decide_all(draft: &mut Draft<'_>, input: &ClientInput, all: &CancelAll) {
    match before(draft, input, &all.cl_ord_id) {
        Before::Fresh => {}
        Before::Same(verdict) => return draft.answer(verdict),
        Before::Reused => return refuse(draft, input, &all.cl_ord_id, RefusalCode::ClOrdIdReused.into()),
    }
    let also = core::mem::take(&mut draft.also);
    if let Some(code) = envelope_refusal(&asking(draft, input, &also), &input.command) {
        return refuse(draft, input, &all.cl_ord_id, code.into());
    }
    let account = match scope(draft, input, all) {
        Ok(account) => account,
        Err((denied, code)) => {
            draft.emit(Event::CancelRefused(RequestRefused {
                cl_ord_id: all.cl_ord_id.clone(),
                order: None,
                refusal: super::words::refusal(RefusalCode::NotPermitted),
                command: input.digest,
                basis: None,
            }));
            access_denied(draft, &input.principal, denied);
            return draft.answer(Verdict::Denied(super::words::denial(code).into()));
        }
    };
    let user = input.principal.user;
    let state = draft.state;
    let may = |order: &Order| {
        let object = Object::Account(order.account);
        access::may(state.access(), user, Permission::OrderCancel, object) == Access::Allowed
    };
    let of_scope = |order: &&Order| match account {
        Some(account) => order.account == account,
        None => order.owner == user && may(order),
    };
    let places = state.open_orders();
    let orders = places.iter().filter_map(|place| state.orders.at(*place)).filter(|o| !o.leaves().is_zero());
    let (pending, free): (alloc::vec::Vec<_>, alloc::vec::Vec<_>) =
        orders.filter(of_scope).partition(|order| order.requests().cancel.is_pending());
    let count = |list: &[&Order]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    let (requested, already) = (count(&free), count(&pending));
    draft.emit(Event::CancelAll(CancelAllAsked {
        cl_ord_id: all.cl_ord_id.clone(),
        account,
        requested,
        already,
        command: input.digest,
    }));
    for order in free {
        send(draft, input, order, None);
    }
    draft.answer(Verdict::CancelAll { requested, already });
}

/// The account meant, or all of one's own; an account that is not theirs answers as one that is not there.
fn scope(
    draft: &Draft<'_>,
    input: &ClientInput,
    all: &CancelAll,
) -> Result<Option<AccountId>, (AccessDenied, DenialCode)> {
    let permission = Permission::OrderCancel;
    let account = all.account.as_deref().map(|code| draft.state.account_by_code(code));
    let object = match account {
        None => Object::None,
        Some(None) => Object::Missing,
        Some(Some(account)) => Object::Account(account),
    };
    match access::may(draft.state.access(), input.principal.user, permission, object).denial(DenialCode::UnknownAccount)
    {
        None => Ok(account.flatten()),
        Some(code) => {
            let foreign = account.flatten().map(|account| account.0.into());
            Err((AccessDenied { permission, object: account.map(|_| ObjectKind::Account), foreign, code }, code))
        }
    }
}
