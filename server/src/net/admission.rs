//! Who may begin a conversation: a proven address, room, its source's budget, TLS and one stream, each in bounded time.
//!
//! It must know no device and no person.

use std::net::IpAddr;
use std::time::Duration;

use quinn::{Connection, Incoming, RecvStream, SendStream};
use turret_shared::limits::UNAUTHENTICATED_S_MAX;

use super::conversation::Leave;
use super::limits::HANDSHAKE_S_MAX;
use super::shared::Shared;
use crate::guard::Fault;
use crate::guard::faults::Stage;

/// Room at an endpoint.
pub(super) struct Room {
    /// Connections it holds.
    pub(super) taken: usize,
    /// It may hold.
    pub(super) most: usize,
    /// The log's word for the last one too many.
    pub(super) word: &'static str,
}

/// An attempt that may go on, and the source whose budget it took: that is given back with `closed`.
pub(super) fn admitted(shared: &Shared, incoming: Incoming, room: &Room) -> Option<(Incoming, IpAddr)> {
    if !incoming.remote_address_validated() {
        // Stateless: what was sent is forgotten until the address proves its own. Never counted against anyone.
        let _ = incoming.retry();
        return None;
    }
    let address = incoming.remote_address().ip();
    let full = room.taken >= room.most;
    if full || shared.sources().admit(address, shared.now_ns()).is_err() {
        let word = if full { room.word } else { "source_budget" };
        shared.fault(None, Fault::BadInput(Stage::Limit, word));
        incoming.refuse();
        return None;
    }
    Some((incoming, address))
}

/// TLS, in bounded time.
pub(super) async fn handshake(shared: &Shared, incoming: Incoming) -> Option<Connection> {
    let connecting = incoming.accept().ok()?;
    let word = match tokio::time::timeout(Duration::from_secs(HANDSHAKE_S_MAX), connecting).await {
        Ok(Ok(connection)) => return Some(connection),
        Ok(Err(_)) => "refused",
        Err(_) => "too_slow",
    };
    shared.fault(None, Fault::BadInput(Stage::Handshake, word));
    None
}

/// The one stream that is spoken on, in bounded time.
pub(super) async fn first_stream(connection: &Connection) -> Result<(SendStream, RecvStream), Leave> {
    let opened = tokio::time::timeout(Duration::from_secs(UNAUTHENTICATED_S_MAX), connection.accept_bi());
    match opened.await {
        Ok(Ok(streams)) => Ok(streams),
        Ok(Err(_)) => Err(Leave::Gone),
        Err(_) => Err(Leave::TooSlow),
    }
}
