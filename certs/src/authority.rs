//! The certificate authority: made or loaded, and what it signs; it must never write a key anywhere.

use std::fmt;
use std::sync::Arc;

use rcgen::{Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use sha2::{Digest as _, Sha256};
use turret_shared::digest::Digest;
use turret_shared::ids::DeviceId;
use zeroize::Zeroizing;

use crate::device::DevicePublic;
use crate::identity::key_digest;
use crate::profile::{Profile, authority_params};
use crate::remote::{Custody, RemoteKey};

/// Why an authority could not be made, loaded or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityError {
    /// No key could be generated or read.
    Key,
    /// The certificate is not one, or not that key's.
    Certificate,
    /// A name does not fit into a certificate.
    Name,
    /// Signing failed.
    Signing,
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "the authority's key cannot be made or read",
            Self::Certificate => "the authority's certificate does not belong to its key",
            Self::Name => "the name does not fit into a certificate",
            Self::Signing => "the certificate cannot be signed",
        })
    }
}

impl std::error::Error for AuthorityError {}

/// A certificate and its private key, both PEM; the key is wiped when dropped.
pub struct Issued {
    /// The certificate alone: the authority's is pinned, not sent.
    pub certificate_pem: String,
    /// PKCS#8.
    pub key_pem: Zeroizing<String>,
    /// Of its public key, as [`crate::identity::key_digest`] finds it in the certificate: goes into the device's row.
    pub key_digest: Digest,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("certificate_pem", &self.certificate_pem).finish_non_exhaustive()
    }
}

/// A certificate authority with its key in memory or in a token (ECDSA P-256: what tokens and TPMs speak).
pub struct Authority {
    certificate_pem: String,
    issuer: Issuer<'static, Custody>,
    /// What devices believe the server by, where that is another: its certificate and the digest of its key.
    believed: Option<(String, Digest)>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("certificate_pem", &self.certificate_pem).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a new one called `name`, valid from `now_s` (seconds since 1970 UTC).
    ///
    /// # Errors
    /// [`AuthorityError::Key`] or [`AuthorityError::Signing`].
    pub fn create(name: &str, now_s: u64) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|_| AuthorityError::Key)?;
        Self::begin(name, Custody::Here(key), now_s)
    }

    /// The same, of a key that lies elsewhere.
    ///
    /// # Errors
    /// [`AuthorityError::Signing`].
    pub fn create_remote(name: &str, key: Arc<dyn RemoteKey>, now_s: u64) -> Result<Self, AuthorityError> {
        Self::begin(name, Custody::Elsewhere(key), now_s)
    }

    fn begin(name: &str, key: Custody, now_s: u64) -> Result<Self, AuthorityError> {
        let params = authority_params(name, now_s);
        let certificate_pem = params.self_signed(&key).map_err(|_| AuthorityError::Signing)?.pem();
        Ok(Self { certificate_pem, issuer: Issuer::new(params, key), believed: None })
    }

    /// Takes up one made before.
    ///
    /// # Errors
    /// [`AuthorityError::Key`] or [`AuthorityError::Certificate`], also when the two do not belong together.
    pub fn load(certificate_pem: &str, key_pem: &str) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(key_pem).map_err(|_| AuthorityError::Key)?;
        Self::take_up(certificate_pem, Custody::Here(key))
    }

    /// The same, of a key that lies elsewhere.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`] when the two do not belong together.
    pub fn load_remote(certificate_pem: &str, key: Arc<dyn RemoteKey>) -> Result<Self, AuthorityError> {
        Self::take_up(certificate_pem, Custody::Elsewhere(key))
    }

    fn take_up(certificate_pem: &str, key: Custody) -> Result<Self, AuthorityError> {
        if public_key_of(certificate_pem)? != key.der_bytes() {
            return Err(AuthorityError::Certificate);
        }
        let issuer = Issuer::from_ca_cert_pem(certificate_pem, key).map_err(|_| AuthorityError::Certificate)?;
        Ok(Self { certificate_pem: certificate_pem.to_owned(), issuer, believed: None })
    }

    /// The same, of a server whose own certificate an authority before it issued: devices are to believe that one.
    ///
    /// # Errors
    /// [`AuthorityError::Certificate`].
    pub fn believed_by(mut self, before_pem: &str) -> Result<Self, AuthorityError> {
        let der = crate::tls::one_certificate(before_pem).map_err(|_| AuthorityError::Certificate)?;
        let digest = key_digest(&der).ok_or(AuthorityError::Certificate)?;
        self.believed = Some((before_pem.to_owned(), digest));
        Ok(self)
    }

    /// What devices pin.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        self.believed.as_ref().map_or(&self.certificate_pem, |(pem, _)| pem)
    }

    /// For the key store, and nothing else; `None` of a key that lies elsewhere.
    #[must_use]
    pub fn key_pem(&self) -> Option<Zeroizing<String>> {
        match self.issuer.key() {
            Custody::Here(key) => Some(Zeroizing::new(key.serialize_pem())),
            Custody::Elsewhere(_) => None,
        }
    }

    /// Makes a key and signs its certificate, valid from `now_s` (seconds since 1970 UTC).
    ///
    /// # Errors
    /// [`AuthorityError::Name`], [`AuthorityError::Key`] or [`AuthorityError::Signing`].
    pub fn issue(&self, profile: &Profile, now_s: u64) -> Result<Issued, AuthorityError> {
        let params = profile.params(now_s)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|_| AuthorityError::Key)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|_| AuthorityError::Signing)?;
        let key_digest = key_digest(certificate.der()).ok_or(AuthorityError::Signing)?;
        Ok(Issued { certificate_pem: certificate.pem(), key_pem: Zeroizing::new(key.serialize_pem()), key_digest })
    }
}

