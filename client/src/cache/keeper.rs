//! The thread that writes what is kept, and its bounded inbox; it must hold up neither the screen, nor the feed, nor an order.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use turret_shared::ids::ClOrdId;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use zeroize::Zeroizing;

use super::error::CacheError;
use super::limits::{BATCH_MAX, FINISH_MS_MAX, INBOX_MAX, OUTBOX_WAIT_MS_MAX};
use super::place::Held;
use super::store::{Change, Store, is_kept};

/// What is written before any row of the feed.
enum Urgent {
    Sent(ClOrdId, Vec<u8>, oneshot::Sender<()>),
    Answered(ClOrdId),
    Keep(&'static str, Zeroizing<Vec<u8>>),
}

#[derive(Default)]
struct Waiting {
    urgent: VecDeque<Urgent>,
    feed: VecDeque<FeedMessage>,
    finish: Option<oneshot::Sender<u64>>,
    /// There was no room once: nothing of the feed until a snapshot begins.
    deaf: bool,
    closed: bool,
}

#[derive(Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Inbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A holder cannot panic half-way: every use is a push or a drain.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What hands over; the thread ends after the last of what was handed over when this is dropped.
pub struct Keeper {
    inbox: Arc<Inbox>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<cache>")
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.inbox.waiting().closed = true;
        self.inbox.changed.notify_one();
    }
}

impl Keeper {
    /// Starts the thread; `fault` hears once why it stopped writing.
    pub(super) fn start(
        store: Store,
        held: Held,
        generation: u64,
        fault: impl FnOnce(CacheError) + Send + 'static,
    ) -> Result<Self, CacheError> {
        let inbox = Arc::new(Inbox::default());
        let theirs = Arc::clone(&inbox);
        std::thread::Builder::new().name("cache".to_owned()).spawn(move || {
            let mut writer = Writer { store, whole: true };
            let ended = writer.run(&theirs, generation);
            *theirs.waiting() = Waiting { closed: true, ..Waiting::default() };
            drop(writer);
            // Others may open the files once they are closed.
            drop(held);
            match ended {
                // Whoever waited may have given up.
                Ok(Some((done, generation))) => drop(done.send(generation)),
                Ok(None) => {}
                Err(error) => fault(error),
            }
        })?;
        Ok(Self { inbox })
    }

    /// Keeps what the feed told. Without room the rows stay where they stand until the next snapshot.
    pub fn feed(&self, message: &FeedMessage) {
        if !is_kept(message) {
            return;
        }
        let mut waiting = self.inbox.waiting();
        if message.items.iter().any(|item| matches!(item, FeedItem::SnapshotBegin)) {
            // All that came before is forgotten by it.
            waiting.feed.clear();
            waiting.deaf = false;
        }
        if waiting.closed || waiting.deaf {
            return;
        }
        if waiting.feed.len() >= INBOX_MAX {
            waiting.deaf = true;
            return;
        }
        waiting.feed.push_back(message.clone());
        drop(waiting);
        self.inbox.changed.notify_one();
    }

    fn put(&self, urgent: Urgent) {
        let mut waiting = self.inbox.waiting();
        if !waiting.closed && waiting.urgent.len() < INBOX_MAX {
            waiting.urgent.push_back(urgent);
            drop(waiting);
            self.inbox.changed.notify_one();
        }
    }

    /// Writes a command's name down before it is sent; returns once it is, or has taken too long.
    pub async fn sent(&self, name: ClOrdId, command: Vec<u8>) {
        let (done, written) = oneshot::channel();
        self.put(Urgent::Sent(name, command, done));
        let limit = Duration::from_millis(OUTBOX_WAIT_MS_MAX);
        // Late or never: an order does not wait for a disk.
        let _ = tokio::time::timeout(limit, written).await;
    }

    /// It is known what came of a command.
    pub fn answered(&self, name: ClOrdId) {
        self.put(Urgent::Answered(name));
    }

    /// Keeps a blob in place of the one of this name.
    pub fn keep(&self, name: &'static str, body: Zeroizing<Vec<u8>>) {
        self.put(Urgent::Keep(name, body));
    }

    /// Writes all that was handed over and closes the files; gives the generation they are durable at.
    pub async fn finish(&self) -> Option<u64> {
        let (done, finished) = oneshot::channel();
        {
            let mut waiting = self.inbox.waiting();
            if waiting.closed {
                return None;
            }
            waiting.finish = Some(done);
        }
        self.inbox.changed.notify_one();
        tokio::time::timeout(Duration::from_millis(FINISH_MS_MAX), finished).await.ok()?.ok()
    }
}

/// The thread's own.
struct Writer {
    store: Store,
    /// Not in the middle of a snapshot.
    whole: bool,
}

/// Whom to tell that all is closed, and at which generation.
type Finished = (oneshot::Sender<u64>, u64);

/// What one look at the inbox brings.
enum Taken {
    Some(Vec<Urgent>, Vec<FeedMessage>),
    Finish(oneshot::Sender<u64>),
    End,
}

