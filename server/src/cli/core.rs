//! The core of a running server: writer, replica, audit search, venue pump, each on its thread; it must do none of their work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use turret_engine::{Input, Session};
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertRaised, AlertRule};
use turret_shared::event::custody::KeySucceeded;
use turret_shared::ids::{CorrelationId, DeskId, Sequence, SessionId};
use turret_shared::tlog::VerifierKey;

use super::init::Failed;
use super::opened::{Opened, restore};
use crate::audit::{Evidence, Heads, Signer, Tell, Turner};
use crate::auth::Auth;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Layout};
use crate::keys::{KeyStore, Purpose};
use crate::net::Handles;
use crate::projections::audit::AuditProjection;
use crate::quotes::QuoteHub;
use crate::random;
use crate::replica::folding::{FoldError, Folded};
use crate::replica::follower::{self, Replica};
use crate::replica::handle::{FeedHub, Queries, Work};
use crate::replica::names::Names;
use crate::replica::texts::Texts;
use crate::sequencer::commit::{CommitError, Commits};
use crate::sequencer::disk::DiskReserve;
use crate::sequencer::inbox::{Inbox, Submission, inbox};
use crate::sequencer::limits::{RELEASED_WORK_MAX, VENUE_EVENTS_MAX};
use crate::sequencer::mailbox::{MailboxReceiver, MailboxSender, mailbox};
use crate::sequencer::pump;
use crate::sequencer::release::{Access, Outlets, SessionControl};
use crate::sequencer::writer::{self, Writer};
use crate::siem::{self, Mark, Shipper};
use crate::store::Store;
use crate::store::snapshots::Snapshots;
use crate::vault::Vault;
use crate::venue::{LinkConfig, SimLink, VenueEvent};
use crate::watch::{Thresholds, Watcher};
use crate::witnessing::{self, Alarm, Newest, Published, Publisher};

/// How it ended.
pub(super) enum CoreEnd {
    /// As it should.
    Clean,
    /// The writer or the replica stopped by itself.
    Failed(String),
}

/// Fires when the writer or the replica has stopped, of itself or because it was told to.
pub(super) struct Stopped {
    writer: oneshot::Receiver<()>,
    replica: oneshot::Receiver<()>,
}

impl Stopped {
    /// Waits for it.
    pub(super) async fn either(self) {
        tokio::select! {
            _ = self.writer => {}
            _ = self.replica => {}
        }
    }
}

/// A running core.
pub(super) struct Core {
    handles: Option<Handles>,
    inbox: Inbox,
    work: MailboxSender<Work>,
    link: Arc<SimLink>,
    stop: Arc<AtomicBool>,
    writer: JoinHandle<Result<(), CommitError>>,
    replica: JoinHandle<Result<(), FoldError>>,
    others: Vec<JoinHandle<()>>,
    signer: Signer,
    sealed: Sealed,
}

/// What holds rows and files sealed under keys that can give way.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) vault: Arc<Vault>,
    pub(super) snapshots: Snapshots,
}

/// Both ends of what connects the parts.
struct Wires {
    inbox: Inbox,
    submissions: MailboxReceiver<Submission>,
    work: MailboxSender<Work>,
    work_in: MailboxReceiver<Work>,
    durable: watch::Sender<u64>,
    quotes: QuoteHub,
    clock: Arc<dyn Clock>,
    stop: Arc<AtomicBool>,
}

/// What start-up brought back.
struct Restored {
    folded: Folded,
    for_replica: Folded,
    names: Arc<Names>,
    opened: Opened,
}

/// What the threads besides writer and replica work on, and what the edge will be given.
struct Workers {
    handles: Handles,
    link: Arc<SimLink>,
    events: mpsc::Receiver<VenueEvent>,
    projection: AuditProjection,
    signer: Signer,
    watch: Thresholds,
    /// Sends the log to the SIEM, where there is one.
    siem: Option<Box<dyn FnOnce() + Send>>,
}

