//! The listening endpoint: lets connections in by budget, and looks after sessions and counters while they last.
//!
//! It must read nothing of a peer before its address is validated by a Retry and its certificate and device row are checked.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use quinn::{Endpoint, EndpointConfig, Incoming, TokioRuntime, VarInt};
use tokio::sync::watch;
use tokio::task::JoinSet;
use turret_certs::tls::{Credentials, TlsError};
use turret_certs::transport;
use turret_engine::AccessView;
use turret_shared::ids::DeviceId;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::{ALPN, ALPN_ENROL};

use super::admission::{Room, admitted};
use super::banning;
use super::connection;
use super::enrol::Door;
use super::limits::{GOODBYE_MS_MAX, SHARES_RETRY_S, TICK_MS};
use super::shared::{Deployment, Handles, Shared, Signal};
use crate::sequencer::release::{EndedSession, SessionControl};

/// Why the edge cannot listen.
#[derive(Debug)]
pub enum EdgeError {
    /// Certificate, key and authority do not make a TLS server.
    Tls(TlsError),
    /// The address cannot be listened on.
    Listen(std::io::Error),
}

impl fmt::Display for EdgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls(_) => "the server's certificate, key and authority do not fit together",
            Self::Listen(_) => "the address cannot be listened on",
        })
    }
}

impl std::error::Error for EdgeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tls(cause) => Some(cause),
            Self::Listen(cause) => Some(cause),
        }
    }
}

fn locked_devices(view: &AccessView) -> BTreeSet<DeviceId> {
    view.devices().filter(|(_, device)| device.locked.is_some()).map(|(id, _)| id).collect()
}

/// Whether a device is let in no more.
fn is_gone(view: &AccessView, device: DeviceId) -> bool {
    view.device(device).is_none_or(|row| row.revoked)
}

/// What a revoked device keeps opens for nobody any more: looked after at the start, for the life before this one may have
/// ended in between, and whenever rights change.
async fn drop_dead_shares(shared: Arc<Shared>) {
    let mut access = shared.access.clone();
    loop {
        let (vault, view) = (Arc::clone(shared.auth.vault()), access.now());
        let dropped = tokio::task::spawn_blocking(move || vault.drop_cache_shares(|device| is_gone(&view, device)));
        if let Ok(Err(error)) = dropped.await {
            tracing::error!(%error, "the shares of revoked devices could not be dropped");
            tokio::time::sleep(Duration::from_secs(SHARES_RETRY_S)).await;
        } else if access.changed().await.is_none() {
            return;
        }
    }
}

/// The network side of a running server.
pub struct Edge {
    endpoint: Endpoint,
    shared: Arc<Shared>,
    ended: SessionControl,
    /// Devices locked as of the rights seen last.
    locked: BTreeSet<DeviceId>,
    /// Where devices enrol.
    door: Option<Door>,
}

