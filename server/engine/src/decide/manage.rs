//! Acts on people, sessions and devices: judged, held for a fresh code, recorded with their reason, then carried out; every
//! no is recorded as well.
//!
//! It must let nobody lock, demote or take out themselves: so the last who runs users cannot leave by mistake. It must let no
//! rights on accounts come along into running users, or out of it.

use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::account::Rights;
use turret_shared::bulk::Table;
use turret_shared::denial::DenialCode;
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::approval::Proposal;
use turret_shared::event::ops::{AccessDenied, ManageDenied, Managed};
use turret_shared::event::session::{DeviceLocked, PendingCommand, SessionEnded};
use turret_shared::event::setup::{
    ComposedRoleSet, CredentialExpired, CredentialKind, DeviceRevoked, EntitlementSet, PolicySet, RoleSet,
};
use turret_shared::house::Code;
use turret_shared::ids::{DeviceId, PendingId, UserId};
use turret_shared::manage::{Act, Manage};
use turret_shared::people::LockCause;
use turret_shared::role::{Permission, Role};
use turret_shared::time::Timestamp;
use turret_shared::wire::control::SessionEnd;

use super::client::access_denied;
use super::judge_new::envelope;
use super::new_order::hold;
use super::{Draft, bans, enrol, entrust, house, people, session, words};
use crate::access::{self, DeviceAccess, Object};
use crate::approvals::takes_two;
use crate::input::{ClientInput, Principal};
use crate::{State, Verdict};

/// Every act waits for a fresh code, whatever it is, and no longer than the command it came in.
pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, manage: Manage) {
    ask(draft, input, Proposal { manage, command: input.digest }, people::is_asked_otherwise(manage.act));
}

/// Judged, and held for the code; an act that lacks what comes with it (`bare`) never is.
pub(super) fn ask(draft: &mut Draft<'_>, input: &ClientInput, proposal: Proposal, bare: bool) {
    let (state, principal, manage) = (draft.state, &input.principal, proposal.manage);
    let now = draft.stamp.time;
    let two = takes_two(state, manage.act);
    let judged = target(state, principal.user, manage.act, now).and_then(|_| {
        is_free(state, principal.user, now)?;
        if bare {
            return Err(DenialCode::Invalid);
        }
        let fits = envelope(state, &input.command, now).map_or_else(|| changes(state, manage.act, now), Err);
        fits.and_then(|()| if two { state.access().approvals.room(principal.user, now) } else { Ok(()) })
    });
    let verdict = match judged {
        Ok(()) => {
            let mut why = String::from("every act on people, sessions, devices and accounts asks for a fresh code");
            if two {
                why.push_str("; a supervisor's word is needed besides");
            }
            let command = if two { PendingCommand::Propose(proposal) } else { PendingCommand::Manage(manage) };
            let until = Some(input.command.expires);
            let held = hold(draft, input, command, None, why, until);
            held.unwrap_or_else(|| no(draft, principal, manage, DenialCode::TooManyPending))
        }
        Err(code) => no(draft, principal, manage, code),
    };
    draft.answer(verdict);
}

/// Whether nothing keeps a person from anything sensitive just now.
pub(super) fn is_free(state: &State, user: UserId, now: Timestamp) -> Result<(), DenialCode> {
    if state.access().is_recovering(user, now) {
        return Err(DenialCode::Recovering);
    }
    state.alerts.delays(user, now).map_or(Ok(()), |_| Err(DenialCode::Delayed))
}

/// Our no, recorded under the id that the person is shown; one of access counts as such.
pub(super) fn no(draft: &mut Draft<'_>, principal: &Principal, manage: Manage, code: DenialCode) -> Verdict {
    draft.emit(Event::ManageDenied(ManageDenied { manage, code }));
    let object = match code {
        DenialCode::NotPermitted => Some(None),
        DenialCode::UnknownTarget => Some(Some(kind(manage.act))),
        _ => None,
    };
    if let Some(object) = object {
        let permission = Permission::UserManage;
        access_denied(draft, principal, AccessDenied { permission, object, foreign: None, code });
    }
    Verdict::Denied(words::denial(code).into())
}

