//! Lines about alerts of surveillance: those there are, and what somebody does with one; it must read nothing else.

use serde_json::{Value, json};
use turret_shared::alert::{AlertEnd, AlertHandler, AlertStanding, AlertStep, AlertStepView, AlertView, HandleAlert};
use turret_shared::command::Verb;
use turret_shared::event::alert::{AlertRule, AnswerDone};
use turret_shared::ids::{Sequence, UserId};
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
    /// Those that stand so, of one rule.
    List { standing: Option<String>, rule: Option<AlertRule> },
    /// Somebody looks into it.
    Acknowledge(Sequence),
    /// This person does from now on; without one, whoever says so.
    Assign(Sequence, Option<String>),
    /// It is over.
    Resolve(Sequence, AlertEnd),
}

const STANDINGS: [&str; 3] = ["open", "acknowledged", "resolved"];

fn number(values: &Values<'_>) -> Result<Sequence, Refusal> {
    Values::need(values.one_of("id", "an alert's number")?, "id").map(Sequence)
}

/// Reads `alerts`.
pub(super) fn list_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let standing = values.text("standing").map(str::to_owned);
    if let Some(typed) = standing.as_deref().filter(|typed| !STANDINGS.contains(typed)) {
        return Err(format!("standing: `{typed}` is not one of {}", STANDINGS.join(", ")));
    }
    let rule = match values.text("rule") {
        None => None,
        Some(typed) => {
            let found = AlertRule::ALL.into_iter().find(|rule| rule.as_str() == typed);
            Some(found.ok_or_else(|| format!("rule: `{typed}` is no rule of surveillance"))?)
        }
    };
    Ok(Line::List { standing, rule })
}

/// Reads `alert acknowledge`.
pub(super) fn acknowledge_line(values: &Values<'_>) -> Result<Line, Refusal> {
    number(values).map(Line::Acknowledge)
}

/// Reads `alert assign`.
pub(super) fn assign_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Assign(number(values)?, values.text("user").map(str::to_owned)))
}

/// Reads `alert resolve`.
pub(super) fn resolve_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let typed = Values::need(values.text("as"), "as")?;
    let words = || AlertEnd::ALL.map(AlertEnd::as_str).join(", ");
    let end = AlertEnd::ALL.into_iter().find(|end| end.as_str() == typed);
    let end = end.ok_or_else(|| format!("as: `{typed}` is not one of {}", words()))?;
    Ok(Line::Resolve(number(values)?, end))
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let (alert, step) = match line {
        Line::List { standing, rule } => {
            return plain(match known(person).await {
                Ok((rows, _)) => {
                    let fits = |row: &&AlertView| {
                        standing.as_deref().is_none_or(|word| word == row.standing.as_str())
                            && rule.is_none_or(|rule| rule == row.rule)
                    };
                    Answer::ok().with("alerts", rows.iter().filter(fits).map(row).collect::<Vec<_>>())
                }
                Err(answer) => answer,
            });
        }
        Line::Acknowledge(alert) => (alert, AlertStep::Acknowledge),
        Line::Resolve(alert, end) => (alert, AlertStep::Resolve { end }),
        Line::Assign(alert, login) => match whom(person, login).await {
            Ok(to) => (alert, AlertStep::Assign { to }),
            Err(answer) => return plain(answer),
        },
    };
    let bytes = bytes(person, Verb::Alert(HandleAlert { alert, step }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

async fn known(person: &Person) -> Result<(Vec<AlertView>, Vec<AlertHandler>), Answer> {
    match person.link.query(Ask::Alerts).await.map(|answered| answered.body) {
        Ok(AnswerBody::Alerts(rows, handlers)) => Ok((rows, handlers)),
        Ok(_) => Err(link_error(LinkError::Protocol, person.end())),
        Err(error) => Err(link_error(error, person.end())),
    }
}

async fn whom(person: &Person, login: Option<String>) -> Result<UserId, Answer> {
    let login = login.unwrap_or_else(|| person.user.login.clone());
    let (_, handlers) = known(person).await?;
    let found = handlers.iter().find(|handler| handler.login == login).map(|handler| handler.user);
    found.ok_or_else(|| Answer::error("unknown_user", "nobody of that login handles alerts", None))
}

/// An alert as scripts see it.
fn row(row: &AlertView) -> Value {
    let end = match row.standing {
        AlertStanding::Resolved(end) => Some(end.as_str()),
        AlertStanding::Open | AlertStanding::Acknowledged => None,
    };
    let step = |step: &AlertStepView| {
        let as_what = match step.step {
            AlertStep::Resolve { end } => Some(end.as_str()),
            AlertStep::Acknowledge | AlertStep::Assign { .. } => None,
        };
        json!({
            "time": step.time.rfc3339(),
            "by": step.login,
            "did": step.step.as_str(),
            "to": Some(&step.to_login).filter(|login| !login.is_empty()),
            "as": as_what,
        })
    };
    json!({
        "id": row.alert.0,
        "time": row.time.rfc3339(),
        "rule": row.rule.as_str(),
        "about": row.login,
        "device": row.device.map(|device| device.0),
        "figure": row.figure,
        "threshold": row.threshold,
        "entry": row.evidence.0,
        "corr": row.correlation.to_string(),
        "answered": row.answered.map(AnswerDone::as_str),
        "standing": row.standing.as_str(),
        "as": end,
        "steps": row.steps.iter().map(step).collect::<Vec<_>>(),
        "rule_resolved": row.tally.resolved,
        "rule_false_positives": row.tally.false_positives,
        "suggested_threshold": row.tally.suggested,
    })
}
