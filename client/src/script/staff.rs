//! Lines about people, their devices and sessions: who there is, and acts on them, which wait for `proof`.

use serde_json::{Value, json};
use turret_shared::command::{NewUser, Verb};
use turret_shared::house::{Code, HouseRow};
use turret_shared::ids::{DeskId, DeviceId, SessionId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::people::{DeviceView, PersonView, SessionView, is_login, is_name};
use turret_shared::role::Role;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::entrust::{need, why};
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// What is done to the person with a login, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Done {
    Lock(bool),
    Role(Option<Role>),
    /// Of the house's own.
    Composed(Code),
    /// `None`: of no desk.
    Desk(Option<String>),
    Code,
    Recover,
    NewPassword,
}

/// What is to be done, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Create {
        login: String,
        name: String,
        role: Role,
        desk: Option<String>,
    },
    Person {
        login: String,
        done: Done,
    },
    /// By a number that the lists show.
    Numbered(Act),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    People,
    Devices,
    Sessions,
    Act(Said, Why),
}

const ROLES: &str = "broker, supervisor, admin, support, customer";

/// Reads `user create`.
pub(super) fn create_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let (login, name) = (need(values, "login")?, need(values, "name")?);
    if !is_login(login) {
        return Err(format!("login: `{login}` is not of small letters, digits and dots"));
    }
    if !is_name(name) {
        return Err("name: what others are to see, on one line".to_owned());
    }
    let role = Values::need(values.one_of("role", ROLES)?, "role")?;
    let desk = values.text("desk").map(str::to_owned);
    let said = Said::Create { login: login.to_owned(), name: name.to_owned(), role, desk };
    Ok(Line::Act(said, why(values)?))
}

/// Reads `user role`.
pub(super) fn role_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let role = match need(values, "to")? {
        "none" => None,
        typed => match typed.parse() {
            Ok(role) => Some(role),
            Err(_) => {
                let code =
                    typed.parse().map_err(|_| format!("to: `{typed}` is not one of {ROLES}, none, nor a code"))?;
                return person_line(values, Done::Composed(code));
            }
        },
    };
    person_line(values, Done::Role(role))
}

/// Reads `user desk`.
pub(super) fn desk_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let desk = need(values, "to")?;
    person_line(values, Done::Desk((desk != "none").then(|| desk.to_owned())))
}

/// Reads any line that names a person and no more.
pub(super) fn person_line(values: &Values<'_>, done: Done) -> Result<Line, Refusal> {
    let login = need(values, "user")?.to_owned();
    Ok(Line::Act(Said::Person { login, done }, why(values)?))
}

/// Reads `device …`.
pub(super) fn device_line(values: &Values<'_>, act: fn(DeviceId) -> Act) -> Result<Line, Refusal> {
    let device = Values::need(values.one_of("id", "a device's number")?, "id").map(DeviceId)?;
    Ok(Line::Act(Said::Numbered(act(device)), why(values)?))
}

