//! Lines about policy: the figures there are, and one set, which waits for `proof` and for a second person.

use serde_json::{Value, json};
use turret_shared::command::Verb;
use turret_shared::event::setup::Policy;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::policy::{PolicyView, typed};
use turret_shared::role::Role;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::entrust::{need, one_of, why};
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// All there are.
    List,
    /// One set; `None` lifts it.
    Set { policy: Policy, role: Role, value: Option<i64>, why: Why },
}

/// Reads `policy set`.
pub(super) fn set_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let policy = one_of(&Policy::ALL, need(values, "what")?, Policy::as_str)?;
    let role = one_of(&Role::ALL, need(values, "role")?, Role::as_str)?;
    if !policy.is_for(role) {
        return Err(format!("role: {role} enters no orders, and {} is about them", policy.as_str()));
    }
    let text = need(values, "value")?;
    let value = match text {
        "none" => None,
        _ => Some(typed(policy, text).ok_or_else(|| format!("value: `{text}` is no figure of this kind"))?),
    };
    Ok(Line::Set { policy, role, value, why: why(values)? })
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let Line::Set { policy, role, value, why } = line else {
        return plain(match person.link.query(Ask::Policies).await.map(|answered| answered.body) {
            Ok(AnswerBody::Policies(rows)) => {
                let row = |row: &PolicyView| -> Value {
                    json!({ "what": row.policy.as_str(), "role": row.role.as_str(), "value": row.figure() })
                };
                Answer::ok().with("policy", rows.iter().map(row).collect::<Vec<_>>())
            }
            Ok(_) => link_error(LinkError::Protocol, person.end()),
            Err(error) => link_error(error, person.end()),
        });
    };
    let act = Act::SetPolicy { policy, role, value };
    let bytes = bytes(person, Verb::Manage(Manage { act, why }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}
