//! The enrolment endpoint: bound while a code is outstanding, closed otherwise; it must share nothing with sessions but budgets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quinn::{Endpoint, EndpointConfig, Incoming, TokioRuntime, VarInt};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use turret_certs::Authority;
use turret_engine::AccessView;
use turret_shared::ids::{CodeId, CredentialId};
use turret_shared::time::Timestamp;
use turret_shared::wire::close::CloseCode;

use super::limits::{BOUND_MS_MAX, ENROLLING_MAX, ENROLLING_PER_SOURCE_MAX, LOOK_MS};
use super::talk;
use crate::guard::faults::Stage;
use crate::guard::sources::source_of;
use crate::guard::{Fault, Tries};
use crate::net::admission::{Room, admitted};
use crate::net::shared::Shared;

/// Where devices enrol, and who signs for them.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Where to listen while a code is outstanding.
    pub listen: SocketAddr,
    /// The authority of clients.
    pub authority: Arc<Authority>,
}

/// What the conversations of the door share.
pub(in crate::net) struct Enrolling {
    pub(in crate::net) authority: Arc<Authority>,
    /// Port the server's clients connect to.
    pub(super) port: u16,
    /// Numbers are given out by one at a time.
    pub(super) claiming: tokio::sync::Mutex<()>,
    /// Where it listens now.
    pub(in crate::net) at: watch::Sender<Option<SocketAddr>>,
    /// Where it is to listen.
    pub(super) listen: SocketAddr,
    tries: Mutex<Tries>,
    /// Confirmed, and the device has its certificate.
    kept: Mutex<BTreeSet<CodeId>>,
    wake: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is whole even where a later step panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Enrolling {
    pub(in crate::net) fn new(enrolment: Enrolment, port: u16) -> Self {
        Self {
            authority: enrolment.authority,
            port,
            claiming: tokio::sync::Mutex::new(()),
            at: watch::Sender::new(None),
            listen: enrolment.listen,
            tries: Mutex::default(),
            kept: Mutex::default(),
            wake: Notify::new(),
        }
    }

    pub(super) fn tries(&self) -> MutexGuard<'_, Tries> {
        lock(&self.tries)
    }

    /// The port devices connect to. The system's choice is known once it listens, which it does for the code being made.
    pub(super) async fn port(&self) -> u16 {
        if self.listen.port() != 0 {
            return self.listen.port();
        }
        let mut at = self.at.subscribe();
        let bound = at.wait_for(Option::is_some);
        match tokio::time::timeout(Duration::from_millis(BOUND_MS_MAX), bound).await {
            Ok(Ok(at)) => at.map_or(0, |at| at.port()),
            _ => 0,
        }
    }

    /// The device has its certificate: nothing of this code is outstanding.
    pub(super) fn keep(&self, code: CodeId) {
        lock(&self.kept).insert(code);
        self.wake.notify_one();
    }

    fn is_wanted(&self, view: &AccessView, now: Timestamp) -> bool {
        let mut kept = lock(&self.kept);
        kept.retain(|code| view.enrolment(*code, now).is_some());
        view.enrolments(now).any(|(code, _)| !kept.contains(&code))
    }
}

/// The door itself.
pub(in crate::net) struct Door {
    shared: Arc<Shared>,
    enrolling: Arc<Enrolling>,
    config: quinn::ServerConfig,
    /// Bound; stays so while somebody is still being told how theirs ended.
    endpoint: Option<Endpoint>,
    /// It takes whoever comes.
    is_open: bool,
    /// Conversations of each source.
    held: BTreeMap<IpAddr, usize>,
    /// Factors chosen with devices that wait: forgotten when they are turned away.
    waiting: BTreeMap<CodeId, [CredentialId; 2]>,
    is_failing: bool,
}

impl Door {
    pub(in crate::net) const fn new(
        shared: Arc<Shared>,
        enrolling: Arc<Enrolling>,
        config: quinn::ServerConfig,
    ) -> Self {
        Self {
            shared,
            enrolling,
            config,
            endpoint: None,
            is_open: false,
            held: BTreeMap::new(),
            waiting: BTreeMap::new(),
            is_failing: false,
        }
    }

