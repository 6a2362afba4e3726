//! One question on a stream of its own; it must leave the control stream alone.

use std::time::Duration;

use quinn::Connection;
use turret_shared::ids::Sequence;
use turret_shared::wire::put_frame;
use turret_shared::wire::query::{Answer, AnswerBody, Ask, Query};

use super::error::LinkError;
use super::frames::{FrameReader, ReadError};
use super::limits::{ANSWER_FRAMES_MAX, QUERY_S_MAX};

/// An answer, all its frames together.
#[derive(Debug, Clone)]
pub struct Answered {
    /// As of this sequence.
    pub through: Sequence,
    /// What; never `Denied` or `Error`, which are errors of the call.
    pub body: AnswerBody,
}

/// Below the control stream, so that a long answer never holds up an order.
const PRIORITY: i32 = -1;

pub(super) async fn ask(connection: &Connection, ask: Ask, after: Option<Sequence>) -> Result<Answered, LinkError> {
    let waits_ms = if let Ask::WaitStatus { timeout_ms, .. } = &ask { u64::from(*timeout_ms) } else { 0 };
    let limit = Duration::from_secs(QUERY_S_MAX).saturating_add(Duration::from_millis(waits_ms));
    tokio::time::timeout(limit, exchange(connection, Query { after, ask })).await.unwrap_or(Err(LinkError::TimedOut))
}

async fn exchange(connection: &Connection, query: Query) -> Result<Answered, LinkError> {
    let (mut send, recv) = connection.open_bi().await.map_err(|_| LinkError::Down)?;
    // Refused only for a stream that is gone, which the write will tell.
    let _ = send.set_priority(PRIORITY);
    let mut bytes = Vec::new();
    put_frame(&query, &mut bytes)?;
    send.write_all(&bytes).await.map_err(|_| LinkError::Down)?;
    let _ = send.finish();
    let mut frames = FrameReader::new(recv);
    let mut whole: Option<Answered> = None;
    for _ in 0..ANSWER_FRAMES_MAX {
        let answer: Answer = match frames.next().await {
            Ok(Some(answer)) => answer,
            Ok(None) | Err(ReadError::Frame(_)) => return Err(LinkError::Protocol),
            Err(ReadError::Gone) => return Err(LinkError::Down),
        };
        let more = answer.more;
        let part = Answered { through: answer.through, body: refuse(answer.body)? };
        let joined = match whole.take() {
            None => part,
            Some(before) => Answered { through: part.through, body: join(before.body, part.body)? },
        };
        if !more {
            return Ok(joined);
        }
        whole = Some(joined);
    }
    Err(LinkError::Protocol)
}

fn refuse(body: AnswerBody) -> Result<AnswerBody, LinkError> {
    match body {
        AnswerBody::Denied { code, correlation } => Err(LinkError::Denied { code, correlation }),
        AnswerBody::Error { correlation } => Err(LinkError::Server(correlation)),
        other => Ok(other),
    }
}

fn join(before: AnswerBody, part: AnswerBody) -> Result<AnswerBody, LinkError> {
    use AnswerBody as B;
    fn both<T>(mut a: Vec<T>, b: Vec<T>) -> Vec<T> {
        a.extend(b);
        a
    }
    Ok(match (before, part) {
        (B::Orders(a), B::Orders(b)) => B::Orders(both(a, b)),
        (B::Fills(a), B::Fills(b)) => B::Fills(both(a, b)),
        (B::Trades(a), B::Trades(b)) => B::Trades(both(a, b)),
        (B::Positions(a), B::Positions(b)) => B::Positions(both(a, b)),
        (B::Accounts(a), B::Accounts(b)) => B::Accounts(both(a, b)),
        (B::Limits(a), B::Limits(b)) => B::Limits(both(a, b)),
        (B::Instruments(a), B::Instruments(b)) => B::Instruments(both(a, b)),
        (B::Audit(a), B::Audit(b)) => B::Audit(both(a, b)),
        (B::Users(a), B::Users(b)) => B::Users(both(a, b)),
        (B::House(a), B::House(b)) => B::House(both(a, b)),
        (B::Bulk(a), B::Bulk(b)) => B::Bulk(both(a, b)),
        (B::BulkNow(a), B::BulkNow(b)) => B::BulkNow(both(a, b)),
        (B::Sessions(a), B::Sessions(b)) => B::Sessions(both(a, b)),
        (B::Devices(a), B::Devices(b)) => B::Devices(both(a, b)),
        (B::People(a), B::People(b)) => B::People(both(a, b)),
        (B::AccountCodes(a), B::AccountCodes(b)) => B::AccountCodes(both(a, b)),
        (B::Bars(a), B::Bars(b)) => B::Bars(both(a, b)),
        (B::Bans(a), B::Bans(b)) => B::Bans(both(a, b)),
        (B::Attempts(a), B::Attempts(b)) => B::Attempts(both(a, b)),
        (B::Approvals(a), B::Approvals(b)) => B::Approvals(both(a, b)),
        (B::Pack(a), B::Pack(b)) => B::Pack(both(a, b)),
        (B::Alerts(a, _), B::Alerts(b, handlers)) => B::Alerts(both(a, b), handlers),
        _ => return Err(LinkError::Protocol),
    })
}
