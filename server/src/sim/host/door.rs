//! The door members come in by: QUIC, mutual TLS, one member at a time; it must not understand an order.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use quinn::rustls::pki_types::CertificateDer;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use turret_certs::Identity;
use turret_certs::tls::Credentials;
use turret_shared::venue::Route;
use turret_shared::wire::venue::{MarketFrame, VenueClientFrame, VenueFrame};
use turret_shared::wire::{FrameError, PROTOCOL_VERSION, put_frame};

use super::HostError;
use super::board::Board;
use super::clerk::{Ask, Caught, Told};
use crate::clock::Clock;
use crate::sim::limits::{HELLO_MS_MAX, ROUTES_PER_ASK_MAX};
use crate::venue::{FrameReader, StreamFault, transport};

/// Binds the endpoint.
pub(super) fn listen(
    address: SocketAddr,
    endpoint: quinn::EndpointConfig,
    credentials: &Credentials<'_>,
) -> Result<quinn::Endpoint, HostError> {
    let config = transport::server(credentials).map_err(HostError::Tls)?;
    let socket = std::net::UdpSocket::bind(address).map_err(HostError::Io)?;
    quinn::Endpoint::new(endpoint, Some(config), socket, Arc::new(quinn::TokioRuntime)).map_err(HostError::Io)
}

/// Lets members in, the newest in place of the one before, until the endpoint closes.
pub(super) async fn admit(
    endpoint: &quinn::Endpoint,
    asks: &mpsc::Sender<Ask>,
    board: &Arc<Board>,
    clock: &Arc<dyn Clock>,
    shut: watch::Receiver<u64>,
) {
    let mut member: Option<JoinHandle<()>> = None;
    while let Some(incoming) = endpoint.accept().await {
        if clock.monotonic_ns() < *shut.borrow() {
            incoming.refuse();
            continue;
        }
        if !incoming.remote_address_validated() {
            // Without a validated address nothing is owed; an address that cannot be retried is let go.
            let _ = incoming.retry();
            continue;
        }
        if let Some(before) = member.take() {
            before.abort();
        }
        let visit =
            Visit { asks: asks.clone(), board: Arc::clone(board), clock: Arc::clone(clock), shut: shut.clone() };
        member = Some(tokio::spawn(async move {
            if let Err(fault) = visit.run(incoming).await {
                tracing::info!(%fault, "member left");
            }
        }));
    }
}

/// Why a member's connection ended.
#[derive(Debug)]
enum VisitFault {
    Connection(quinn::ConnectionError),
    Stream(StreamFault),
    Write(quinn::WriteError),
    Frame(FrameError),
    /// Not a venue client's certificate, another version, or a frame out of place.
    NotAMember,
    /// No greeting in time.
    Silent,
    /// Ended by a control, by slowness, or by the exchange stopping.
    Ended,
}

impl fmt::Display for VisitFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(cause) => cause.fmt(f),
            Self::Stream(cause) => cause.fmt(f),
            Self::Write(cause) => cause.fmt(f),
            Self::Frame(cause) => cause.fmt(f),
            Self::NotAMember => f.write_str("not a member, or not our protocol"),
            Self::Silent => f.write_str("no greeting in time"),
            Self::Ended => f.write_str("ended here"),
        }
    }
}

/// One member's connection.
struct Visit {
    asks: mpsc::Sender<Ask>,
    board: Arc<Board>,
    clock: Arc<dyn Clock>,
    shut: watch::Receiver<u64>,
}

impl Visit {
    async fn run(mut self, incoming: quinn::Incoming) -> Result<(), VisitFault> {
        let hello = tokio::time::timeout(Duration::from_millis(HELLO_MS_MAX), greet(incoming)).await;
        let (connection, mut send, mut routes, recorded) = hello.map_err(|_| VisitFault::Silent)??;
        self.shut.borrow_and_update();
        let live = self.catch_up(&mut send, recorded).await?;
        let ended = tokio::select! {
            ended = self.read_routes(&mut routes) => ended,
            ended = self.tell(&mut send, live) => ended,
            ended = self.show_prices(&connection) => ended,
            _ = shut_again(self.shut.clone()) => Err(VisitFault::Ended),
        };
        connection.close(quinn::VarInt::from_u32(0), b"");
        ended
    }

