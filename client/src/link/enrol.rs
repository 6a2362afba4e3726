//! The link of a device that enrols: it believes the authority its code names and no other; it must send the code nowhere else.

use std::net::SocketAddr;
use std::time::Duration;

use quinn::{Connection, Endpoint, SendStream, VarInt};
use turret_certs::DeviceKey;
use turret_shared::enrol_code::EnrolCode;
use turret_shared::limits::FRAME_BYTES_MAX_UNAUTHENTICATED;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest};
use turret_shared::wire::{ALPN_ENROL, put_frame};
use zeroize::Zeroizing;

use super::dial::{closed, resolve, transport};
use super::error::ConnectError;
use super::frames::FrameReader;
use super::limits::CONNECT_S_MAX;

/// An open conversation with the enrolment endpoint.
pub struct EnrolLink {
    endpoint: Endpoint,
    connection: Connection,
    send: SendStream,
    frames: FrameReader,
}

impl std::fmt::Debug for EnrolLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolLink")
    }
}

impl EnrolLink {
    /// Connects, checks who answers, and shows code and key.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn open(server: &str, name: &str, code: &EnrolCode, key: &DeviceKey) -> Result<Self, ConnectError> {
        let request = key.request().map_err(|error| ConnectError::Profile(error.to_string()))?;
        let dialled = tokio::time::timeout(Duration::from_secs(CONNECT_S_MAX), Self::dial(server, name, code));
        let mut link = dialled.await.unwrap_or(Err(ConnectError::TimedOut))?;
        link.say(&EnrolRequest::Open { secret: code.secret.clone(), key: request }).await?;
        Ok(link)
    }

    async fn dial(server: &str, name: &str, code: &EnrolCode) -> Result<Self, ConnectError> {
        let config = turret_certs::transport::enrol_client(code.authority, ALPN_ENROL)
            .map_err(|error| ConnectError::Profile(error.to_string()))?;
        let address = resolve(server).await?;
        let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let endpoint = Endpoint::client(local).map_err(|error| ConnectError::Socket(error.kind()))?;
        let connection = endpoint
            .connect_with(config, address, name)
            .map_err(|error| ConnectError::Transport(error.to_string()))?
            .await
            .map_err(|error| transport(&error))?;
        let (send, recv) = connection.open_bi().await.map_err(|error| transport(&error))?;
        Ok(Self { endpoint, connection, send, frames: FrameReader::new(recv) })
    }

    /// Says something.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn say(&mut self, request: &EnrolRequest) -> Result<(), ConnectError> {
        // Room for a code or a password: growing would leave unwiped copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(FRAME_BYTES_MAX_UNAUTHENTICATED));
        put_frame(request, &mut bytes).map_err(|_| ConnectError::Protocol)?;
        self.send.write_all(&bytes).await.map_err(|_| closed(&self.connection))
    }

    /// What the server says next, within so many seconds.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn hear(&mut self, s_max: u64) -> Result<EnrolReply, ConnectError> {
        let heard = tokio::time::timeout(Duration::from_secs(s_max), self.frames.next());
        match heard.await.map_err(|_| ConnectError::TimedOut)? {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(ConnectError::Protocol),
            Err(_) => Err(closed(&self.connection)),
        }
    }

    /// Ends it, once what was said has left.
    pub async fn finish(mut self) {
        if self.send.finish().is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(CONNECT_S_MAX), self.send.stopped()).await;
        }
        self.connection.close(VarInt::from_u32(CloseCode::Done.code()), b"");
        self.endpoint.wait_idle().await;
    }
}
