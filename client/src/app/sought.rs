//! Words typed over the lists that are asked for: people, sessions, devices, bans, denials, the house, limits; it must change none of their rows.

use turret_shared::attempt::AttemptView;
use turret_shared::ban::BanView;
use turret_shared::house::HouseRow;
use turret_shared::ids::{DeviceId, SessionId, UserId};
use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView, SessionView};
use turret_shared::view::LimitView;

use super::field::Field;
use super::filter::{Named, Words};
use super::house::Row;
use super::{Model, Screen, attempts, limits, users};

/// Longest filter typed.
const FILTER_CHARS_MAX: usize = 40;

/// A filter and whether the keys go to it.
#[derive(Debug)]
pub struct Sought {
    /// As typed.
    pub filter: Field,
    /// Keys go to it.
    pub typing: bool,
}

impl Default for Sought {
    fn default() -> Self {
        Self { filter: Field::new(FILTER_CHARS_MAX), typing: false }
    }
}

/// One for each of those lists.
#[derive(Debug, Default)]
pub struct Soughts {
    /// Of the people.
    pub people: Sought,
    /// Of the sessions.
    pub sessions: Sought,
    /// Of the devices.
    pub devices: Sought,
    /// Of the denied attempts.
    pub denied: Sought,
    /// Of the bans.
    pub bans: Sought,
    /// Of the house.
    pub house: Sought,
    /// Of the limits.
    pub limits: Sought,
}

impl Soughts {
    /// The filter of a screen's list.
    #[must_use]
    pub const fn of(&self, screen: Screen) -> Option<&Sought> {
        match screen {
            Screen::Users => Some(&self.people),
            Screen::Sessions => Some(&self.sessions),
            Screen::Devices => Some(&self.devices),
            Screen::Denied => Some(&self.denied),
            Screen::Bans => Some(&self.bans),
            Screen::House => Some(&self.house),
            Screen::Limits => Some(&self.limits),
            _ => None,
        }
    }

    /// The same, to be typed in.
    pub const fn of_mut(&mut self, screen: Screen) -> Option<&mut Sought> {
        match screen {
            Screen::Users => Some(&mut self.people),
            Screen::Sessions => Some(&mut self.sessions),
            Screen::Devices => Some(&mut self.devices),
            Screen::Denied => Some(&mut self.denied),
            Screen::Bans => Some(&mut self.bans),
            Screen::House => Some(&mut self.house),
            Screen::Limits => Some(&mut self.limits),
            _ => None,
        }
    }
}

fn words(model: &Model, sought: &Sought) -> Words {
    Words::new(sought.filter.text(), &model.desk)
}

fn fit(words: &Words, texts: &[&str]) -> bool {
    words.fit(&Named { texts, ..Named::default() })
}

/// People shown, by login: sought by login, name, role, desk and how they stand.
#[must_use]
pub fn people(model: &Model) -> Vec<&PersonView> {
    let words = words(model, &model.lists.sought.people);
    let shown = |person: &&PersonView| {
        let role = person.held_role().map(|held| held.to_string()).unwrap_or_default();
        let base = person.role.map_or("", turret_shared::role::Role::as_str);
        fit(&words, &[&person.login, &person.name, &role, base, &person.desk_code, users::state(person)])
    };
    model.users.people.rows.iter().filter(shown).collect()
}

/// Sessions shown, the oldest first: sought by login, role, device, address and version.
#[must_use]
pub fn sessions(model: &Model) -> Vec<&SessionView> {
    let words = words(model, &model.lists.sought.sessions);
    let shown = |row: &&SessionView| {
        let role = row.held_role().map(|held| held.to_string()).unwrap_or_default();
        let base = row.role.map_or("", turret_shared::role::Role::as_str);
        let kind = if row.script { "script" } else { "person" };
        fit(&words, &[&row.login, &role, base, &row.device.to_string(), &row.place, &row.version, kind])
    };
    model.users.sessions.rows.iter().filter(shown).collect()
}

