//! Answers requests over HTTPS within named limits; it must not know what is asked.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::limits::{
    ACCEPT_RETRY_MS, ANSWER_S_MAX, CONNECTION_S_MAX, CONNECTIONS_MAX, HANDSHAKE_S_MAX, HEAD_BYTES_MAX, HEAD_S_MAX,
    HEADERS_MAX,
};

/// Why nobody can be served.
#[derive(Debug)]
pub enum ListenError {
    /// The address cannot be listened on.
    Bind(SocketAddr, io::Error),
    /// Certificate or key cannot be used.
    Tls(turret_certs::tls::TlsError),
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(address, _) => write!(f, "cannot listen on {address}"),
            Self::Tls(_) => f.write_str("the certificate or its key cannot be used"),
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(_, source) => Some(source),
            Self::Tls(source) => Some(source),
        }
    }
}

/// A request, whole.
#[derive(Debug)]
pub struct Asked {
    /// True for POST, false for GET; nothing else is let through.
    pub posted: bool,
    /// The path, as it came: not decoded.
    pub path: String,
    /// What was posted.
    pub body: Bytes,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status (RFC 9110, 15).
    pub status: u16,
    /// Media type.
    pub kind: &'static str,
    /// Whether it never changes, so that anybody may keep it.
    pub lasting: bool,
    /// The answer itself.
    pub body: Vec<u8>,
}

impl Answer {
    /// A status with one line of text.
    #[must_use]
    pub fn text(status: u16, line: &str) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", lasting: false, body: format!("{line}\n").into_bytes() }
    }
}

/// What answers; it may wait for a disk.
pub trait Service: Send + Sync + 'static {
    /// Most bytes posted to it.
    const BODY_BYTES_MAX: usize;

    /// One answer to one request.
    fn answer(&self, asked: &Asked) -> Answer;
}

/// A listening end.
pub struct Listen {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listen {
    /// Binds; within a tokio runtime.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn on(address: SocketAddr, chain_pem: &str, key_pem: &str) -> Result<Self, ListenError> {
        let tls = turret_certs::web::server(chain_pem, key_pem).map_err(ListenError::Tls)?;
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError::Bind(address, source))?;
        Ok(Self { listener, acceptor: TlsAcceptor::from(Arc::new(tls)) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Whatever the system says of the socket.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers whoever comes, until `end`.
    pub async fn serve<S: Service>(self, service: Arc<S>, end: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut talks = JoinSet::new();
        tokio::pin!(end);
        loop {
            let next = async {
                // Never closed.
                let place = Arc::clone(&places).acquire_owned().await;
                (place, self.listener.accept().await)
            };
            let (place, come) = tokio::select! {
                () = &mut end => return,
                come = next => come,
                Some(_) = talks.join_next(), if !talks.is_empty() => continue,
            };
            match come {
                Ok((stream, _)) => {
                    let (acceptor, service) = (self.acceptor.clone(), Arc::clone(&service));
                    talks.spawn(async move {
                        let _place = place;
                        let life = Duration::from_secs(CONNECTION_S_MAX);
                        // A stranger's connection that ends badly is nobody's business.
                        let _ = tokio::time::timeout(life, talk(stream, acceptor, service)).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection taken");
                    tokio::time::sleep(Duration::from_millis(ACCEPT_RETRY_MS)).await;
                }
            }
        }
    }
}

async fn talk<S: Service>(stream: TcpStream, acceptor: TlsAcceptor, service: Arc<S>) {
    let handshake = tokio::time::timeout(Duration::from_secs(HANDSHAKE_S_MAX), acceptor.accept(stream));
    let Ok(Ok(stream)) = handshake.await else { return };
    let answering = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(within(request, service).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_S_MAX))
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answering);
    let _ = connection.await;
}

async fn within<S: Service>(request: Request<Incoming>, service: Arc<S>) -> Response<Full<Bytes>> {
    let answer = tokio::time::timeout(Duration::from_secs(ANSWER_S_MAX), one::<S>(request, service)).await;
    let Answer { status, kind, lasting, body } = answer.unwrap_or_else(|_| Answer::text(408, "too slow"));
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let keep = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(hyper::header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

async fn one<S: Service>(request: Request<Incoming>, service: Arc<S>) -> Answer {
    let posted = match *request.method() {
        Method::GET => false,
        Method::POST => true,
        _ => return Answer::text(405, "GET and POST only"),
    };
    let path = request.uri().path().to_owned();
    let body = if posted {
        match Limited::new(request.into_body(), S::BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return Answer::text(413, "too much, or cut short"),
        }
    } else {
        Bytes::new()
    };
    let asked = Asked { posted, path, body };
    tokio::task::spawn_blocking(move || service.answer(&asked))
        .await
        .unwrap_or_else(|_| Answer::text(500, "this could not be answered"))
}
