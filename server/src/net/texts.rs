//! Free text of orders on its way into the vault, so that the log gets a commitment only; it must not read any back.

use std::sync::Arc;

use turret_shared::command::{Command, Verb};
use turret_shared::digest::Digest;
use turret_shared::ids::UserId;

use super::shared::Shared;
use crate::vault::{PersonalKind, Subject};

/// The vault did not take the text: the command must not be decided.
pub(super) struct NotKept;

impl Shared {
    /// Seals the text of a new order, if it has one, and gives what the log may say of it.
    ///
    /// The same text under the same ClOrdID of the same person gives the same commitment: a command sent again is the same
    /// command. Orders without text, which is nearly all, never get here.
    pub(super) async fn commit_text(&self, user: UserId, command: &Command) -> Result<Option<Digest>, NotKept> {
        let Verb::OrderNew(order) = &command.verb else { return Ok(None) };
        if order.text.is_empty() {
            return Ok(None);
        }
        let (vault, name, text) = (Arc::clone(self.auth.vault()), order.cl_ord_id.to_string(), order.text.clone());
        let kept = tokio::task::spawn_blocking(move || {
            vault.keep_named(PersonalKind::OrderText, Subject::User(user), &name, &text)
        });
        match kept.await {
            Ok(Ok(commitment)) => Ok(Some(commitment)),
            Ok(Err(error)) => {
                tracing::error!(%error, "an order's text could not be kept");
                Err(NotKept)
            }
            Err(_) => Err(NotKept),
        }
    }
}
