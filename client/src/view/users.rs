//! People, live sessions and devices, as the server names them; it must show no credential.

use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView, SessionView};
use turret_shared::text::escaped;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::arranged::filter;
use super::passing;
use super::pen::Pen;
use super::table::{self, Cell, Column, left, right};
use super::theme::Token;
use crate::app::geometry::{Area, list_rows};
use crate::app::{Model, sought, users};
use crate::format;

const PEOPLE: [Column; 11] = [
    left("User", 9),
    left("Name", 11),
    left("Role", 10),
    left("Desk", 4),
    left("State", 8),
    left("2nd", 4),
    right("Dev", 3),
    right("Ses", 3),
    left("Last in UTC", 12),
    right("Fail", 4),
    right("Working", 7),
];

const SESSIONS: [Column; 10] = [
    left("User", 11),
    left("Role", 10),
    right("Device", 6),
    left("From", 15),
    left("Time", 9),
    right("Idle", 8),
    right("Working", 7),
    right("RTT", 8),
    left("Version", 8),
    left("Kind", 6),
];

const DEVICES: [Column; 11] = [
    left("User", 9),
    right("Device", 6),
    left("State", 8),
    right("Ses", 3),
    left("Enrolled", 10),
    left("Cert until", 10),
    left("Last in UTC", 12),
    left("Why, letters", 12),
    right("Fail", 4),
    left("From", 15),
    left("Key (SHA-256 begins)", 20),
];

/// One list: its head line, its columns, and a row's flag and cells by its number.
pub(super) struct Listing<'a> {
    pub(super) title: &'a str,
    pub(super) about: String,
    pub(super) columns: &'a [Column],
    pub(super) count: usize,
    pub(super) top: usize,
    pub(super) at: Option<usize>,
    pub(super) empty: String,
}

impl Listing<'_> {
    pub(super) fn draw(
        &self,
        pen: &mut Pen<'_>,
        model: &Model,
        area: Area,
        cells: impl Fn(usize) -> (bool, Vec<Cell>),
    ) {
        let mut x = pen.text(area.x, area.y, area.w, self.title, Token::Focus).saturating_add(2);
        if let Some((words, typing)) = model.lists.filter(model.screen) {
            x = filter(pen, x, area.y, words, typing);
        }
        pen.text(x, area.y, area.w.saturating_sub(x.saturating_sub(area.x)), &self.about, Token::Muted);
        let columns = table::fitting(self.columns, area.w);
        table::heads(pen, area.x, area.y.saturating_add(1), columns, model.zone().label);
        let first = area.y.saturating_add(2);
        for (y, row) in (first..).zip((self.top..self.count).take(list_rows(area))) {
            let here = self.at == Some(row);
            let (needs, cells) = cells(row);
            let flag = if needs { ("!", Token::Warn) } else { (" ", Token::Text) };
            table::row(pen, area.x, y, columns, &[table::cursor_flag(here), (flag.0.to_owned(), flag.1)], &cells);
            if here {
                let style = pen.theme.cursor();
                pen.over(Area { y, h: 1, ..area }, style);
            }
        }
        if self.count == 0 {
            pen.text(area.x.saturating_add(3), first.saturating_add(1), area.w, &self.empty, Token::Muted);
        }
    }
}

/// What stands in place of rows.
pub(super) fn empty(none: bool, why: impl FnOnce() -> String) -> String {
    if none { why() } else { sought::NONE_FITS.to_owned() }
}

/// Draws the people.
pub(super) fn people(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (&model.users.people.rows, sought::people(model));
    let count = |word: &str| all.iter().filter(|person| users::state(person) == word).count();
    let about = format!("{} by login   locked {}   disabled {}", all.len(), count("LOCKED"), count("DISABLED"));
    let listing = Listing {
        title: "Users",
        about,
        columns: &PEOPLE,
        count: rows.len(),
        top: model.users.person.top,
        at: model.users.person.line(&sought::person_keys(model)),
        empty: empty(all.is_empty(), || model.users.people.emptiness("There is nobody.")),
    };
    listing.draw(pen, model, area, |at| rows.get(at).map_or((false, Vec::new()), |p| (users::needs(p), person(p))));
}

fn person(person: &PersonView) -> Vec<Cell> {
    let state = users::state(person);
    let token = match state {
        "active" => Token::Text,
        "LOCKED" => Token::Error,
        _ => Token::Muted,
    };
    let desk = if person.desk_code.is_empty() { format::NONE.to_owned() } else { escaped(&person.desk_code) };
    vec![
        (escaped(&person.login), Token::Text),
        (escaped(&person.name), Token::Text),
        (person.held_role().map_or_else(|| format::NONE.into(), |role| role.to_string()), Token::Text),
        (desk, Token::Text),
        (state.into(), token),
        (if person.second_factor { "totp" } else { "none" }.into(), Token::Muted),
        (person.devices.to_string(), Token::Text),
        (person.sessions.to_string(), Token::Text),
        last_in(person.last_in),
        failures(person.failures),
        (person.working.to_string(), Token::Text),
    ]
}

