//! What every connection shares: the core's handles, the session table and the guards; it must hold no lock across a wait.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quinn::Connection;
use tokio::sync::{Notify, mpsc};
use turret_engine::{Input, Session, SessionInput};
use turret_shared::command::Environment;
use turret_shared::event::session::SignInFault;
use turret_shared::ids::{ConnectionId, CorrelationId, DeskId, DeviceId, SessionId, UserId};
use turret_shared::people::{DeviceView, SessionView};
use turret_shared::wire::control::{CacheGrant, SessionEnd};

use super::carriers::Carriers;
use super::enrol::{Enrolling, Enrolment};
use super::turnstile::Turnstile;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::guard::{Attempts, Bans, Fault, Faults, Sources};
use crate::quotes::QuoteHub;
use crate::random::Random;
use crate::replica::handle::{FeedHub, Queries};
use crate::replica::names::Names;
use crate::sequencer::inbox::Inbox;
use crate::sequencer::release::{Access, SessionControl};
use crate::session::SessionTable;

/// What the edge needs of the rest of the server.
pub struct Handles {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// The way in.
    pub inbox: Inbox,
    /// Rights, as of the last commit that changed them.
    pub access: Access,
    /// Sessions that ended.
    pub ended: SessionControl,
    /// Questions.
    pub queries: Queries,
    /// Feeds.
    pub feeds: FeedHub,
    /// Prices.
    pub quotes: QuoteHub,
    /// People by name.
    pub names: Arc<Names>,
    /// Desks by code.
    pub desks: BTreeMap<DeskId, String>,
    /// Factors, and the vault for texts.
    pub auth: Auth,
    /// Sessions live in the log when the server started.
    pub sessions: Vec<(SessionId, Session)>,
}

/// What a deployment says of itself.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its name, also the log's origin.
    pub origin: String,
    /// Where orders go.
    pub environment: Environment,
    /// Only a demo says so.
    pub demo: bool,
    /// Connections at once.
    pub connections_max: usize,
    /// Where devices enrol, if anywhere.
    pub enrolment: Option<Enrolment>,
    /// Where a packet filter finds the sources that are out, if anywhere.
    pub nftables_set: Option<PathBuf>,
}

/// Something a connection must do now, whatever it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Its session is over, durably.
    Ended(SessionEnd),
    /// Its session goes on over another connection.
    Superseded,
    /// Its device is no longer let in.
    Revoked,
    /// The server stops.
    Stopping,
}

