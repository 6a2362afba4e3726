//! A whole server in this process, on a real desk's files, under a clock that moves by hand; it has no venue but the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use tempfile::TempDir;
use tokio::sync::watch;
use turret_certs::Authority;
use turret_certs::tls::Credentials;
use turret_engine::Input;
use turret_server::auth::Auth;
use turret_server::clock::Clock;
use turret_server::config::{Config, Layout};
use turret_server::keys::file::FileKeys;
use turret_server::keys::{KeyStore, Passphrase, Purpose};
use turret_server::net::{Deployment, Edge, Enrolment, Handles};
use turret_server::projections::audit::{AuditProjection, AuditSearch};
use turret_server::quotes::QuoteHub;
use turret_server::replica::folding::Folded;
use turret_server::replica::follower::{self, Replica};
use turret_server::replica::handle::{FeedHub, Queries, Work};
use turret_server::replica::names::Names;
use turret_server::replica::texts::Texts;
use turret_server::sequencer::commit::Commits;
use turret_server::sequencer::disk::DiskReserve;
use turret_server::sequencer::inbox::{Inbox, inbox};
use turret_server::sequencer::mailbox::{MailboxReceiver, MailboxSender, mailbox};
use turret_server::sequencer::release::{Access, Outlets, SessionControl};
use turret_server::sequencer::writer::{self, Writer};
use turret_server::store::snapshots::Snapshots;
use turret_server::store::sqlcipher::{SqlStore, Tuning};
use turret_server::store::{Reader, Store};
use turret_server::vault::{Vault, VaultKeys};
use turret_server::venue::Venue;
use turret_server::watch::{Answers, Places, Thresholds, Watcher};
use turret_server::{random, reset};
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::ids::CorrelationId;
use turret_shared::limits::TOTP_STEP_S;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::venue::{Report, ReportKind, Route};
use zeroize::Zeroizing;

use super::client::now_s;
use super::desk::{PASSPHRASE, Person, init};

/// Both clocks of a server, moved together unless a test sets one of them.
pub(crate) struct HandClock {
    wall_ns: AtomicI64,
    steady_ns: AtomicU64,
}

impl HandClock {
    /// At the start of a code's step, for codes to stay what they are until the test moves on: of the next one, for a log
    /// made just now must not be ahead of it.
    fn new() -> Self {
        let start_s = (now_s() / TOTP_STEP_S + 1) * TOTP_STEP_S;
        let wall_ns = AtomicI64::new(i64::try_from(start_s).unwrap() * NS_PER_S);
        Self { wall_ns, steady_ns: AtomicU64::new(1_000_000_000_000) }
    }

    pub(crate) fn advance_s(&self, s: u32) {
        self.steady_ns.fetch_add(u64::from(s) * 1_000_000_000, Ordering::SeqCst);
        self.jump_s(i64::from(s));
    }

    /// Somebody sets the wall clock.
    pub(crate) fn jump_s(&self, s: i64) {
        self.wall_ns.fetch_add(s * NS_PER_S, Ordering::SeqCst);
    }

    /// The step codes belong to now.
    pub(crate) fn step(&self) -> u64 {
        u64::try_from(self.wall().0 / NS_PER_S).unwrap() / TOTP_STEP_S
    }
}

impl Clock for HandClock {
    fn wall(&self) -> Timestamp {
        Timestamp(self.wall_ns.load(Ordering::SeqCst))
    }

    fn monotonic_ns(&self) -> u64 {
        self.steady_ns.load(Ordering::SeqCst)
    }
}

/// Takes every route and says nothing: what the venue says, the test says.
struct Silent;

impl Venue for Silent {
    fn route(&self, _: Vec<Route>) {}

    fn recover(&self, _: Vec<Route>) {}
}

pub(crate) struct House {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) address: SocketAddr,
    /// Where devices enrol, while anything is outstanding.
    pub(crate) enrolment: watch::Receiver<Option<SocketAddr>>,
    people: Vec<Person>,
    inbox: Inbox,
    stop: Arc<AtomicBool>,
    closing: watch::Sender<bool>,
    work: MailboxSender<Work>,
    reports: AtomicU64,
    log: std::sync::Mutex<Box<dyn Reader>>,
    /// What signs devices' certificates.
    pub(crate) authority: Authority,
    _dir: TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.closing.send_replace(true);
        self.stop.store(true, Ordering::Release);
        let _ = self.work.put_waiting(Work::Stop);
    }
}

impl House {
    /// A fresh demonstration's desk, its venue link up.
    pub(crate) async fn open() -> Self {
        Self::open_after(|_| ()).await
    }

    /// The same, with a vault that something was done to before.
    pub(crate) async fn open_after(before: impl FnOnce(&Arc<Vault>)) -> Self {
        Self::open_with(before, Thresholds::default()).await
    }

    /// A house that answers alerts so.
    pub(crate) async fn open_answering(answers: Answers) -> Self {
        Self::open_with(|_| (), Thresholds { answers, ..Thresholds::default() }).await
    }

