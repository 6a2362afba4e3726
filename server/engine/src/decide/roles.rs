//! Roles of a house's own: when one may be made, and what becomes of those who have it; it must widen no built-in role.

use turret_shared::composed::{ComposedRole, NotComposed};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::setup::RoleComposed;
use turret_shared::limits::COMPOSED_ROLES_MAX;
use turret_shared::wire::control::SessionEnd;

use super::{Draft, session};
use crate::State;

/// Whether a role can be made so, and anything would be otherwise afterwards.
pub(super) fn composes(state: &State, role: ComposedRole) -> Result<(), DenialCode> {
    role.check().map_err(|why| match why {
        NotComposed::BuiltIn => DenialCode::CodeTaken,
        NotComposed::Beyond | NotComposed::Whole | NotComposed::WithoutOwn => DenialCode::Invalid,
    })?;
    let roles = state.access().composed_roles();
    match state.access().composed_role(role.code) {
        Some(known) if *known == role => Err(DenialCode::NothingToDo),
        // Duties hang on the built-in role: it stays under one code.
        Some(known) if known.base != role.base => Err(DenialCode::CodeTaken),
        None if roles.len() >= COMPOSED_ROLES_MAX => Err(DenialCode::HouseFull),
        Some(_) | None => Ok(()),
    }
}

/// Recorded; who has it signs in again, and then has what it is made of now.
pub(super) fn compose(draft: &mut Draft<'_>, role: ComposedRole) {
    let access = draft.state.access();
    let held = |user| access.user(user).is_some_and(|known| known.composed == Some(role.code));
    draft.emit(Event::RoleComposed(RoleComposed { role }));
    session::end_where(draft, SessionEnd::Killed, |live| held(live.user));
}
