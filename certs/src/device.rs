//! A device's own key: made where it stays, shown to the authority by a request; it must take nothing but the key from one.

use rcgen::{CertificateParams, CertificateSigningRequestParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::pki_types::CertificateSigningRequestDer;
use sha2::{Digest as _, Sha256};
use turret_shared::digest::Digest;
use zeroize::Zeroizing;

use crate::authority::AuthorityError;

/// Longest request read, in bytes.
pub const REQUEST_BYTES_MAX: usize = 1_024;

/// A key pair of a device (ECDSA P-256).
pub struct DeviceKey(KeyPair);

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<device key>")
    }
}

impl DeviceKey {
    /// A new one.
    ///
    /// # Errors
    /// [`AuthorityError::Key`].
    pub fn generate() -> Result<Self, AuthorityError> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map(Self).map_err(|_| AuthorityError::Key)
    }

    /// One made before, PEM.
    ///
    /// # Errors
    /// [`AuthorityError::Key`].
    pub fn load(key_pem: &str) -> Result<Self, AuthorityError> {
        KeyPair::from_pem(key_pem).map(Self).map_err(|_| AuthorityError::Key)
    }

    /// PKCS#8, PEM: for the device's own file and nowhere else.
    #[must_use]
    pub fn pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.serialize_pem())
    }

    /// SHA-256 of its public half (SubjectPublicKeyInfo), as its certificate will have it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.subject_public_key_info()).into())
    }

    /// Shows that whoever sends it holds the key (PKCS#10, DER).
    ///
    /// # Errors
    /// [`AuthorityError::Signing`].
    pub fn request(&self) -> Result<Vec<u8>, AuthorityError> {
        let request = CertificateParams::default().serialize_request(&self.0).map_err(|_| AuthorityError::Signing)?;
        Ok(request.der().to_vec())
    }
}

/// The public key of a request whose signature was good.
#[derive(Debug, Clone)]
pub struct DevicePublic {
    pub(crate) key: rcgen::PublicKey,
    /// As [`DeviceKey::digest`].
    pub digest: Digest,
}

impl DevicePublic {
    /// Reads a request and checks that its sender holds the key.
    ///
    /// # Errors
    /// [`AuthorityError::Key`] for anything but a good request of a P-256 key.
    pub fn of_request(der: &[u8]) -> Result<Self, AuthorityError> {
        if der.len() > REQUEST_BYTES_MAX {
            return Err(AuthorityError::Key);
        }
        let request = CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(der));
        let key = request.map_err(|_| AuthorityError::Key)?.public_key;
        if PublicKeyData::algorithm(&key) != &PKCS_ECDSA_P256_SHA256 {
            return Err(AuthorityError::Key);
        }
        let digest = Digest(Sha256::digest(key.subject_public_key_info()).into());
        Ok(Self { key, digest })
    }
}
