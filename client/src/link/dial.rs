//! From a profile to a connection that was welcomed; it must sign nobody in.

use std::net::SocketAddr;
use std::time::Duration;

use quinn::{Connection, Endpoint, SendStream};
use turret_certs::tls::Credentials;
use turret_shared::secret::SecretText;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Hello, ServerFrame, Welcome};
use turret_shared::wire::{ALPN, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN, put_frame};

use super::error::ConnectError;
use super::frames::FrameReader;
use super::limits::CONNECT_S_MAX;
use crate::profile::Profile;

/// Everything needed to connect, again and again.
pub(super) struct Dialer {
    endpoint: Endpoint,
    profile: Profile,
    script: bool,
}

/// A welcomed connection.
pub(super) struct Dialed {
    pub(super) connection: Connection,
    pub(super) send: SendStream,
    pub(super) frames: FrameReader,
    pub(super) welcome: Welcome,
}

impl Dialer {
    /// Checks the profile and binds a socket.
    pub(super) async fn new(profile: &Profile, script: bool) -> Result<Self, ConnectError> {
        config(&profile.authority_pem, &profile.device_pem, &profile.device_key)?;
        let first = resolve(&profile.server).await?;
        let local: SocketAddr = if first.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let endpoint = turret_certs::transport::connecting_end(local).map_err(|e| ConnectError::Socket(e.kind()))?;
        Ok(Self { endpoint, profile: profile.clone(), script })
    }

    /// With the device's key as it is now; the one it was where the folder is gone.
    fn config(&self) -> Result<quinn::ClientConfig, ConnectError> {
        let authority = &self.profile.authority_pem;
        let renewed = Profile::device_now(&self.profile.dir).ok();
        let renewed = renewed.and_then(|(certificate, key)| config(authority, &certificate, &key).ok());
        renewed.map_or_else(|| config(authority, &self.profile.device_pem, &self.profile.device_key), Ok)
    }

    /// Connects and exchanges hello and welcome.
    pub(super) async fn dial(&self) -> Result<Dialed, ConnectError> {
        let limit = Duration::from_secs(CONNECT_S_MAX);
        tokio::time::timeout(limit, self.try_dial()).await.unwrap_or(Err(ConnectError::TimedOut))
    }

    async fn try_dial(&self) -> Result<Dialed, ConnectError> {
        let address = resolve(&self.profile.server).await?;
        let connection = self
            .endpoint
            .connect_with(self.config()?, address, &self.profile.server_name)
            .map_err(|e| ConnectError::Transport(e.to_string()))?
            .await
            .map_err(|e| transport(&e))?;
        let (mut send, recv) = connection.open_bi().await.map_err(|e| transport(&e))?;
        let hello = ClientFrame::Hello(Hello {
            version_min: PROTOCOL_VERSION_MIN,
            version_max: PROTOCOL_VERSION,
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            script: self.script,
        });
        let mut bytes = Vec::new();
        put_frame(&hello, &mut bytes).map_err(|_| ConnectError::Protocol)?;
        send.write_all(&bytes).await.map_err(|_| closed(&connection))?;
        let mut frames = FrameReader::for_secrets(recv);
        let welcome = match frames.next().await {
            Ok(Some(ServerFrame::Welcome(welcome))) => welcome,
            Ok(_) => return Err(ConnectError::Protocol),
            Err(_) => return Err(closed(&connection)),
        };
        if !(PROTOCOL_VERSION_MIN..=PROTOCOL_VERSION).contains(&welcome.version) {
            return Err(ConnectError::Version);
        }
        if welcome.environment != self.profile.environment {
            return Err(ConnectError::Environment);
        }
        Ok(Dialed { connection, send, frames, welcome })
    }

    /// Waits until everything sent has left, at the end.
    pub(super) async fn idle(&self) {
        self.endpoint.wait_idle().await;
    }
}

fn config(authority_pem: &str, certificate_pem: &str, key: &SecretText) -> Result<quinn::ClientConfig, ConnectError> {
    let credentials = Credentials { authority_pem, certificate_pem, key_pem: key.expose() };
    turret_certs::transport::client(&credentials, ALPN).map_err(|error| ConnectError::Profile(error.to_string()))
}

pub(super) async fn resolve(server: &str) -> Result<SocketAddr, ConnectError> {
    let fail = || ConnectError::Address(turret_shared::text::escaped(server));
    tokio::net::lookup_host(server).await.map_err(|_| fail())?.next().ok_or_else(fail)
}

pub(super) fn closed(connection: &Connection) -> ConnectError {
    connection.close_reason().map_or(ConnectError::Protocol, |e| transport(&e))
}

/// A peer's words may hold anything: escaped before they are kept.
pub(super) fn transport(error: &quinn::ConnectionError) -> ConnectError {
    match error {
        quinn::ConnectionError::TimedOut => ConnectError::TimedOut,
        quinn::ConnectionError::ApplicationClosed(close) => {
            ConnectError::Closed(CloseCode::from_code(close.error_code.into_inner()))
        }
        other => ConnectError::Transport(turret_shared::text::escaped(&other.to_string())),
    }
}
