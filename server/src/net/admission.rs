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
use crate::guard::sources::SourceRefused;

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
    let now_ns = shared.now_ns();
    if shared.bans().is_banned(address, now_ns) {
        // Not even a word: whoever sends on pays for it alone.
        shared.fault(None, Fault::BadInput(Stage::Limit, "source_banned"));
        incoming.ignore();
        return None;
    }
    let full = room.taken >= room.most;
    let refused = if full { None } else { shared.sources().admit(address, now_ns).err() };
    if full || refused.is_some() {
        let word = if full { room.word } else { "source_budget" };
        shared.fault(None, Fault::BadInput(Stage::Limit, word));
        if refused.is_some_and(SourceRefused::is_its_own) {
            shared.offended(address, word);
        }
        incoming.refuse();
        return None;
    }
    Some((incoming, address))
}

/// One handshake under way: it is over when this is.
struct Shaking<'a>(&'a Shared, IpAddr);

impl Drop for Shaking<'_> {
    fn drop(&mut self) {
        self.0.sources().shaken(self.1);
    }
}

/// TLS, in bounded time.
pub(super) async fn handshake(shared: &Shared, incoming: Incoming) -> Option<Connection> {
    let address = incoming.remote_address().ip();
    let _shaking = Shaking(shared, address);
    shared.turnstile.pass().await;
    let connecting = incoming.accept().ok()?;
    let word = match tokio::time::timeout(Duration::from_secs(HANDSHAKE_S_MAX), connecting).await {
        Ok(Ok(connection)) => return Some(connection),
        Ok(Err(_)) => "refused",
        Err(_) => "too_slow",
    };
    shared.fault(None, Fault::BadInput(Stage::Handshake, word));
    shared.offended(address, word);
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
