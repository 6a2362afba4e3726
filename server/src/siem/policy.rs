//! `[siem]` of the configuration: who is sent the log, in which form, and how long they may be away before people are told.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsConnector;
use turret_certs::tls::TlsError;
use turret_shared::export::Form;

/// An absence is told of after this at the latest, in seconds.
const ALARM_S_MAX: u32 = 86_400;

/// Who is sent the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SiemPolicy {
    /// `host:port` of its receiver; empty where nobody is sent anything.
    pub address: String,
    /// The authority its certificate is of (PEM file); a path that is not absolute begins at the data directory.
    pub authority: PathBuf,
    /// `ocsf`, `ecs` or `cef`.
    pub form: String,
    /// Where it cannot be reached for so long an alert is raised, in seconds.
    pub alarm_s: u32,
}

impl Default for SiemPolicy {
    fn default() -> Self {
        Self { address: String::new(), authority: PathBuf::new(), form: Form::Ocsf.as_str().to_owned(), alarm_s: 60 }
    }
}

/// Why nobody can be sent anything as configured.
#[derive(Debug)]
pub enum PolicyError {
    /// Not `host:port`.
    Address,
    /// No form of a stream.
    Form,
    /// An absence is never told of, or only when it is too late.
    Alarm,
    /// Its authority cannot be read.
    Authority(PathBuf, std::io::Error),
    /// Its authority cannot be used.
    Tls(TlsError),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("siem.address must be host:port"),
            Self::Form => f.write_str("siem.form must be ocsf, ecs or cef"),
            Self::Alarm => write!(f, "siem.alarm_s must be 1 to {ALARM_S_MAX}"),
            Self::Authority(path, _) => write!(f, "cannot read {}", path.display()),
            Self::Tls(_) => f.write_str("siem.authority holds no authority's certificate"),
        }
    }
}

impl std::error::Error for PolicyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Authority(_, source) => Some(source),
            Self::Tls(source) => Some(source),
            Self::Address | Self::Form | Self::Alarm => None,
        }
    }
}

/// A receiver that can be reached.
pub struct Destination {
    /// What it is resolved by.
    pub host: String,
    /// Its port; 6514 is the protocol's own.
    pub port: u16,
    /// What its certificate must be for.
    pub name: ServerName<'static>,
    /// Believing its authority and no other.
    pub tls: TlsConnector,
    /// What it is sent.
    pub form: Form,
    /// How long it may be away, in seconds.
    pub alarm_s: u32,
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destination").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl SiemPolicy {
    /// The receiver, if there is to be one.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn destination(&self, data: &Path) -> Result<Option<Destination>, PolicyError> {
        if self.address.is_empty() {
            return Ok(None);
        }
        let (host, port) = self.address.rsplit_once(':').ok_or(PolicyError::Address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = port.parse().map_err(|_| PolicyError::Address)?;
        let name = ServerName::try_from(host.clone()).map_err(|_| PolicyError::Address)?;
        // A heading, which a stream has none of, is what tells the columns of CSV.
        let form = self.form.parse().ok().filter(|form| *form != Form::Csv).ok_or(PolicyError::Form)?;
        if self.alarm_s == 0 || self.alarm_s > ALARM_S_MAX {
            return Err(PolicyError::Alarm);
        }
        let path = data.join(&self.authority);
        let pem = std::fs::read_to_string(&path).map_err(|source| PolicyError::Authority(path, source))?;
        let tls = TlsConnector::from(Arc::new(turret_certs::syslog::client(&pem).map_err(PolicyError::Tls)?));
        Ok(Some(Destination { host, port, name, tls, form, alarm_s: self.alarm_s }))
    }

    /// The section of a new deployment's file.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "# Who is sent the log as it grows, by syslog over TLS; docs/guide-operator.md.\n\
             address = \"{}\"\nauthority = \"{}\"\nform = \"{}\"\nalarm_s = {}\n",
            self.address,
            self.authority.display(),
            self.form,
            self.alarm_s
        )
    }
}