impl Edge {
    /// Binds the address. Needs a tokio runtime around it. `endpoint` is [`crate::reset::endpoint_config`].
    ///
    /// # Errors
    /// [`EdgeError`].
    pub fn bind(
        listen: SocketAddr,
        credentials: &Credentials<'_>,
        endpoint: EndpointConfig,
        deployment: Deployment,
        handles: Handles,
    ) -> Result<Self, EdgeError> {
        let config = transport::server(credentials, ALPN).map_err(EdgeError::Tls)?;
        let socket = std::net::UdpSocket::bind(listen).map_err(EdgeError::Listen)?;
        let endpoint =
            Endpoint::new(endpoint, Some(config), socket, Arc::new(TokioRuntime)).map_err(EdgeError::Listen)?;
        let port = endpoint.local_addr().map_err(EdgeError::Listen)?.port();
        let (shared, ended) = Shared::new(deployment, port, handles);
        let shared = Arc::new(shared);
        shared.restore_bans();
        let door = match &shared.enrolling {
            None => None,
            Some(enrolling) => {
                let config = transport::enrol_server(credentials, ALPN_ENROL).map_err(EdgeError::Tls)?;
                Some(Door::new(Arc::clone(&shared), Arc::clone(enrolling), config))
            }
        };
        let locked = locked_devices(&shared.access.now());
        Ok(Self { endpoint, shared, ended, locked, door })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// [`EdgeError::Listen`] when the socket is gone.
    pub fn local_addr(&self) -> Result<SocketAddr, EdgeError> {
        self.endpoint.local_addr().map_err(EdgeError::Listen)
    }

    /// Where devices enrol, while anything is outstanding.
    #[must_use]
    pub fn enrolment_addr(&self) -> Option<watch::Receiver<Option<SocketAddr>>> {
        self.shared.enrolling.as_ref().map(|enrolling| enrolling.at.subscribe())
    }

    /// Serves until `stop` turns true (or its sender is gone), then says goodbye.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let door = self.door.take().map(|door| tokio::spawn(door.run(stop.clone())));
        let mut access = self.shared.access.clone();
        let mut tick = tokio::time::interval(Duration::from_millis(TICK_MS));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut core_lives = true;
        let shares = tokio::spawn(drop_dead_shares(Arc::clone(&self.shared)));
        let filtered = self.shared.deployment.nftables_set.clone();
        let filter = filtered.map(|path| tokio::spawn(banning::keep_filter(Arc::clone(&self.shared), path)));
        loop {
            tokio::select! {
                incoming = self.endpoint.accept() => match incoming {
                    Some(incoming) => self.admit(incoming, &mut connections),
                    None => break,
                },
                Some(_) = connections.join_next() => {}
                ended = self.ended.recv(), if core_lives => match ended {
                    Some(ended) => self.session_ended(ended),
                    None => core_lives = false,
                },
                view = access.changed(), if core_lives => match view {
                    Some(view) => self.rights_changed(&view),
                    None => core_lives = false,
                },
                _ = tick.tick() => self.look_after(),
                changed = stop.changed() => if changed.is_err() || *stop.borrow() {
                    break;
                },
            }
        }
        shares.abort();
        filter.into_iter().for_each(|filter| filter.abort());
        self.goodbye(connections).await;
        if let Some(door) = door {
            // It hears the same word.
            let _ = door.await;
        }
    }

    /// One connection attempt.
    fn admit(&self, incoming: Incoming, connections: &mut JoinSet<()>) {
        // Handshakes under way have bounds of their own: strangers fill no place of who has shown a certificate.
        let handshaking = usize::try_from(self.shared.sources().handshaking()).unwrap_or(usize::MAX);
        let taken = connections.len().saturating_sub(handshaking);
        let room = Room { taken, most: self.shared.deployment.connections_max, word: "connections" };
        let Some((incoming, address)) = admitted(&self.shared, incoming, &room) else { return };
        let shared = Arc::clone(&self.shared);
        connections.spawn(async move {
            connection::serve(&shared, incoming).await;
            shared.sources().closed(address);
        });
    }

    /// Ends what is due and records what was counted.
    fn look_after(&self) {
        let now_ns = self.shared.now_ns();
        let due = self.shared.sessions().due(now_ns);
        for (session, reason) in due {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move { shared.end_session(session, reason).await });
        }
        let counted = self.shared.faults().due(now_ns);
        for input in counted {
            self.shared.record(input);
        }
        self.shared.bans().forget(now_ns);
    }

    /// A revoked device's connections end. A device that is let in again begins anew: what it failed at before the lock is
    /// paid for.
    fn rights_changed(&mut self, view: &AccessView) {
        let locked = locked_devices(view);
        for freed in self.locked.difference(&locked) {
            self.shared.attempts().cleared(*freed);
        }
        self.locked = locked;
        self.shared.signal_devices(Signal::Revoked, |device| is_gone(view, device));
        self.shared.follow_bans(view);
    }

    fn session_ended(&self, ended: EndedSession) {
        let live = self.shared.sessions().ended(ended.session, ended.reason);
        if let Some(carrier) = live.and_then(|live| live.carrier) {
            self.shared.signal(carrier, Signal::Ended(ended.reason));
        }
    }

    async fn goodbye(self, mut connections: JoinSet<()>) {
        self.endpoint.set_server_config(None);
        self.shared.signal_devices(Signal::Stopping, |_| true);
        let counted = self.shared.faults().flush();
        for input in counted {
            self.shared.record(input);
        }
        let all_gone = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_millis(GOODBYE_MS_MAX), all_gone).await;
        self.endpoint.close(VarInt::from_u32(CloseCode::Stopping.code()), b"");
        let _ = tokio::time::timeout(Duration::from_millis(GOODBYE_MS_MAX), self.endpoint.wait_idle()).await;
    }
}
