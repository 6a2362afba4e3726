//! One's own sessions, keys and devices, for whoever asks; names are filled in by whoever holds them, and nothing is changed.

use alloc::format;
use alloc::string::String;

use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::CredentialId;
use turret_shared::own::{KeyView, OwnView, Thing};
use turret_shared::people::DeviceState;
use turret_shared::role::Permission;

use super::people::{all_devices, all_sessions};
use super::questions::permitted;
use crate::State;
use crate::input::Principal;
use crate::keyring::Authenticator;

/// All of it.
///
/// # Errors
/// `NotPermitted`.
pub fn own(state: &State, principal: &Principal) -> Result<OwnView, DenialCode> {
    let user = principal.user;
    permitted(state, user, Permission::OwnManage)?;
    let since = |kind| state.access().credential_of(user, kind).and_then(|(id, _)| state.seen.factor(id));
    let devices = all_devices(state).into_iter();
    Ok(OwnView {
        sessions: all_sessions(state).filter(|row| row.user == user).collect(),
        keys: state.access().keys_held_by(user).map(|known| key(state, known)).collect(),
        devices: devices.filter(|row| row.user == user && row.state != DeviceState::Revoked).collect(),
        password: since(CredentialKind::Password),
        totp: since(CredentialKind::Totp),
        session: principal.session,
        device: principal.device,
    })
}

fn key(state: &State, (credential, known): (CredentialId, &Authenticator)) -> KeyView {
    let model: String = known.aaguid.iter().map(|byte| format!("{byte:02x}")).collect();
    KeyView {
        credential,
        name: String::new(),
        since: state.seen.factor(credential),
        last_used: state.seen.last_used(credential),
        suspended: known.suspended,
        model: if known.aaguid == [0; 16] { String::new() } else { model },
    }
}

/// The commitment to what its owner calls a key or device.
#[must_use]
pub fn label(state: &State, thing: Thing) -> Option<Digest> {
    state.seen.label(thing)
}