/// Shared by all connections behind one `Arc`.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Random,
    pub(super) inbox: Inbox,
    pub(super) access: Access,
    pub(super) queries: Queries,
    pub(super) feeds: FeedHub,
    pub(super) quotes: QuoteHub,
    pub(super) names: Arc<Names>,
    pub(super) desks: BTreeMap<DeskId, String>,
    pub(super) auth: Auth,
    pub(super) deployment: Deployment,
    pub(super) enrolling: Option<Arc<Enrolling>>,
    sessions: Mutex<SessionTable>,
    attempts: Mutex<Attempts>,
    faults: Mutex<Faults>,
    sources: Mutex<Sources>,
    bans: Mutex<Bans>,
    /// One began or was lifted.
    pub(super) bans_changed: Notify,
    carriers: Mutex<Carriers>,
    pub(super) turnstile: Turnstile,
    next_connection: AtomicU64,
    panics: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is whole even where a later step panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// `port` is where clients connect. Takes the handles over, with the sessions the log knows.
    pub(super) fn new(deployment: Deployment, port: u16, handles: Handles) -> (Self, SessionControl) {
        let wall = handles.clock.wall();
        let mut table = SessionTable::default();
        for (id, session) in &handles.sessions {
            table.recorded(*id, session, wall, handles.clock.monotonic_ns());
        }
        // Connection ids never repeat, restarts included: milliseconds of the start above a count.
        let started_ms = u64::try_from(wall.0 / turret_shared::time::NS_PER_MS).unwrap_or(0);
        let shared = Self {
            clock: handles.clock,
            random: handles.random,
            inbox: handles.inbox,
            access: handles.access,
            queries: handles.queries,
            feeds: handles.feeds,
            quotes: handles.quotes,
            names: handles.names,
            desks: handles.desks,
            auth: handles.auth,
            enrolling: deployment.enrolment.clone().map(|enrolment| Arc::new(Enrolling::new(enrolment, port))),
            deployment,
            sessions: Mutex::new(table),
            attempts: Mutex::default(),
            faults: Mutex::default(),
            sources: Mutex::default(),
            bans: Mutex::default(),
            bans_changed: Notify::new(),
            carriers: Mutex::default(),
            turnstile: Turnstile::new(),
            next_connection: AtomicU64::new(started_ms.wrapping_shl(20)),
            panics: AtomicU64::new(0),
        };
        (shared, handles.ended)
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.clock.monotonic_ns()
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, SessionTable> {
        lock(&self.sessions)
    }

    pub(super) fn attempts(&self) -> MutexGuard<'_, Attempts> {
        lock(&self.attempts)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn sources(&self) -> MutexGuard<'_, Sources> {
        lock(&self.sources)
    }

    pub(super) fn bans(&self) -> MutexGuard<'_, Bans> {
        lock(&self.bans)
    }

    /// A connection's number; it never comes again.
    pub(super) fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed))
    }

    /// Connections that are open.
    pub(super) fn carriers(&self) -> MutexGuard<'_, Carriers> {
        lock(&self.carriers)
    }

    /// A new connection of a device, and where its signals come out; `None` when it has as many as one device may.
    pub(super) fn enter(
        &self,
        device: DeviceId,
        connection: &Connection,
        certificate_ends_s: Option<i64>,
    ) -> Option<(ConnectionId, mpsc::Receiver<Signal>)> {
        let id = self.next_connection();
        let signals = self.carriers().enter(id, device, connection, certificate_ends_s)?;
        Some((id, signals))
    }

    /// Says of live sessions what only the edge knows: since when nobody typed, and where the connection comes from.
    pub(super) fn whereabouts(&self, rows: &mut [SessionView]) {
        let now_ns = self.now_ns();
        for row in rows {
            let (idle_s, carrier) = {
                let sessions = self.sessions();
                let live = sessions.get(row.session);
                (live.map(|live| live.deadlines.idle_s(now_ns)), live.and_then(|live| live.carrier))
            };
            row.idle_s = idle_s;
            self.carriers().whereabouts(row, carrier);
        }
    }

    /// Says of devices what only the edge knows: until when their certificates last.
    pub(super) fn certificates(&self, rows: &mut [DeviceView]) {
        let carriers = self.carriers();
        rows.iter_mut().for_each(|row| carriers.certificate(row));
    }

    /// Tells one connection.
    pub(super) fn signal(&self, id: ConnectionId, signal: Signal) {
        self.carriers().signal(id, signal);
    }

    /// Tells every connection whose device fulfils `which`.
    pub(super) fn signal_devices(&self, signal: Signal, which: impl Fn(DeviceId) -> bool) {
        self.carriers().signal_devices(signal, which);
    }

    /// Counts what went wrong on a device, and tells the id to quote for it.
    pub(super) fn fault(&self, device: Option<DeviceId>, fault: Fault) -> CorrelationId {
        let fresh = self.fresh_correlation();
        let (now_ns, wall) = (self.now_ns(), self.clock.wall());
        let mut faults = self.faults();
        let correlation = match device {
            Some(device) => faults.correlation(device, fresh),
            None => faults.stranger_correlation(fault, fresh),
        };
        let input = faults.note(device, correlation, fault, now_ns, wall);
        drop(faults);
        if let Some(input) = input {
            self.record(input);
        }
        correlation
    }

    /// Counts what went wrong where there is no device, under the id of that row of failures.
    pub(super) fn fault_in_row(&self, correlation: CorrelationId, fault: Fault) {
        let input = self.faults().note(None, correlation, fault, self.now_ns(), self.clock.wall());
        if let Some(input) = input {
            self.record(input);
        }
    }

    /// Has a fact recorded without waiting; a full inbox has worse to do and its loss is told to the operator.
    pub(super) fn record(&self, input: Input) {
        if self.inbox.note(input).is_err() {
            tracing::warn!("no room to record what went wrong at the edge");
        }
    }

    /// Asks for the end of a session and waits until it is durable; false when there was no room.
    pub(super) async fn end_session(&self, session: SessionId, reason: SessionEnd) -> bool {
        let correlation = self.fresh_correlation();
        self.inbox.decided(Input::Session(SessionInput::End { session, reason, correlation })).await.is_ok()
    }

    /// Locks a device durably; until then its failures in a row keep it out here.
    pub(super) async fn lock_device(&self, device: DeviceId, fault: SignInFault) {
        let correlation = self.faults().correlation(device, self.fresh_correlation());
        let input = SessionInput::LockDevice { device, locked: true, fault: Some(fault), correlation };
        if self.inbox.decided(Input::Session(input)).await.is_ok() {
            self.attempts().lock_recorded(device);
        }
    }

    /// Whether a session registers a security key and sees nothing else, by what is so now; one that is over sees nothing.
    pub(super) fn lacks_key(&self, user: UserId, session: SessionId) -> bool {
        let opened_by = self.sessions().get(session).map(|live| live.credential);
        opened_by.is_none_or(|credential| self.access.now().lacks_key(user, credential))
    }

    /// Our half of the key of what a person keeps on a device; a vault that cannot give it keeps nobody out.
    pub(super) async fn cache_grant(&self, user: UserId, device: DeviceId, session: SessionId) -> Option<CacheGrant> {
        if self.lacks_key(user, session) {
            return None;
        }
        let vault = Arc::clone(self.auth.vault());
        let kept = tokio::task::spawn_blocking(move || vault.cache_share(user, device)).await.ok()?;
        match kept {
            Ok(kept) => {
                let rights = self.access.now().entitlement_version(user);
                Some(CacheGrant { share: kept.share, generation: kept.generation, device, rights })
            }
            Err(error) => {
                tracing::error!(%error, "a cache's share could not be read");
                None
            }
        }
    }

    /// A new id to quote.
    pub(super) fn fresh_correlation(&self) -> CorrelationId {
        let mut bits = [0; 8];
        // Without randomness the id is still one that was told; sign-in itself fails then.
        let _ = (self.random)(&mut bits);
        CorrelationId::from_bits(u64::from_le_bytes(bits))
    }

    /// A connection's task panicked.
    pub(super) fn panicked(&self) {
        let count = self.panics.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        tracing::error!(count, "a connection's task panicked; the connection is closed");
    }
}
