//! A proof pack for who asks: gathered, proved, recorded, then told; it must tell none that is not recorded.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use turret_engine::Principal;
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::ops::PackMade;
use turret_shared::ids::{CorrelationId, OrderId, Sequence};
use turret_shared::pack;
use turret_shared::wire::query::{Answer, AnswerBody};

use super::frames::one;
use super::handle::{Queries, unserved};
use crate::sequencer::limits::MESSAGE_BYTES_MAX;

/// A checkpoint follows its entries within a second: without one after this, in seconds, nothing is signed any more.
const CHECKPOINT_S_MAX: u64 = 5;

impl Queries {
    /// Rights were judged. Nothing is handed out before it is recorded what.
    pub(super) async fn pack(&self, principal: &Principal, correlation: CorrelationId, order: OrderId) -> Vec<Answer> {
        match self.made(order).await {
            Ok(None) => one(Sequence(0), AnswerBody::Denied { code: DenialCode::UnknownOrder, correlation }),
            Ok(Some((text, entries))) => {
                let digest = Digest(Sha256::digest(text.as_bytes()).into());
                let made = PackMade { order, digest, entries };
                match self.record(principal, correlation, Event::PackMade(made)).await {
                    Some(recorded) => pieces(recorded, text.as_bytes()),
                    None => unserved(correlation),
                }
            }
            Err(cause) => {
                tracing::warn!(cause, %correlation, "proof pack");
                unserved(correlation)
            }
        }
    }

    /// The pack's text and how many entries it has; `None` for an order there is not.
    async fn made(&self, order: OrderId) -> Result<Option<(String, u32)>, String> {
        let heads = self.heads.clone().ok_or("nothing is signed here")?;
        let entries = self.audit.pack(order).await.map_err(|error| error.to_string())?;
        let Some(last) = entries.keys().next_back().copied() else { return Ok(None) };
        let patience = Duration::from_secs(CHECKPOINT_S_MAX);
        let covering = tokio::time::timeout(patience, heads.covering(last)).await;
        let signed = covering.ok().flatten().ok_or("no checkpoint covers it")?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let text = tokio::task::spawn_blocking(move || {
            let pack = heads.prove(order, entries, &signed).map_err(|error| error.to_string())?;
            pack::write(&pack).map_err(|error| error.to_string())
        });
        let text = text.await.map_err(|error| error.to_string())??;
        Ok(Some((text, count)))
    }
}

fn pieces(through: Sequence, bytes: &[u8]) -> Vec<Answer> {
    let mut answers: Vec<Answer> = bytes
        .chunks(MESSAGE_BYTES_MAX)
        .map(|piece| Answer { more: true, through, body: AnswerBody::Pack(piece.to_vec()) })
        .collect();
    if let Some(last) = answers.last_mut() {
        last.more = false;
    }
    answers
}
