//! The exchange's one thread: takes routes and steps, makes them durable, then tells; it must tell nothing before that.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use turret_shared::ids::OrderId;
use turret_shared::venue::{Report, Route, SimRoute};
use turret_shared::wire::put_frame;
use turret_shared::wire::venue::VenueFrame;

use super::board::Board;
use super::pace::Pace;
use super::{HostConfig, HostError};
use crate::clock::Clock;
use crate::listings::listings;
use crate::sim::exchange::{Exchange, Execution, Outcome};
use crate::sim::journal::{Commit, Journal, JournalError, Page};
use crate::sim::limits::{ASKS_PER_COMMIT_MAX, COMMIT_PACE_US, COMMITS_PER_PAGE, CROWD_SAVED_STEPS, LIVE_WAITING_MAX};

/// What the thread is asked.
#[derive(Debug)]
pub enum Ask {
    /// Requests of the member, in order.
    Routes(Vec<Route>),
    /// The last report there is.
    Tip(oneshot::Sender<u64>),
    /// Reports after this one; at the end of them, also what comes from then on.
    Catch(u64, oneshot::Sender<Caught>),
    /// A step of time has passed.
    Step,
    /// Close the journal and end.
    Stop,
}

/// Reports read back, and the live ones once there is nothing left to read.
#[derive(Debug)]
pub struct Caught {
    /// Frames and the last report in them.
    pub page: Page,
    /// Given once `page` is empty.
    pub live: Option<mpsc::Receiver<Told>>,
}

/// Frames for the member, durable.
#[derive(Debug)]
pub struct Told {
    /// Not to be told before this, on the monotonic clock.
    pub due_ns: u64,
    /// Reports and answers.
    pub frames: Vec<u8>,
}

/// The thread's belongings.
pub(super) struct Clerk {
    exchange: Exchange,
    pace: Pace,
    journal: Journal,
    clock: Arc<dyn Clock>,
    board: Arc<Board>,
    shut: watch::Sender<u64>,
    inbox: mpsc::Receiver<Ask>,
    live: Option<mpsc::Sender<Told>>,
    delay_ms: u32,
    steps: u64,
}

impl Clerk {
    pub(super) fn open(
        config: &HostConfig<'_>,
        clock: Arc<dyn Clock>,
        board: Arc<Board>,
        shut: watch::Sender<u64>,
        inbox: mpsc::Receiver<Ask>,
    ) -> Result<Self, HostError> {
        let (journal, restored) = Journal::open(&config.journal, &config.key).map_err(HostError::Journal)?;
        let now_ns = clock.monotonic_ns();
        let (pace, mut exchange) =
            Pace::open(config.seed, config.replay.as_ref(), listings(), &restored.crowd, now_ns)?;
        tracing::info!(reports = restored.sequence, open = restored.open.len(), "journal opened");
        exchange.restore(restored.sequence, restored.newest, &restored.phase, restored.open, clock.wall());
        board.name_source(pace.label());
        Ok(Self { exchange, pace, journal, clock, board, shut, inbox, live: None, delay_ms: 0, steps: 0 })
    }

    /// Runs until told to stop or everyone who could ask is gone.
    pub(super) fn run(mut self) -> Result<(), HostError> {
        self.step()?;
        let everything = self.exchange.floors().iter().map(|floor| floor.listing.id).collect::<Vec<_>>();
        let pictures = everything.into_iter().filter_map(|id| self.exchange.picture(id)).collect();
        self.board.put(pictures, Vec::new());
        self.commit()?;
        let mut committed_ns = 0;
        while let Some(first) = self.inbox.blocking_recv() {
            let mut next = Some(first);
            let mut left = ASKS_PER_COMMIT_MAX;
            while let Some(ask) = next {
                if matches!(ask, Ask::Stop) {
                    return self.commit();
                }
                let sent = matches!(ask, Ask::Routes(_));
                self.take(ask)?;
                if sent {
                    self.keep_pace(committed_ns);
                }
                left = left.saturating_sub(1);
                next = if left > 0 { self.inbox.try_recv().ok() } else { None };
            }
            self.commit()?;
            committed_ns = self.clock.monotonic_ns();
        }
        self.commit()
    }

    /// Lets more requests come while the last commit is too young.
    fn keep_pace(&self, committed_ns: u64) {
        let due_ns = committed_ns.saturating_add(COMMIT_PACE_US.saturating_mul(1_000));
        let left_ns = due_ns.saturating_sub(self.clock.monotonic_ns());
        if left_ns > 0 {
            std::thread::sleep(Duration::from_nanos(left_ns));
        }
    }

    fn take(&mut self, ask: Ask) -> Result<(), HostError> {
        match ask {
            Ask::Routes(routes) => {
                self.exchange.set_time(self.clock.wall());
                routes.into_iter().try_for_each(|route| self.route(&route))
            }
            Ask::Step => self.step(),
            // Whoever asked and left needs no answer.
            Ask::Tip(reply) => {
                self.commit()?;
                let _ = reply.send(self.exchange.sequence());
                Ok(())
            }
            Ask::Catch(after, reply) => {
                self.commit()?;
                let page = self.journal.reports_after(after, COMMITS_PER_PAGE).map_err(HostError::Journal)?;
                let live = (page.last <= after).then(|| {
                    let (sender, receiver) = mpsc::channel(LIVE_WAITING_MAX);
                    self.live = Some(sender);
                    receiver
                });
                let _ = reply.send(Caught { page, live });
                Ok(())
            }
            Ask::Stop => Ok(()),
        }
    }

