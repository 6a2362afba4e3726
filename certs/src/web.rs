//! TLS of what strangers read over HTTPS: 1.3 only, the hybrid key exchange first and X25519 for those who lack it.
//!
//! It must ask for no client certificate, and serve nothing that needs one.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::tls::{self, TlsError};

/// What is spoken (RFC 9112).
const ALPN_HTTP: &[u8] = b"http/1.1";

/// The house's algorithms, and the one group besides that every TLS 1.3 client has.
fn provider() -> Arc<CryptoProvider> {
    let house = tls::provider();
    Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519],
        ..CryptoProvider::clone(&house)
    })
}

/// A server with its certificate and whatever stands between that and an authority, all PEM.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn server(chain_pem: &str, key_pem: &str) -> Result<rustls::ServerConfig, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::Certificate);
    }
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .with_no_client_auth()
        .with_single_cert(chain, tls::key(key_pem)?)
        .map_err(TlsError::Config)?;
    Ok(tls::remembering_nothing(config, ALPN_HTTP))
}

/// A client that believes one authority.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn client(authority_pem: &str) -> Result<rustls::ClientConfig, TlsError> {
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .with_root_certificates(tls::roots(authority_pem)?)
        .with_no_client_auth();
    Ok(tls::resuming_nothing(config, ALPN_HTTP))
}