impl Core {
    /// Opens everything, restores the state and starts the threads. Without writer and replica there is
    /// nothing to serve.
    pub(super) fn start(
        layout: &Layout,
        config: &Config,
        keys: &Arc<dyn KeyStore>,
        runtime: &Handle,
        link: &LinkConfig,
        auth: impl FnOnce(Arc<Vault>) -> Auth,
    ) -> Result<(Self, Stopped), Failed> {
        let opened = Opened::open(layout, keys.as_ref())?;
        let evidence = evidence(layout, config, keys, &opened)?;
        let (folded, for_replica) = restore(&opened)?;
        let names = Arc::new(names(&opened.vault)?);
        let wires = Wires::new(folded.state.next_sequence().0);
        let tell = telling(runtime.clone(), wires.inbox.clone());
        let known = evidence.verifier_keys();
        let (reader, durable) = (opened.store.reader()?, wires.durable.subscribe());
        let signer = Signer::start(evidence, reader, durable, Arc::clone(&wires.clock), tell)?;
        let newest = published(layout, config, runtime, &wires, known, &signer, &opened)?;
        let siem = siem(layout, config, runtime, &wires, &opened)?;
        let heads = Heads::new(newest, signer.keys(), opened.store.reader()?);
        let (events_out, events) = mpsc::channel(VENUE_EVENTS_MAX);
        let link = Arc::new(SimLink::start(runtime, link, folded.state.venue_sequence(), events_out)?);

        let (access_out, access) = Access::new(folded.state.access_copy());
        let (ended_out, ended) = SessionControl::new();
        let (search, projection) = AuditProjection::open(
            &layout.audit(),
            &keys.key(Purpose::Projections)?,
            opened.store.reader()?,
            Arc::clone(&names),
            wires.durable.subscribe(),
        )?;
        let queries = Queries::new(wires.work.clone(), search, wires.inbox.clone()).with_heads(heads);
        let handles = Handles {
            clock: Arc::clone(&wires.clock),
            random: random::system,
            inbox: wires.inbox.clone(),
            access,
            ended,
            queries,
            feeds: FeedHub::new(wires.work.clone()),
            quotes: wires.quotes.clone(),
            names: Arc::clone(&names),
            desks: desks(&folded),
            auth: auth(Arc::clone(&opened.vault)),
            sessions: sessions(&folded),
        };
        let outlets = Outlets::new(
            wires.work.clone(),
            access_out,
            ended_out,
            Arc::clone(&link) as Arc<dyn crate::venue::Venue>,
            wires.durable.clone(),
        );
        let reserve = DiskReserve::lay(layout.reserve(), config.limits.disk_reserve_mib);
        let parts = Restored { folded, for_replica, names, opened };
        let workers = Workers { handles, link, events, projection, signer, watch: config.watch.clone(), siem };
        Self::spawn(wires, parts, outlets, reserve, workers)
    }

    /// Starts the threads.
    fn spawn(
        wires: Wires,
        parts: Restored,
        outlets: Outlets,
        reserve: DiskReserve,
        workers: Workers,
    ) -> Result<(Self, Stopped), Failed> {
        let Restored { folded, for_replica, names, opened } = parts;
        let Workers { handles, link, events, projection, signer, watch, siem } = workers;
        let sealed = Sealed { vault: Arc::clone(&opened.vault), snapshots: opened.snapshots.clone() };
        let watcher = Watcher::new(watch, wires.inbox.clone(), random::system)
            .asking(Texts::new(Arc::clone(&opened.vault)))
            .knowing(&for_replica.state);
        let replica = Replica::new(follower::Parts {
            folded: for_replica,
            work: wires.work_in,
            durable: wires.durable.subscribe(),
            reader: opened.store.reader()?,
            snapshots: opened.snapshots,
            quotes: wires.quotes.clone(),
            names,
            texts: Texts::new(opened.vault),
            clock: Arc::clone(&wires.clock),
            random: random::system,
            watcher,
        });
        let reader = opened.store.reader()?;
        let writer = Writer::start(writer::Parts {
            last: folded.state.now(),
            state: folded.state,
            commits: Commits::new(Box::new(opened.store), reader),
            inbox: wires.submissions,
            outlets,
            quotes: wires.quotes.clone(),
            clock: wires.clock,
            reserve,
            stop: Arc::clone(&wires.stop),
        })
        .map_err(|error| Failed(error.to_string()))?;
        let (writer_out, writer_stopped) = oneshot::channel();
        let (replica_out, replica_stopped) = oneshot::channel();
        let (pump_inbox, pump_quotes) = (wires.inbox.clone(), wires.quotes);
        let siem = siem.map(|run| thread("turret-siem", run)).transpose()?;
        let core = Self {
            handles: Some(handles),
            inbox: wires.inbox,
            work: wires.work,
            link,
            stop: wires.stop,
            writer: thread("turret-writer", move || {
                let ended = writer.run();
                // Whoever waits for it may have gone first.
                let _ = writer_out.send(());
                ended
            })?,
            replica: thread("turret-replica", move || {
                let ended = replica.run();
                let _ = replica_out.send(());
                ended
            })?,
            others: [
                thread("turret-audit", move || projection.run())?,
                thread("turret-pump", move || pump::run(events, &pump_inbox, &pump_quotes))?,
            ]
            .into_iter()
            .chain(siem)
            .collect(),
            signer,
            sealed,
        };
        Ok((core, Stopped { writer: writer_stopped, replica: replica_stopped }))
    }

