//! TLS as both ends must speak it: 1.3 only, X25519MLKEM768 only, both certificates, no way back in without them.
//!
//! It must offer no weaker choice: a server that lists a second group lets the client pick it.

use std::fmt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};

/// Why a TLS configuration could not be made.
#[derive(Debug)]
pub enum TlsError {
    /// Not exactly one certificate in the PEM.
    Certificate,
    /// Not one private key in the PEM.
    Key,
    /// Certificate, key and authority do not fit together.
    Config(rustls::Error),
    /// The verifier of client certificates could not be made.
    Verifier,
    /// QUIC cannot use it.
    Quic,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "not exactly one certificate",
            Self::Key => "not a private key",
            Self::Config(_) => "certificate, key and authority do not fit together",
            Self::Verifier => "no verifier can be made from the authority",
            Self::Quic => "QUIC cannot use this configuration",
        })
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(cause) => Some(cause),
            _ => None,
        }
    }
}

/// Who one end is and whom it believes, all PEM.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The one authority believed. A server may have more: the first issued its own certificate, and devices are of any.
    pub authority_pem: &'a str,
    /// Own certificate.
    pub certificate_pem: &'a str,
    /// Own key.
    pub key_pem: &'a str,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("certificate_pem", &self.certificate_pem).finish_non_exhaustive()
    }
}

/// The one set of algorithms: hybrid post-quantum key exchange and the TLS 1.3 suites.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        cipher_suites: vec![
            aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384,
            aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256,
            aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        ],
        ..aws_lc_rs::default_provider()
    })
}

/// A server that asks for a client certificate of the one authority, and remembers no session.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn server(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<rustls::ServerConfig, TlsError> {
    let provider = provider();
    let verifier = WebPkiClientVerifier::builder_with_provider(
        Arc::new(every_root(credentials.authority_pem)?),
        Arc::clone(&provider),
    )
    .build()
    .map_err(|_| TlsError::Verifier)?;
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![one_certificate(credentials.certificate_pem)?], key(credentials.key_pem)?)
        .map_err(TlsError::Config)?;
    Ok(remembering_nothing(config, alpn))
}

/// With tickets a revoked device would come back without its certificate being looked at.
pub(crate) fn remembering_nothing(mut config: rustls::ServerConfig, alpn: &[u8]) -> rustls::ServerConfig {
    config.alpn_protocols = vec![alpn.to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    config
}

/// A client that believes the one authority, shows its certificate, and resumes nothing.
///
/// # Errors
/// [`TlsError`] for PEM that does not hold what it should.
pub fn client(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<rustls::ClientConfig, TlsError> {
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .with_root_certificates(roots(credentials.authority_pem)?)
        .with_client_auth_cert(vec![one_certificate(credentials.certificate_pem)?], key(credentials.key_pem)?)
        .map_err(TlsError::Config)?;
    Ok(resuming_nothing(config, alpn))
}

/// Every connection shows its certificates anew.
pub(crate) fn resuming_nothing(mut config: rustls::ClientConfig, alpn: &[u8]) -> rustls::ClientConfig {
    config.alpn_protocols = vec![alpn.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_early_data = false;
    config
}

/// The only certificate in a PEM text.
///
/// # Errors
/// [`TlsError::Certificate`] when there is none or a second one.
pub fn one_certificate(pem: &str) -> Result<CertificateDer<'static>, TlsError> {
    let mut all = CertificateDer::pem_slice_iter(pem.as_bytes());
    match (all.next(), all.next()) {
        (Some(Ok(certificate)), None) => Ok(certificate),
        _ => Err(TlsError::Certificate),
    }
}

/// The first certificate in a PEM text.
pub(crate) fn first_certificate(pem: &str) -> Result<CertificateDer<'static>, TlsError> {
    match CertificateDer::pem_slice_iter(pem.as_bytes()).next() {
        Some(Ok(certificate)) => Ok(certificate),
        _ => Err(TlsError::Certificate),
    }
}

pub(crate) fn key(pem: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| TlsError::Key)
}

/// Every authority of a server: one that was lost with its token is believed until its certificates end.
fn every_root(authority_pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority_pem.as_bytes()) {
        roots.add(certificate.map_err(|_| TlsError::Certificate)?).map_err(TlsError::Config)?;
    }
    if roots.is_empty() { Err(TlsError::Certificate) } else { Ok(roots) }
}

pub(crate) fn roots(authority_pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(one_certificate(authority_pem)?).map_err(TlsError::Config)?;
    Ok(roots)
}
