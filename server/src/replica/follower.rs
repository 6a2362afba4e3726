//! The replica's thread: folds what was released, feeds sessions, answers questions; it must decide and commit nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use turret_engine::{AccessView, Market, Principal};
use turret_shared::ids::Sequence;
use turret_shared::wire::feed::FeedMessage;

use super::feed::{Feed, Flushed};
use super::folding::{FoldError, Folded};
use super::handle::{Had, StateHash, Subscription, Work};
use super::names::Names;
use super::rows::{RecentRows, Row};
use super::source::Source;
use super::texts::Texts;
use super::waiting::Waiting;
use crate::clock::Clock;
use crate::quotes::QuoteHub;
use crate::random::Random;
use crate::sequencer::limits::{FEEDS_MAX, SNAPSHOT_ENTRIES, TICK_MS};
use crate::sequencer::mailbox::MailboxReceiver;
use crate::sequencer::release::Released;
use crate::store::Reader;
use crate::store::snapshots::Snapshots;
use crate::watch::Watcher;

/// Items of work taken at once.
const WORK_ITEMS_MAX: usize = 256;
/// How soon a feed with a full queue is tried again, in milliseconds.
const FEED_RETRY_MS: u64 = 5;

/// What a replica is made of.
pub struct Parts {
    /// The state as it was restored.
    pub folded: Folded,
    /// What to do.
    pub work: MailboxReceiver<Work>,
    /// Entries that are durable.
    pub durable: watch::Receiver<u64>,
    /// The log, for what was missed.
    pub reader: Box<dyn Reader>,
    /// Where snapshots go.
    pub snapshots: Snapshots,
    /// Prices.
    pub quotes: QuoteHub,
    /// Names of people.
    pub names: Arc<Names>,
    /// Texts of orders.
    pub texts: Texts,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for snapshots.
    pub random: Random,
    /// Surveillance.
    pub watcher: Watcher,
}

/// The replica.
pub struct Replica {
    pub(super) parts: Parts,
    pub(super) market: Market,
    pub(super) waiting: Vec<Waiting>,
    quotes_seen: u64,
    recent: RecentRows,
    feeds: Vec<Feed>,
    /// Feeds of sessions this has yet to hear of.
    early: Vec<Subscription>,
    changed: Vec<Row>,
    feeds_behind: bool,
    snapshot_at: u64,
}