    /// A house that knows these networks by the places they are of, and answers alerts so.
    pub(crate) async fn open_in(places: Places, answers: Answers) -> Self {
        Self::open_with(|_| (), Thresholds { places, answers, ..Thresholds::default() }).await
    }

    async fn open_with(before: impl FnOnce(&Arc<Vault>), thresholds: Thresholds) -> Self {
        let (dir, people, layout, keys) = desk();
        let store = SqlStore::open(&layout.log(), &keys.key(Purpose::Database).unwrap(), Tuning::default()).unwrap();
        let clock = Arc::new(HandClock::new());
        let quotes = QuoteHub::new();
        let (inbox, submissions) = inbox();
        let (work, work_in) = mailbox(1_024);
        let size = store.tip().next().0;
        let durable = watch::Sender::new(size);
        let (for_writer, for_replica) = (folded(&store).state, folded(&store));
        let (access_out, access) = Access::new(for_writer.access_copy());
        let (ended_out, ended) = SessionControl::new();
        let vault = vault(&layout, &keys);
        before(&vault);
        let names = Arc::new(names(&vault));
        let reader = || store.reader().unwrap();
        let (search, projection) = searches(&layout, &keys, reader(), &names, durable.subscribe());
        let texts = Texts::new(Arc::clone(&vault));
        let following = Following {
            work: work_in,
            durable: durable.subscribe(),
            reader: reader(),
            watcher: Watcher::new(thresholds, inbox.clone(), random::system)
                .asking(Texts::new(Arc::clone(&vault)))
                .knowing(&for_replica.state),
            folded: for_replica,
        };
        let replica = following.replica(snapshots(&layout, &keys), &quotes, &names, texts, &clock);
        let stop = Arc::new(AtomicBool::new(false));
        let (log, own) = (reader(), std::sync::Mutex::new(reader()));
        let writer = Writer::start(writer::Parts {
            last: for_writer.now(),
            state: for_writer,
            commits: Commits::new(Box::new(store), log),
            inbox: submissions,
            outlets: Outlets::new(work.clone(), access_out, ended_out, Arc::new(Silent), durable),
            quotes: quotes.clone(),
            clock: clock.clone(),
            reserve: DiskReserve::lay(layout.reserve(), 0),
            stop: Arc::clone(&stop),
        })
        .unwrap();
        spawn(writer, replica, projection);
        let handles = Handles {
            clock: clock.clone(),
            random: random::system,
            inbox: inbox.clone(),
            access,
            ended,
            queries: Queries::new(work.clone(), search, inbox.clone()),
            feeds: FeedHub::new(work.clone()),
            quotes,
            names,
            desks: std::collections::BTreeMap::new(),
            auth: Auth::new(vault),
            sessions: Vec::new(),
        };
        let (closing, closed) = watch::channel(false);
        let (address, enrolment) = listen(&layout, &keys, handles, closed);
        let (reports, authority) = (AtomicU64::new(0), authority(&layout, &keys));
        Self { clock, address, enrolment, people, inbox, stop, closing, work, reports, log: own, authority, _dir: dir }
            .trading()
            .await
    }

    async fn trading(self) -> Self {
        self.inbox.decided(Input::VenueLink(true)).await.unwrap();
        self.venue(ReportKind::Session { open: true }).await;
        self
    }

    pub(crate) fn person(&self, login: &str) -> Person {
        self.people.iter().find(|person| person.login == login).unwrap().clone()
    }

    /// The venue's next fact, durable.
    pub(crate) async fn venue(&self, kind: ReportKind) {
        let sequence = self.reports.fetch_add(1, Ordering::SeqCst) + 1;
        let report = Report { sequence, time: self.clock.wall(), kind };
        self.inbox.decided(Input::Venue(report)).await.unwrap();
    }

    /// Nobody follows the log any more.
    pub(crate) fn end_replica(&self) {
        self.work.put_waiting(Work::Stop).unwrap();
    }

    /// Every file of the server.
    pub(crate) fn files(&self) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self._dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    /// Every event of the log with its place.
    pub(crate) fn log(&self) -> Vec<(turret_shared::ids::Sequence, Event)> {
        let mut events = Vec::new();
        let mut log = self.log.lock().unwrap();
        let mut visit = |stored: turret_server::store::StoredEntry<'_>| {
            let entry = turret_shared::entry::Entry::from_bytes(stored.bytes).unwrap();
            events.push((entry.head.sequence, entry.event().unwrap()));
            turret_server::store::Visit::Continue(())
        };
        log.entries(turret_shared::ids::Sequence(0), u64::MAX, &mut visit).unwrap();
        drop(log);
        events
    }

    /// Where its files lie.
    pub(crate) fn data(&self) -> &std::path::Path {
        self._dir.path()
    }

    /// A fact of set-up, durable.
    pub(crate) async fn fact(&self, event: Event) {
        let origin = Origin::of(Actor::Operator, CorrelationId(0));
        let decided = self.inbox.decided(Input::Setup(origin, Box::new(event))).await.unwrap();
        assert_eq!(decided.fault, None);
    }
}

