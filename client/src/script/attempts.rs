//! Lines about denied attempts: those nobody reviewed and those reviewed of late, and what somebody says of them.

use serde_json::{Value, json};
use turret_shared::attempt::{AttemptView, Review, ReviewEnd};
use turret_shared::command::Verb;
use turret_shared::ids::Sequence;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Those that stand so: open, or reviewed of late.
    List { open: Option<bool> },
    /// What those under a number were.
    Review(Sequence, ReviewEnd),
}

/// Reads `denied list`.
pub(super) fn list_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let open = match values.text("standing") {
        None => None,
        Some("open") => Some(true),
        Some("reviewed") => Some(false),
        Some(typed) => return Err(format!("standing: `{typed}` is not one of open, reviewed")),
    };
    Ok(Line::List { open })
}

/// Reads `denied review`.
pub(super) fn review_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let first = Values::need(values.one_of("id", "a number of the list")?, "id").map(Sequence)?;
    let typed = Values::need(values.text("as"), "as")?;
    let end = ReviewEnd::ALL.into_iter().find(|end| end.as_str() == typed);
    let words = || ReviewEnd::ALL.map(ReviewEnd::as_str).join(", ");
    Ok(Line::Review(first, end.ok_or_else(|| format!("as: `{typed}` is not one of {}", words()))?))
}

/// Does what it asks for. A word is on what the list shows at this moment.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let rows = match known(person).await {
        Ok(rows) => rows,
        Err(answer) => return plain(answer),
    };
    let (first, end) = match line {
        Line::List { open } => {
            let fits = |row: &&AttemptView| open.is_none_or(|open| row.reviewed.is_none() == open);
            return plain(Answer::ok().with("denied", rows.iter().filter(fits).map(row).collect::<Vec<_>>()));
        }
        Line::Review(first, end) => (first, end),
    };
    // One that is not there is the server's to refuse.
    let last = rows.iter().find(|row| row.first == first).map_or(first, |row| row.last);
    let bytes = bytes(person, Verb::Review(Review { first, last, end }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn known(person: &Person) -> Result<Vec<AttemptView>, Answer> {
    match person.link.query(Ask::Attempts).await.map(|answered| answered.body) {
        Ok(AnswerBody::Attempts(rows)) => Ok(rows),
        Ok(_) => Err(link_error(LinkError::Protocol, person.end())),
        Err(error) => Err(link_error(error, person.end())),
    }
}

fn row(row: &AttemptView) -> Value {
    let reviewed =
        row.reviewed.as_ref().map(|by| json!({ "by": by.login, "time": by.time.rfc3339(), "as": by.end.as_str() }));
    json!({
        "id": row.first.0,
        "entry": row.last.0,
        "kind": row.kind.as_str(),
        "user": Some(&row.login).filter(|login| !login.is_empty()),
        "device": row.device.map(|device| device.0),
        "answered": row.reason,
        "count": row.count,
        "since": row.since.rfc3339(),
        "time": row.time.rfc3339(),
        "corr": row.correlation.to_string(),
        "reviewed": reviewed,
    })
}