/// Devices shown, by owner: sought by login, number, state, what they are locked for, letters and address.
#[must_use]
pub fn devices(model: &Model) -> Vec<&DeviceView> {
    let words = words(model, &model.lists.sought.devices);
    let shown = |row: &&DeviceView| {
        let locked = row.locked_for.filter(|_| row.state == DeviceState::Locked).map_or("", LockCause::word);
        fit(&words, &[&row.login, &row.device.to_string(), row.state.word(), locked, &row.key, &row.place])
    };
    model.users.devices.rows.iter().filter(shown).collect()
}

/// Bans shown, the newest first: sought by source, cause, who set them and number.
#[must_use]
pub fn bans(model: &Model) -> Vec<&BanView> {
    let words = words(model, &model.lists.sought.bans);
    let shown = |row: &&BanView| {
        let by = if row.by.is_empty() { "server" } else { &row.by };
        fit(&words, &[&row.source, &row.why, by, &row.ban.to_string()])
    };
    model.bans.rows.rows.iter().filter(shown).collect()
}

/// Denied attempts shown: sought by whose they are, kind, answer, and who reviewed them.
#[must_use]
pub fn attempts(model: &Model) -> Vec<&AttemptView> {
    let words = words(model, &model.lists.sought.denied);
    let shown = |row: &&AttemptView| {
        let (standing, by) = row.reviewed.as_ref().map_or(("open", ""), |by| ("reviewed", by.login.as_str()));
        fit(&words, &[&attempts::who(row), row.kind.as_str(), &row.reason, standing, by])
    };
    model.attempts.rows.rows.iter().filter(shown).collect()
}

/// What the house has, as shown: sought by kind, code, name, desk and whether it is restricted.
#[must_use]
pub(super) fn house<'a>(model: &Model, mut rows: Vec<Row<'a>>) -> Vec<Row<'a>> {
    let words = words(model, &model.lists.sought.house);
    rows.retain(|row| match row {
        Row::House(HouseRow::Desk { code, .. }) => fit(&words, &["desk", code]),
        Row::House(HouseRow::Listing { symbol, name, currency, restricted, .. }) => {
            let state = if *restricted { "restricted" } else { "" };
            fit(&words, &["listing", symbol, name, currency.as_str(), state])
        }
        Row::House(HouseRow::KeyModel { model, .. }) => fit(&words, &["keys", "model", &model.to_string()]),
        Row::House(HouseRow::Role { role, .. }) => fit(&words, &["role", role.code.as_str(), role.base.as_str()]),
        Row::Account(account) => fit(&words, &["account", &account.code, &account.desk_code]),
    });
    rows
}

/// Limits shown with their places: sought by rule, scope, whose they are and who set them.
#[must_use]
pub fn limits(model: &Model) -> Vec<(usize, &LimitView)> {
    let words = words(model, &model.lists.sought.limits);
    let shown = |(_, row): &(usize, &LimitView)| {
        let whose = limits::whose(model, row).unwrap_or_default();
        let by = limits::set_by(model, row).unwrap_or_default();
        fit(&words, &[row.rule.as_str(), &row.scope, &whose, &by, if row.soft { "soft" } else { "hard" }])
    };
    model.limits.table.rows.iter().enumerate().filter(shown).collect()
}

/// Keys of the people shown.
#[must_use]
pub fn person_keys(model: &Model) -> Vec<UserId> {
    people(model).into_iter().map(|person| person.user).collect()
}

/// Keys of the sessions shown.
#[must_use]
pub fn session_keys(model: &Model) -> Vec<SessionId> {
    sessions(model).into_iter().map(|session| session.session).collect()
}

/// Keys of the devices shown.
#[must_use]
pub fn device_keys(model: &Model) -> Vec<DeviceId> {
    devices(model).into_iter().map(|device| device.device).collect()
}

/// Keys of the limits shown.
#[must_use]
pub fn limit_keys(model: &Model) -> Vec<usize> {
    limits(model).into_iter().map(|(at, _)| at).collect()
}

/// What stands in place of rows, where there are some and none is shown.
pub const NONE_FITS: &str = "Nothing fits the filter: Esc clears it.";
