//! Lines about what is one's own: sessions, security keys, devices; it must name nobody else's.

use serde_json::{Value, json};
use turret_shared::command::Verb;
use turret_shared::ids::{CredentialId, DeviceId, SessionId};
use turret_shared::own::{KeyView, Letting, Own, Thing};
use turret_shared::people::is_name;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::staff;
use super::values::{Refusal, Values};
use crate::actions::Id;
use crate::link::LinkError;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it.
    List,
    /// Something done to it.
    Do(Own),
}

/// The line of such an action; `None` for any other.
pub(super) fn line(id: Id, values: &Values<'_>) -> Option<Result<Line, Refusal>> {
    let done = match id {
        Id::Own => return Some(Ok(Line::List)),
        Id::OwnEnd => number(values, "id", "a session's number").map(|id| Own::Let(Letting::Session(SessionId(id)))),
        Id::OwnDrop => thing(values).map(|thing| {
            Own::Let(match thing {
                Thing::Key(key) => Letting::Key(key),
                Thing::Device(device) => Letting::Device(device),
            })
        }),
        Id::OwnName => thing(values).and_then(|thing| {
            let name = values.text("name").unwrap_or_default();
            if !name.is_empty() && !is_name(name) {
                return Err("name: visible characters of one alphabet, or nothing".to_owned());
            }
            Ok(Own::Name(thing, name.to_owned()))
        }),
        _ => return None,
    };
    Some(done.map(Line::Do))
}

fn number<T: std::str::FromStr>(values: &Values<'_>, name: &str, what: &str) -> Result<T, Refusal> {
    Values::need(values.one_of(name, what)?, name)
}

fn thing(values: &Values<'_>) -> Result<Thing, Refusal> {
    match (values.text("key"), values.text("device")) {
        (Some(_), None) => number(values, "key", "a key's number").map(|id| Thing::Key(CredentialId(id))),
        (None, Some(_)) => number(values, "device", "a device's number").map(|id| Thing::Device(DeviceId(id))),
        _ => Err("either key=... or device=...".to_owned()),
    }
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let own = match line {
        Line::Do(own) => own,
        Line::List => return plain(listed(person).await),
    };
    let bytes = bytes(person, Verb::Own(own), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn listed(person: &Person) -> Answer {
    match person.link.query(Ask::Own).await.map(|answered| answered.body) {
        Ok(AnswerBody::Own(view)) => Answer::ok()
            .with("sessions", view.sessions.iter().map(staff::session).collect::<Vec<_>>())
            .with("keys", view.keys.iter().map(key).collect::<Vec<_>>())
            .with("devices", view.devices.iter().map(staff::device).collect::<Vec<_>>())
            .with("password_since", view.password.map(|at| at.rfc3339()))
            .with("totp_since", view.totp.map(|at| at.rfc3339())),
        Ok(_) => link_error(LinkError::Protocol, person.end()),
        Err(error) => link_error(error, person.end()),
    }
}

fn key(row: &KeyView) -> Value {
    json!({
        "id": row.credential.0,
        "name": row.name,
        "since": row.since.map(|at| at.rfc3339()),
        "last_used": row.last_used.map(|at| at.rfc3339()),
        "suspended": row.suspended,
        "model": row.model,
    })
}