/// What an act is on.
const fn kind(act: Act) -> ObjectKind {
    match act {
        Act::EndSession { .. } => ObjectKind::Session,
        Act::LockUser { .. }
        | Act::SetRole { .. }
        | Act::SetComposedRole { .. }
        | Act::CreateUser { .. }
        | Act::SetDesk { .. }
        | Act::NewCode { .. }
        | Act::Recover { .. }
        | Act::SetRights { .. }
        | Act::RequirePassword { .. } => ObjectKind::User,
        Act::House(act) => house::kind(act),
        Act::Bulk { table: Table::Limits, .. } => ObjectKind::Account,
        Act::Bulk { table: Table::Restricted, .. } => ObjectKind::Instrument,
        Act::Bulk { .. } => ObjectKind::User,
        Act::SetBan { .. } | Act::LiftBan { .. } => ObjectKind::Connection,
        // Of the house: there is none that is not there.
        Act::SetLimit { .. } | Act::SetPolicy { .. } => ObjectKind::Account,
        Act::RevokeDevice { .. } | Act::UnlockDevice { .. } | Act::ConfirmDevice { .. } | Act::RefuseDevice { .. } => {
            ObjectKind::Device
        }
    }
}

/// Whom it concerns, if this person may act on them; nobody where it is an account's.
pub(super) fn target(state: &State, by: UserId, act: Act, now: Timestamp) -> Result<Option<UserId>, DenialCode> {
    let access = state.access();
    let may = access::may(access, by, Permission::UserManage, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let user = match act {
        Act::EndSession { session } => state.session(session).map(|live| live.user),
        Act::LockUser { user, .. }
        | Act::SetRole { user, .. }
        | Act::SetComposedRole { user, .. }
        | Act::NewCode { user }
        | Act::Recover { user }
        | Act::RequirePassword { user } => access.user(user).map(|_| user),
        Act::RevokeDevice { device } | Act::UnlockDevice { device } => access.device(device).map(|known| known.user),
        Act::ConfirmDevice { device } => enrol::confirmable(access, by, device, now)?,
        Act::RefuseDevice { device } => access.waiting(device, now).map(|(_, known, _)| known.user),
        Act::SetRights { user, account, .. } => entrust::rights_target(state, user, account),
        Act::House(act) => return house::target(state, by, act).map(|()| None),
        Act::SetBan { .. } | Act::LiftBan { .. } => return Ok(None),
        // By itself it has no rows: nothing can be done of it.
        Act::Bulk { .. } => return Err(DenialCode::Invalid),
        Act::SetPolicy { policy, role, value } => {
            let fits = policy.is_for(role) && policy.takes(value);
            return if fits { Ok(None) } else { Err(DenialCode::Invalid) };
        }
        Act::SetLimit { account, rule, value } => {
            let known = state.account_code(account).map(|_| ()).ok_or(DenialCode::UnknownTarget);
            let valid = if entrust::is_limit(rule, value) { Ok(None) } else { Err(DenialCode::Invalid) };
            return known.and(valid);
        }
        Act::CreateUser { user, desk, .. } => people::may_be(state, user, desk).then_some(user),
        Act::SetDesk { user, desk } => access.user(user).filter(|_| people::is_desk(state, desk)).map(|_| user),
    };
    let user = user.ok_or(DenialCode::UnknownTarget)?;
    let own = user == by && !matches!(act, Act::EndSession { .. });
    if own { Err(DenialCode::NotYourself) } else { Ok(Some(user)) }
}

/// Whether anything would be otherwise afterwards.
pub(super) fn changes(state: &State, act: Act, now: Timestamp) -> Result<(), DenialCode> {
    let access = state.access();
    let changes = match act {
        Act::NewCode { .. } => return enrol::has_room(access, now),
        // Who has none yet has nothing to be reset: a code is all they need.
        Act::Recover { user } => {
            let some = access.credentials_of(user).next().is_some();
            return if some { enrol::has_room(access, now) } else { Err(DenialCode::NothingToDo) };
        }
        Act::Bulk { .. } => return Err(DenialCode::Invalid),
        Act::EndSession { .. } | Act::ConfirmDevice { .. } | Act::RefuseDevice { .. } => true,
        Act::LockUser { user, locked } => {
            let left = devices(state, user).any(|(_, device)| device.locked.is_some_and(LockCause::is_grave));
            if !locked && left && !devices(state, user).any(|(_, device)| is_turned(device, false)) {
                return Err(DenialCode::LockedForToken);
            }
            devices(state, user).any(|(_, device)| is_turned(device, locked))
        }
        Act::RevokeDevice { device } => access.device(device).is_some_and(|known| !known.revoked),
        Act::UnlockDevice { device } => access.device(device).is_some_and(|d| !d.revoked && d.locked.is_some()),
        Act::SetRole { user, role } => {
            access.user(user).is_some_and(|known| (known.role, known.composed) != (role, None))
        }
        Act::SetComposedRole { user, code } => {
            access.composed_role(code).ok_or(DenialCode::UnknownTarget)?;
            access.user(user).is_some_and(|known| known.composed != Some(code))
        }
        Act::CreateUser { user, .. } => access.user(user).is_none(),
        Act::SetDesk { user, desk } => access.user(user).is_some_and(|known| known.desk != desk),
        Act::SetRights { user, account, to, until } => entrust::rights_change(state, user, account, (to, until), now)?,
        Act::SetPolicy { policy, role, value } => state.limits.policy(policy, role) != value,
        Act::House(act) => return house::changes(state, act),
        Act::SetBan { .. } | Act::LiftBan { .. } => return bans::changes(state, act, now),
        Act::SetLimit { account, rule, value } => entrust::limit_changes(state, account, rule, value),
        Act::RequirePassword { user } => {
            access.credential_of(user, CredentialKind::Password).is_some_and(|(_, password)| !password.expired)
        }
    };
    if changes { Ok(()) } else { Err(DenialCode::NothingToDo) }
}

/// True for a device that locking its owner, or letting them in again, concerns. One that showed a stolen token, or of which there
/// is a copy, is not let in with the others: that is said of it alone.
pub(super) fn is_turned(device: &DeviceAccess, locked: bool) -> bool {
    match device.locked {
        None => locked,
        Some(LockCause::Admin | LockCause::Failures | LockCause::Alert) => !locked,
        Some(LockCause::Token | LockCause::Copied) => false,
    }
}

/// A person's devices that are not gone for good.
pub(super) fn devices(state: &State, user: UserId) -> impl Iterator<Item = (DeviceId, &DeviceAccess)> {
    state.access().devices().filter(move |(_, device)| device.user == user && !device.revoked)
}

/// Judged as things are now: whom it concerns, if it can be done.
pub(super) fn judged(state: &State, by: UserId, act: Act, now: Timestamp) -> Result<Option<UserId>, DenialCode> {
    target(state, by, act, now).and_then(|user| changes(state, act, now).map(|()| user))
}

/// The code was right: judged once more, recorded, done. What takes two is no act for one.
pub(super) fn carry_out(draft: &mut Draft<'_>, principal: &Principal, manage: Manage, proof: PendingId) -> Verdict {
    let state = draft.state;
    let judged = judged(state, principal.user, manage.act, draft.stamp.time);
    let judged = judged.and_then(|user| {
        // A limit lowered meanwhile makes raising it of what only lowered it before.
        if takes_two(state, manage.act) { Err(DenialCode::ApprovalVoid) } else { Ok(user) }
    });
    match judged {
        Ok(user) => perform(draft, principal.user, manage, proof, user),
        Err(code) => no(draft, principal, manage, code),
    }
}

/// Recorded and done, what was judged just now; `by` is who asked for it.
pub(super) fn perform(
    draft: &mut Draft<'_>,
    by: UserId,
    manage: Manage,
    proof: PendingId,
    user: Option<UserId>,
) -> Verdict {
    draft.emit(Event::Managed(Managed { manage, proof }));
    match (manage.act, user) {
        (Act::SetPolicy { policy, role, value }, _) => {
            draft.emit(Event::PolicySet(PolicySet { policy, role, value }));
        }
        (Act::House(act), _) => house::carry_out(draft, act),
        (Act::SetBan { .. } | Act::LiftBan { .. }, _) => bans::carry_out(draft, by, manage, proof),
        (Act::SetLimit { account, rule, value }, _) => entrust::carry_out_limit(draft, account, rule, value),
        (Act::NewCode { .. }, Some(user)) => return enrol::make_code(draft, by, user, proof),
        (Act::Recover { .. }, Some(user)) => {
            enrol::reset(draft, user);
            return enrol::make_code(draft, by, user, proof);
        }
        (act, Some(user)) => carry_out_on(draft, user, act),
        (_, None) => {}
    }
    Verdict::Managed
}

/// Done to a person, or to a session or device of theirs.
fn carry_out_on(draft: &mut Draft<'_>, user: UserId, act: Act) {
    let state = draft.state;
    match act {
        Act::EndSession { session } => {
            draft.emit(Event::SessionEnded(SessionEnded { session, user, reason: SessionEnd::Killed }));
        }
        Act::LockUser { locked, .. } => {
            for (device, _) in devices(state, user).filter(|(_, device)| is_turned(device, locked)) {
                draft.emit(Event::DeviceLocked(DeviceLocked { device, locked, fault: None }));
            }
            if locked {
                session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
            }
        }
        Act::UnlockDevice { device } => {
            draft.emit(Event::DeviceLocked(DeviceLocked { device, locked: false, fault: None }));
        }
        Act::RequirePassword { .. } => {
            if let Some((credential, _)) = state.access().credential_of(user, CredentialKind::Password) {
                draft.emit(Event::CredentialExpired(CredentialExpired { credential }));
            }
        }
        Act::RevokeDevice { device } => {
            draft.emit(Event::DeviceRevoked(DeviceRevoked { device }));
            session::end_where(draft, SessionEnd::DeviceRevoked, |live| live.device == device);
        }
        Act::SetRole { role, .. } => set_role(draft, user, role, None),
        Act::SetComposedRole { code, .. } => {
            if let Some(base) = state.access().composed_role(code).map(|composed| composed.base) {
                set_role(draft, user, Some(base), Some(code));
            }
        }
        Act::CreateUser { role, desk, .. } => people::carry_out_creation(draft, user, role, desk),
        Act::SetDesk { desk, .. } => people::carry_out_move(draft, user, desk),
        Act::SetRights { account, to, until, .. } => entrust::carry_out_rights(draft, user, account, to, until),
        Act::ConfirmDevice { device } => enrol::judge(draft, device, true),
        Act::RefuseDevice { device } => enrol::judge(draft, device, false),
        // Of no person, or answered with more than that it is done.
        Act::SetLimit { .. }
        | Act::SetPolicy { .. }
        | Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::House(_)
        | Act::Bulk { .. }
        | Act::NewCode { .. }
        | Act::Recover { .. } => {}
    }
}

fn set_role(draft: &mut Draft<'_>, user: UserId, role: Option<Role>, composed: Option<Code>) {
    let before = draft.state.access().role(user);
    if before != role && [before, role].contains(&Some(Role::Admin)) {
        clear_rights(draft, user);
    }
    draft.emit(Event::RoleSet(RoleSet { user, role }));
    if let Some(code) = composed {
        draft.emit(Event::ComposedRoleSet(ComposedRoleSet { user, code }));
    }
    session::end_where(draft, SessionEnd::Killed, |live| live.user == user);
}

/// Nobody runs users with rights on accounts, nor finds again afterwards what they had before: whoever gives them rights then
/// says so. What was taken from them stays taken.
fn clear_rights(draft: &mut Draft<'_>, user: UserId) {
    let held = draft.state.access().user(user).map(|known| &known.entitlements);
    let given = held.into_iter().flatten().filter(|(_, allow, _)| *allow != Rights::default());
    let cleared: Vec<_> = given.map(|(scope, _, deny)| (*scope, *deny)).collect();
    for (scope, deny) in cleared {
        draft.emit(Event::EntitlementSet(EntitlementSet { user, scope, allow: Rights::default(), deny }));
    }
}
