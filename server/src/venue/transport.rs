//! QUIC as the venue link configures it; it must leave no limit to a library's default.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{IdleTimeout, TransportConfig, VarInt};
use turret_certs::tls::{self, Credentials, TlsError};
use turret_shared::wire::ALPN_VENUE;

use super::limits::{IDLE_MS_MAX, KEEP_ALIVE_MS, RECEIVE_BYTES, SEND_BYTES};

/// The server's end.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn client(credentials: &Credentials<'_>) -> Result<quinn::ClientConfig, TlsError> {
    let crypto = QuicClientConfig::try_from(tls::client(credentials, ALPN_VENUE)?).map_err(|_| TlsError::Quic)?;
    let mut transport = common();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(1))
        .keep_alive_interval(Some(Duration::from_millis(KEEP_ALIVE_MS)));
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// The venue's end.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn server(credentials: &Credentials<'_>) -> Result<quinn::ServerConfig, TlsError> {
    let crypto = QuicServerConfig::try_from(tls::server(credentials, ALPN_VENUE)?).map_err(|_| TlsError::Quic)?;
    let mut transport = common();
    transport.max_concurrent_bidi_streams(VarInt::from_u32(1)).max_concurrent_uni_streams(VarInt::from_u32(0));
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(Arc::new(transport)).migration(false);
    Ok(config)
}

fn common() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS_MAX))))
        .stream_receive_window(VarInt::from_u32(RECEIVE_BYTES))
        .receive_window(VarInt::from_u32(RECEIVE_BYTES.saturating_mul(2)))
        .send_window(u64::from(SEND_BYTES))
        .datagram_receive_buffer_size(None)
        .allow_spin(false);
    transport
}