    /// What the edge needs; given once.
    pub(super) const fn handles(&mut self) -> Option<Handles> {
        self.handles.take()
    }

    /// The way to the next key that signs checkpoints.
    pub(super) fn turner(&self) -> Turner {
        self.signer.turner()
    }

    /// What is sealed anew when its keys give way.
    pub(super) fn sealed(&self) -> Sealed {
        self.sealed.clone()
    }

    /// The way in.
    pub(super) const fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Takes everything down in order: what was taken in is durable, then the last snapshot, then the files close.
    pub(super) fn stop(self) -> CoreEnd {
        let Self { handles, inbox, work, link, stop, writer, replica, others, signer, sealed } = self;
        drop((handles, inbox, sealed));
        stop.store(true, Ordering::Release);
        let ended = writer.join();
        // It signs what the writer made durable last.
        drop(signer);
        drop(link);
        // A replica without room has a full queue before it that ends with its mailbox.
        let _ = work.put_waiting(Work::Stop);
        let replica = replica.join();
        for other in others {
            let _ = other.join();
        }
        match (ended, replica) {
            (Ok(Ok(())), Ok(Ok(()))) => CoreEnd::Clean,
            (Ok(Err(error)), _) => CoreEnd::Failed(error.to_string()),
            (Err(_), _) => CoreEnd::Failed("the writer panicked".to_owned()),
            (Ok(Ok(())), Ok(Err(error))) => CoreEnd::Failed(format!("the replica cannot follow the log: {error}")),
            (Ok(Ok(())), Err(_)) => CoreEnd::Failed("the replica panicked".to_owned()),
        }
    }
}

impl Wires {
    fn new(size: u64) -> Self {
        let (inbox, submissions) = inbox();
        let (work, work_in) = mailbox(RELEASED_WORK_MAX);
        Self {
            inbox,
            submissions,
            work,
            work_in,
            durable: watch::Sender::new(size),
            quotes: QuoteHub::new(),
            clock: Arc::new(SystemClock::new()),
            stop: Arc::default(),
        }
    }
}

/// Has the log say that a key gave way to the next; false where it was not recorded.
fn telling(runtime: Handle, inbox: Inbox) -> Tell {
    Box::new(move |word| {
        let event = Event::KeySucceeded(KeySucceeded { version: word.version, note: word.note.clone() });
        // Without randomness the id is still one to quote.
        let bits = random::array(random::system).map_or(0, u64::from_le_bytes);
        let origin = Origin::of(Actor::Operator, CorrelationId::from_bits(bits));
        runtime.block_on(inbox.decided(Input::Note(origin, Box::new(event)))).is_ok()
    })
}

/// The checkpoints, once the log is seen to contain the newest of them: an older copy put back does not start.
fn evidence(layout: &Layout, config: &Config, keys: &Arc<dyn KeyStore>, opened: &Opened) -> Result<Evidence, Failed> {
    let evidence = Evidence::open(&layout.checkpoints(), &config.origin, Arc::clone(keys))?;
    evidence.refuse_rollback(opened.store.reader()?.as_mut())?;
    Ok(evidence)
}