    /// Opens and closes as codes come and go, until `stop` turns true.
    pub(in crate::net) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut access = self.shared.access.clone();
        self.forget_orphans(&access.now()).await;
        let mut connections = JoinSet::new();
        let mut look = tokio::time::interval(Duration::from_millis(LOOK_MS));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.look(&access.now());
            let endpoint = self.endpoint.clone();
            let incoming = async move {
                match &endpoint {
                    Some(endpoint) => endpoint.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                incoming = incoming => match incoming {
                    Some(incoming) => self.admit(incoming, &mut connections),
                    None => (self.endpoint, self.is_open) = (None, false),
                },
                Some(source) = connections.join_next() => self.let_go(source),
                view = access.changed() => if view.is_none() {
                    break;
                },
                () = self.enrolling.wake.notified() => {}
                _ = look.tick() => {}
                changed = stop.changed() => if changed.is_err() || *stop.borrow() {
                    break;
                },
            }
        }
        if let Some(endpoint) = self.endpoint.take() {
            endpoint.close(VarInt::from_u32(CloseCode::Stopping.code()), b"");
        }
    }

    /// Is what should be listening, listening?
    fn look(&mut self, view: &AccessView) {
        let now = self.shared.clock.wall();
        self.forget_turned_away(view, now);
        if !self.enrolling.is_wanted(view, now) {
            return self.close();
        }
        if self.is_open {
            return;
        }
        match self.open() {
            Ok(at) => {
                tracing::info!(%at, "enrolment is open while a code is outstanding");
                self.is_open = true;
                self.enrolling.at.send_replace(Some(at));
                self.is_failing = false;
            }
            Err(error) => {
                if !self.is_failing {
                    tracing::error!(%error, at = %self.enrolling.listen, "enrolment cannot listen");
                }
                self.is_failing = true;
            }
        }
    }

    fn close(&mut self) {
        if self.is_open {
            self.is_open = false;
            self.enrolling.at.send_replace(None);
            tracing::info!("enrolment is closed");
        }
        if let Some(endpoint) = &self.endpoint {
            // Who is being told the end still hears it.
            endpoint.set_server_config(None);
            if endpoint.open_connections() == 0 {
                self.endpoint = None;
            }
        }
    }

    /// Listens, on the socket that is still there for a conversation of before or on a new one.
    fn open(&mut self) -> std::io::Result<SocketAddr> {
        if let Some(endpoint) = &self.endpoint {
            endpoint.set_server_config(Some(self.config.clone()));
            return endpoint.local_addr();
        }
        let (endpoint, at) = self.bind()?;
        self.endpoint = Some(endpoint);
        Ok(at)
    }

    fn bind(&self) -> std::io::Result<(Endpoint, SocketAddr)> {
        let socket = std::net::UdpSocket::bind(self.enrolling.listen)?;
        let config = Some(self.config.clone());
        let endpoint = Endpoint::new(EndpointConfig::default(), config, socket, Arc::new(TokioRuntime))?;
        let at = endpoint.local_addr()?;
        Ok((endpoint, at))
    }

    /// Factors of a device that waits no more and was not let in count for nothing.
    fn forget_turned_away(&mut self, view: &AccessView, now: Timestamp) {
        let waits: BTreeMap<CodeId, [CredentialId; 2]> = view
            .enrolments(now)
            .filter_map(|(code, known)| Some((code, known.claim.as_ref()?.factors?)))
            .map(|(code, (password, totp))| (code, [password, totp]))
            .collect();
        let before = std::mem::replace(&mut self.waiting, waits);
        let gone: Vec<CredentialId> = before
            .into_iter()
            .filter(|(code, _)| !self.waiting.contains_key(code))
            .flat_map(|(_, factors)| factors)
            .filter(|credential| view.credential(*credential).is_none())
            .collect();
        if gone.is_empty() {
            return;
        }
        let vault = Arc::clone(self.shared.auth.vault());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = vault.drop_factors(&gone) {
                tracing::error!(%error, "factors of a device turned away could not be forgotten");
            }
        });
    }

    /// Factors kept by a life that ended before the log could name them, or after it forgot them.
    async fn forget_orphans(&self, view: &AccessView) {
        let now = self.shared.clock.wall();
        let waits: BTreeSet<CredentialId> = view
            .enrolments(now)
            .filter_map(|(_, known)| known.claim.as_ref()?.factors)
            .flat_map(|(a, b)| [a, b])
            .collect();
        let known: BTreeSet<CredentialId> = view.credentials().chain(waits).collect();
        let vault = Arc::clone(self.shared.auth.vault());
        let dropped = tokio::task::spawn_blocking(move || {
            let gone: Vec<CredentialId> = vault.credentials()?.into_iter().filter(|id| !known.contains(id)).collect();
            vault.drop_factors(&gone).map(|()| gone.len())
        });
        match dropped.await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(count)) => tracing::info!(count, "factors that never came to count are forgotten"),
            Ok(Err(error)) => tracing::error!(%error, "factors that never came to count could not be forgotten"),
        }
    }

    /// One connection attempt.
    fn admit(&mut self, incoming: Incoming, connections: &mut JoinSet<IpAddr>) {
        let room = Room { taken: connections.len(), most: ENROLLING_MAX, word: "enrolling" };
        let Some((incoming, address)) = admitted(&self.shared, incoming, &room) else { return };
        let source = source_of(address);
        let held = self.held.entry(source).or_default();
        if *held >= ENROLLING_PER_SOURCE_MAX {
            self.shared.fault(None, Fault::BadInput(Stage::Limit, "enrolling_source"));
            incoming.refuse();
            self.shared.sources().shaken(address);
            self.shared.sources().closed(address);
            return;
        }
        *held = held.saturating_add(1);
        let (shared, enrolling) = (Arc::clone(&self.shared), Arc::clone(&self.enrolling));
        connections.spawn(async move {
            talk::serve(&shared, enrolling, incoming).await;
            shared.sources().closed(address);
            source
        });
    }

    /// A conversation is over; its panics stay inside it.
    fn let_go(&mut self, source: Result<IpAddr, tokio::task::JoinError>) {
        let Ok(source) = source else { return };
        if let Some(held) = self.held.get_mut(&source) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                self.held.remove(&source);
            }
        }
    }
}
