//! People, sessions and devices for those who run users; names are filled in by whoever holds them, and nothing is changed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::event::setup::CredentialKind;
use turret_shared::ids::{CodeId, UserId};
use turret_shared::people::{DeviceState, DeviceView, PersonView, SessionView};
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use super::questions::permitted;
use crate::State;
use crate::access::DeviceAccess;
use crate::enrolment::Enrolment;

/// Bytes of a device's key shown.
const KEY_BYTES_SHOWN: usize = 8;

/// How many of something each has, counted in one pass.
struct Counts<K>(BTreeMap<K, u32>);

impl<K: Ord + Copy> Counts<K> {
    fn of(items: impl Iterator<Item = K>) -> Self {
        let mut counts = BTreeMap::new();
        for item in items {
            let count: &mut u32 = counts.entry(item).or_default();
            *count = count.saturating_add(1);
        }
        Self(counts)
    }

    fn get(&self, key: K) -> u32 {
        self.0.get(&key).copied().unwrap_or(0)
    }
}

/// Open orders by who entered them.
fn working(state: &State) -> Counts<UserId> {
    let open = state.open_orders();
    Counts::of(open.into_iter().filter_map(|place| state.orders.at(place)).map(|order| order.owner))
}

/// Everyone, by number.
///
/// # Errors
/// `NotPermitted`.
pub fn people(state: &State, user: UserId) -> Result<Vec<PersonView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    let access = state.access();
    let working = working(state);
    let owners = |which: fn(&DeviceAccess) -> bool| {
        Counts::of(
            access.devices().filter(|(_, device)| !device.revoked && which(device)).map(|(_, device)| device.user),
        )
    };
    let (devices, locked) = (owners(|_| true), owners(|device| device.locked.is_some()));
    let sessions = Counts::of(state.sessions().map(|(_, session)| session.user));
    let second = [CredentialKind::Totp, CredentialKind::SecurityKey].into_iter().flat_map(|kind| access.holders(kind));
    let factors: BTreeSet<UserId> = second.map(|(user, _)| user).collect();
    let passwords = access.holders(CredentialKind::Password);
    let expired: BTreeSet<UserId> = passwords.filter(|(_, expired)| *expired).map(|(user, _)| user).collect();
    let person = |(user, known): (UserId, &crate::access::UserAccess)| PersonView {
        user,
        login: String::new(),
        name: String::new(),
        role: known.role,
        desk_code: known.desk.and_then(|desk| state.desk_code(desk)).unwrap_or_default().into(),
        second_factor: factors.contains(&user),
        devices: devices.get(user),
        devices_locked: locked.get(user),
        sessions: sessions.get(user),
        working: working.get(user),
        desk: known.desk,
        last_in: state.seen.person(user).and_then(|sight| sight.last_in),
        failures: state.seen.person(user).map_or(0, |sight| sight.failures),
        password_expired: expired.contains(&user),
        composed: access.held_role(user).and_then(|held| held.composed),
    };
    Ok(access.users().map(person).collect())
}

/// Live sessions, the oldest first.
///
/// # Errors
/// `NotPermitted`.
pub fn sessions(state: &State, user: UserId) -> Result<Vec<SessionView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    Ok(all_sessions(state).collect())
}

/// Live sessions, whoever asks.
pub(super) fn all_sessions(state: &State) -> impl Iterator<Item = SessionView> {
    let working = working(state);
    state.sessions().map(move |(id, session)| {
        let held = state.access().held_role(session.user);
        SessionView {
            session: id,
            user: session.user,
            login: String::new(),
            role: held.map(|held| held.role),
            device: session.device,
            script: session.script,
            since: session.started,
            idle_s: None,
            place: String::new(),
            working: working.get(session.user),
            round_trip_us: None,
            version: String::new(),
            composed: held.and_then(|held| held.composed),
        }
    })
}

/// Devices, by number.
///
/// # Errors
/// `NotPermitted`.
pub fn devices(state: &State, user: UserId) -> Result<Vec<DeviceView>, DenialCode> {
    permitted(state, user, Permission::UserRead)?;
    Ok(all_devices(state))
}

/// Devices, whoever asks.
pub(super) fn all_devices(state: &State) -> Vec<DeviceView> {
    let sessions = Counts::of(state.sessions().map(|(_, session)| session.device));
    let row = |(device, known): (_, &DeviceAccess)| {
        let locked_for = known.locked.filter(|_| !known.revoked);
        let (sight, lock) = (state.seen.device(device), state.seen.lock(device).filter(|_| locked_for.is_some()));
        DeviceView {
            device,
            user: known.user,
            login: String::new(),
            state: match (known.revoked, locked_for.is_some()) {
                (true, _) => DeviceState::Revoked,
                (false, true) => DeviceState::Locked,
                (false, false) => DeviceState::Active,
            },
            sessions: sessions.get(device),
            locked_for,
            key: known.key.0.iter().take(KEY_BYTES_SHOWN).map(|byte| format!("{byte:02x}")).collect(),
            registered: sight.map_or(Timestamp(0), |sight| sight.made),
            last_in: sight.and_then(|sight| sight.last_in),
            failures: sight.map_or(0, |sight| sight.failures),
            locked_since: lock.map(|set| set.at),
            locked_by: lock.and_then(|set| set.by),
            certificate_ends: None,
            place: String::new(),
            name: String::new(),
        }
    };
    let access = state.access();
    access.devices().map(row).chain(access.enrolments(state.now()).filter_map(waiting)).collect()
}

/// A device that waits for its issuer: a row before it is a device.
fn waiting((_, known): (CodeId, &Enrolment)) -> Option<DeviceView> {
    let claim = known.claim.as_ref().filter(|_| !known.confirmed)?;
    Some(DeviceView {
        device: claim.device,
        user: known.user,
        login: String::new(),
        state: DeviceState::Waiting,
        sessions: 0,
        locked_for: None,
        key: claim.letters.clone(),
        registered: known.since(),
        last_in: None,
        failures: 0,
        locked_since: None,
        locked_by: None,
        certificate_ends: None,
        place: String::new(),
        name: String::new(),
    })
}
