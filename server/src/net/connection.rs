//! One connection from its handshake to its end: certificate, device row, sign-in, session; panics stay inside.
//!
//! It must open no stream before the device's row has been looked at.

use std::sync::Arc;

use quinn::{Connection, ConnectionError, Incoming, VarInt};
use rustls::pki_types::CertificateDer;
use turret_certs::Identity;
use turret_certs::identity::{ends_s, key_digest};
use turret_engine::access::KeyShown;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::DeviceId;
use turret_shared::people::LockCause;
use turret_shared::wire::close::CloseCode;

use super::admission::{first_stream, handshake};
use super::contain::contain;
use super::conversation::Conversation;
use super::limits::PRIORITY_CONTROL;
use super::shared::Shared;
use crate::guard::Fault;
use crate::guard::faults::Stage;

/// Serves one validated attempt until it is over.
pub(super) async fn serve(shared: &Arc<Shared>, incoming: Incoming) {
    let Some(connection) = handshake(shared, incoming).await else { return };
    let (device, ends_s) = match known_device(shared, &connection).await {
        Ok(known) => known,
        Err(word) => {
            shared.fault(None, Fault::BadInput(Stage::Handshake, word));
            shared.offended(connection.remote_address().ip(), word);
            close(&connection, CloseCode::DeviceRefused);
            return;
        }
    };
    let Some((id, signals)) = shared.enter(device, &connection, ends_s) else {
        shared.fault(Some(device), Fault::BadInput(Stage::Limit, "device_connections"));
        close(&connection, CloseCode::TooMuch);
        return;
    };
    let talk = {
        let (shared, connection) = (Arc::clone(shared), connection.clone());
        async move {
            let (send, recv) = match first_stream(&connection).await {
                Ok(streams) => streams,
                Err(leave) => return leave,
            };
            let _ = send.set_priority(PRIORITY_CONTROL);
            Conversation::new(shared, connection, id, device, send, recv, signals).hold().await
        }
    };
    let left = contain(talk).await;
    shared.carriers().leave(id);
    if let Some(ConnectionError::TransportError(_)) = connection.close_reason() {
        // What no client of ours sends, stopped below the frames: a datagram, a stream too many, bytes beyond a window.
        shared.fault(Some(device), Fault::BadInput(Stage::Limit, "transport"));
    }
    match left {
        Ok(leave) => close(&connection, leave.code()),
        Err(_) => {
            shared.panicked();
            close(&connection, CloseCode::Internal);
        }
    }
}

/// The device the certificate names, if its row lets that very key in. A locked one is let in and fails at sign-in, so
/// that nobody learns of the lock who does not hold the factors. With the end of the certificate, in seconds since 1970.
async fn known_device(shared: &Shared, connection: &Connection) -> Result<(DeviceId, Option<i64>), &'static str> {
    let Some(certificate) = certificate(connection) else { return Err("certificate") };
    let Some(Identity::Device(device)) = Identity::of(&certificate) else { return Err("certificate_name") };
    let Some(key) = key_digest(&certificate) else { return Err("certificate") };
    let view = shared.access.now();
    let Some(row) = view.device(device) else { return Err("device_unknown") };
    if row.revoked {
        return Err("device_revoked");
    }
    match row.key_shown(&key, shared.clock.wall()) {
        KeyShown::Own => Ok((device, ends_s(&certificate))),
        KeyShown::Next if shared.turned(device, key, row.generation).await => Ok((device, ends_s(&certificate))),
        KeyShown::Next | KeyShown::JustReplaced | KeyShown::Foreign => Err("device_key"),
        KeyShown::Older => {
            if row.locked != Some(LockCause::Copied) {
                shared.lock_device(device, SignInFault::Copied).await;
            }
            Err("device_key")
        }
    }
}

/// What the peer showed in the handshake, DER.
pub(super) fn certificate(connection: &Connection) -> Option<CertificateDer<'static>> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    chain.into_iter().next()
}

/// Ends the connection under its code, without a word of why.
fn close(connection: &Connection, code: CloseCode) {
    connection.close(VarInt::from_u32(code.code()), b"");
}
