//! TLS for enrolment: the server shows its authority too, and the client believes it by the key's digest alone.
//!
//! It must believe no authority but the one named, and ask for no client certificate.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use turret_shared::digest::Digest;

use crate::identity::key_digest;
use crate::tls::{
    Credentials, TlsError, first_certificate, key, one_certificate, provider, remembering_nothing, resuming_nothing,
};

/// A server that shows its own certificate and its authority's, and asks for none.
pub(crate) fn server(credentials: &Credentials<'_>, alpn: &[u8]) -> Result<rustls::ServerConfig, TlsError> {
    let chain = vec![one_certificate(credentials.certificate_pem)?, first_certificate(credentials.authority_pem)?];
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .with_no_client_auth()
        .with_single_cert(chain, key(credentials.key_pem)?)
        .map_err(TlsError::Config)?;
    Ok(remembering_nothing(config, alpn))
}

/// A client that believes the authority with this key and shows no certificate.
pub(crate) fn client(authority: Digest, alpn: &[u8]) -> Result<rustls::ClientConfig, TlsError> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    let verifier = Arc::new(Pinned { authority, algorithms, provider: Arc::clone(&provider) });
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Config)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(resuming_nothing(config, alpn))
}

/// Everything as for any other server, but for where the authority comes from.
#[derive(Debug)]
struct Pinned {
    authority: Digest,
    algorithms: WebPkiSupportedAlgorithms,
    provider: Arc<rustls::crypto::CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let shown = intermediates.iter().find(|shown| key_digest(shown).as_ref() == Some(&self.authority));
        let mut roots = RootCertStore::empty();
        roots.add(shown.ok_or_else(unknown)?.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider));
        let verifier = verifier.build().map_err(|_| unknown())?;
        verifier.verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
