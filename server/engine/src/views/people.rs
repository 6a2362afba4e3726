//! People, sessions and devices for those who run users; names are filled in by whoever holds them, and nothing is changed.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::UserId;
use turret_shared::people::{DeviceState, DeviceView, PersonView, SessionView};
use turret_shared::role::Permission;

use super::questions::permitted;
use crate::State;
use crate::access::DeviceAccess;

/// Bytes of a device's key shown.
const KEY_BYTES_SHOWN: usize = 8;

/// Open orders by who entered them.
fn working(state: &State) -> BTreeMap<UserId, u32> {
    let mut counts = BTreeMap::new();
    for order in state.open_orders().into_iter().filter_map(|place| state.orders.at(place)) {
        let count: &mut u32 = counts.entry(order.owner).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// Everyone, by number.
///
/// # Errors
/// `NotPermitted`.
pub fn people(state: &State, user: UserId) -> Result<Vec<PersonView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    let access = state.access();
    let working = working(state);
    let of = |user: UserId| access.devices().filter(move |(_, device)| device.user == user && !device.revoked);
    let person = |(user, known): (UserId, &crate::access::UserAccess)| PersonView {
        user,
        login: String::new(),
        name: String::new(),
        role: known.role,
        desk_code: known.desk.and_then(|desk| state.desk_code(desk)).unwrap_or_default().into(),
        second_factor: access.credential_of(user, CredentialKind::Totp).is_some(),
        devices: count(of(user)),
        devices_locked: count(of(user).filter(|(_, device)| device.locked)),
        sessions: count(state.sessions().filter(|(_, session)| session.user == user)),
        working: working.get(&user).copied().unwrap_or(0),
    };
    Ok(access.users().map(person).collect())
}

/// Live sessions, the oldest first.
///
/// # Errors
/// `NotPermitted`.
pub fn sessions(state: &State, user: UserId) -> Result<Vec<SessionView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    let working = working(state);
    let row = |(id, session): (_, &crate::Session)| SessionView {
        session: id,
        user: session.user,
        login: String::new(),
        role: state.access().role(session.user),
        device: session.device,
        script: session.script,
        since: session.started,
        idle_s: None,
        place: String::new(),
        working: working.get(&session.user).copied().unwrap_or(0),
    };
    Ok(state.sessions().map(row).collect())
}

/// Devices, by number.
///
/// # Errors
/// `NotPermitted`.
pub fn devices(state: &State, user: UserId) -> Result<Vec<DeviceView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    let row = |(device, known): (_, &DeviceAccess)| DeviceView {
        device,
        user: known.user,
        login: String::new(),
        state: match (known.revoked, known.locked) {
            (true, _) => DeviceState::Revoked,
            (false, true) => DeviceState::Locked,
            (false, false) => DeviceState::Active,
        },
        sessions: count(state.sessions().filter(|(_, session)| session.device == device)),
        key: known.key.0.iter().take(KEY_BYTES_SHOWN).map(|byte| format!("{byte:02x}")).collect(),
    };
    Ok(state.access().devices().map(row).collect())
}
