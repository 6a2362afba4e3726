//! Acts on people, sessions and devices: judged, held for a fresh code, recorded with their reason, then carried out.
//!
//! It must let nobody lock, demote or take out themselves: so the last who runs users cannot leave by mistake.

use alloc::string::String;

use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::ops::{AccessDenied, Managed};
use turret_shared::event::session::{DeviceLocked, PendingCommand, SessionEnded};
use turret_shared::event::setup::{DeviceRevoked, RoleSet};
use turret_shared::ids::{PendingId, UserId};
use turret_shared::manage::{Act, Manage};
use turret_shared::role::Permission;
use turret_shared::wire::control::SessionEnd;

use super::client::access_denied;
use super::judge_new::envelope;
use super::new_order::hold;
use super::{Draft, session, words};
use crate::access::{self, Object};
use crate::input::{ClientInput, Principal};
use crate::{State, Verdict};

/// Every act waits for a fresh code, whatever it is.
pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, manage: Manage) {
    let judged = match envelope(draft.state, &input.command, draft.stamp.time) {
        Some(code) => Err(code),
        None => judge(draft.state, &input.principal, manage.act),
    };
    let verdict = match judged {
        Ok(_) => {
            let why = String::from("every act on people, sessions and devices asks for a fresh code");
            let command = PendingCommand::Manage(manage);
            let held = hold(draft, input.principal.session, command, None, why);
            held.unwrap_or_else(|| Verdict::Denied(words::denial(DenialCode::TooManyPending).into()))
        }
        Err(code) => no(draft, &input.principal, code),
    };
    draft.answer(verdict);
}

fn no(draft: &mut Draft<'_>, principal: &Principal, code: DenialCode) -> Verdict {
    if code == DenialCode::NotPermitted {
        let permission = Permission::UserManage;
        access_denied(draft, principal, AccessDenied { permission, object: None, foreign: None, code });
    }
    Verdict::Denied(words::denial(code).into())
}

/// Whom it concerns, if it may be done and changes anything.
fn judge(state: &State, principal: &Principal, act: Act) -> Result<UserId, DenialCode> {
    let access = state.access();
    let may = access::may(access, principal.user, Permission::UserManage, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let person = |user: UserId| access.user(user).map(|known| (user, known));
    let (user, changes) = match act {
        Act::EndSession { session } => (state.session(session).map(|live| live.user), true),
        Act::LockUser { user, locked } => {
            (person(user).map(|(user, _)| user), devices(state, user).any(|(_, is_locked)| is_locked != locked))
        }
        Act::RevokeDevice { device } => {
            let known = access.device(device);
            (known.map(|known| known.user), known.is_some_and(|known| !known.revoked))
        }
        Act::SetRole { user, role } => {
            let known = person(user);
            (known.map(|(user, _)| user), known.is_some_and(|(_, known)| known.role != role))
        }
    };
    let user = user.ok_or(DenialCode::UnknownTarget)?;
    if user == principal.user && !matches!(act, Act::EndSession { .. }) {
        return Err(DenialCode::NotYourself);
    }
    if changes { Ok(user) } else { Err(DenialCode::NothingToDo) }
}

/// A person's devices that are not gone for good, and whether each is locked.
fn devices(state: &State, user: UserId) -> impl Iterator<Item = (turret_shared::ids::DeviceId, bool)> {
    let all = state.access().devices();
    all.filter(move |(_, device)| device.user == user && !device.revoked).map(|(id, device)| (id, device.locked))
}

/// The code was right: judged once more as things are now, recorded, done.
pub(super) fn carry_out(draft: &mut Draft<'_>, principal: &Principal, manage: Manage, proof: PendingId) -> Verdict {
    let user = match judge(draft.state, principal, manage.act) {
        Ok(user) => user,
        Err(code) => return no(draft, principal, code),
    };
    draft.emit(Event::Managed(Managed { manage, proof }));
    match manage.act {
        Act::EndSession { session } => {
            draft.emit(Event::SessionEnded(SessionEnded { session, user, reason: SessionEnd::Killed }));
        }
        Act::LockUser { locked, .. } => {
            for (device, is_locked) in devices(draft.state, user) {
                if is_locked != locked {
                    draft.emit(Event::DeviceLocked(DeviceLocked { device, locked, fault: None }));
                }
            }
            if locked {
                session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
            }
        }
        Act::RevokeDevice { device } => {
            draft.emit(Event::DeviceRevoked(DeviceRevoked { device }));
            session::end_where(draft, SessionEnd::DeviceRevoked, |live| live.device == device);
        }
        Act::SetRole { role, .. } => {
            draft.emit(Event::RoleSet(RoleSet { user, role }));
            session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
        }
    }
    Verdict::Managed
}
