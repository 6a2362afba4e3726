//! QUIC as both ends configure it, every limit by name; it must leave none to a library's default that bounds memory or time.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{Endpoint, EndpointConfig, IdleTimeout, MtuDiscoveryConfig, TokioRuntime, TransportConfig, VarInt};

use turret_shared::digest::Digest;

use crate::curt::Curt;
use crate::pinned;
use crate::tls::{self, Credentials, TlsError};

/// A silent peer is gone after this, in milliseconds.
pub const IDLE_TIMEOUT_MS: u32 = 15_000;
/// A client makes itself heard this often, in seconds: a third of the idle timeout.
pub const KEEP_ALIVE_S: u64 = 5;
/// Bidirectional streams a peer may have open before it has a session: the control stream.
pub const BIDI_STREAMS_UNAUTHENTICATED: u32 = 1;
/// Bidirectional streams a session may have open: control and queries.
pub const BIDI_STREAMS: u32 = 33;
/// Unidirectional streams a server may open towards its client: feed, and one being replaced.
pub const UNI_STREAMS_FROM_SERVER: u32 = 2;
/// Bytes a peer may send on one stream ahead of our reading.
pub const STREAM_WINDOW_BYTES: u32 = 256 * 1024;
/// Bytes a client may send on all streams together ahead of the server's reading.
pub const SERVER_RECEIVE_WINDOW_BYTES: u32 = 512 * 1024;
/// Bytes a server may send on all streams together ahead of the client's reading.
pub const CLIENT_RECEIVE_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// Bytes kept for retransmission, and so sent ahead of acknowledgement, on one connection.
pub const SEND_WINDOW_BYTES: u64 = 1024 * 1024;
/// Bytes of datagrams waiting to be sent; the oldest is dropped first, for the latest wins.
pub const DATAGRAM_SEND_BYTES: usize = 256 * 1024;
/// Bytes of datagrams a client holds before they are read.
pub const DATAGRAM_RECEIVE_BYTES: usize = 256 * 1024;
/// Bytes of handshake messages held out of order.
pub const CRYPTO_BUFFER_BYTES: usize = 16 * 1024;
/// Handshakes in progress at once; beyond it attempts are refused at once.
pub const INCOMING_MAX: usize = 1_024;
/// Bytes held for one connection attempt until it is accepted.
pub const INCOMING_BYTES: u64 = 16 * 1024;
/// The same for all attempts together.
pub const INCOMING_BYTES_TOTAL: u64 = 1024 * 1024;
/// A Retry is answered within this, in seconds.
pub const RETRY_S: u64 = 5;
/// Largest datagram looked for and taken, in bytes: what a frame of 9,000 carries over IPv6. The path's own size is found by
/// probing, so that it costs nothing where less fits; a busy link between machines, or on one, needs a sixth of the packets.
pub const DATAGRAM_BYTES_MAX: u16 = 8_952;
/// First guess of the round trip, in milliseconds: desks sit near their server.
pub const INITIAL_RTT_MS: u64 = 100;

/// A listening end. Addresses are validated by Retry (the acceptor's part) and never change afterwards.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn server(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<quinn::ServerConfig, TlsError> {
    listening(tls::server(credentials, alpn)?)
}

/// A listening end for enrolment: it shows its authority and asks for no certificate.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn enrol_server(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<quinn::ServerConfig, TlsError> {
    listening(pinned::server(credentials, alpn)?)
}

fn listening(tls: rustls::ServerConfig) -> Result<quinn::ServerConfig, TlsError> {
    let crypto = QuicServerConfig::try_from(tls).map_err(|_| TlsError::Quic)?;
    let mut transport = common();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(BIDI_STREAMS_UNAUTHENTICATED))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .receive_window(VarInt::from_u32(SERVER_RECEIVE_WINDOW_BYTES))
        // Takes none, the empty one included: it ends the connection. Yet not `None`: quinn then refuses to send any either.
        .datagram_receive_buffer_size(Some(0))
        .datagram_send_buffer_size(DATAGRAM_SEND_BYTES);
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(Curt::new(crypto)));
    // A token of an earlier connection would spare the Retry, and with it the proof that the address is still its own.
    let mut tokens = quinn::ValidationTokenConfig::default();
    tokens.sent(0);
    config
        .transport_config(Arc::new(transport))
        .migration(false)
        .max_incoming(INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(INCOMING_BYTES_TOTAL)
        .retry_token_lifetime(Duration::from_secs(RETRY_S))
        .validation_token_config(tokens);
    Ok(config)
}

/// A connecting end.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn client(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<quinn::ClientConfig, TlsError> {
    connecting(tls::client(credentials, alpn)?)
}

/// A connecting end for enrolment: it believes the authority whose key has this SHA-256, and shows no certificate.
///
/// # Errors
/// [`TlsError`] when TLS cannot be set up.
pub fn enrol_client(authority: Digest, alpn: &[u8]) -> Result<quinn::ClientConfig, TlsError> {
    connecting(pinned::client(authority, alpn)?)
}

fn connecting(tls: rustls::ClientConfig) -> Result<quinn::ClientConfig, TlsError> {
    let crypto = QuicClientConfig::try_from(tls).map_err(|_| TlsError::Quic)?;
    let mut transport = common();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(UNI_STREAMS_FROM_SERVER))
        .receive_window(VarInt::from_u32(CLIENT_RECEIVE_WINDOW_BYTES))
        .datagram_receive_buffer_size(Some(DATAGRAM_RECEIVE_BYTES))
        .datagram_send_buffer_size(0)
        .keep_alive_interval(Some(Duration::from_secs(KEEP_ALIVE_S)));
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// Has an endpoint take datagrams as large as the other end may send.
pub fn take_large(endpoint: &mut EndpointConfig) {
    // Within the bounds quinn has for it.
    let _ = endpoint.max_udp_payload_size(DATAGRAM_BYTES_MAX);
}

/// An end that only connects, bound to any port of `local`; within a tokio runtime.
///
/// # Errors
/// Whatever the system says of the socket.
pub fn connecting_end(local: SocketAddr) -> io::Result<Endpoint> {
    let mut config = EndpointConfig::default();
    take_large(&mut config);
    Endpoint::new(config, None, UdpSocket::bind(local)?, Arc::new(TokioRuntime))
}

fn common() -> TransportConfig {
    let mut transport = TransportConfig::default();
    let mut discovery = MtuDiscoveryConfig::default();
    discovery.upper_bound(DATAGRAM_BYTES_MAX);
    transport
        .mtu_discovery_config(Some(discovery))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .crypto_buffer_size(CRYPTO_BUFFER_BYTES)
        .initial_rtt(Duration::from_millis(INITIAL_RTT_MS))
        // The spin bit tells an onlooker the round trip and us nothing.
        .allow_spin(false);
    transport
}
