//! Personal values on their way into the vault, so that the log gets commitments only; it must not read any back.

use std::net::SocketAddr;
use std::sync::Arc;

use turret_engine::Input;
use turret_shared::command::{Command, Verb};
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::Connected;
use turret_shared::ids::{ConnectionId, DeviceId, UserId};

use super::shared::Shared;
use crate::vault::{PersonalKind, Subject};

/// The vault did not take the text: the command must not be decided.
pub(super) struct NotKept;

impl Shared {
    /// Commits to where a connection comes from, once: migration is off, so the address stays true, and later entries name
    /// the connection alone.
    pub(super) async fn note_connected(
        &self,
        connection: ConnectionId,
        device: DeviceId,
        user: UserId,
        address: SocketAddr,
    ) {
        let vault = Arc::clone(self.auth.vault());
        let text = address.to_string();
        let keep = move || vault.keep(PersonalKind::Address, Subject::Device(device), &text);
        let address = match tokio::task::spawn_blocking(keep).await {
            Ok(Ok(address)) => address,
            Ok(Err(error)) => {
                tracing::error!(%error, "a connection's address could not be kept");
                return;
            }
            Err(_) => return,
        };
        let correlation = self.fresh_correlation();
        let origin = Origin {
            actor: Actor::User(user),
            device: Some(device),
            session: None,
            source: Some(connection),
            correlation,
        };
        let event = Event::Connected(Connected { connection, address, user: Some(user) });
        self.record(Input::Note(origin, Box::new(event)));
    }

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
