//! Creating a person and moving one to another desk: what a role may do on its desk is given with it; it must know no name.

use turret_shared::account::Rights;
use turret_shared::command::{Command, NewUser, Verb};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::approval::Proposal;
use turret_shared::event::setup::{DeskSet, EntitlementScope, EntitlementSet, RoleSet, UserCreated};
use turret_shared::ids::{DeskId, UserId};
use turret_shared::limits::USERS_MAX;
use turret_shared::manage::{Act, Manage};
use turret_shared::role::Role;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, manage, session};
use crate::State;
use crate::input::ClientInput;

/// Whoever may not create anybody is told so; for everyone else the vault has kept the name before this is asked.
pub(super) fn create(draft: &mut Draft<'_>, input: &ClientInput, new: &NewUser) {
    // Nobody has the highest number: without a kept name there is no such target.
    let user = input.named.unwrap_or(UserId(u32::MAX));
    let act = Act::CreateUser { user, role: new.role, desk: new.desk };
    let manage = Manage { act, why: new.why };
    // The log says nothing of the name, not even a digest to guess at: what is proved names them by number.
    let bare = Command { verb: Verb::Manage(manage), ..input.command.clone() };
    let command = Digest(Command::digest(&bare.to_bytes()));
    manage::ask(draft, input, Proposal { manage, command }, false);
}

/// Acts that come with more than an act.
pub(super) const fn is_asked_otherwise(act: Act) -> bool {
    matches!(act, Act::CreateUser { .. } | Act::SetBan { .. })
}

/// A desk there is, or none.
pub(super) fn is_desk(state: &State, desk: Option<DeskId>) -> bool {
    desk.is_none_or(|desk| state.desk_code(desk).is_some())
}

/// A person could have this number and be of this desk.
pub(super) fn may_be(state: &State, user: UserId, desk: Option<DeskId>) -> bool {
    user.0 < USERS_MAX && is_desk(state, desk)
}

/// What someone of a role may do with every account of their desk; a customer's accounts are named one by one.
const fn rights_on_desk(role: Role) -> Rights {
    match role {
        Role::Broker => Rights::VIEW.with(Rights::TRADE).with(Rights::ALLOCATE),
        Role::Supervisor => Rights::VIEW.with(Rights::APPROVE),
        Role::Support => Rights::VIEW,
        Role::Admin | Role::Customer => Rights(0),
    }
}

fn entitle(draft: &mut Draft<'_>, user: UserId, desk: DeskId, allow: Rights) {
    let scope = EntitlementScope::Desk(desk);
    draft.emit(Event::EntitlementSet(EntitlementSet { user, scope, allow, deny: Rights::default() }));
}

/// The person is there, with what their role does on their desk.
pub(super) fn carry_out_creation(draft: &mut Draft<'_>, user: UserId, role: Role, desk: Option<DeskId>) {
    draft.emit(Event::UserCreated(UserCreated { user, desk }));
    draft.emit(Event::RoleSet(RoleSet { user, role: Some(role) }));
    let allow = rights_on_desk(role);
    if let Some(desk) = desk.filter(|_| allow != Rights::default()) {
        entitle(draft, user, desk, allow);
    }
}

/// The old desk's accounts are theirs no more.
pub(super) fn carry_out_move(draft: &mut Draft<'_>, user: UserId, desk: Option<DeskId>) {
    let known = draft.state.access().user(user);
    let (from, role) = known.map_or((None, None), |known| (known.desk, known.role));
    draft.emit(Event::DeskSet(DeskSet { user, desk }));
    if let Some(from) = from {
        entitle(draft, user, from, Rights::default());
    }
    let allow = role.map_or_else(Rights::default, rights_on_desk);
    if let Some(desk) = desk.filter(|_| allow != Rights::default()) {
        entitle(draft, user, desk, allow);
    }
    session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
}