impl Replica {
    /// Ready to run.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let next = parts.folded.state.next_sequence();
        Self {
            parts,
            market: Market::new(),
            waiting: Vec::new(),
            quotes_seen: 0,
            recent: RecentRows::new(next),
            feeds: Vec::new(),
            early: Vec::new(),
            changed: Vec::new(),
            feeds_behind: false,
            snapshot_at: next.0,
        }
    }

    /// Runs until told to stop, then writes a last snapshot.
    ///
    /// # Errors
    /// [`FoldError`]: the log could not be followed. What was folded is behind for good then, and is shown and kept no more.
    pub fn run(mut self) -> Result<(), FoldError> {
        let mut work = Vec::with_capacity(WORK_ITEMS_MAX);
        loop {
            self.parts.work.drain(&mut work, WORK_ITEMS_MAX, self.patience());
            for item in work.drain(..) {
                match item {
                    Work::Released(released) => self.fold(&released)?,
                    Work::Ask(question) => self.ask(*question),
                    Work::Subscribe(subscription) => self.subscribe(subscription),
                    Work::Hash(reply) => {
                        let state = &self.parts.folded.state;
                        // Whoever asked may have gone.
                        let _ = reply.send(StateHash { size: state.next_sequence().0, hash: state.hash().0 });
                    }
                    Work::Stop => {
                        self.catch_up()?;
                        self.snapshot();
                        return Ok(());
                    }
                }
            }
            self.catch_up()?;
            self.begin_early();
            self.feed();
            self.settle_waiting();
            self.snapshot_when_due();
        }
    }

    fn patience(&self) -> Duration {
        let ms = if self.feeds_behind { FEED_RETRY_MS } else { TICK_MS };
        let deadline = self.waiting.iter().map(Waiting::deadline_ns).min();
        let left = deadline.map(|at| at.saturating_sub(self.parts.clock.monotonic_ns()));
        Duration::from_millis(ms).min(left.map_or(Duration::MAX, Duration::from_nanos))
    }

    fn fold(&mut self, released: &Released) -> Result<(), FoldError> {
        if released.first > self.parts.folded.state.next_sequence() {
            self.read_missed(released.first.0)?;
        }
        for (head, event) in &released.entries {
            if head.sequence < self.parts.folded.state.next_sequence() {
                continue;
            }
            self.parts.folded.evolve(head, event)?;
            self.parts.watcher.see(head, event);
            let before = self.changed.len();
            Source::rows_of(&self.parts.folded.state, head, event, &mut self.changed);
            for row in self.changed.get(before..).unwrap_or_default() {
                self.recent.push(head.sequence, *row);
            }
            if AccessView::is_changed_by(event) {
                self.rights_changed();
            }
        }
        Ok(())
    }

    /// The queue had no room for some batches: the log has them.
    fn read_missed(&mut self, size: u64) -> Result<(), FoldError> {
        let Parts { folded, reader, watcher, .. } = &mut self.parts;
        folded.follow_seen(reader.as_mut(), size, |head, event| watcher.see(head, event))?;
        let next = self.parts.folded.state.next_sequence();
        self.recent.cut(next);
        let source = source(&self.parts);
        for feed in &mut self.feeds {
            feed.cut(&source);
        }
        Ok(())
    }

    /// After a missed batch nothing may follow that would show the gap.
    fn catch_up(&mut self) -> Result<(), FoldError> {
        let durable = *self.parts.durable.borrow();
        if self.parts.work.is_empty() && self.parts.folded.state.next_sequence().0 < durable {
            self.read_missed(durable)?;
        }
        Ok(())
    }

    fn rights_changed(&mut self) {
        self.recent.rights_changed(self.parts.folded.state.next_sequence());
        let source = source(&self.parts);
        for feed in &mut self.feeds {
            feed.rights_changed(&source);
        }
        // What was lost is said now, though no row changed.
        self.feeds_behind = true;
    }

    fn subscribe(&mut self, subscription: Subscription) {
        // The rows folded so far are every feed's own business before another begins behind them.
        self.feed();
        let Subscription { principal, had, sender } = subscription;
        self.feeds.retain(|feed| !feed.is_of(principal.session));
        self.early.retain(|other| other.principal.session != principal.session);
        if self.feeds.len().saturating_add(self.early.len()) >= FEEDS_MAX {
            return;
        }
        if self.has_yet_to_hear_of(&principal) {
            self.early.push(Subscription { principal, had, sender });
            return;
        }
        let feed = self.begin(principal, had, sender);
        self.feeds.push(feed);
        self.feeds_behind = true;
        self.feed();
    }

    /// A session is named after the entry it began with. Before that is folded nothing here can say what it may see.
    pub(super) fn has_yet_to_hear_of(&self, principal: &Principal) -> bool {
        self.parts.folded.state.next_sequence().0 <= principal.session.0
    }

    /// Begins the feeds whose sessions are known by now.
    fn begin_early(&mut self) {
        let known = |early: &mut Subscription| early.principal.session.0 < self.parts.folded.state.next_sequence().0;
        let begun: Vec<Subscription> = self.early.extract_if(.., known).collect();
        for subscription in begun {
            self.subscribe(subscription);
        }
    }

    fn begin(&self, principal: Principal, had: Had, sender: Sender<FeedMessage>) -> Feed {
        let source = source(&self.parts);
        let state = &self.parts.folded.state;
        let same_rights = had.rights.map(|rights| rights == source.entitled(&principal));
        let blind = state.is_blind(&principal);
        let have = had.have.filter(|have| !blind && *have < state.next_sequence() && same_rights != Some(false));
        match have.and_then(|have| self.recent.since(have, same_rights.is_some())) {
            Some(missed) => Feed::following(principal, sender, &source, missed),
            None => Feed::with_snapshot(principal, sender, &source),
        }
    }

    fn feed(&mut self) {
        if self.changed.is_empty() && !self.feeds_behind {
            return;
        }
        let source = source(&self.parts);
        let mut behind = false;
        let changed = &self.changed;
        self.feeds.retain_mut(|feed| {
            feed.gather(changed.iter().copied());
            let flushed = feed.flush(&source);
            behind |= flushed == Flushed::Part;
            flushed != Flushed::Gone
        });
        self.changed.clear();
        self.feeds_behind = behind;
    }

    pub(super) fn refresh_market(&mut self) {
        let mut pictures = Vec::new();
        self.quotes_seen = self.parts.quotes.changed_since(self.quotes_seen, &mut pictures);
        for picture in pictures {
            self.market.picture(&picture);
        }
    }

    /// The last entry folded.
    pub(super) fn through(&self) -> Sequence {
        self.parts.folded.state.through().unwrap_or_default()
    }

    pub(super) fn source(&self) -> Source<'_> {
        source(&self.parts)
    }

    fn snapshot_when_due(&mut self) {
        let size = self.parts.folded.state.next_sequence().0;
        // A large state is written less often: what matters is the share of the log behind the snapshot.
        let due = SNAPSHOT_ENTRIES.max(size / 6);
        if size.saturating_sub(self.snapshot_at) >= due {
            self.snapshot();
        }
    }

    fn snapshot(&mut self) {
        let size = self.parts.folded.state.next_sequence().0;
        if size == self.snapshot_at && size > 0 {
            return;
        }
        self.snapshot_at = size;
        let Parts { folded, snapshots, reader, random, .. } = &mut self.parts;
        match folded.save(snapshots, reader.as_mut(), *random) {
            Ok(hash) => tracing::info!(size, %hash, "snapshot written"),
            Err(error) => tracing::warn!(%error, "no snapshot written"),
        }
    }
}

fn source(parts: &Parts) -> Source<'_> {
    let Folded { state, texts: commitments } = &parts.folded;
    Source { state, names: &parts.names, texts: &parts.texts, commitments }
}
