//! A server of a few lines for the real workstation: it signs anybody in, tells rows and streams prices; it must decide nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quinn::{Connection, Endpoint, RecvStream, SendStream};
use tokio::sync::{mpsc, oneshot};
use turret_certs::tls::Credentials;
use turret_certs::{Authority, Profile as Certificate};
use turret_shared::command::Environment;
use turret_shared::ids::{CorrelationId, DeviceId, InstrumentId, Sequence, SessionId};
use turret_shared::role::Role;
use turret_shared::secret::SessionToken;
use turret_shared::wire::control::{ClientFrame, ServerFrame, SignedIn, Welcome};
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::query::{Answer, AnswerBody, Ask, Query};
use turret_shared::wire::{ALPN, decode_frame, put_frame};

use super::ceiling_client::Broken;
use super::clock::wall;
use super::listings::{Listings, live};
use crate::station::{names, user};

/// Rows in one message of the feed, about what a frame of the wire holds.
const ROWS_IN_A_MESSAGE: usize = 200;
/// Between two slices of prices, in milliseconds: a server's pictures are spread, not heaped.
const SLICE_MS: u64 = 5;
/// Between two changes of a row, in milliseconds.
const CHANGE_MS: u64 = 20;
/// As the real server tells the session's clock, in seconds.
const SESSION_CLOCK_S: u64 = 30;
/// Who may sign in with any password and any code.
pub const LOGIN: &str = "ann.lee";

/// What it tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Listings beyond the usual ones.
    pub listings: u32,
    /// Orders of the desk.
    pub orders: u32,
    /// A row changes fifty times a second.
    pub changes: bool,
    /// Pictures of each watched listing a second; 0 for none.
    pub pictures_per_s: u64,
}

/// It while it runs.
pub struct House {
    profile: PathBuf,
    pictures: Arc<AtomicU64>,
    lost: Arc<AtomicU64>,
    /// Dropped, it ends.
    _lifeline: oneshot::Sender<()>,
}

impl House {
    /// Starts it on a thread of its own and writes a device's profile into `folder`.
    ///
    /// # Errors
    /// When it cannot listen, or the profile cannot be written.
    pub fn open(folder: &Path, plan: Plan) -> Result<Self, Broken> {
        let now_s = u64::try_from(wall().0 / 1_000_000_000)?;
        let authority = Authority::create("load", now_s)?;
        let server = authority.issue(&Certificate::Server { dns_name: "localhost".to_owned() }, now_s)?;
        let device = authority.issue(&Certificate::Device(DeviceId(1)), now_s)?;
        let credentials = Credentials {
            authority_pem: authority.certificate_pem(),
            certificate_pem: &server.certificate_pem,
            key_pem: &server.key_pem,
        };
        let config = turret_certs::transport::server(&credentials, ALPN)?;
        let (lifeline, end) = oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let (pictures, lost) = (Arc::default(), Arc::default());
        let counted = Counted { pictures: Arc::clone(&pictures), lost: Arc::clone(&lost) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("house".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(endpoint) = Endpoint::server(config, ([127, 0, 0, 1], 0).into()) else { return };
                if told.send(endpoint.local_addr()).is_ok() {
                    tokio::select! {
                        () = accept(endpoint, plan, counted) => {}
                        _ = end => {}
                    }
                }
            });
        })?;
        let profile = folder.join("profile");
        fs::create_dir_all(&profile)?;
        let settings = format!(
            "server = \"{}\"\nserver_name = \"localhost\"\nenvironment = \"SIM\"\nlogin = \"{LOGIN}\"\n",
            address.recv()??
        );
        for (name, text) in [
            ("profile.toml", settings.as_str()),
            ("ca.pem", authority.certificate_pem()),
            ("device.pem", &device.certificate_pem),
            ("device.key", &device.key_pem),
        ] {
            fs::write(profile.join(name), text)?;
        }
        private(&profile.join("device.key"))?;
        Ok(Self { profile, pictures, lost, _lifeline: lifeline })
    }

    /// The device's profile.
    #[must_use]
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Pictures handed to the transport so far, and packets the transport counts as lost.
    #[must_use]
    pub fn sent(&self) -> (u64, u64) {
        (self.pictures.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed))
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[derive(Clone)]
struct Counted {
    pictures: Arc<AtomicU64>,
    lost: Arc<AtomicU64>,
}

async fn accept(endpoint: Endpoint, plan: Plan, counted: Counted) {
    while let Some(incoming) = endpoint.accept().await {
        let counted = counted.clone();
        tokio::spawn(async move {
            if let Ok(connection) = incoming.await {
                // A client that leaves ends it.
                let _ = converse(connection, plan, counted).await;
            }
        });
    }
}

async fn read<T: for<'b> minicbor::Decode<'b, ()>>(recv: &mut RecvStream) -> Result<T, Broken> {
    let mut prefix = [0; 4];
    recv.read_exact(&mut prefix).await?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(prefix))?];
    recv.read_exact(&mut body).await?;
    decode_frame(&body).map_err(|_| "no frame of a client".into())
}

async fn say<T: minicbor::Encode<()>>(send: &mut SendStream, message: &T) -> Result<(), Broken> {
    let mut bytes = Vec::new();
    put_frame(message, &mut bytes).map_err(|_| "too long for a frame")?;
    Ok(send.write_all(&bytes).await?)
}

