//! A command of a session: the session first, then a used ClOrdID, then the verb's own file.

use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::event::Event;
use turret_shared::event::ops::AccessDenied;
use turret_shared::ids::ClOrdId;
use turret_shared::order::ExecType;
use turret_shared::role::Permission;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, alert, amend, approval, bans, bulk, cancel, manage, new_order, own, people, review, sim, words};
use crate::input::{ClientInput, Principal};
use crate::state::names::Used;
use crate::{State, Verdict};

pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput) {
    let permission = permission_of(&input.command.verb);
    if draft.state.live_session(&input.principal).is_none() {
        draft.emit(Event::AccessDenied(AccessDenied {
            permission,
            object: None,
            foreign: None,
            code: DenialCode::NotPermitted,
        }));
        let refused = matches!(permission, Permission::OrderAmend | Permission::OrderCancel);
        draft.answer(if refused {
            Verdict::Refused(words::refusal(RefusalCode::NotPermitted).into())
        } else {
            Verdict::Denied(words::denial(DenialCode::NotPermitted).into())
        });
        return;
    }
    if lacks_key(draft.state, input) {
        return key_wanted(draft, permission);
    }
    match &input.command.verb {
        Verb::OrderNew(order) => new_order::decide(draft, input, order),
        Verb::OrderAmend(order) => amend::decide(draft, input, order),
        Verb::OrderCancel(order) => cancel::decide(draft, input, order),
        Verb::CancelAll(order) => cancel::decide_all(draft, input, order),
        Verb::Sim(control) => sim::decide(draft, input, control),
        Verb::Manage(act) => manage::decide(draft, input, *act),
        Verb::CreateUser(new) => people::create(draft, input, new),
        Verb::Judge(word) => approval::ask(draft, input, *word),
        Verb::Request(request) => approval::own(draft, input, *request),
        Verb::Alert(handle) => alert::handle(draft, input, *handle),
        Verb::Own(deed) => own::decide(draft, input, deed),
        Verb::Ban(new) => bans::ask(draft, input, new),
        Verb::Bulk(wanted) => bulk::ask(draft, input, wanted),
        Verb::Review(said) => review::decide(draft, input, *said),
    }
}

/// A session opened with a code does nothing where the role takes a security key; what is one's own stays in reach.
fn lacks_key(state: &State, input: &ClientInput) -> bool {
    state.lacks_key(&input.principal) && !matches!(input.command.verb, Verb::Own(_))
}

fn key_wanted(draft: &mut Draft<'_>, permission: Permission) {
    let code = DenialCode::KeyWanted;
    draft.emit(Event::AccessDenied(AccessDenied { permission, object: None, foreign: None, code }));
    let refused = matches!(permission, Permission::OrderAmend | Permission::OrderCancel);
    draft.answer(if refused {
        Verdict::Refused(words::refusal(RefusalCode::KeyWanted).into())
    } else {
        Verdict::Denied(words::denial(code).into())
    });
}

/// The permission a verb needs, before any object is looked at.
pub(crate) const fn permission_of(verb: &Verb) -> Permission {
    match verb {
        Verb::OrderNew(_) => Permission::OrderEnter,
        Verb::OrderAmend(_) => Permission::OrderAmend,
        Verb::OrderCancel(_) | Verb::CancelAll(_) => Permission::OrderCancel,
        Verb::Sim(_) => Permission::SimControl,
        Verb::Manage(_) | Verb::CreateUser(_) | Verb::Ban(_) | Verb::Bulk(_) => Permission::UserManage,
        Verb::Judge(_) | Verb::Request(_) => Permission::Approve,
        Verb::Alert(_) => Permission::AlertHandle,
        Verb::Own(_) => Permission::OwnManage,
        Verb::Review(_) => Permission::DenialReview,
    }
}

/// What a ClOrdID means that the same person used before.
pub(super) enum Before {
    /// Never used.
    Fresh,
    /// The same command again: answered as it stands now.
    Same(Verdict),
    /// Used for something else.
    Reused,
}

impl Before {
    /// The next to ask when nothing is known here.
    pub(super) fn or_else(self, next: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Fresh) { next() } else { self }
    }
}

pub(super) fn before(draft: &Draft<'_>, input: &ClientInput, id: &ClOrdId) -> Before {
    let Some(known) = draft.state.orders.names.used(input.principal.user, id) else { return Before::Fresh };
    if !known.is_command(&input.digest) {
        return Before::Reused;
    }
    match known.used {
        Used::CancelAll(requested, already) => Before::Same(Verdict::CancelAll { requested, already }),
        Used::Order(place) => {
            if let Some(denial) = draft.state.denial_at(place) {
                return Before::Same(Verdict::Denied(denial.into()));
            }
            draft.state.orders.at(place).map_or(Before::Fresh, |order| {
                Before::Same(Verdict::Order { order: order.id, exec_type: Some(ExecType::OrderStatus) })
            })
        }
    }
}

/// Records a denial of access; the one too many in a minute ends the session.
pub(super) fn access_denied(draft: &mut Draft<'_>, principal: &Principal, denied: AccessDenied) {
    draft.emit(Event::AccessDenied(denied));
    end_if_probing(draft, principal.session);
}

/// Ends a session whose access was refused too often in a minute, this refusal counted.
pub(super) fn end_if_probing(draft: &mut Draft<'_>, session: turret_shared::ids::SessionId) {
    let now = draft.stamp.time;
    let Some(user) = draft.state.session(session).filter(|s| s.is_probing(now)).map(|s| s.user) else { return };
    draft.emit(Event::SessionEnded(turret_shared::event::session::SessionEnded {
        session,
        user,
        reason: SessionEnd::Probing,
    }));
}
