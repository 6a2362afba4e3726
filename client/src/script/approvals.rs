//! Lines about what waits for a second person: the list, a word on one, one's own taken back; a word waits for `proof`.

use serde_json::{Value, json};
use turret_shared::approval::{ApprovalView, Ground, Judge, Request as Own, Standing};
use turret_shared::command::Verb;
use turret_shared::ids::ApprovalId;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
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
    /// A word on one.
    Judge { approval: ApprovalId, approve: bool, ground: Ground },
    /// One's own taken back.
    Withdraw { approval: ApprovalId },
    /// What was approved for oneself alone.
    Collect { approval: ApprovalId },
}

fn number(values: &Values<'_>) -> Result<ApprovalId, Refusal> {
    Values::need(values.one_of("id", "a request's number")?, "id").map(ApprovalId)
}

/// Reads `approve` or `refuse`.
pub(super) fn judge_line(values: &Values<'_>, approve: bool) -> Result<Line, Refusal> {
    let typed = Values::need(values.text("reason"), "reason")?;
    let fitting = || Ground::ALL.into_iter().filter(move |ground| ground.approves() == approve);
    let words = || fitting().map(Ground::as_str).collect::<Vec<_>>().join(", ");
    let ground = fitting().find(|ground| ground.as_str() == typed);
    let ground = ground.ok_or_else(|| format!("reason: `{typed}` is not one of {}", words()))?;
    Ok(Line::Judge { approval: number(values)?, approve, ground })
}

/// Reads `withdraw`.
pub(super) fn withdraw_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Withdraw { approval: number(values)? })
}

/// Reads `collect`.
pub(super) fn collect_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Collect { approval: number(values)? })
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let verb = match line {
        Line::Withdraw { approval } => Verb::Request(Own::Withdraw { approval }),
        Line::Collect { approval } => Verb::Request(Own::Collect { approval }),
        Line::List => {
            return plain(match rows(person).await {
                Ok(rows) => Answer::ok().with("approvals", rows.iter().map(row).collect::<Vec<_>>()),
                Err(answer) => answer,
            });
        }
        Line::Judge { approval, approve, ground } => {
            let rows = match rows(person).await {
                Ok(rows) => rows,
                Err(answer) => return plain(answer),
            };
            let Some(found) = rows.iter().find(|row| row.approval == approval) else {
                return plain(Answer::error("unknown_approval", "no such request", None));
            };
            let first = found.first.map(|first| first.digest);
            if first.is_none() {
                return plain(Answer::error("unknown_approval", "it was asked for with no proof that is kept", None));
            }
            Verb::Judge(Judge { approval, command: found.command, approve, ground, first })
        }
    };
    let bytes = bytes(person, verb, false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn rows(person: &Person) -> Result<Vec<ApprovalView>, Answer> {
    match person.link.query(Ask::Approvals).await.map(|answered| answered.body) {
        Ok(AnswerBody::Approvals(rows)) => Ok(rows),
        Ok(_) => Err(link_error(LinkError::Protocol, person.end())),
        Err(error) => Err(link_error(error, person.end())),
    }
}

/// A request as scripts see it.
fn row(row: &ApprovalView) -> Value {
    let void = match row.standing {
        Standing::Void(cause) => Some(cause.as_str()),
        _ => None,
    };
    json!({
        "id": row.approval.0,
        "standing": row.standing.as_str(),
        "void": void,
        "asked_by": row.by_login,
        "asked": row.asked.rfc3339(),
        "expires": row.expires.rfc3339(),
        "why": row.manage.map(|manage| manage.why.as_str()),
        "order": row.order.map(|order| order.to_string()),
        "about": row.login,
        "what": row.what,
        "before": row.before,
        "after": row.after,
        "command": row.command.to_string(),
        "proof": row.first.map(|first| first.digest.to_string()),
        "proof_by": row.first.map(|first| if first.signed { "security_key" } else { "code" }),
        "judged_by": row.judge_login,
        "reason": row.ground.map(Ground::as_str),
        "for_me": row.judge,
    })
}