async fn converse(connection: Connection, plan: Plan, counted: Counted) -> Result<(), Broken> {
    let (mut send, mut recv) = connection.accept_bi().await?;
    let (ask, mut asked) = mpsc::channel(8);
    tokio::spawn(async move {
        while let Ok(frame) = read::<ClientFrame>(&mut recv).await {
            if ask.send(frame).await.is_err() {
                return;
            }
        }
    });
    let mut clock = tokio::time::interval(Duration::from_secs(SESSION_CLOCK_S));
    let mut inside = false;
    loop {
        let frame = tokio::select! {
            frame = asked.recv() => frame.ok_or("the client left")?,
            _ = clock.tick() => {
                if inside {
                    say(&mut send, &ServerFrame::SessionClock { idle_left_s: 890, absolute_left_s: 43_000 }).await?;
                }
                continue;
            }
        };
        match frame {
            ClientFrame::Hello(_) => say(&mut send, &welcome()).await?,
            ClientFrame::Password { .. } => say(&mut send, &ServerFrame::CodeWanted).await?,
            ClientFrame::Code { .. } => {
                connection.set_max_concurrent_bi_streams(turret_certs::transport::BIDI_STREAMS.into());
                tokio::spawn(queries(connection.clone()));
                say(&mut send, &signed_in()).await?;
                inside = true;
            }
            ClientFrame::FeedStart { .. } => {
                tokio::spawn(feed(connection.clone(), plan));
            }
            ClientFrame::Watch { instruments } if plan.pictures_per_s > 0 => {
                tokio::spawn(pictures(connection.clone(), instruments, plan.pictures_per_s, counted.clone()));
            }
            _ => {}
        }
    }
}

fn welcome() -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        version: 1,
        origin: "load".to_owned(),
        environment: Environment::Sim,
        data_source: "SIM".to_owned(),
        demo: false,
        time: wall(),
        client_version_min: "0.1.0".to_owned(),
    })
}

fn signed_in() -> ServerFrame {
    ServerFrame::SignedIn(Box::new(SignedIn {
        session: SessionId(1),
        token: SessionToken::new([7; 32]),
        user: user(1, LOGIN, Role::Broker),
        idle_left_s: 900,
        absolute_left_s: 43_200,
        last_end: None,
        cache: None,
        register_key: false,
        composed: None,
    }))
}

async fn queries(connection: Connection) -> Result<(), Broken> {
    loop {
        let (mut send, mut recv) = connection.accept_bi().await?;
        let query: Query = read(&mut recv).await?;
        let body = match query.ask {
            Ask::Trades(_) => AnswerBody::Trades(Vec::new()),
            Ask::Bars(_) => AnswerBody::Bars(Vec::new()),
            _ => AnswerBody::Error { correlation: CorrelationId(1) },
        };
        say(&mut send, &Answer { more: false, through: Sequence(1), body }).await?;
        let _ = send.finish();
    }
}

/// A snapshot, then changes if there are to be any; kept open, for a feed has no end.
async fn feed(connection: Connection, plan: Plan) -> Result<(), Broken> {
    let mut stream = connection.open_uni().await?;
    let now = wall();
    let message = |through: u64, items| FeedMessage { through: Sequence(through), items, rights: None };
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.extend(Listings::new(plan.listings).instruments());
    items.extend((1..=plan.orders).map(|n| FeedItem::Order(Box::new(live(n, 0, now)))));
    items.extend([FeedItem::VenueLink(true), FeedItem::SnapshotEnd]);
    let last = u64::from(plan.orders);
    for part in items.chunks(ROWS_IN_A_MESSAGE) {
        say(&mut stream, &message(last, part.to_vec())).await?;
    }
    if !plan.changes || plan.orders == 0 {
        stream.stopped().await?;
        return Ok(());
    }
    let mut due = tokio::time::interval(Duration::from_millis(CHANGE_MS));
    for step in 1_u32.. {
        due.tick().await;
        let order = live(step.wrapping_mul(7_919) % plan.orders + 1, step, wall());
        say(&mut stream, &message(last + u64::from(step), vec![FeedItem::Order(Box::new(order))])).await?;
    }
    Ok(())
}

/// Pictures of every watched listing in turn, evenly spread, each one another than the last.
async fn pictures(connection: Connection, watched: Vec<InstrumentId>, per_s: u64, counted: Counted) {
    let per_slice = watched.len() as u64 * per_s * SLICE_MS / 1_000;
    let mut due = tokio::time::interval(Duration::from_millis(SLICE_MS));
    let mut sequence = 0_u64;
    loop {
        due.tick().await;
        for _ in 0..per_slice.max(1) {
            let at = usize::try_from(sequence).unwrap_or(0) % watched.len().max(1);
            let Some(instrument) = watched.get(at) else { return };
            sequence += 1;
            let bytes = Listings::picture(*instrument, sequence, wall());
            // Waits for room instead of dropping the oldest: what is counted was sent.
            if connection.send_datagram_wait(bytes.into()).await.is_err() {
                return;
            }
            counted.pictures.fetch_add(1, Ordering::Relaxed);
        }
        counted.lost.store(connection.stats().path.lost_packets, Ordering::Relaxed);
    }
}
