//! The single writer's thread: takes what is there, has it decided, seals it into batches; it must wait for nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use turret_engine::access::AccessView;
use turret_engine::{Decision, Input, Market, Stamp, State, decide_into, views};
use turret_shared::command::Verb;
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::entry::{Actor, Head, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::{ClockStep, Started};
use turret_shared::ids::{CorrelationId, Sequence};
use turret_shared::time::{NS_PER_MS, Timestamp};
use turret_shared::venue::Route;
use turret_shared::wire::control::Outcome;

use super::assembly::Assembly;
use super::commit::{CommitError, Commits};
use super::committer::{Committer, Sealed};
use super::disk::DiskReserve;
use super::inbox::{ReplyTo, Submission};
use super::limits::{
    BATCH_INPUTS_MAX, CLOCK_STEP_NS_MAX, COMMIT_HERE_INPUTS_MAX, FACTS_WAIT_US, SEAL_EARLY_ANSWERS_MIN, TICK_MS,
};
use super::mailbox::{Drained, MailboxReceiver};
use super::release::{Answer, Outlets, Released, Telling};
use super::reply::Decided;
use crate::clock::Clock;
use crate::quotes::QuoteHub;

/// What a writer is made of.
pub struct Parts {
    /// The state after the last durable entry.
    pub state: State,
    /// Stamp of the last durable entry.
    pub last: Timestamp,
    /// The log.
    pub commits: Commits,
    /// The way in.
    pub inbox: MailboxReceiver<Submission>,
    /// The ways out.
    pub outlets: Outlets,
    /// Prices.
    pub quotes: QuoteHub,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Disk kept back.
    pub reserve: DiskReserve,
    /// Set by whoever wants it to end.
    pub stop: Arc<AtomicBool>,
}

/// The single writer.
pub struct Writer {
    state: State,
    last: Timestamp,
    assembly: Assembly,
    committer: Committer,
    inbox: MailboxReceiver<Submission>,
    quotes: QuoteHub,
    clock: Arc<dyn Clock>,
    stop: Arc<AtomicBool>,
    market: Market,
    quotes_seen: u64,
    skew_ns: i64,
    open: Open,
    /// Answers the batch sealed last owed.
    answers_before: usize,
    /// Its room is used again for each input.
    decision: Decision,
}

/// What was decided since the last batch was sealed.
#[derive(Debug, Default)]
struct Open {
    inputs: usize,
    /// Something but facts of the venue is in it.
    asked: bool,
    rights_changed: bool,
    link_came_up: bool,
    answers: Vec<Answer>,
    routes: Vec<Route>,
    released: Vec<(Head, Event)>,
}

impl Writer {
    /// Starts its committing thread.
    ///
    /// # Errors
    /// [`CommitError::Thread`].
    pub fn start(parts: Parts) -> Result<Self, CommitError> {
        let Parts { state, last, commits, inbox, outlets, quotes, clock, reserve, stop } = parts;
        let Commits { assembly, appender } = commits;
        let committer = Committer::start(appender, outlets, reserve, Arc::clone(&clock), inbox.nudger())?;
        Ok(Self {
            state,
            last,
            assembly,
            committer,
            inbox,
            quotes,
            skew_ns: skew(clock.as_ref()),
            clock,
            stop,
            market: Market::new(),
            quotes_seen: 0,
            open: Open::default(),
            answers_before: 0,
            decision: Decision::default(),
        })
    }

    /// Runs until told to stop; what came before the stop is decided and durable then.
    ///
    /// # Errors
    /// [`CommitError`]: what was not durable is not told to anyone, and start-up is the recovery.
    pub fn run(mut self) -> Result<(), CommitError> {
        let decided = self.decide_until_stopped();
        // What was handed over before is told, or is why nothing more could be.
        self.committer.end().and(decided)
    }

    fn decide_until_stopped(&mut self) -> Result<(), CommitError> {
        let mut inputs = Vec::with_capacity(BATCH_INPUTS_MAX);
        let mut drained = Drained::Nothing;
        self.begin();
        loop {
            if self.may_seal(drained) {
                self.seal()?;
            }
            let stopping = self.stop.load(Ordering::Acquire);
            let room = BATCH_INPUTS_MAX.saturating_sub(self.open.inputs);
            drained = self.inbox.drain(&mut inputs, room, self.patience(stopping));
            let done = stopping && drained != Drained::Some && self.open.inputs == 0;
            if done || self.committer.has_failed() {
                return Ok(());
            }
            self.refresh_market();
            self.watch_clock();
            for submission in inputs.drain(..) {
                self.take(submission);
                if self.may_seal_early() {
                    self.seal()?;
                }
            }
            if self.state.next_deadline().is_some_and(|due| due <= self.clock.wall()) {
                self.take(Submission { input: Input::Timer, reply: ReplyTo::Nobody });
            }
        }
    }

    /// Its first fact is that it started: no other may come before, for this one says that no venue link is known.
    fn begin(&mut self) {
        let started = Event::Started(Started { version: env!("CARGO_PKG_VERSION").to_owned() });
        let origin = Origin::of(Actor::Operator, CorrelationId(0));
        self.take(Submission { input: Input::Note(origin, Box::new(started)), reply: ReplyTo::Nobody });
    }

    /// A batch is sealed once the one before it is told. Facts that follow a commit closely wait a moment more: the commands
    /// it set free are on their way, and one flush serves both. A fact that comes alone waits for nobody.
    fn may_seal(&self, drained: Drained) -> bool {
        let together = self.open.asked || drained == Drained::Nothing || self.facts_left_ns() == 0;
        self.open.inputs > 0 && together && !self.committer.is_busy()
    }

    /// Of many commands drained together the first need not wait for the last to be decided: while the disk takes them, the
    /// rest is decided. Half of them go at a time, so that the askers fall into two groups, one deciding while one is written.
    fn may_seal_early(&self) -> bool {
        let enough = (self.answers_before / 2).max(SEAL_EARLY_ANSWERS_MIN);
        self.open.answers.len() >= enough && !self.committer.is_busy()
    }

    /// How long facts alone still wait for commands, in nanoseconds.
    fn facts_left_ns(&self) -> u64 {
        let due_ns = self.committer.committed_ns().saturating_add(FACTS_WAIT_US.saturating_mul(1_000));
        due_ns.saturating_sub(self.clock.monotonic_ns())
    }

    /// How long nothing may come before something else is to be done.
    fn patience(&self, stopping: bool) -> Duration {
        if self.open.inputs == 0 {
            return if stopping { Duration::ZERO } else { self.until_tick() };
        }
        if self.committer.await_end() {
            return self.until_tick();
        }
        Duration::from_nanos(if self.open.asked { 0 } else { self.facts_left_ns() })
    }

    fn until_tick(&self) -> Duration {
        let tick = i64::try_from(TICK_MS).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS);
        let due = self.state.next_deadline().map_or(tick, |due| due.since(self.clock.wall()));
        Duration::from_nanos(u64::try_from(due.clamp(0, tick)).unwrap_or(0))
    }

    fn refresh_market(&mut self) {
        if self.quotes.version() == self.quotes_seen {
            return;
        }
        let mut pictures = Vec::new();
        self.quotes_seen = self.quotes.changed_since(self.quotes_seen, &mut pictures);
        for picture in pictures {
            self.market.picture(&picture);
        }
    }

    /// A wall clock that jumped against the steady one is a fact: proofs stop counting until somebody looked.
    fn watch_clock(&mut self) {
        let now = skew(self.clock.as_ref());
        let by_ns = now.saturating_sub(self.skew_ns);
        if by_ns.saturating_abs() > CLOCK_STEP_NS_MAX {
            self.skew_ns = now;
            let event = Event::ClockStep(ClockStep { by_ns, acknowledged: false });
            // To quote: one jump is told from another by when it was seen.
            let seen = self.clock.monotonic_ns() ^ now.unsigned_abs();
            let origin = Origin::of(Actor::Engine, CorrelationId::from_bits(seen));
            self.take(Submission { input: Input::Note(origin, Box::new(event)), reply: ReplyTo::Nobody });
        }
    }

    /// Decides one input, evolves at once so that the next one sees it, and encodes its entries.
    fn take(&mut self, submission: Submission) {
        let Submission { input, reply } = submission;
        self.open.inputs = self.open.inputs.saturating_add(1);
        self.open.asked |= !matches!(input, Input::Venue(_));
        if !self.committer.reserve_held() && !may_use_reserve(&input) {
            self.refuse_for_disk(reply);
            return;
        }
        if let Input::VenueLink(up) = input {
            self.open.link_came_up = up;
        }
        let time = self.clock.wall().max(self.last.after_ns(1));
        let first = self.assembly.next();
        let mut decision = std::mem::take(&mut self.decision);
        decide_into(&self.state, &self.market, &input, Stamp { sequence: first, time }, &mut decision);
        let made = !decision.events.is_empty();
        let origin = input.origin();
        for event in decision.events.drain(..) {
            let head = Head { sequence: self.assembly.next(), time, origin };
            self.state.evolve(&head, &event);
            self.assembly.push(&head, &event);
            self.open.rights_changed |= AccessView::is_changed_by(&event);
            self.open.released.push((head, event));
        }
        if made {
            self.last = time;
        }
        self.open.routes.append(&mut decision.routes);
        let (verdict, session, fault) = (decision.verdict.take(), decision.session.take(), decision.fault.take());
        self.decision = decision;
        if matches!(reply, ReplyTo::Nobody) {
            return;
        }
        let mut outcome = verdict.map(|verdict| views::outcome(&self.state, &verdict, &|_| Vec::new()));
        if let (Input::Client(client), Some(Outcome::Order(accepted))) = (&input, &mut outcome)
            && let Verb::OrderNew(new) = &client.command.verb
        {
            // The state does not know the text; whoever sent it does.
            accepted.order.text.clone_from(&new.text);
        }
        let first = made.then_some(first);
        let decided = Decided { first, time, outcome, session, fault };
        self.open.answers.push(Answer { reply, decided });
    }

    /// Below the reserve nothing but cancels and facts is recorded, so this no is not recorded either.
    fn refuse_for_disk(&mut self, reply: ReplyTo) {
        let text = "The server is short of disk: only cancels are taken.".to_owned();
        let denial = Denial { code: DenialCode::DiskReserve, rules: Vec::new(), text, passed: 0, until: None };
        let outcome = Some(Outcome::Denied(Box::new(denial)));
        let decided = Decided { first: None, time: self.last, outcome, session: None, fault: None };
        self.open.answers.push(Answer { reply, decided });
    }

    /// Ends what is open, with all that may be told of it, and begins anew.
    fn seal(&mut self) -> Result<(), CommitError> {
        let small = self.open.inputs <= COMMIT_HERE_INPUTS_MAX;
        let next = Open { released: Vec::with_capacity(self.open.released.len()), ..Open::default() };
        let Open { rights_changed, link_came_up, answers, routes, released: entries, .. } =
            std::mem::replace(&mut self.open, next);
        self.answers_before = answers.len();
        let telling = Telling {
            released: Released { first: entries.first().map_or(Sequence(0), |(head, _)| head.sequence), entries },
            access: rights_changed.then(|| Arc::new(self.state.access_copy())),
            answers,
            routes,
            outbox: link_came_up.then(|| self.state.outbox()),
        };
        let sealed = Sealed { batch: self.assembly.seal(&self.state, self.committer.room()), telling };
        if small {
            return self.committer.commit_here(sealed);
        }
        self.committer.hand_over(sealed);
        Ok(())
    }
}

/// What is recorded even when the disk is almost full.
fn may_use_reserve(input: &Input) -> bool {
    match input {
        Input::Client(client) => matches!(client.command.verb, Verb::OrderCancel(_) | Verb::CancelAll(_)),
        Input::Venue(_) | Input::VenueLink(_) | Input::Timer | Input::Session(_) | Input::Note(..) => true,
        Input::Proof(_) | Input::Password(_) | Input::Key(_) | Input::Setup(..) => false,
    }
}

/// Wall clock minus steady clock, in nanoseconds.
fn skew(clock: &dyn Clock) -> i64 {
    clock.wall().0.saturating_sub(i64::try_from(clock.monotonic_ns()).unwrap_or(i64::MAX))
}
