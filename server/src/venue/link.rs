//! The link to the exchange simulator over QUIC; it must never make the sequencer wait or hand on a report twice.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use turret_certs::tls::{Credentials, TlsError};
use turret_shared::venue::Route;
use turret_shared::wire::venue::{MarketFrame, VenueClientFrame, VenueFrame};
use turret_shared::wire::{FrameError, PROTOCOL_VERSION, put_frame};
use zeroize::Zeroizing;

use super::frames::{FrameReader, StreamFault};
use super::limits::{BACKOFF_MS_MAX, BACKOFF_MS_MIN, CONNECT_MS_MAX, REPORTS_MAX, ROUTE_QUEUE_MAX, WRITE_BYTES_MAX};
use super::{Venue, VenueEvent, transport};

/// Where the simulator listens and who we are to it.
#[derive(Clone)]
pub struct LinkConfig {
    /// Its address.
    pub address: SocketAddr,
    /// The name in its certificate.
    pub server_name: String,
    /// The authority both ends believe, PEM.
    pub authority_pem: String,
    /// Our certificate (profile `VenueClient`), PEM.
    pub certificate_pem: String,
    /// Our key, PEM.
    pub key_pem: Zeroizing<String>,
}

impl fmt::Debug for LinkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkConfig").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why a link cannot be started.
#[derive(Debug)]
pub enum LinkConfigError {
    /// The certificates do not serve.
    Tls(TlsError),
    /// No socket.
    Socket(std::io::Error),
}

impl fmt::Display for LinkConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls(_) => "the venue certificates cannot be used",
            Self::Socket(_) => "no socket for the venue link",
        })
    }
}

impl std::error::Error for LinkConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tls(cause) => Some(cause),
            Self::Socket(cause) => Some(cause),
        }
    }
}

/// Why one connection ended.
#[derive(Debug)]
enum LinkFault {
    Timeout,
    Connect(quinn::ConnectError),
    Connection(quinn::ConnectionError),
    Write(quinn::WriteError),
    Stream(StreamFault),
    Frame(FrameError),
    /// The venue sent a frame that has no place there, or left a gap in its reports.
    Protocol,
    /// The venue knows fewer reports than we recorded: it lost its journal.
    VenueForgot,
    /// Too many routes waited, or the process is ending.
    QueueLost,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no welcome in time"),
            Self::Connect(cause) => cause.fmt(f),
            Self::Connection(cause) => cause.fmt(f),
            Self::Write(cause) => cause.fmt(f),
            Self::Stream(cause) => cause.fmt(f),
            Self::Frame(cause) => cause.fmt(f),
            Self::Protocol => f.write_str("unexpected frame or a gap in the reports"),
            Self::VenueForgot => f.write_str("the venue has fewer reports than are recorded here"),
            Self::QueueLost => f.write_str("route queue full, or ending"),
        }
    }
}

/// What `route` may do now.
enum Gate {
    Down,
    /// Connected and caught up; the outbox has not been handed over.
    Waiting(mpsc::Sender<Vec<Route>>),
    Live(mpsc::Sender<Vec<Route>>),
}

/// A venue reached over the network, connecting again for ever.
pub struct SimLink {
    gate: Arc<Mutex<Gate>>,
    task: AbortHandle,
}

impl fmt::Debug for SimLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimLink").finish_non_exhaustive()
    }
}