    fn step(&mut self) -> Result<(), HostError> {
        self.exchange.set_time(self.clock.wall());
        if self.pace.step(&mut self.exchange, self.clock.monotonic_ns())? {
            self.board.name_source(self.pace.label());
        }
        self.steps = self.steps.saturating_add(1);
        Ok(())
    }

    fn route(&mut self, route: &Route) -> Result<(), HostError> {
        if let Some(id) = self.exchange.unknown(route) {
            self.recall(id)?;
        }
        match route {
            Route::New(new) => self.exchange.new_order(new),
            Route::Replace { id, qty, price, stop_px, .. } => self.exchange.replace(*id, *qty, *price, *stop_px),
            Route::Cancel { id, .. } => self.exchange.cancel(*id),
            Route::Status { id } => self.exchange.status(*id),
            Route::Sim(control) => self.steer(control)?,
        }
        Ok(())
    }

    fn steer(&mut self, control: &SimRoute) -> Result<(), HostError> {
        match control {
            SimRoute::Halt { instrument, halted } => self.exchange.halt(*instrument, *halted),
            SimRoute::Session { open } => self.exchange.session(*open),
            SimRoute::Bust { exec } => {
                let execution = self.execution(exec.0)?;
                self.exchange.bust(execution);
            }
            SimRoute::Correct { exec, price, qty } => {
                let execution = self.execution(exec.0)?;
                self.exchange.correct(execution, *price, *qty);
            }
            SimRoute::Unsolicited { order } => self.exchange.unsolicited(*order),
            SimRoute::Delay { ms } => self.delay_ms = *ms,
            SimRoute::DropLink { seconds } => {
                let until = self.due_ns(u64::from(*seconds).saturating_mul(1_000));
                self.live = None;
                self.shut.send_replace(until);
            }
        }
        Ok(())
    }

    /// An execution and its order, from the journal; what is not yet in it is written first.
    fn execution(&mut self, exec: u64) -> Result<Option<Execution>, HostError> {
        self.commit()?;
        let found = self.journal.execution(turret_shared::venue::VenueExecId(exec)).map_err(HostError::Journal)?;
        if let Some(execution) = found
            && self.exchange.order(execution.order).is_none()
        {
            self.recall(execution.order)?;
        }
        Ok(found)
    }

    fn recall(&mut self, id: OrderId) -> Result<(), HostError> {
        if let Some(order) = self.journal.order(id).map_err(HostError::Journal)? {
            self.exchange.recall(order);
        }
        Ok(())
    }

    fn due_ns(&self, ms: u64) -> u64 {
        self.clock.monotonic_ns().saturating_add(ms.saturating_mul(1_000_000))
    }

    /// Makes everything since the last commit durable, then tells it.
    fn commit(&mut self) -> Result<(), HostError> {
        let outcome = self.exchange.take_outcome();
        let frames = self.write(&outcome).map_err(HostError::Journal)?;
        self.exchange.forget_ended(&outcome.touched);
        if !frames.is_empty() {
            let due_ns = self.due_ns(u64::from(self.delay_ms));
            // A link too slow for its room is ended by losing its sender; it asks for what it missed when it is back.
            self.live = self.live.take().filter(|live| live.try_send(Told { due_ns, frames }).is_ok());
        }
        if !outcome.moved.is_empty() || !outcome.trades.is_empty() {
            let pictures = outcome.moved.iter().filter_map(|id| self.exchange.picture(*id)).collect();
            self.board.put(pictures, outcome.trades);
        }
        Ok(())
    }

    /// Writes what an outcome changed and returns all that is to be told of it.
    fn write(&mut self, outcome: &Outcome) -> Result<Vec<u8>, JournalError> {
        let crowd = match &self.pace {
            Pace::Crowd(crowd) if self.steps >= CROWD_SAVED_STEPS => {
                self.steps = 0;
                Some(crowd.mind())
            }
            _ => None,
        };
        let nothing = outcome.reports.is_empty() && outcome.touched.is_empty() && !outcome.phase_changed;
        if nothing && crowd.is_none() {
            return Ok(Vec::new());
        }
        let facts: Vec<&Report> = outcome.reports.iter().filter(|report| report.sequence > 0).collect();
        let all = frames(outcome.reports.iter())?;
        let range = facts.first().zip(facts.last()).map(|(first, last)| (first.sequence, last.sequence));
        let durable = if facts.len() == outcome.reports.len() { None } else { Some(frames(facts.into_iter())?) };
        let orders = outcome.touched.iter().filter_map(|id| self.exchange.order(*id)).collect();
        let phase = outcome.phase_changed.then(|| self.exchange.phase());
        self.journal.write(&Commit { range, frames: durable.as_deref().unwrap_or(&all), orders, phase, crowd })?;
        Ok(all)
    }
}

fn frames<'a>(reports: impl Iterator<Item = &'a Report>) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    for report in reports {
        put_frame(&VenueFrame::Report(report.clone()), &mut bytes).map_err(|_| JournalError::Malformed)?;
    }
    Ok(bytes)
}