impl Authority {
    /// Signs a certificate for a device's own key, valid from `now_s` (seconds since 1970 UTC): PEM.
    ///
    /// # Errors
    /// [`AuthorityError::Name`] or [`AuthorityError::Signing`].
    pub fn certify(&self, device: DeviceId, public: &DevicePublic, now_s: u64) -> Result<String, AuthorityError> {
        let params = Profile::Device(device).params(now_s)?;
        let certificate = params.signed_by(&public.key, &self.issuer).map_err(|_| AuthorityError::Signing)?;
        Ok(certificate.pem())
    }

    /// SHA-256 of the public key (SubjectPublicKeyInfo) that devices pin: what an enrolment code names.
    #[must_use]
    pub fn key_digest(&self) -> Digest {
        let own = || Digest(Sha256::digest(self.issuer.key().subject_public_key_info()).into());
        self.believed.as_ref().map_or_else(own, |(_, digest)| *digest)
    }
}

/// The raw public key within a certificate.
fn public_key_of(certificate_pem: &str) -> Result<Vec<u8>, AuthorityError> {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let der = crate::tls::one_certificate(certificate_pem).map_err(|_| AuthorityError::Certificate)?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| AuthorityError::Certificate)?;
    Ok(certificate.public_key().subject_public_key.data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_pin_the_authority_before_and_are_certified_by_the_one_after() {
        let before = Authority::create("desk clients", 1_700_000_000).unwrap();
        let after = Authority::create("desk clients 2", 1_700_000_000).unwrap();
        let own = (after.key_digest(), after.certificate_pem().to_owned());
        let after = after.believed_by(before.certificate_pem()).unwrap();
        assert_eq!(after.key_digest(), before.key_digest());
        assert_eq!(after.certificate_pem(), before.certificate_pem());
        assert!(own.0 != after.key_digest() && own.1 != after.certificate_pem());
        assert!(Authority::create("desk", 1).unwrap().believed_by("no certificate").is_err());
    }
}
