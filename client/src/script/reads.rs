//! Lines that only look: one question each, and `wait`; it must change nothing.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use turret_shared::denial::DenialCode;
use turret_shared::ids::{ExecId, OrderId};
use turret_shared::order::OrdStatus;
use turret_shared::view::OrderView;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::answer::Answer;
use super::orders::new_bytes;
use super::outcome::{Told, link_error};
use super::people::Person;
use super::request::NewLine;
use super::{figures, rows};
use crate::link::LinkError;
use crate::pack_file;

/// An answer about executions, and the newest of them.
pub(super) struct Fills {
    pub(super) answer: Answer,
    pub(super) newest: Option<ExecId>,
}

async fn query(person: &Person, ask: Ask) -> Result<AnswerBody, Answer> {
    person.link.query(ask).await.map(|answered| answered.body).map_err(|e| link_error(e, person.end()))
}

fn out_of_place(person: &Person) -> Answer {
    link_error(LinkError::Protocol, person.end())
}

fn list(name: &str, rows: Vec<Value>) -> Answer {
    Answer::ok().with(name, rows)
}

/// A question whose answer is a list or a market.
pub(super) async fn ask(person: &mut Person, ask: Ask) -> Answer {
    let body = match query(person, ask).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    match body {
        AnswerBody::Orders(orders) => {
            for row in &orders {
                person.saw_order(row.order_id, row.instrument);
            }
            list("orders", orders.iter().map(|row| Value::Object(rows::order(row, &person.names))).collect())
        }
        AnswerBody::Quote(row) => Answer::ok().with_row(rows::quote(&row, &person.names)),
        AnswerBody::Positions(all) => {
            list("positions", all.iter().map(|row| rows::position(row, &person.names)).collect())
        }
        AnswerBody::Accounts(all) => list("accounts", all.iter().map(rows::account).collect()),
        AnswerBody::Limits(all) => list("limits", all.iter().map(rows::limit).collect()),
        AnswerBody::Audit(all) => list("entries", all.iter().map(rows::audit).collect()),
        _ => out_of_place(person),
    }
}

/// One order as it is now.
pub(super) async fn show(person: &mut Person, order: OrderId) -> Told {
    let answer = match query(person, Ask::Order(order)).await {
        Ok(AnswerBody::Orders(found)) => match found.first() {
            Some(row) => shown(person, row),
            None => figures::denied(DenialCode::UnknownOrder, "no such order, or none of yours"),
        },
        Ok(_) => out_of_place(person),
        Err(answer) => answer,
    };
    Told { order: answer.is_ok().then_some(order), answer }
}

fn shown(person: &mut Person, row: &OrderView) -> Answer {
    person.saw_order(row.order_id, row.instrument);
    Answer::ok().with_row(rows::order(row, &person.names))
}

/// Executions of one order, as they stand.
pub(super) async fn fills(person: &Person, order: OrderId) -> Fills {
    match query(person, Ask::Fills(Some(order))).await {
        Ok(AnswerBody::Fills(all)) => {
            let newest = all.iter().max_by_key(|row| row.exec_id).map(|row| row.exec_id);
            let rows = all.iter().map(|row| rows::fill(row, &person.names)).collect();
            Fills { answer: list("fills", rows), newest }
        }
        Ok(_) => Fills { answer: out_of_place(person), newest: None },
        Err(answer) => Fills { answer, newest: None },
    }
}

/// The dry run: not ok where sending would be denied, for it gives the same answer.
pub(super) async fn preview(person: &mut Person, line: &NewLine) -> Answer {
    let bytes = match new_bytes(person, line) {
        Ok(bytes) => bytes,
        Err(told) => return told.answer,
    };
    match query(person, Ask::Preview(bytes)).await {
        Ok(AnswerBody::Preview(row)) => {
            let answer = if row.denial.is_none() { Answer::ok() } else { Answer::not_ok() };
            answer.with_row(rows::preview(&row))
        }
        Ok(_) => out_of_place(person),
        Err(answer) => answer,
    }
}

/// The proof pack of an order, into a file.
pub(super) async fn pack(person: &Person, order: OrderId, file: &str) -> Answer {
    let bytes = match query(person, Ask::Pack(order)).await {
        Ok(AnswerBody::Pack(bytes)) => bytes,
        Ok(_) => return out_of_place(person),
        Err(answer) => return answer,
    };
    match pack_file::write(Path::new(file), &bytes) {
        Ok(written) => Answer::ok()
            .with("order_id", order.to_string())
            .with("file", file)
            .with("bytes", written.bytes)
            .with("sha256", written.digest.to_string()),
        Err(error) => Answer::error("file", &pack_file::why(&error), None),
    }
}

/// Until the order has been, or is, in one of the statuses; not ok when time is up first.
pub(super) async fn wait(person: &mut Person, order: OrderId, statuses: &[OrdStatus], timeout: Duration) -> Answer {
    let timeout_ms = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    let mut asked = JoinSet::new();
    for status in statuses {
        let (link, status) = (person.link.clone(), *status);
        asked.spawn(async move { link.query(Ask::WaitStatus { order, status, timeout_ms }).await });
    }
    let mut last = None;
    while let Some(answered) = asked.join_next().await {
        match answered {
            Ok(Ok(answered)) => match answered.body {
                AnswerBody::Waited { reached: true, order } => {
                    return shown(person, &order).with("reached", true);
                }
                AnswerBody::Waited { reached: false, order } => last = Some(order),
                _ => return out_of_place(person),
            },
            Ok(Err(error)) => return link_error(error, person.end()),
            Err(_) => return out_of_place(person),
        }
    }
    let Some(row) = last else { return out_of_place(person) };
    person.saw_order(row.order_id, row.instrument);
    Answer::error("timed_out", "the order was in none of these in time", None)
        .with_row(rows::order(&row, &person.names))
        .with("reached", false)
}