impl SimLink {
    /// Starts connecting. `recorded` is the last report sequence in our log; everything later arrives in `events`, which
    /// must lose nothing: when it is full the link waits, and with it the venue.
    ///
    /// # Errors
    /// [`LinkConfigError`] when no connection could ever be made.
    pub fn start(
        runtime: &Handle,
        config: &LinkConfig,
        recorded: u64,
        events: mpsc::Sender<VenueEvent>,
    ) -> Result<Self, LinkConfigError> {
        let credentials = Credentials {
            authority_pem: &config.authority_pem,
            certificate_pem: &config.certificate_pem,
            key_pem: &config.key_pem,
        };
        let client = transport::client(&credentials).map_err(LinkConfigError::Tls)?;
        let any = match config.address {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let mut endpoint = {
            let _inside = runtime.enter();
            turret_certs::transport::connecting_end(any).map_err(LinkConfigError::Socket)?
        };
        endpoint.set_default_client_config(client);
        let gate = Arc::new(Mutex::new(Gate::Down));
        let pump = Pump {
            endpoint,
            address: config.address,
            server_name: config.server_name.clone(),
            recorded,
            events,
            gate: Arc::clone(&gate),
        };
        let task = runtime.spawn(pump.run()).abort_handle();
        Ok(Self { gate, task })
    }
}

impl Drop for SimLink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Venue for SimLink {
    fn route(&self, routes: Vec<Route>) {
        let mut gate = locked(&self.gate);
        if let Gate::Live(queue) = &*gate
            && queue.try_send(routes).is_err()
        {
            *gate = Gate::Down;
        }
    }

    fn recover(&self, outbox: Vec<Route>) {
        let mut gate = locked(&self.gate);
        let queue = match &*gate {
            Gate::Down => return,
            Gate::Waiting(queue) | Gate::Live(queue) => queue.clone(),
        };
        *gate = if queue.try_send(outbox).is_ok() { Gate::Live(queue) } else { Gate::Down };
    }
}

/// A holder that panicked left a whole value: each change is one assignment.
fn locked(gate: &Mutex<Gate>) -> MutexGuard<'_, Gate> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The task behind a link.
struct Pump {
    endpoint: quinn::Endpoint,
    address: SocketAddr,
    server_name: String,
    recorded: u64,
    events: mpsc::Sender<VenueEvent>,
    gate: Arc<Mutex<Gate>>,
}

impl Pump {
    async fn run(mut self) {
        let mut pause_ms = BACKOFF_MS_MIN;
        loop {
            let recorded = self.recorded;
            let (fault, was_up) = self.one_connection().await;
            *locked(&self.gate) = Gate::Down;
            if was_up {
                pause_ms = BACKOFF_MS_MIN;
            }
            tracing::info!(%fault, was_up, recorded, "venue link ended");
            if self.events.is_closed() || (was_up && self.events.send(VenueEvent::Link(false)).await.is_err()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            pause_ms = pause_ms.saturating_mul(2).min(BACKOFF_MS_MAX);
        }
    }

    /// Runs one connection to its end and tells whether `Link(true)` was reported for it.
    async fn one_connection(&mut self) -> (LinkFault, bool) {
        let welcome = tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), self.connect()).await;
        let (connection, mut send, mut reports, tip) = match welcome {
            Ok(Ok(parts)) => parts,
            Ok(Err(fault)) => return (fault, false),
            Err(_) => return (LinkFault::Timeout, false),
        };
        while self.recorded < tip {
            if let Err(fault) = self.some_reports(&mut reports).await {
                return (fault, false);
            }
        }
        let (queue, mut waiting) = mpsc::channel(ROUTE_QUEUE_MAX);
        *locked(&self.gate) = Gate::Waiting(queue);
        if self.events.send(VenueEvent::Link(true)).await.is_err() {
            return (LinkFault::QueueLost, false);
        }
        let prices = self.events.clone();
        let fault = tokio::select! {
            fault = write_routes(&mut send, &mut waiting) => fault,
            fault = read_prices(&connection, prices) => fault,
            fault = async { loop { if let Err(fault) = self.some_reports(&mut reports).await { break fault; } } } => fault,
        };
        connection.close(quinn::VarInt::from_u32(0), b"");
        (fault, true)
    }

