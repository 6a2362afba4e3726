//! What people do with their own sessions, keys and devices: recorded, and what cannot be taken back proved first; it must reach
//! nobody else's, and must leave everybody something to sign in with.

use alloc::string::String;

use turret_shared::denial::DenialCode;
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::ops::AccessDenied;
use turret_shared::event::own::{Labelled, OwnDenied};
use turret_shared::event::session::{PendingCommand, SessionEnded};
use turret_shared::event::setup::{CredentialKind, CredentialRevoked, DeviceRevoked};
use turret_shared::ids::UserId;
use turret_shared::own::{Deed, Letting, Own, Thing};
use turret_shared::people::is_name;
use turret_shared::role::Permission;
use turret_shared::wire::control::SessionEnd;

use super::client::access_denied;
use super::judge_new::envelope;
use super::new_order::hold;
use super::{Draft, session, words};
use crate::access::{self, Object};
use crate::input::{ClientInput, Principal};
use crate::{State, Verdict};

/// Ending a session of one's own takes nothing from anybody and is done at once; a key or device goes with a fresh proof.
pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, own: &Own) {
    let (principal, deed) = (&input.principal, own.deed());
    let judged = judge(draft.state, principal, deed, draft.stamp.time)
        .and_then(|()| envelope(draft.state, &input.command, draft.stamp.time).map_or(Ok(()), Err));
    let verdict = match (judged, own) {
        (Err(code), _) => no(draft, principal, deed, code),
        (Ok(()), Own::Name(_, name)) if !(name.is_empty() || is_name(name)) => {
            no(draft, principal, deed, DenialCode::Invalid)
        }
        (Ok(()), Own::Name(thing, name)) => {
            // What the vault did not keep is nothing the log may commit to.
            let kept = input.text.filter(|_| !name.is_empty());
            draft.emit(Event::Labelled(Labelled { thing: *thing, name: kept }));
            Verdict::Managed
        }
        (Ok(()), Own::Let(letting @ Letting::Session(_))) => let_go(draft, principal, *letting),
        (Ok(()), Own::Let(letting)) => {
            let why = String::from("a key or device of your own goes with a fresh code");
            let held = hold(draft, input, PendingCommand::Let(*letting), None, why, Some(input.command.expires));
            held.unwrap_or_else(|| no(draft, principal, deed, DenialCode::TooManyPending))
        }
    };
    draft.answer(verdict);
}

/// The proof came: judged once more, and done.
pub(super) fn proved(draft: &mut Draft<'_>, principal: &Principal, letting: Letting) -> Verdict {
    let deed = Deed::Let(letting);
    match judge(draft.state, principal, deed, draft.stamp.time) {
        Ok(()) => let_go(draft, principal, letting),
        Err(code) => no(draft, principal, deed, code),
    }
}

/// Our no, recorded under the id that the person is shown. What is another's is as unknown as what is not there.
pub(super) fn no(draft: &mut Draft<'_>, principal: &Principal, deed: Deed, code: DenialCode) -> Verdict {
    draft.emit(Event::OwnDenied(OwnDenied { deed, code }));
    let object = match code {
        DenialCode::NotPermitted => Some(None),
        DenialCode::UnknownTarget => Some(Some(kind(deed))),
        _ => None,
    };
    if let Some(object) = object {
        let permission = Permission::OwnManage;
        access_denied(draft, principal, AccessDenied { permission, object, foreign: None, code });
    }
    Verdict::Denied(words::denial(code).into())
}

const fn kind(deed: Deed) -> ObjectKind {
    match deed {
        Deed::Let(Letting::Session(_)) => ObjectKind::Session,
        Deed::Let(Letting::Key(_)) | Deed::Name(Thing::Key(_)) => ObjectKind::Credential,
        Deed::Let(Letting::Device(_)) | Deed::Name(Thing::Device(_)) => ObjectKind::Device,
    }
}

fn judge(
    state: &State,
    principal: &Principal,
    deed: Deed,
    now: turret_shared::time::Timestamp,
) -> Result<(), DenialCode> {
    let (access, by) = (state.access(), principal.user);
    let may = access::may(access, by, Permission::OwnManage, Object::None);
    if let Some(code) = may.denial(DenialCode::NotPermitted) {
        return Err(code);
    }
    let key = |key| access.keys_held_by(by).any(|(id, _)| id == key);
    let device = |id| access.device(id).is_some_and(|known| known.user == by && !known.revoked);
    let own = match deed {
        Deed::Let(Letting::Session(id)) => state.session(id).is_some_and(|live| live.user == by),
        Deed::Let(Letting::Key(id)) | Deed::Name(Thing::Key(id)) => key(id),
        Deed::Let(Letting::Device(id)) | Deed::Name(Thing::Device(id)) => device(id),
    };
    if !own {
        return Err(DenialCode::UnknownTarget);
    }
    match deed {
        Deed::Let(Letting::Key(_) | Letting::Device(_)) if access.is_recovering(by, now) => Err(DenialCode::Recovering),
        Deed::Let(Letting::Device(id)) if id == principal.device => Err(DenialCode::DeviceInUse),
        Deed::Let(Letting::Key(id)) if !has_another(state, by, id) => Err(DenialCode::LastFactor),
        _ => Ok(()),
    }
}

/// Whether somebody can sign in without this key.
fn has_another(state: &State, user: UserId, key: turret_shared::ids::CredentialId) -> bool {
    let access = state.access();
    access.credential_of(user, CredentialKind::Totp).is_some() || access.keys_of(user).any(|(id, _)| id != key)
}

/// Done; what was opened with a key that goes ends with it, but for the session that gives it up.
fn let_go(draft: &mut Draft<'_>, principal: &Principal, letting: Letting) -> Verdict {
    match letting {
        Letting::Session(session) => {
            let (user, reason) = (principal.user, SessionEnd::Elsewhere);
            draft.emit(Event::SessionEnded(SessionEnded { session, user, reason }));
        }
        Letting::Key(credential) => {
            draft.emit(Event::CredentialRevoked(CredentialRevoked { credential }));
            // Sessions bear no number of their own: this one is known by its device.
            session::end_where(draft, SessionEnd::Elsewhere, |live| {
                live.credential == credential && live.device != principal.device
            });
        }
        Letting::Device(device) => {
            draft.emit(Event::DeviceRevoked(DeviceRevoked { device }));
            session::end_where(draft, SessionEnd::DeviceRevoked, |live| live.device == device);
        }
    }
    Verdict::Managed
}
