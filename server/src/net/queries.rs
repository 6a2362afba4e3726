//! Query streams: one question each, answered by the replica under the session's rights; it must decide no right itself.

use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use turret_engine::Principal;
use turret_shared::ids::Sequence;
use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::query::{Answer, AnswerBody, Query};
use turret_shared::wire::{FrameError, decode_frame, frame_length, put_frame};

use super::contain::contain;
use super::conversation::word;
use super::limits::{FRAME_S_MAX, PRIORITY_QUERY, QUERIES_AT_WORK_MAX, WRITE_S_MAX};
use super::shared::Shared;
use crate::guard::faults::Stage;
use crate::guard::limits::{NS_PER_S, QUERIES_BURST, QUERIES_PER_S};
use crate::guard::{Bucket, Fault};

/// Why a question is not answered.
enum Unanswered {
    /// The peer went, or took the question back.
    Gone,
    /// Not whole in time, or the answer not read in time.
    TooSlow,
    /// Not a question.
    Bad(FrameError),
}

/// Accepts query streams until the connection is over.
pub(super) async fn serve(shared: Arc<Shared>, connection: Connection, principal: Principal, script: bool) {
    let mut budget = Bucket::new(QUERIES_BURST, QUERIES_PER_S);
    let at_work = Arc::new(Semaphore::new(QUERIES_AT_WORK_MAX));
    let mut tasks = JoinSet::new();
    let mut touched_ns = 0_u64;
    loop {
        let Ok(place) = Arc::clone(&at_work).acquire_owned().await else { return };
        let Ok((send, recv)) = connection.accept_bi().await else { return };
        let now_ns = shared.now_ns();
        if !budget.take(now_ns) {
            shared.fault(Some(principal.device), Fault::BadInput(Stage::Limit, "queries"));
            connection.close(VarInt::from_u32(CloseCode::TooMuch.code()), b"");
            return;
        }
        if script && now_ns.saturating_sub(touched_ns) >= NS_PER_S {
            touched_ns = now_ns;
            shared.sessions().touch(principal.session, now_ns);
        }
        while tasks.try_join_next().is_some() {}
        let (shared, connection) = (Arc::clone(&shared), connection.clone());
        tasks.spawn(async move {
            let _place = place;
            let answered = contain(answer(Arc::clone(&shared), principal, send, recv)).await;
            let close = match answered {
                Ok(Ok(()) | Err(Unanswered::Gone)) => return,
                Ok(Err(Unanswered::TooSlow)) => CloseCode::TooSlow,
                Ok(Err(Unanswered::Bad(error))) => {
                    shared.fault(Some(principal.device), Fault::BadInput(Stage::Frame, word(error)));
                    CloseCode::BadFrame
                }
                Err(_) => {
                    shared.panicked();
                    CloseCode::Internal
                }
            };
            connection.close(VarInt::from_u32(close.code()), b"");
        });
    }
}

async fn answer(
    shared: Arc<Shared>,
    principal: Principal,
    mut send: SendStream,
    mut recv: RecvStream,
) -> Result<(), Unanswered> {
    let _ = send.set_priority(PRIORITY_QUERY);
    let asked = tokio::time::timeout(Duration::from_secs(FRAME_S_MAX), question(&mut recv)).await;
    let query = asked.map_err(|_| Unanswered::TooSlow)??;
    let correlation = shared.fresh_correlation();
    let mut answers = tokio::select! {
        answers = shared.queries.ask(principal, correlation, query) => answers,
        // Whoever stops reading does not want to know any more.
        _ = send.stopped() => return Err(Unanswered::Gone),
    };
    for answer in &mut answers {
        match &mut answer.body {
            AnswerBody::Sessions(rows) => shared.whereabouts(rows),
            AnswerBody::Own(own) => {
                shared.whereabouts(&mut own.sessions);
                shared.certificates(&mut own.devices);
            }
            AnswerBody::Bans(rows) => shared.banned(rows),
            AnswerBody::Devices(rows) => shared.certificates(rows),
            AnswerBody::Person(facts) => {
                shared.whereabouts(&mut facts.sessions);
                shared.certificates(&mut facts.devices);
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for frame in &answers {
        if put_frame(frame, &mut out).is_err() {
            tracing::error!("an answer was longer than a frame");
            out.clear();
            let body = AnswerBody::Error { correlation };
            let _ = put_frame(&Answer { more: false, through: Sequence(0), body }, &mut out);
            break;
        }
    }
    let written = tokio::time::timeout(Duration::from_secs(WRITE_S_MAX), send.write_all(&out)).await;
    match written {
        Ok(Ok(())) => send.finish().map_err(|_| Unanswered::Gone),
        Ok(Err(_)) => Err(Unanswered::Gone),
        Err(_) => Err(Unanswered::TooSlow),
    }
}

/// The one frame of a query stream; what follows it is not read.
async fn question(recv: &mut RecvStream) -> Result<Query, Unanswered> {
    let mut prefix = [0; 4];
    recv.read_exact(&mut prefix).await.map_err(|_| Unanswered::Gone)?;
    let length = frame_length(prefix, FRAME_BYTES_MAX).map_err(Unanswered::Bad)?;
    let mut body = vec![0; length];
    recv.read_exact(&mut body).await.map_err(|_| Unanswered::Gone)?;
    decode_frame(&body).map_err(Unanswered::Bad)
}
