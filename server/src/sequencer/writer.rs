//! The single writer's thread: takes what is there, has it decided, commits it once, lets it out; it must wait for nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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

use super::commit::{CommitError, Commits};
use super::disk::DiskReserve;
use super::inbox::{ReplyTo, Submission};
use super::limits::{BATCH_INPUTS_MAX, CLOCK_STEP_NS_MAX, FACTS_WAIT_US, RESERVE_RETRY_MS, TICK_MS};
use super::mailbox::MailboxReceiver;
use super::release::{Answer, Outlets, Released};
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
    parts: Parts,
    market: Market,
    quotes_seen: u64,
    skew_ns: i64,
    reserve_try_ns: Option<u64>,
    answers: Vec<Answer>,
    routes: Vec<Route>,
    released: Vec<(Head, Event)>,
    link_came_up: bool,
    committed_ns: u64,
    /// Its room is used again for each input.
    decision: Decision,
}

impl Writer {
    /// Ready to run.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let skew_ns = skew(parts.clock.as_ref());
        Self {
            parts,
            market: Market::new(),
            quotes_seen: 0,
            skew_ns,
            reserve_try_ns: None,
            answers: Vec::new(),
            routes: Vec::new(),
            released: Vec::new(),
            link_came_up: false,
            committed_ns: 0,
            decision: Decision::default(),
        }
    }

    /// Runs until told to stop; what came before the stop is decided and durable then.
    ///
    /// # Errors
    /// [`CommitError`]: what was not durable is not told to anyone, and start-up is the recovery.
    pub fn run(mut self) -> Result<(), CommitError> {
        let mut inputs = Vec::with_capacity(BATCH_INPUTS_MAX);
        self.begin()?;
        loop {
            let stopping = self.parts.stop.load(Ordering::Acquire);
            let patience = if stopping { Duration::ZERO } else { self.patience() };
            self.parts.inbox.drain(&mut inputs, BATCH_INPUTS_MAX, patience);
            if !stopping {
                self.let_commands_join(&mut inputs);
            }
            if stopping && inputs.is_empty() {
                return Ok(());
            }
            self.refresh_market();
            self.watch_clock();
            for submission in inputs.drain(..) {
                self.take(submission);
            }
            if self.parts.state.next_deadline().is_some_and(|due| due <= self.parts.clock.wall()) {
                self.take(Submission { input: Input::Timer, reply: ReplyTo::Nobody });
            }
            self.commit_and_release()?;
        }
    }

    /// Its first fact is that it started: no other may come before, for this one says that no venue link is known.
    fn begin(&mut self) -> Result<(), CommitError> {
        let started = Event::Started(Started { version: env!("CARGO_PKG_VERSION").to_owned() });
        let origin = Origin::of(Actor::Operator, CorrelationId(0));
        self.take(Submission { input: Input::Note(origin, Box::new(started)), reply: ReplyTo::Nobody });
        self.commit_and_release()
    }

    /// Facts that follow a commit closely wait a moment: the commands it set free are on their way, and one flush serves
    /// both. A fact that comes alone waits for nobody.
    fn let_commands_join(&self, inputs: &mut Vec<Submission>) {
        let due_ns = self.committed_ns.saturating_add(FACTS_WAIT_US.saturating_mul(1_000));
        while inputs.len() < BATCH_INPUTS_MAX && inputs.iter().all(|one| matches!(one.input, Input::Venue(_))) {
            let (before, left_ns) = (inputs.len(), due_ns.saturating_sub(self.parts.clock.monotonic_ns()));
            if before == 0 || left_ns == 0 {
                return;
            }
            self.parts.inbox.drain(inputs, BATCH_INPUTS_MAX.saturating_sub(before), Duration::from_nanos(left_ns));
            if inputs.len() == before {
                return;
            }
        }
    }

    /// How long nothing may come before a tick.
    fn patience(&self) -> Duration {
        let tick = i64::try_from(TICK_MS).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS);
        let due = self.parts.state.next_deadline().map_or(tick, |due| due.since(self.parts.clock.wall()));
        Duration::from_nanos(u64::try_from(due.clamp(0, tick)).unwrap_or(0))
    }

    fn refresh_market(&mut self) {
        if self.parts.quotes.version() == self.quotes_seen {
            return;
        }
        let mut pictures = Vec::new();
        self.quotes_seen = self.parts.quotes.changed_since(self.quotes_seen, &mut pictures);
        for picture in pictures {
            self.market.picture(&picture);
        }
    }

    /// A wall clock that jumped against the steady one is a fact: proofs stop counting until somebody looked.
    fn watch_clock(&mut self) {
        let now = skew(self.parts.clock.as_ref());
        let by_ns = now.saturating_sub(self.skew_ns);
        if by_ns.saturating_abs() > CLOCK_STEP_NS_MAX {
            self.skew_ns = now;
            let event = Event::ClockStep(ClockStep { by_ns, acknowledged: false });
            let origin = Origin::of(Actor::Engine, CorrelationId(0));
            self.take(Submission { input: Input::Note(origin, Box::new(event)), reply: ReplyTo::Nobody });
        }
    }

    /// Decides one input, evolves at once so that the next one sees it, and encodes its entries.
    fn take(&mut self, submission: Submission) {
        let Submission { input, reply } = submission;
        if !self.parts.reserve.is_held() && !may_use_reserve(&input) {
            self.refuse_for_disk(reply);
            return;
        }
        if let Input::VenueLink(up) = input {
            self.link_came_up = up;
        }
        let time = self.parts.clock.wall().max(self.parts.last.after_ns(1));
        let first = self.parts.commits.next();
        let mut decision = std::mem::take(&mut self.decision);
        decide_into(&self.parts.state, &self.market, &input, Stamp { sequence: first, time }, &mut decision);
        let made = !decision.events.is_empty();
        let origin = input.origin();
        for event in decision.events.drain(..) {
            let head = Head { sequence: self.parts.commits.next(), time, origin };
            self.parts.state.evolve(&head, &event);
            self.parts.commits.push(&head, &event);
            self.released.push((head, event));
        }
        if made {
            self.parts.last = time;
        }
        self.routes.append(&mut decision.routes);
        let (verdict, session, fault) = (decision.verdict.take(), decision.session.take(), decision.fault.take());
        self.decision = decision;
        if matches!(reply, ReplyTo::Nobody) {
            return;
        }
        let mut outcome = verdict.map(|verdict| views::outcome(&self.parts.state, &verdict, &|_| Vec::new()));
        if let (Input::Client(client), Some(Outcome::Order(accepted))) = (&input, &mut outcome)
            && let Verb::OrderNew(new) = &client.command.verb
        {
            // The state does not know the text; whoever sent it does.
            accepted.order.text.clone_from(&new.text);
        }
        let first = made.then_some(first);
        let decided = Decided { first, time, outcome, session, fault };
        self.answers.push(Answer { reply, decided });
    }

    /// Below the reserve nothing but cancels and facts is recorded, so this no is not recorded either.
    fn refuse_for_disk(&mut self, reply: ReplyTo) {
        let text = "The server is short of disk: only cancels are taken.".to_owned();
        let denial = Denial { code: DenialCode::DiskReserve, rules: Vec::new(), text, passed: 0 };
        let outcome = Some(Outcome::Denied(Box::new(denial)));
        let decided = Decided { first: None, time: self.parts.last, outcome, session: None, fault: None };
        self.answers.push(Answer { reply, decided });
    }

    fn commit_and_release(&mut self) -> Result<(), CommitError> {
        if !self.released.is_empty() {
            self.parts.commits.commit(&self.parts.state, &mut self.parts.reserve)?;
            self.committed_ns = self.parts.clock.monotonic_ns();
        }
        self.retry_reserve();
        let entries = std::mem::take(&mut self.released);
        self.released.reserve(entries.len());
        let released = Released { first: entries.first().map_or(Sequence(0), |(head, _)| head.sequence), entries };
        self.parts.commits.give_receipts(&mut self.answers);
        let link_came_up = std::mem::take(&mut self.link_came_up);
        self.parts.outlets.let_out(&self.parts.state, released, &mut self.answers, &mut self.routes, link_came_up);
        Ok(())
    }

    /// Lays the reserve again once there may be room: some time after it was given up, and not at every commit.
    fn retry_reserve(&mut self) {
        if self.parts.reserve.is_held() {
            self.reserve_try_ns = None;
            return;
        }
        let now = self.parts.clock.monotonic_ns();
        let next = now.saturating_add(RESERVE_RETRY_MS.saturating_mul(1_000_000));
        let due = *self.reserve_try_ns.get_or_insert(next);
        if now >= due {
            self.reserve_try_ns = Some(next);
            self.parts.reserve.restore();
        }
    }
}

/// What is recorded even when the disk is almost full.
fn may_use_reserve(input: &Input) -> bool {
    match input {
        Input::Client(client) => matches!(client.command.verb, Verb::OrderCancel(_) | Verb::CancelAll(_)),
        Input::Venue(_) | Input::VenueLink(_) | Input::Timer | Input::Session(_) | Input::Note(..) => true,
        Input::Proof(_) | Input::Setup(..) => false,
    }
}

/// Wall clock minus steady clock, in nanoseconds.
fn skew(clock: &dyn Clock) -> i64 {
    clock.wall().0.saturating_sub(i64::try_from(clock.monotonic_ns()).unwrap_or(i64::MAX))
}
