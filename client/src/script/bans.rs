//! Lines about sources that are let in no more for a while: those in force, and acts on them, which wait for `proof`.

use serde_json::{Value, json};
use turret_shared::ban::{self, BanView, NewBan};
use turret_shared::command::Verb;
use turret_shared::ids::BanId;
use turret_shared::limits::BAN_MINUTES_MAX;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::entrust::{need, why};
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Those in force.
    List,
    /// A source is out for a while.
    Add(NewBan),
    /// It is let in again.
    Lift(BanId, Why),
}

/// Reads `ban add`.
pub(super) fn add_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let source = need(values, "source")?;
    if ban::address(source).is_none() {
        return Err(format!("source: `{source}` is no IPv4 or IPv6 address"));
    }
    let minutes = Values::need(values.count("minutes", BAN_MINUTES_MAX)?, "minutes")?;
    if !ban::is_time(minutes) {
        return Err(format!("minutes: 1 to {BAN_MINUTES_MAX}"));
    }
    Ok(Line::Add(NewBan { source: source.to_owned(), minutes, why: why(values)? }))
}

/// Reads `ban lift`.
pub(super) fn lift_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let ban = Values::need(values.one_of("id", "a ban's number")?, "id").map(BanId)?;
    Ok(Line::Lift(ban, why(values)?))
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let verb = match line {
        Line::List => return plain(listed(person).await),
        Line::Add(new) => Verb::Ban(new),
        Line::Lift(ban, why) => Verb::Manage(Manage { act: Act::LiftBan { ban }, why }),
    };
    let bytes = bytes(person, verb, false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn listed(person: &Person) -> Answer {
    match person.link.query(Ask::Bans).await.map(|answered| answered.body) {
        Ok(AnswerBody::Bans(rows)) => Answer::ok().with("bans", rows.iter().map(row).collect::<Vec<_>>()),
        Ok(_) => link_error(LinkError::Protocol, person.end()),
        Err(error) => link_error(error, person.end()),
    }
}

fn row(row: &BanView) -> Value {
    json!({
        "ban": row.ban.0,
        "source": row.source,
        "why": row.why,
        "since": row.since.rfc3339(),
        "until": row.until.rfc3339(),
        "times": row.times,
        "by": Some(&row.by).filter(|login| !login.is_empty()),
    })
}