impl Writer {
    fn run(&mut self, inbox: &Inbox, opened: u64) -> Result<Option<Finished>, CacheError> {
        loop {
            match take(inbox) {
                Taken::Some(urgent, feed) => self.write(urgent, &feed)?,
                Taken::Finish(done) => {
                    let generation = opened.saturating_add(1);
                    self.store.set_generation(generation)?;
                    return Ok(Some((done, generation)));
                }
                Taken::End => return Ok(None),
            }
        }
    }

    fn write(&mut self, urgent: Vec<Urgent>, feed: &[FeedMessage]) -> Result<(), CacheError> {
        let mut told = Vec::new();
        let mut whole = self.whole;
        self.store.change(|change| {
            for one in urgent {
                match one {
                    Urgent::Sent(name, command, done) => {
                        change.sent(&name, &command)?;
                        told.push(done);
                    }
                    Urgent::Answered(name) => change.answered(&name)?,
                    Urgent::Keep(name, body) => change.keep(name, &body)?,
                }
            }
            feed.iter().try_for_each(|message| fold(change, message, &mut whole))
        })?;
        self.whole = whole;
        for done in told {
            let _ = done.send(());
        }
        Ok(())
    }
}

/// One message of the feed, into the rows.
fn fold(change: &mut Change<'_>, message: &FeedMessage, whole: &mut bool) -> Result<(), CacheError> {
    for item in &message.items {
        match item {
            FeedItem::SnapshotBegin => {
                *whole = false;
                change.begin_afresh()?;
            }
            FeedItem::SnapshotEnd => *whole = true,
            FeedItem::Purge(account) => change.purge(*account)?,
            row => change.row(row)?,
        }
    }
    match message.rights {
        Some(rights) if *whole => change.stands(message.through, rights),
        _ => Ok(()),
    }
}

fn take(inbox: &Inbox) -> Taken {
    let mut waiting = inbox.waiting();
    loop {
        if !waiting.urgent.is_empty() || !waiting.feed.is_empty() {
            let urgent = waiting.urgent.drain(..).collect();
            let most = waiting.feed.len().min(BATCH_MAX);
            return Taken::Some(urgent, waiting.feed.drain(..most).collect());
        }
        if let Some(done) = waiting.finish.take() {
            return Taken::Finish(done);
        }
        if waiting.closed {
            return Taken::End;
        }
        waiting = inbox.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::ids::{AccountId, EntitlementVersion, Sequence};

    use super::*;

    fn message(through: u64, items: Vec<FeedItem>) -> FeedMessage {
        FeedMessage { through: Sequence(through), items, rights: Some(EntitlementVersion(1)) }
    }

    /// Nobody takes anything out.
    fn stuck() -> Keeper {
        Keeper { inbox: Arc::default() }
    }

    #[test]
    fn a_disk_that_stands_still_costs_a_bounded_inbox_and_no_row_that_would_lack_those_before_it() {
        let keeper = stuck();
        for through in 0..3 * INBOX_MAX as u64 {
            keeper.feed(&message(through, vec![FeedItem::VenueLink(true)]));
            keeper.answered(ClOrdId::new("a").unwrap());
        }
        {
            let waiting = keeper.inbox.waiting();
            assert_eq!((waiting.feed.len(), waiting.urgent.len()), (INBOX_MAX, INBOX_MAX));
            assert_eq!(waiting.feed.back().unwrap().through, Sequence(INBOX_MAX as u64 - 1));
        }
        // With room again it stays silent: a gap must not show. A snapshot begins from nothing, and takes the queue along.
        keeper.inbox.waiting().feed.clear();
        keeper.feed(&message(90_000, vec![FeedItem::Purge(AccountId(1))]));
        assert!(keeper.inbox.waiting().feed.is_empty());
        keeper.feed(&message(90_001, vec![FeedItem::Gap, FeedItem::SnapshotBegin]));
        keeper.feed(&message(90_002, vec![FeedItem::SnapshotEnd]));
        let kept: Vec<_> = keeper.inbox.waiting().feed.iter().map(|message| message.through.0).collect();
        assert_eq!(kept, [90_001, 90_002]);
    }

    #[tokio::test]
    async fn an_order_goes_without_when_its_name_cannot_be_written_and_what_is_closed_takes_nothing() {
        let keeper = stuck();
        keeper.sent(ClOrdId::new("late").unwrap(), vec![1]).await;
        assert_eq!(keeper.inbox.waiting().urgent.len(), 1);
        *keeper.inbox.waiting() = Waiting { closed: true, ..Waiting::default() };
        keeper.sent(ClOrdId::new("never").unwrap(), vec![1]).await;
        keeper.feed(&message(1, vec![FeedItem::SnapshotBegin]));
        assert!(keeper.inbox.waiting().urgent.is_empty() && keeper.inbox.waiting().feed.is_empty());
        assert_eq!(keeper.finish().await, None);
    }
}
