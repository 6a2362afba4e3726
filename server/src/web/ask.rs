//! Posts to an address over HTTPS and reads a bounded answer; it must follow no redirect and believe one authority only.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use turret_certs::tls::TlsError;

use super::limits::{ASK_BYTES_MAX, ASK_S_MAX};

/// Why there is no answer.
#[derive(Debug)]
pub enum AskError {
    /// Not `https://host[:port]/…`.
    Address,
    /// The authority cannot be used.
    Tls(TlsError),
    /// Nobody there, or not who they should be.
    Connect(io::Error),
    /// The exchange broke off.
    Http(hyper::Error),
    /// The answer is longer than any, or not text.
    Answer,
    /// No answer in time.
    Late,
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "the address must be https://host[:port]/prefix",
            Self::Tls(_) => "the authority cannot be used",
            Self::Connect(_) => "cannot connect",
            Self::Http(_) => "the exchange broke off",
            Self::Answer => "the answer is not what it should be",
            Self::Late => "no answer in time",
        })
    }
}

impl std::error::Error for AskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tls(source) => Some(source),
            Self::Connect(source) => Some(source),
            Self::Http(source) => Some(source),
            _ => None,
        }
    }
}

/// Asks one address.
pub struct Asker {
    host: String,
    port: u16,
    path: String,
    name: ServerName<'static>,
    tls: TlsConnector,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Asker {
    /// Of `https://host[:port]/prefix` with `last` behind it, believing this authority (PEM).
    ///
    /// # Errors
    /// [`AskError::Address`], [`AskError::Tls`].
    pub fn new(prefix: &str, last: &str, authority_pem: &str) -> Result<Self, AskError> {
        let address: Uri = prefix.parse().map_err(|_| AskError::Address)?;
        let host = address.host().filter(|_| address.scheme_str() == Some("https")).ok_or(AskError::Address)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare.clone()).map_err(|_| AskError::Address)?;
        let tls = turret_certs::web::client(authority_pem).map_err(AskError::Tls)?;
        Ok(Self {
            host: bare,
            port: address.port_u16().unwrap_or(443),
            path: format!("{}/{last}", address.path().trim_end_matches('/')),
            name,
            tls: TlsConnector::from(Arc::new(tls)),
        })
    }

    /// Posts text; gives the status and the text of the answer.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn post(&self, body: String) -> Result<(u16, String), AskError> {
        tokio::time::timeout(Duration::from_secs(ASK_S_MAX), self.exchange(body)).await.map_err(|_| AskError::Late)?
    }

    async fn exchange(&self, body: String) -> Result<(u16, String), AskError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(AskError::Connect)?;
        let stream = self.tls.connect(self.name.clone(), stream).await.map_err(AskError::Connect)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(AskError::Http)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.path.as_str())
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| AskError::Address)?;
        let talk = async {
            let answer = sender.send_request(request).await.map_err(AskError::Http)?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), ASK_BYTES_MAX).collect().await.map_err(|_| AskError::Answer)?;
            let text = String::from_utf8(body.to_bytes().to_vec()).map_err(|_| AskError::Answer)?;
            Ok((status, text))
        };
        tokio::pin!(talk);
        tokio::select! {
            biased;
            said = &mut talk => said,
            // It ends when the exchange does; what breaks it, the exchange says.
            _ = connection => talk.await,
        }
    }
}
