//! Writes one commit; it must return only when it is on disk or failed as a whole.

use rusqlite::{TransactionBehavior, params};
use turret_shared::cbor;

use super::open::{CROWD, PHASE};
use super::{Commit, Journal, JournalError};

impl Journal {
    /// Makes one commit durable.
    ///
    /// # Errors
    /// [`JournalError::Database`]; nothing of the commit is kept then.
    pub fn write(&mut self, commit: &Commit<'_>) -> Result<(), JournalError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some((first, last)) = commit.range {
            transaction
                .prepare_cached("INSERT INTO reports (first, last, frames) VALUES (?1, ?2, ?3)")?
                .execute(params![signed(first)?, signed(last)?, commit.frames])?;
        }
        if !commit.orders.is_empty() {
            let mut put = transaction.prepare_cached(
                "INSERT INTO orders (id, open, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET open = excluded.open, body = excluded.body",
            )?;
            let mut body = Vec::with_capacity(128);
            for order in &commit.orders {
                body.clear();
                cbor::put(*order, &mut body);
                put.execute(params![signed(order.order.0)?, !order.life.is_over(), body])?;
            }
        }
        let phase = commit.phase.as_ref().map(|phase| minicbor::to_vec(phase).map(|body| (PHASE, body)));
        let phase = phase.transpose().map_err(|_| JournalError::Malformed)?;
        let crowd = commit.crowd.clone().map(|body| (CROWD, body));
        for (what, body) in phase.into_iter().chain(crowd) {
            transaction
                .prepare_cached(
                    "INSERT INTO minds (what, body) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET body = excluded.body",
                )?
                .execute(params![what, body])?;
        }
        Ok(transaction.commit()?)
    }
}

/// SQLite's integers are signed; ours never come near the sign.
pub(super) fn signed(value: u64) -> Result<i64, JournalError> {
    i64::try_from(value).map_err(|_| JournalError::Malformed)
}