/// Reads `session end`.
pub(super) fn session_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let session = Values::need(values.one_of("id", "a session's number")?, "id").map(SessionId)?;
    Ok(Line::Act(Said::Numbered(Act::EndSession { session }), why(values)?))
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let (said, why) = match line {
        Line::Act(said, why) => (said, why),
        list => return plain(listed(person, &list).await.unwrap_or_else(|answer| answer)),
    };
    let verb = match verb(person, said, why).await {
        Ok(verb) => verb,
        Err(answer) => return plain(answer),
    };
    let bytes = bytes(person, verb, false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn query(person: &Person, ask: Ask) -> Result<AnswerBody, Answer> {
    person.link.query(ask).await.map(|answered| answered.body).map_err(|error| link_error(error, person.end()))
}

async fn listed(person: &Person, line: &Line) -> Result<Answer, Answer> {
    let ask = match line {
        Line::Devices => Ask::Devices,
        Line::Sessions => Ask::Sessions,
        Line::People | Line::Act(..) => Ask::People,
    };
    match query(person, ask).await? {
        AnswerBody::People(rows) => Ok(Answer::ok().with("users", rows.iter().map(user).collect::<Vec<_>>())),
        AnswerBody::Devices(rows) => Ok(Answer::ok().with("devices", rows.iter().map(device).collect::<Vec<_>>())),
        AnswerBody::Sessions(rows) => Ok(Answer::ok().with("sessions", rows.iter().map(session).collect::<Vec<_>>())),
        _ => Err(link_error(LinkError::Protocol, person.end())),
    }
}

/// The command for the people and desks that were named.
async fn verb(person: &Person, said: Said, why: Why) -> Result<Verb, Answer> {
    let act = match said {
        Said::Create { login, name, role, desk: code } => {
            let desk = match code {
                Some(code) => Some(desk(person, &code).await?),
                None => None,
            };
            return Ok(Verb::CreateUser(NewUser { login, name, role, why, desk }));
        }
        Said::Numbered(act) => act,
        Said::Person { login, done } => {
            let user = known(person, &login).await?;
            match done {
                Done::Lock(locked) => Act::LockUser { user, locked },
                Done::Role(role) => Act::SetRole { user, role },
                Done::Composed(code) => Act::SetComposedRole { user, code },
                Done::Code => Act::NewCode { user },
                Done::Recover => Act::Recover { user },
                Done::NewPassword => Act::RequirePassword { user },
                Done::Desk(None) => Act::SetDesk { user, desk: None },
                Done::Desk(Some(code)) => Act::SetDesk { user, desk: Some(desk(person, &code).await?) },
            }
        }
    };
    Ok(Verb::Manage(Manage { act, why }))
}

/// Who has a login.
pub(super) async fn known(person: &Person, login: &str) -> Result<UserId, Answer> {
    let AnswerBody::People(people) = query(person, Ask::People).await? else {
        return Err(link_error(LinkError::Protocol, person.end()));
    };
    let user = people.iter().find(|row| row.login == login).map(|row| row.user);
    user.ok_or_else(|| Answer::error("unknown_user", "no such person", None))
}

/// Which desk has a code.
pub(super) async fn desk(person: &Person, code: &str) -> Result<DeskId, Answer> {
    let rows = super::house::rows(person).await?;
    let known = rows.into_iter().find_map(|row| match row {
        HouseRow::Desk { desk, code: own, .. } if own == code => Some(desk),
        _ => None,
    });
    known.ok_or_else(|| Answer::error("unknown_desk", "no such desk", None))
}

fn user(row: &PersonView) -> Value {
    json!({
        "user": row.login,
        "name": row.name,
        "role": row.role.map(Role::as_str),
        "composed": row.composed.map(|composed| composed.code.to_string()),
        "desk": row.desk_code,
        "second_factor": row.second_factor,
        "devices": row.devices,
        "devices_locked": row.devices_locked,
        "sessions": row.sessions,
        "working": row.working,
        "last_in": row.last_in.map(|time| time.rfc3339()),
        "failures": row.failures,
    })
}

pub(super) fn device(row: &DeviceView) -> Value {
    json!({
        "id": row.device.0,
        "name": row.name,
        "user": row.login,
        "state": row.state.word().to_ascii_lowercase(),
        "key": row.key,
        "locked_for": row.locked_for.map(|cause| cause.word().to_ascii_lowercase()),
        "sessions": row.sessions,
        "registered": row.registered.rfc3339(),
        "last_in": row.last_in.map(|time| time.rfc3339()),
    })
}

pub(super) fn session(row: &SessionView) -> Value {
    json!({
        "id": row.session.0,
        "user": row.login,
        "role": row.role.map(Role::as_str),
        "composed": row.composed.map(|composed| composed.code.to_string()),
        "device": row.device.0,
        "script": row.script,
        "since": row.since.rfc3339(),
        "idle_s": row.idle_s,
        "place": row.place,
        "working": row.working,
    })
}
