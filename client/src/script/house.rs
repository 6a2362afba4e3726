//! Lines about desks, accounts, cash and the restricted list: what there is, and acts, which wait for `proof`.

use serde_json::{Value, json};
use turret_shared::account::OrderCapacity;
use turret_shared::command::Verb;
use turret_shared::house::{Code, House, HouseRow};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::money::{Currency, Money};
use turret_shared::role::Permission;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::entrust::{need, why};
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::link::LinkError;

/// What is to be done, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    OpenAccount {
        desk: String,
        code: Code,
        currency: Currency,
        capacity: OrderCapacity,
    },
    MoveCash {
        account: String,
        amount: Money,
    },
    Restrict {
        symbol: String,
        restricted: bool,
    },
    /// Names nothing that must be found first.
    Done(House),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// All there is.
    List,
    /// An act.
    Act(Said, Why),
}

pub(super) fn code(values: &Values<'_>) -> Result<Code, Refusal> {
    let typed = need(values, "code")?;
    typed.parse().map_err(|wanted| format!("code: `{typed}` is not {wanted}"))
}

/// Reads `desk open`.
pub(super) fn desk_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Act(Said::Done(House::OpenDesk { code: code(values)? }), why(values)?))
}

/// Reads `account open`.
pub(super) fn account_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let typed = values.text("currency").unwrap_or("USD");
    let currency = Currency::parse(typed).ok_or_else(|| format!("currency: `{typed}` is not three capital letters"))?;
    let capacity = match values.text("capacity").unwrap_or("agency") {
        "agency" => OrderCapacity::Agency,
        "principal" => OrderCapacity::Principal,
        "riskless_principal" => OrderCapacity::RisklessPrincipal,
        other => return Err(format!("capacity: `{other}` is not one of agency, principal, riskless_principal")),
    };
    let desk = need(values, "desk")?.to_owned();
    Ok(Line::Act(Said::OpenAccount { desk, code: code(values)?, currency, capacity }, why(values)?))
}

/// Reads `cash move`.
pub(super) fn cash_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let typed = need(values, "amount")?;
    let amount = Money::parse(typed).map_err(|_| format!("amount: `{typed}` is no amount of money"))?;
    Ok(Line::Act(Said::MoveCash { account: need(values, "account")?.to_owned(), amount }, why(values)?))
}

/// Reads `restricted add` or `restricted remove`.
pub(super) fn restricted_line(values: &Values<'_>, restricted: bool) -> Result<Line, Refusal> {
    Ok(Line::Act(Said::Restrict { symbol: need(values, "symbol")?.to_owned(), restricted }, why(values)?))
}

/// Reads `key model add` or `key model remove`.
pub(super) fn model_line(values: &Values<'_>, allowed: bool) -> Result<Line, Refusal> {
    let typed = need(values, "aaguid")?;
    let model = typed.parse().map_err(|wanted| format!("aaguid: `{typed}` is not {wanted}"))?;
    Ok(Line::Act(Said::Done(House::KeyModel { model, allowed }), why(values)?))
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    let (said, why) = match line {
        Line::List => {
            return plain(match rows(person).await {
                Ok(rows) => listed(&rows),
                Err(answer) => answer,
            });
        }
        Line::Act(said, why) => (said, why),
    };
    let act = match found(person, said).await {
        Ok(act) => Act::House(act),
        Err(answer) => return plain(answer),
    };
    let bytes = bytes(person, Verb::Manage(Manage { act, why }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => plain(link_error(error, person.end())),
    }
}

pub(super) async fn rows(person: &Person) -> Result<Vec<HouseRow>, Answer> {
    match person.link.query(Ask::House).await.map(|answered| answered.body) {
        Ok(AnswerBody::House(rows)) => Ok(rows),
        Ok(_) => Err(link_error(LinkError::Protocol, person.end())),
        Err(error) => Err(link_error(error, person.end())),
    }
}

/// Desks with what is of them, and listings that may not be traded.
fn listed(rows: &[HouseRow]) -> Answer {
    let desks: Vec<Value> = rows
        .iter()
        .filter_map(|row| match row {
            HouseRow::Desk { code, people, accounts, .. } => {
                Some(json!({ "desk": code, "people": people, "accounts": accounts }))
            }
            _ => None,
        })
        .collect();
    let models: Vec<Value> = rows
        .iter()
        .filter_map(|row| match row {
            HouseRow::KeyModel { model, keys } => Some(json!({ "aaguid": model.to_string(), "keys": keys })),
            _ => None,
        })
        .collect();
    let listings: Vec<Value> = rows
        .iter()
        .filter_map(|row| match row {
            HouseRow::Listing { symbol, name, currency, restricted, .. } => Some(json!({
                "symbol": symbol,
                "name": name,
                "currency": currency.as_str(),
                "restricted": restricted,
            })),
            _ => None,
        })
        .collect();
    let roles: Vec<Value> = rows
        .iter()
        .filter_map(|row| match row {
            HouseRow::Role { role, people } => Some(json!({
                "role": role.code.as_str(),
                "base": role.base.as_str(),
                "without": role.taken().into_iter().map(Permission::as_str).collect::<Vec<_>>(),
                "people": people,
            })),
            _ => None,
        })
        .collect();
    Answer::ok().with("roles", roles).with("desks", desks).with("listings", listings).with("key_models", models)
}

/// The act on the desk, account or listing that was named.
async fn found(person: &Person, said: Said) -> Result<House, Answer> {
    Ok(match said {
        Said::Done(act) => act,
        Said::OpenAccount { desk, code, currency, capacity } => {
            let desk = super::staff::desk(person, &desk).await?;
            House::OpenAccount { desk, code, currency, capacity }
        }
        Said::MoveCash { account, amount } => {
            House::MoveCash { account: super::entrust::account(person, &account).await?, amount }
        }
        Said::Restrict { symbol, restricted } => {
            let known = rows(person).await?.into_iter().find_map(|row| match row {
                HouseRow::Listing { instrument, symbol: own, .. } if own == symbol => Some(instrument),
                _ => None,
            });
            let instrument = known.ok_or_else(|| Answer::error("unknown_symbol", "no such listing", None))?;
            House::Restrict { instrument, restricted }
        }
    })
}