    /// Welcomes, then writes every report after `recorded`; returns where the live ones come.
    async fn catch_up(&self, send: &mut quinn::SendStream, recorded: u64) -> Result<mpsc::Receiver<Told>, VisitFault> {
        let tip = self.ask(Ask::Tip).await?;
        let mut welcome = Vec::new();
        put_frame(&VenueFrame::Welcome { tip }, &mut welcome).map_err(VisitFault::Frame)?;
        send.write_all(&welcome).await.map_err(VisitFault::Write)?;
        let mut at = recorded;
        loop {
            let caught: Caught = self.ask(|reply| Ask::Catch(at, reply)).await?;
            send.write_all(&caught.page.frames).await.map_err(VisitFault::Write)?;
            at = caught.page.last;
            if let Some(live) = caught.live {
                return Ok(live);
            }
        }
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, VisitFault> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.map_err(|_| VisitFault::Ended)?;
        answer.await.map_err(|_| VisitFault::Ended)
    }

    /// Hands routes on, as many at a time as have arrived.
    async fn read_routes(&self, frames: &mut FrameReader) -> Result<(), VisitFault> {
        loop {
            let mut routes = vec![route_of(frames.next().await.map_err(VisitFault::Stream)?)?];
            while routes.len() < ROUTES_PER_ASK_MAX {
                match frames.ready().map_err(VisitFault::Stream)? {
                    Some(frame) => routes.push(route_of(frame)?),
                    None => break,
                }
            }
            self.asks.send(Ask::Routes(routes)).await.map_err(|_| VisitFault::Ended)?;
        }
    }

    /// Writes reports when they are due.
    async fn tell(&self, send: &mut quinn::SendStream, mut live: mpsc::Receiver<Told>) -> Result<(), VisitFault> {
        while let Some(told) = live.recv().await {
            let wait_ns = told.due_ns.saturating_sub(self.clock.monotonic_ns());
            if wait_ns > 0 {
                tokio::time::sleep(Duration::from_nanos(wait_ns)).await;
            }
            send.write_all(&told.frames).await.map_err(VisitFault::Write)?;
        }
        Err(VisitFault::Ended)
    }

    /// Writes the newest prices; while the member is slow they are conflated.
    async fn show_prices(&self, connection: &quinn::Connection) -> Result<(), VisitFault> {
        let mut send = connection.open_uni().await.map_err(VisitFault::Connection)?;
        let mut frames = self.board.first();
        loop {
            let mut bytes = Vec::new();
            for frame in &frames {
                put_frame::<MarketFrame>(frame, &mut bytes).map_err(VisitFault::Frame)?;
            }
            send.write_all(&bytes).await.map_err(VisitFault::Write)?;
            frames = self.board.next().await;
        }
    }
}

/// Returns when the door is told to shut once more.
async fn shut_again(mut shut: watch::Receiver<u64>) {
    // A sender that is gone means that the exchange is ending, which is told otherwise.
    if shut.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn route_of(frame: VenueClientFrame) -> Result<Route, VisitFault> {
    match frame {
        VenueClientFrame::Route(route) => Ok(route),
        VenueClientFrame::Hello { .. } => Err(VisitFault::NotAMember),
    }
}

/// Handshake, identity, the order stream and its first frame.
async fn greet(
    incoming: quinn::Incoming,
) -> Result<(quinn::Connection, quinn::SendStream, FrameReader, u64), VisitFault> {
    let connection = incoming.await.map_err(VisitFault::Connection)?;
    let certificates = connection.peer_identity().and_then(|any| any.downcast::<Vec<CertificateDer<'static>>>().ok());
    let identity = certificates.and_then(|chain| chain.first().and_then(|leaf| Identity::of(leaf)));
    if identity != Some(Identity::VenueClient) {
        return Err(VisitFault::NotAMember);
    }
    let (send, receive) = connection.accept_bi().await.map_err(VisitFault::Connection)?;
    let mut frames = FrameReader::new(receive);
    match frames.next().await.map_err(VisitFault::Stream)? {
        VenueClientFrame::Hello { version: PROTOCOL_VERSION, recorded } => Ok((connection, send, frames, recorded)),
        VenueClientFrame::Hello { .. } | VenueClientFrame::Route(_) => Err(VisitFault::NotAMember),
    }
}