    async fn connect(&self) -> Result<(quinn::Connection, quinn::SendStream, FrameReader, u64), LinkFault> {
        let connecting = self.endpoint.connect(self.address, &self.server_name).map_err(LinkFault::Connect)?;
        let connection = connecting.await.map_err(LinkFault::Connection)?;
        let (mut send, receive) = connection.open_bi().await.map_err(LinkFault::Connection)?;
        let mut hello = Vec::new();
        let frame = VenueClientFrame::Hello { version: PROTOCOL_VERSION, recorded: self.recorded };
        put_frame(&frame, &mut hello).map_err(LinkFault::Frame)?;
        send.write_all(&hello).await.map_err(LinkFault::Write)?;
        let mut reports = FrameReader::new(receive);
        match reports.next().await.map_err(LinkFault::Stream)? {
            VenueFrame::Welcome { tip } if tip >= self.recorded => Ok((connection, send, reports, tip)),
            VenueFrame::Welcome { .. } => Err(LinkFault::VenueForgot),
            VenueFrame::Report(_) => Err(LinkFault::Protocol),
        }
    }

    /// Takes the reports that are there off the stream, waiting for the first, and hands on those not known.
    async fn some_reports(&mut self, frames: &mut FrameReader) -> Result<(), LinkFault> {
        let mut recorded = self.recorded;
        let mut reports = Vec::new();
        let mut next = Some(frames.next().await.map_err(LinkFault::Stream)?);
        while let Some(frame) = next {
            let VenueFrame::Report(report) = frame else { return Err(LinkFault::Protocol) };
            if report.sequence > recorded.saturating_add(1) {
                return Err(LinkFault::Protocol);
            }
            if report.sequence == 0 || report.sequence > recorded {
                recorded = recorded.max(report.sequence);
                reports.push(report);
            }
            next = if reports.len() < REPORTS_MAX { frames.ready().map_err(LinkFault::Stream)? } else { None };
        }
        if !reports.is_empty() {
            // All of them at once: each message wakes whoever takes it.
            let place = self.events.reserve().await.map_err(|_| LinkFault::QueueLost)?;
            place.send(VenueEvent::Reports(reports));
        }
        // Only now, with no await between: this future may be dropped while it waits, and the reports with it.
        self.recorded = recorded;
        Ok(())
    }
}

/// Writes what is routed, as much at a time as there is.
async fn write_routes(send: &mut quinn::SendStream, waiting: &mut mpsc::Receiver<Vec<Route>>) -> LinkFault {
    let mut bytes = Vec::new();
    while let Some(first) = waiting.recv().await {
        let mut next = Some(first);
        while let Some(routes) = next {
            if let Err(fault) = routes.into_iter().try_for_each(|route| put_route(route, &mut bytes)) {
                return LinkFault::Frame(fault);
            }
            next = if bytes.len() < WRITE_BYTES_MAX { waiting.try_recv().ok() } else { None };
        }
        if let Err(fault) = send.write_all(&bytes).await {
            return LinkFault::Write(fault);
        }
        bytes.clear();
    }
    LinkFault::QueueLost
}

fn put_route(route: Route, bytes: &mut Vec<u8>) -> Result<(), FrameError> {
    put_frame(&VenueClientFrame::Route(route), bytes)
}

/// Hands prices on as they come; while `events` is full the venue conflates.
async fn read_prices(connection: &quinn::Connection, events: mpsc::Sender<VenueEvent>) -> LinkFault {
    let mut prices = match connection.accept_uni().await {
        Ok(stream) => FrameReader::new(stream),
        Err(fault) => return LinkFault::Connection(fault),
    };
    loop {
        let event = match prices.next().await {
            Ok(MarketFrame::DataSource(source)) => VenueEvent::DataSource(source),
            Ok(MarketFrame::Quote(quote)) => VenueEvent::Quote(quote),
            Ok(MarketFrame::Trade(trade)) => VenueEvent::Trade(trade),
            Err(fault) => return LinkFault::Stream(fault),
        };
        if events.send(event).await.is_err() {
            return LinkFault::QueueLost;
        }
    }
}
