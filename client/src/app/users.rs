//! People, their sessions and devices, for those who run users: asked for while shown; it must show no credential.

use turret_shared::ids::{DeskId, DeviceId, SessionId, UserId};
use turret_shared::people::{DeviceState, DeviceView, PersonView, SessionView};
use turret_shared::person::AccountCode;

use super::asked::Asked;
use super::effect::Effect;
use super::enlist::NewPerson;
use super::person::Looked;
use super::picker::Picker;
use super::{Model, Screen, sought};

/// State of the three screens.
#[derive(Debug, Default)]
pub struct Users {
    /// People, by login.
    pub people: Asked<PersonView>,
    /// Live sessions, the oldest first.
    pub sessions: Asked<SessionView>,
    /// Devices, by owner.
    pub devices: Asked<DeviceView>,
    /// Every account by its code, as last told.
    pub codes: Asked<AccountCode>,
    /// The person looked at, in full.
    pub looked: Looked,
    /// A person to be created, as typed, until the server did it.
    pub(super) unsent: Option<Box<NewPerson>>,
    /// The person under the cursor.
    pub person: Picker<UserId>,
    /// The session under the cursor.
    pub session: Picker<SessionId>,
    /// The device under the cursor.
    pub device: Picker<DeviceId>,
}

impl Users {
    /// The person under the cursor.
    #[must_use]
    pub fn chosen_person(&self) -> Option<&PersonView> {
        self.people.rows.iter().find(|person| Some(person.user) == self.person.at)
    }

    /// The session under the cursor.
    #[must_use]
    pub fn chosen_session(&self) -> Option<&SessionView> {
        self.sessions.rows.iter().find(|session| Some(session.session) == self.session.at)
    }

    /// The device under the cursor.
    #[must_use]
    pub fn chosen_device(&self) -> Option<&DeviceView> {
        self.devices.rows.iter().find(|device| Some(device.device) == self.device.at)
    }

    /// Desks people are of, by number, with their codes.
    #[must_use]
    pub fn desks(&self) -> Vec<(DeskId, &str)> {
        let known = self.people.rows.iter().filter_map(|person| Some((person.desk?, person.desk_code.as_str())));
        let mut desks: Vec<_> = known.collect();
        desks.sort_unstable();
        desks.dedup();
        desks
    }

    /// The login of whom the row at hand is.
    #[must_use]
    pub fn login_here(&self, screen: Screen) -> Option<&str> {
        match screen {
            Screen::Users => self.chosen_person().map(|person| person.login.as_str()),
            Screen::Sessions => self.chosen_session().map(|session| session.login.as_str()),
            Screen::Devices => self.chosen_device().map(|device| device.login.as_str()),
            _ => None,
        }
    }

    pub(super) fn people_told(&mut self, mut rows: Vec<PersonView>) -> bool {
        rows.sort_by(|a, b| a.login.cmp(&b.login));
        self.people.told(rows)
    }

    pub(super) fn sessions_told(&mut self, rows: Vec<SessionView>) -> bool {
        self.sessions.told_as(rows, same_sessions)
    }

    pub(super) fn devices_told(&mut self, mut rows: Vec<DeviceView>) -> bool {
        rows.sort_by(|a, b| (&a.login, a.device).cmp(&(&b.login, b.device)));
        self.devices.told(rows)
    }
}

/// True when nobody came, went or did anything: time alone moved how long each is idle, and how far away.
#[must_use]
pub fn same_sessions(before: &[SessionView], now: &[SessionView]) -> bool {
    let still = |session: &SessionView| SessionView { idle_s: None, round_trip_us: None, ..session.clone() };
    let same = |(a, b): (&SessionView, &SessionView)| a.idle_s <= b.idle_s && still(a) == still(b);
    before.len() == now.len() && before.iter().zip(now).all(same)
}

/// How a person stands, as a word: `active`, `LOCKED` when no device of theirs is let in, `DISABLED` without a role,
/// `NEWPASS` until they have given a new password.
#[must_use]
pub const fn state(person: &PersonView) -> &'static str {
    if person.role.is_none() {
        "DISABLED"
    } else if person.devices == 0 {
        "NODEVICE"
    } else if person.devices_locked >= person.devices {
        "LOCKED"
    } else if person.password_expired {
        "NEWPASS"
    } else {
        "active"
    }
}

/// True for rows that ask for somebody who runs users.
#[must_use]
pub fn needs(person: &PersonView) -> bool {
    state(person) == "LOCKED" || person.devices_locked > 0
}

/// True for devices that ask for somebody who runs users.
#[must_use]
pub fn asks(device: &DeviceView) -> bool {
    matches!(device.state, DeviceState::Locked | DeviceState::Waiting)
}

/// `n`: the next person or device that is locked, round to the first.
pub(super) fn next_locked(model: &mut Model) {
    // Whatever filter hides it.
    if let Some((filter, _)) = model.lists.filter_mut(model.screen) {
        filter.clear();
    }
    let after = |locked: Vec<bool>, at: Option<usize>| {
        let start = at.map_or(0, |at| at.saturating_add(1));
        let found = |from: usize| locked.iter().enumerate().skip(from).find(|(_, locked)| **locked).map(|(n, _)| n);
        found(start).or_else(|| found(0))
    };
    let found = if model.screen == Screen::Devices {
        let keys = sought::device_keys(model);
        let locked = sought::devices(model).into_iter().map(asks).collect();
        let next = after(locked, model.users.device.line(&keys));
        next.map(|line| model.users.device.put(line, &keys))
    } else {
        let keys = sought::person_keys(model);
        let locked = sought::people(model).into_iter().map(needs).collect();
        let next = after(locked, model.users.person.line(&keys));
        next.map(|line| model.users.person.put(line, &keys))
    };
    if found.is_none() {
        model.tell("Nobody and nothing is locked or waits.");
    }
}

/// `Enter`: what the log has of the person at hand.
pub(super) fn history(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(login) = model.users.login_here(model.screen) else { return };
    let words = format!("user={login}");
    super::audit::search_for(model, &words, out);
}
