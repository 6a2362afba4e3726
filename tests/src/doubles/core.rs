//! The product's sequencer in this process, over stores and a venue that may be faulty: started from its log, and dying.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use tokio::sync::watch;
use turret_engine::{Input, State};
use turret_server::quotes::QuoteHub;
use turret_server::replica::folding::Folded;
use turret_server::replica::handle::Work;
use turret_server::sequencer::commit::{CommitError, Commits};
use turret_server::sequencer::disk::DiskReserve;
use turret_server::sequencer::inbox::{Inbox, inbox};
use turret_server::sequencer::mailbox::{MailboxReceiver, mailbox};
use turret_server::sequencer::release::{Access, Outlets, SessionControl};
use turret_server::sequencer::writer::{Parts, Writer};
use turret_server::store::Store;
use turret_server::store::sqlcipher::{SqlStore, Tuning};
use turret_shared::secret::SecretKey;

use super::exchange::{Exchange, ExchangeLink, serve};
use super::mortal_store::{Death, MortalStore, Planted, Platter};
use super::still_clock::StillClock;
use crate::crash::evidence::Broken;

/// What is wrong with a process on purpose.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// With its store.
    pub store: Planted,
    /// It does not send the outbox when it starts.
    pub forgets_outbox: bool,
}

/// A running sequencer.
pub struct Core {
    /// The way in.
    pub inbox: Inbox,
    stop: Arc<AtomicBool>,
    writer: JoinHandle<Result<(), CommitError>>,
    wire: JoinHandle<()>,
    platter: Option<Platter>,
    _work: MailboxReceiver<Work>,
    _access: Access,
    _ended: SessionControl,
}

impl Core {
    /// Opens the log, folds it and starts, as the server does.
    ///
    /// # Errors
    /// When the log cannot be opened or folded.
    pub fn start(
        platter: &Platter,
        key: &SecretKey,
        exchange: &Exchange,
        faults: Faults,
        death: Option<Death>,
    ) -> Result<Self, Broken> {
        let store = SqlStore::open(&platter.log, key, Tuning::default())?;
        let mut reader = store.reader()?;
        let mut folded = Folded::default();
        folded.follow(reader.as_mut(), store.tip().next().0)?;
        let state = folded.state;
        let forgotten = if faults.forgets_outbox { state.outbox() } else { Vec::new() };
        let (link, wire) = ExchangeLink::new(forgotten);
        let store = MortalStore::new(store, faults.store, death, &platter.log, &platter.folder)?;
        let recorded = state.venue_sequence();
        let (inbox, submissions) = inbox();
        let (work_out, work) = mailbox(1_024);
        let (access_out, access) = Access::new(state.access_copy());
        let (ended_out, ended) = SessionControl::new();
        let durable = watch::Sender::new(state.next_sequence().0);
        let stop = Arc::new(AtomicBool::new(false));
        let writer = Writer::start(parts(
            state,
            Commits::new(Box::new(store), reader),
            submissions,
            Outlets::new(work_out, access_out, ended_out, Arc::new(link), durable),
            Arc::clone(&stop),
            platter,
        ))?;
        let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run())?;
        for report in exchange.reports_after(recorded) {
            let _ = inbox.fact(Input::Venue(report));
        }
        let _ = inbox.fact(Input::VenueLink(true));
        let (exchange, heard) = (exchange.clone(), inbox.clone());
        let wire =
            std::thread::Builder::new().name("exchange".to_owned()).spawn(move || serve(&exchange, &wire, &heard))?;
        let loses_power = faults.store == Planted::DropsUnsynced && death.is_some();
        let platter = loses_power.then(|| platter.clone());
        Ok(Self { inbox, stop, writer, wire, platter, _work: work, _access: access, _ended: ended })
    }

    /// Waits for its death, or has it end in good order if it is not to die.
    ///
    /// # Errors
    /// When a thread panicked or the platter cannot be put back.
    pub fn end(self) -> Result<(), Broken> {
        self.stop.store(true, Ordering::Release);
        // How it died is the bench's own doing.
        let died = self.writer.join().map_err(|_| "the writer panicked")?.is_err();
        self.wire.join().map_err(|_| "the exchange panicked")?;
        match self.platter {
            Some(platter) if died => Ok(platter.lose_power()?),
            _ => Ok(()),
        }
    }

    /// Whether it has died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.writer.is_finished()
    }
}

fn parts(
    state: State,
    commits: Commits,
    inbox: MailboxReceiver<turret_server::sequencer::inbox::Submission>,
    outlets: Outlets,
    stop: Arc<AtomicBool>,
    platter: &Platter,
) -> Parts {
    Parts {
        last: state.now(),
        state,
        commits,
        inbox,
        outlets,
        quotes: QuoteHub::new(),
        clock: Arc::new(StillClock),
        reserve: DiskReserve::lay(platter.folder.join("reserve"), 0),
        stop,
    }
}