/// Checkpoints as anybody may see them: as they are signed, or once enough witnesses cosigned them.
fn published(
    layout: &Layout,
    config: &Config,
    runtime: &Handle,
    wires: &Wires,
    keys: Vec<VerifierKey>,
    signer: &Signer,
    opened: &Opened,
) -> Result<Newest, Failed> {
    let policy = &config.witness;
    let witnesses = policy.witnesses(layout.data())?;
    if !policy.is_on() {
        return Ok(signer.newest());
    }
    let (publisher, newest) = Publisher::new(witnessing::Parts {
        signed: signer.newest(),
        file: Published::within(&layout.checkpoints()),
        keys,
        witnesses,
        quorum: policy.quorum,
        alarm_s: policy.alarm_s,
        reader: opened.store.reader()?,
        clock: Arc::clone(&wires.clock),
        tell: alarms(wires, policy.alarm_s),
    })?;
    runtime.spawn(publisher.run());
    Ok(newest)
}

/// Alarms about witnesses go where every alert is.
fn alarms(wires: &Wires, alarm_s: u32) -> Box<dyn Fn(Alarm) + Send + Sync> {
    let raise = raising(wires);
    Box::new(move |alarm| match alarm {
        Alarm::Missing(_, silent_s) => raise(AlertRule::WitnessMissing, silent_s, alarm_s),
        Alarm::Refused(place) => raise(AlertRule::WitnessRefused, place, 0),
    })
}

/// The stream of the log to the SIEM, on a thread of its own.
fn siem(
    layout: &Layout,
    config: &Config,
    runtime: &Handle,
    wires: &Wires,
    opened: &Opened,
) -> Result<Option<Box<dyn FnOnce() + Send>>, Failed> {
    let Some(to) = config.siem.destination(layout.data())? else { return Ok(None) };
    let (raise, alarm_s, runtime) = (raising(wires), to.alarm_s, runtime.clone());
    let shipper = Shipper::new(siem::Parts {
        to,
        mark: Mark::open(layout.data())?,
        origin: config.origin.clone(),
        reader: opened.store.reader()?,
        durable: wires.durable.subscribe(),
        clock: Arc::clone(&wires.clock),
        random: random::system,
        tell: Box::new(move |away_s| raise(AlertRule::SiemMissing, away_s, alarm_s)),
    });
    Ok(Some(Box::new(move || runtime.block_on(shipper.run()))))
}

/// Raises an alert about nobody: a rule, its figure, and from which figure on it is one.
fn raising(wires: &Wires) -> impl Fn(AlertRule, u32, u32) + Send + Sync + use<> {
    let (inbox, durable) = (wires.inbox.clone(), wires.durable.subscribe());
    move |rule, figure, threshold| {
        let evidence = Sequence(durable.borrow().saturating_sub(1));
        let (user, device, answer, address, delay_s) = (None, None, None, None, None);
        let raised = AlertRaised { rule, user, device, figure, threshold, evidence, answer, address, delay_s };
        let mut bits = [0; 8];
        // Without randomness the id is still one to quote.
        let _ = random::system(&mut bits);
        let origin = Origin::of(Actor::Engine, CorrelationId::from_bits(u64::from_le_bytes(bits)));
        if inbox.note(Input::Note(origin, Box::new(Event::AlertRaised(raised)))).is_err() {
            tracing::warn!("no room to record an alert");
        }
    }
}

fn thread<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>, Failed> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(|error| Failed(format!("no thread {name}: {error}")))
}

fn names(vault: &Vault) -> Result<Names, Failed> {
    let people = vault.people()?.into_iter().map(|(user, person)| (user, person.login.clone(), person.name.clone()));
    Ok(Names::new(people, vault.clients()?))
}

fn desks(folded: &Folded) -> std::collections::BTreeMap<DeskId, String> {
    let named = |desk| folded.state.desk_code(DeskId(desk)).map(|code| (DeskId(desk), code.to_owned()));
    (0..DESKS_LOOKED_AT).filter_map(named).collect()
}

/// Desks are numbered from the start.
const DESKS_LOOKED_AT: u16 = 1_024;

fn sessions(folded: &Folded) -> Vec<(SessionId, Session)> {
    folded.state.sessions().map(|(id, session)| (id, session.clone())).collect()
}
