//! Who a peer's certificate says it is; it must not judge whether that peer may do anything.

use sha2::{Digest as _, Sha256};
use turret_shared::digest::Digest;
use turret_shared::ids::DeviceId;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The name a venue's client carries.
pub(crate) const VENUE_CLIENT_URI: &str = "turret:venue-client";
const DEVICE_PREFIX: &str = "turret:device:";

/// The one subject alternative name of a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// A person's device.
    Device(DeviceId),
    /// `turretd` at a venue.
    VenueClient,
}

/// The name of a device as its certificate carries it.
#[must_use]
pub fn device_uri(id: DeviceId) -> String {
    format!("{DEVICE_PREFIX}{id}")
}

impl Identity {
    /// Reads the identity of a client certificate (DER) that the verifier has already accepted.
    ///
    /// `None` unless it carries exactly one name, and that one of ours in its one spelling.
    #[must_use]
    pub fn of(certificate_der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(certificate_der).ok()?;
        let names = certificate.subject_alternative_name().ok()??;
        let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else { return None };
        if !rest.is_empty() {
            return None;
        }
        if *uri == VENUE_CLIENT_URI {
            return Some(Self::VenueClient);
        }
        let id = DeviceId(uri.strip_prefix(DEVICE_PREFIX)?.parse().ok()?);
        // `+7` and `007` parse, but are not how we write 7.
        (device_uri(id) == *uri).then_some(Self::Device(id))
    }
}

/// SHA-256 of a whole certificate: what people compare, and the end of its validity in seconds since 1970.
///
/// `None` when the text is no single certificate.
#[must_use]
pub fn seen(certificate_pem: &str) -> Option<(Digest, i64)> {
    let der = crate::tls::one_certificate(certificate_pem).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some((Digest(Sha256::digest(&der).into()), certificate.validity().not_after.timestamp()))
}

/// The end of a certificate's validity in seconds since 1970; `None` when the bytes are none.
#[must_use]
pub fn ends_s(certificate_der: &[u8]) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// What a device's row and its certificate must agree on: SHA-256 of the certificate's SubjectPublicKeyInfo (DER).
///
/// `None` when the bytes are no certificate.
#[must_use]
pub fn key_digest(certificate_der: &[u8]) -> Option<Digest> {
    let (_, certificate) = X509Certificate::from_der(certificate_der).ok()?;
    Some(Digest(Sha256::digest(certificate.public_key().raw).into()))
}
