//! TLS towards whoever is sent the log: 1.3 only, one authority; it must offer no protocol above it and resume nothing.

use crate::tls::TlsError;
use crate::web;

/// A client that believes one authority (PEM).
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn client(authority_pem: &str) -> Result<rustls::ClientConfig, TlsError> {
    let mut config = web::client(authority_pem)?;
    // Syslog has no name there (RFC 5425).
    config.alpn_protocols.clear();
    Ok(config)
}
