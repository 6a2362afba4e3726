//! What each kind of certificate says and how long it lasts; it must sign nothing.
//!
//! One profile a purpose: a device can never pose as a server, nor a venue's client as a device, even under one authority.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose, SanType, date_time_ymd};
use turret_shared::ids::DeviceId;

use crate::authority::AuthorityError;
use crate::identity::{VENUE_CLIENT_URI, device_uri};

/// Certificates of devices are renewed at sign-in and last this long, in seconds: 30 days.
pub const DEVICE_S: u64 = 30 * 86_400;
/// Certificates of servers last this long, in seconds: 397 days.
pub const SERVER_S: u64 = 397 * 86_400;
/// The authority's own certificate lasts this long, in seconds: ten years.
pub const AUTHORITY_S: u64 = 3_650 * 86_400;
/// Certificates are valid from this long before they were made, in seconds: clocks differ.
pub const BACKDATE_S: u64 = 300;

/// Whom a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// `turretd`: SAN the DNS name and 127.0.0.1, serverAuth.
    Server {
        /// What clients call it.
        dns_name: String,
    },
    /// A person's device: SAN `turret:device:<id>`, clientAuth, 30 days.
    Device(DeviceId),
    /// The exchange simulator: as a server, of the venue's own authority.
    VenueServer {
        /// What `turretd` calls it.
        dns_name: String,
    },
    /// `turretd` towards the venue: SAN `turret:venue-client`, clientAuth.
    VenueClient,
}

impl Profile {
    /// Seconds such a certificate lasts.
    #[must_use]
    pub const fn lasts_s(&self) -> u64 {
        match self {
            Self::Device(_) => DEVICE_S,
            Self::Server { .. } | Self::VenueServer { .. } | Self::VenueClient => SERVER_S,
        }
    }

    /// The request for it, valid from `now_s` (seconds since 1970 UTC).
    ///
    /// # Errors
    /// [`AuthorityError::Name`] when a DNS name is none.
    pub(crate) fn params(&self, now_s: u64) -> Result<CertificateParams, AuthorityError> {
        let epoch = date_time_ymd(1970, 1, 1);
        let mut params = CertificateParams::default();
        params.not_before = epoch + Duration::from_secs(now_s.saturating_sub(BACKDATE_S));
        params.not_after = epoch + Duration::from_secs(now_s.saturating_add(self.lasts_s()));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let (common_name, sans, purpose) = match self {
            Self::Server { dns_name } | Self::VenueServer { dns_name } => {
                let dns = dns_name.as_str().try_into().map_err(|_| AuthorityError::Name)?;
                let sans = vec![SanType::DnsName(dns), SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))];
                (dns_name.clone(), sans, ExtendedKeyUsagePurpose::ServerAuth)
            }
            Self::Device(id) => {
                let uri = device_uri(*id).try_into().map_err(|_| AuthorityError::Name)?;
                (format!("device {id}"), vec![SanType::URI(uri)], ExtendedKeyUsagePurpose::ClientAuth)
            }
            Self::VenueClient => {
                let uri = VENUE_CLIENT_URI.try_into().map_err(|_| AuthorityError::Name)?;
                ("venue client".to_owned(), vec![SanType::URI(uri)], ExtendedKeyUsagePurpose::ClientAuth)
            }
        };
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.subject_alt_names = sans;
        params.extended_key_usages = vec![purpose];
        Ok(params)
    }
}

/// The request for an authority's own certificate.
pub(crate) fn authority_params(name: &str, now_s: u64) -> CertificateParams {
    let epoch = date_time_ymd(1970, 1, 1);
    let mut params = CertificateParams::default();
    params.not_before = epoch + Duration::from_secs(now_s.saturating_sub(BACKDATE_S));
    params.not_after = epoch + Duration::from_secs(now_s.saturating_add(AUTHORITY_S));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // It signs end entities and no further authority.
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}
