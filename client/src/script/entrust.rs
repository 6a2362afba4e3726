//! Lines that say what a person may do with an account, or set a limit of one: an act each, which waits for `proof`.

use turret_shared::command::Verb;
use turret_shared::denial::Rule;
use turret_shared::ids::AccountId;
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// What is said of an account, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// What somebody may do with it, for so many seconds or for good.
    Rights { login: String, to: Entrusted, lasts: Option<i64> },
    /// A limit of it; `None` lifts it.
    Limit { rule: Rule, value: Option<i64> },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) account: String,
    pub(super) said: Said,
    pub(super) why: Why,
}

pub(super) fn one_of<T: Copy>(all: &[T], typed: &str, word: impl Fn(T) -> &'static str) -> Result<T, Refusal> {
    let words = || all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ");
    all.iter().copied().find(|one| word(*one) == typed).ok_or_else(|| format!("`{typed}` is not one of {}", words()))
}

pub(super) fn why(values: &Values<'_>) -> Result<Why, Refusal> {
    values.text("why").map_or(Ok(Why::Duties), |typed| one_of(&Why::ALL, typed, Why::as_str))
}

pub(super) fn need<'a>(values: &'a Values<'_>, name: &str) -> Result<&'a str, Refusal> {
    Values::need(values.text(name), name)
}

/// Reads `rights set`.
pub(super) fn rights_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let to = one_of(&Entrusted::ALL, need(values, "to")?, Entrusted::as_str)?;
    let lasts = match values.text("for") {
        None => None,
        Some(typed) => {
            let refused = || format!("for: `{typed}` is no time such as 8h or 5d, at most 92d");
            Some(crate::app::entrust::lasting(typed).ok_or_else(refused)?)
        }
    };
    let said = Said::Rights { login: need(values, "user")?.to_owned(), to, lasts };
    Ok(Line { account: need(values, "account")?.to_owned(), said, why: why(values)? })
}

/// Reads `limit set`: the value in the unit that `limits` answers in.
pub(super) fn limit_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let rule = one_of(&crate::app::entrust::RULES, need(values, "rule")?, Rule::as_str)?;
    let typed = need(values, "value")?;
    let value = crate::bulk::figure(rule, typed).map_err(|why| format!("value: {why}"))?;
    Ok(Line { account: need(values, "account")?.to_owned(), said: Said::Limit { rule, value }, why: why(values)? })
}

/// Sends it; it waits for a fresh code like every act.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let act = match found(person, &line).await {
        Ok(act) => act,
        Err(answer) => return Told { answer, order: None },
    };
    let bytes = bytes(person, Verb::Manage(Manage { act, why: line.why }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => Told { answer: link_error(error, person.end()), order: None },
    }
}

/// Which account has a code.
pub(super) async fn account(person: &Person, code: &str) -> Result<AccountId, Answer> {
    let rows = match person.link.query(Ask::AccountCodes).await.map(|answered| answered.body) {
        Ok(AnswerBody::AccountCodes(rows)) => rows,
        Ok(_) => return Err(link_error(LinkError::Protocol, person.end())),
        Err(error) => return Err(link_error(error, person.end())),
    };
    let known = rows.iter().find(|row| row.code == code).map(|row| row.account);
    known.ok_or_else(|| Answer::error("unknown_account", "no such account", None))
}

/// The act on the account and person that were named.
async fn found(person: &Person, line: &Line) -> Result<Act, Answer> {
    let account = account(person, &line.account).await?;
    Ok(match &line.said {
        Said::Limit { rule, value } => Act::SetLimit { account, rule: *rule, value: *value },
        Said::Rights { login, to, lasts } => {
            let until = lasts.map(|seconds| crate::app::entrust::ends(person.server_time(), seconds));
            Act::SetRights { user: super::staff::known(person, login).await?, account, to: *to, until }
        }
    })
}