/// Administrators live in UTC, and the day counts as much as the hour.
fn last_in(at: Option<Timestamp>) -> Cell {
    at.map_or_else(|| ("never".into(), Token::Muted), |at| (format::day_and_time(at), Token::Text))
}

fn failures(count: u32) -> Cell {
    (count.to_string(), if count > 0 { Token::Warn } else { Token::Muted })
}

/// Draws the sessions.
pub(super) fn sessions(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (&model.users.sessions.rows, sought::sessions(model));
    let listing = Listing {
        title: "Sessions",
        about: format!("{} live, the oldest first; times are when they began", all.len()),
        columns: &SESSIONS,
        count: rows.len(),
        top: model.users.session.top,
        at: model.users.session.line(&sought::session_keys(model)),
        empty: empty(all.is_empty(), || model.users.sessions.emptiness("Nobody is signed in.")),
    };
    listing.draw(pen, model, area, |at| (false, rows.get(at).map(|row| session(model, row)).unwrap_or_default()));
}

fn session(model: &Model, row: &SessionView) -> Vec<Cell> {
    let none = || format::NONE.to_owned();
    let idle = |seconds: u32| passing::idle(model, seconds);
    // At a quiet desk the way is not told: it was measured when that was asked.
    let trip = row.round_trip_us.filter(|_| model.quiet_since().is_none());
    let place = if row.place.is_empty() { ("no link".into(), Token::Warn) } else { (escaped(&row.place), Token::Text) };
    vec![
        (escaped(&row.login), Token::Text),
        (row.held_role().map_or_else(none, |held| held.to_string()), Token::Text),
        (row.device.to_string(), Token::Text),
        place,
        (format::clock(row.since, &model.zone()), Token::Text),
        (row.idle_s.map_or_else(|| format::UNKNOWN.into(), idle), Token::Text),
        (row.working.to_string(), Token::Text),
        (trip.map_or_else(none, |us| super::bars::round_trip(us.into())), Token::Text),
        (if row.version.is_empty() { none() } else { escaped(&row.version) }, Token::Text),
        (if row.script { "script" } else { "person" }.into(), Token::Muted),
    ]
}

/// Draws the devices.
pub(super) fn devices(pen: &mut Pen<'_>, model: &Model, area: Area) {
    let (all, rows) = (&model.users.devices.rows, sought::devices(model));
    let count = |state: DeviceState| all.iter().filter(|device| device.state == state).count();
    let (locked, revoked, waiting) =
        (count(DeviceState::Locked), count(DeviceState::Revoked), count(DeviceState::Waiting));
    let listing = Listing {
        title: "Devices",
        about: format!("{} by owner   waiting {waiting}   locked {locked}   revoked {revoked}", all.len()),
        columns: &DEVICES,
        count: rows.len(),
        top: model.users.device.top,
        at: model.users.device.line(&sought::device_keys(model)),
        empty: empty(all.is_empty(), || model.users.devices.emptiness("There is no device.")),
    };
    listing.draw(pen, model, area, |at| {
        rows.get(at).map_or((false, Vec::new()), |row| (users::asks(row), device(model, row)))
    });
}

/// Certificates that end within this are marked, in nanoseconds: so long people take to come and enrol anew.
const ENDS_SOON_NS: i64 = 3 * 86_400 * NS_PER_S;

fn certificate(model: &Model, row: &DeviceView) -> Cell {
    let Some(ends) = row.certificate_ends else { return (format::UNKNOWN.into(), Token::Muted) };
    let left = ends.since(model.server_time(model.now.wall));
    let token = if left <= 0 {
        Token::Error
    } else if left < ENDS_SOON_NS {
        Token::Warn
    } else {
        Token::Text
    };
    (format::date(ends, &format::Zone::utc()), token)
}

fn device(model: &Model, row: &DeviceView) -> Vec<Cell> {
    let token = match row.state {
        DeviceState::Active => Token::Text,
        DeviceState::Locked => Token::Error,
        DeviceState::Waiting => Token::Warn,
        DeviceState::Revoked => Token::Muted,
    };
    let (waits, gone) = (row.state == DeviceState::Waiting, row.state == DeviceState::Revoked);
    vec![
        (escaped(&row.login), Token::Text),
        (row.device.to_string(), Token::Text),
        (row.state.word().into(), token),
        (row.sessions.to_string(), Token::Text),
        (format::date(row.registered, &format::Zone::utc()), Token::Text),
        if gone { (format::NONE.into(), Token::Muted) } else { certificate(model, row) },
        last_in(row.last_in),
        // What holds it up, and for one that waits what its holder reads out: in sight however narrow the screen.
        (if waits { escaped(&row.key) } else { row.locked_for.map_or("", LockCause::word).into() }, token),
        failures(row.failures),
        (if row.place.is_empty() { format::UNKNOWN.into() } else { escaped(&row.place) }, Token::Text),
        (if waits { String::new() } else { escaped(&row.key) }, Token::Muted),
    ]
}