/// A fresh desk's files, its people and its keys.
fn desk() -> (TempDir, Vec<Person>, Layout, FileKeys) {
    let dir = tempfile::Builder::new().prefix("turret-house-").tempdir().unwrap();
    let people = init(dir.path());
    let layout = Layout::new(dir.path().to_owned());
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
    let keys = FileKeys::open(&layout.keys(), &passphrase).unwrap();
    (dir, people, layout, keys)
}

/// The whole log, folded.
fn folded(store: &SqlStore) -> Folded {
    let mut folded = Folded::default();
    folded.follow(store.reader().unwrap().as_mut(), store.tip().next().0).unwrap();
    folded
}

/// The threads of a server; each ends when it is told to.
fn spawn(writer: Writer, replica: Replica, projection: AuditProjection) {
    std::thread::spawn(move || writer.run().map_err(|error| error.to_string()));
    std::thread::spawn(move || replica.run());
    std::thread::spawn(move || projection.run());
}

/// What a replica follows.
struct Following {
    folded: Folded,
    work: MailboxReceiver<Work>,
    durable: watch::Receiver<u64>,
    reader: Box<dyn Reader>,
    watcher: Watcher,
}

impl Following {
    fn replica(
        self,
        snapshots: Snapshots,
        quotes: &QuoteHub,
        names: &Arc<Names>,
        texts: Texts,
        clock: &Arc<HandClock>,
    ) -> Replica {
        Replica::new(follower::Parts {
            folded: self.folded,
            work: self.work,
            durable: self.durable,
            reader: self.reader,
            snapshots,
            quotes: quotes.clone(),
            names: Arc::clone(names),
            texts,
            clock: clock.clone(),
            random: random::system,
            watcher: self.watcher,
        })
    }
}

fn names(vault: &Vault) -> Names {
    let known = vault.people().unwrap().into_iter().map(|(user, p)| (user, p.login.clone(), p.name.clone()));
    Names::new(known, vault.clients().unwrap())
}

fn snapshots(layout: &Layout, keys: &FileKeys) -> Snapshots {
    Snapshots::open(&layout.snapshots(), keys.key(Purpose::Snapshot).unwrap()).unwrap()
}

fn searches(
    layout: &Layout,
    keys: &FileKeys,
    reader: Box<dyn Reader>,
    names: &Arc<Names>,
    durable: watch::Receiver<u64>,
) -> (AuditSearch, AuditProjection) {
    let key = keys.key(Purpose::Projections).unwrap();
    AuditProjection::open(&layout.audit(), &key, reader, Arc::clone(names), durable).unwrap()
}

fn vault(layout: &Layout, keys: &FileKeys) -> Arc<Vault> {
    let [rows, peppers] = [Purpose::VaultRows, Purpose::Pepper].map(|purpose| keys.versions(purpose).unwrap());
    let key = keys.key(Purpose::Vault).unwrap();
    Arc::new(Vault::open_with(&layout.vault(), &key, VaultKeys { rows, peppers }, random::system).unwrap())
}

fn authority(layout: &Layout, keys: &FileKeys) -> Authority {
    let sealed = std::fs::read(layout.pki().join("ca.key.sealed")).unwrap();
    let key = keys.unseal(Purpose::Authority, b"ca", &sealed).unwrap();
    let certificate = std::fs::read_to_string(layout.pki().join("ca.pem")).unwrap();
    Authority::load(&certificate, std::str::from_utf8(&key).unwrap()).unwrap()
}

fn listen(
    layout: &Layout,
    keys: &FileKeys,
    handles: Handles,
    closed: watch::Receiver<bool>,
) -> (SocketAddr, watch::Receiver<Option<SocketAddr>>) {
    let config = Config::load(layout.data()).unwrap();
    let read = |name: &str| std::fs::read_to_string(layout.pki().join(name)).unwrap();
    let sealed = std::fs::read(layout.pki().join("server.key.sealed")).unwrap();
    let key = keys.unseal(Purpose::Authority, b"server", &sealed).unwrap();
    let (authority, certificate, key) = (read("ca.pem"), read("server.pem"), String::from_utf8(key.to_vec()).unwrap());
    let credentials = Credentials { authority_pem: &authority, certificate_pem: &certificate, key_pem: &key };
    let enrolment =
        Enrolment { listen: "127.0.0.1:0".parse().unwrap(), authority: Arc::new(self::authority(layout, keys)) };
    let deployment = Deployment {
        origin: config.origin,
        environment: config.environment.into(),
        demo: true,
        connections_max: 64,
        enrolment: Some(enrolment),
        nftables_set: config.guard.nftables_set,
    };
    let endpoint = reset::endpoint_config(&keys.key(Purpose::StatelessReset).unwrap(), random::system).unwrap();
    let edge = Edge::bind("127.0.0.1:0".parse().unwrap(), &credentials, endpoint, deployment, handles).unwrap();
    let address = edge.local_addr().unwrap();
    let enrolment = edge.enrolment_addr().unwrap();
    tokio::spawn(edge.run(closed));
    (address, enrolment)
}
