//! A bounded queue many put into and one thread drains whole; it must not know what it carries.
//!
//! Each sender names how full it may make the queue, so that what must not wait behind clients (venue, timer, cancel)
//! still finds a place.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Why an item was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutError {
    /// No room for this kind of sender.
    Full,
    /// The receiver is gone.
    Closed,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// There was something.
    Some,
    /// A nudge.
    Nudged,
    /// Patience.
    Nothing,
}

#[derive(Debug)]
struct Slots<T> {
    items: VecDeque<T>,
    asleep: bool,
    nudged: bool,
    closed: bool,
}

#[derive(Debug)]
struct Shared<T> {
    slots: Mutex<Slots<T>>,
    filled: Condvar,
    drained: Condvar,
    items_max: usize,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Slots<T>> {
        // A sender that panicked while pushing leaves the queue itself whole.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, mut slots: MutexGuard<'_, Slots<T>>) {
        let asleep = std::mem::take(&mut slots.asleep);
        drop(slots);
        if asleep {
            self.filled.notify_one();
        }
    }
}

/// The sending side; clones share the queue.
#[derive(Debug)]
pub struct MailboxSender<T>(Arc<Shared<T>>);

impl<T> Clone for MailboxSender<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The one draining side; dropping it closes the mailbox.
#[derive(Debug)]
pub struct MailboxReceiver<T>(Arc<Shared<T>>);

/// Wakes the receiver though nothing was put: something else it waits for has come.
#[derive(Debug)]
pub struct Nudger<T>(Arc<Shared<T>>);

impl<T> Nudger<T> {
    /// Ends the wait that is under way, or else the next one.
    pub fn nudge(&self) {
        let mut slots = self.0.lock();
        slots.nudged = true;
        self.0.wake(slots);
    }
}

/// Makes one that never holds more than `items_max`.
#[must_use]
pub fn mailbox<T>(items_max: usize) -> (MailboxSender<T>, MailboxReceiver<T>) {
    let shared = Arc::new(Shared {
        slots: Mutex::new(Slots { items: VecDeque::new(), asleep: false, nudged: false, closed: false }),
        filled: Condvar::new(),
        drained: Condvar::new(),
        items_max,
    });
    (MailboxSender(Arc::clone(&shared)), MailboxReceiver(shared))
}

impl<T> MailboxSender<T> {
    /// Puts every item in order under as few locks as their room allows, waiting for a place, the queue's whole room being
    /// open to them: only for threads that may wait.
    ///
    /// # Errors
    /// The receiver is gone: what is left in `items` was not put.
    pub fn put_all_waiting(&self, items: &mut VecDeque<T>) -> Result<(), PutError> {
        while !items.is_empty() {
            let mut slots = self.0.lock();
            while !slots.closed && slots.items.len() >= self.0.items_max {
                slots = self.0.drained.wait(slots).unwrap_or_else(PoisonError::into_inner);
            }
            if slots.closed {
                return Err(PutError::Closed);
            }
            let room = self.0.items_max.saturating_sub(slots.items.len()).min(items.len());
            slots.items.extend(items.drain(..room));
            self.0.wake(slots);
        }
        Ok(())
    }

    /// Puts an item and waits for a place as [`Self::put_all_waiting`] does.
    ///
    /// # Errors
    /// [`PutError::Closed`]: the receiver is gone.
    pub fn put_waiting(&self, item: T) -> Result<(), PutError> {
        self.put_all_waiting(&mut VecDeque::from([item]))
    }

    /// Puts an item while fewer than `items_max` are waiting.
    ///
    /// # Errors
    /// [`PutError`] with the item given back.
    pub fn put(&self, item: T, items_max: usize) -> Result<(), (PutError, T)> {
        let mut slots = self.0.lock();
        if slots.closed {
            return Err((PutError::Closed, item));
        }
        if slots.items.len() >= items_max.min(self.0.items_max) {
            return Err((PutError::Full, item));
        }
        slots.items.push_back(item);
        self.0.wake(slots);
        Ok(())
    }

    /// Puts several items under one lock and one wake, each while fewer than its own mark are waiting; those that found no
    /// place stay in `items`.
    pub fn put_all(&self, items: &mut Vec<(T, usize)>) {
        let mut slots = self.0.lock();
        let mut left = Vec::new();
        for (item, items_max) in items.drain(..) {
            if slots.closed || slots.items.len() >= items_max.min(self.0.items_max) {
                left.push((item, items_max));
            } else {
                slots.items.push_back(item);
            }
        }
        self.0.wake(slots);
        *items = left;
    }
}

impl<T> MailboxReceiver<T> {
    /// What wakes this receiver without an item.
    #[must_use]
    pub fn nudger(&self) -> Nudger<T> {
        Nudger(Arc::clone(&self.0))
    }

    /// True when nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.lock().items.is_empty()
    }

    /// Moves up to `items_max` items into `out`, waiting at most `patience` for the first of them or a nudge. With no room
    /// only a nudge ends the wait early. Tells what ended it.
    pub fn drain(&self, out: &mut Vec<T>, items_max: usize, patience: Duration) -> Drained {
        let mut slots = self.0.lock();
        let idle = |slots: &Slots<T>| !slots.nudged && (items_max == 0 || slots.items.is_empty());
        if idle(&slots) && !patience.is_zero() {
            slots.asleep = true;
            // Whoever woke it for an item it has no room for took the mark away: without it the next would not wake it.
            let still = |slots: &mut Slots<T>| {
                slots.asleep = idle(slots);
                slots.asleep
            };
            let (woken, _) =
                self.0.filled.wait_timeout_while(slots, patience, still).unwrap_or_else(PoisonError::into_inner);
            slots = woken;
            slots.asleep = false;
        }
        let nudged = std::mem::take(&mut slots.nudged);
        let full = slots.items.len() >= self.0.items_max;
        let count = slots.items.len().min(items_max);
        out.extend(slots.items.drain(..count));
        drop(slots);
        if full {
            self.0.drained.notify_all();
        }
        match count {
            0 if nudged => Drained::Nudged,
            0 => Drained::Nothing,
            _ => Drained::Some,
        }
    }
}

impl<T> Drop for MailboxReceiver<T> {
    fn drop(&mut self) {
        let mut slots = self.0.lock();
        slots.closed = true;
        let left = std::mem::take(&mut slots.items);
        drop(slots);
        self.0.drained.notify_all();
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sender_stops_at_its_own_mark_and_order_is_kept() {
        let (sender, receiver) = mailbox(3);
        assert_eq!(sender.put(1, 2), Ok(()));
        assert_eq!(sender.put(2, 2), Ok(()));
        assert_eq!(sender.put(3, 2), Err((PutError::Full, 3)));
        assert_eq!(sender.put(4, 9), Ok(()));
        assert_eq!(sender.put(5, 9), Err((PutError::Full, 5)));
        let mut out = Vec::new();
        receiver.drain(&mut out, 2, Duration::ZERO);
        assert_eq!(out, [1, 2]);
        receiver.drain(&mut out, 9, Duration::ZERO);
        assert_eq!(out, [1, 2, 4]);
        drop(receiver);
        assert_eq!(sender.put(6, 9), Err((PutError::Closed, 6)));
    }

    #[test]
    fn several_go_in_together_and_what_has_no_place_comes_back() {
        let (sender, receiver) = mailbox(3);
        let mut items = vec![(1, 9), (2, 9), (3, 2), (4, 3), (5, 9)];
        sender.put_all(&mut items);
        assert_eq!(items, [(3, 2), (5, 9)]);
        let mut out = Vec::new();
        receiver.drain(&mut out, 9, Duration::ZERO);
        assert_eq!(out, [1, 2, 4]);
        drop(receiver);
        sender.put_all(&mut items);
        assert_eq!(items, [(3, 2), (5, 9)]);
    }

    #[test]
    fn a_nudge_ends_a_wait_that_has_no_room_and_is_spent_by_it() {
        let (sender, receiver) = mailbox(3);
        let mut out = Vec::new();
        assert_eq!(sender.put(1, 3), Ok(()));
        assert_eq!(receiver.drain(&mut out, 0, Duration::from_millis(1)), Drained::Nothing);
        receiver.nudger().nudge();
        assert_eq!(receiver.drain(&mut out, 0, Duration::from_secs(60)), Drained::Nudged);
        assert_eq!(receiver.drain(&mut out, 0, Duration::ZERO), Drained::Nothing);
        assert_eq!((receiver.drain(&mut out, 1, Duration::from_secs(60)), &out[..]), (Drained::Some, &[1][..]));
    }

    #[test]
    fn an_item_there_is_no_room_for_does_not_hide_a_nudge() {
        let (sender, receiver) = mailbox(3);
        let nudger = receiver.nudger();
        let waiting = std::thread::spawn(move || receiver.drain(&mut Vec::new(), 0, Duration::from_secs(5)));
        while !sender.0.lock().asleep {
            std::thread::yield_now();
        }
        assert_eq!(sender.put(1, 3), Ok(()));
        // Long enough for it to look and to sleep on.
        std::thread::sleep(Duration::from_millis(20));
        nudger.nudge();
        assert_eq!(waiting.join().ok(), Some(Drained::Nudged));
    }

    #[test]
    fn more_than_there_is_room_for_goes_in_bit_by_bit_and_in_order() {
        let (sender, receiver) = mailbox(2);
        let waiting = std::thread::spawn(move || sender.put_all_waiting(&mut (1..=7).collect()));
        let mut out = Vec::new();
        while out.len() < 7 {
            receiver.drain(&mut out, 9, Duration::from_millis(50));
        }
        assert_eq!(out, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(waiting.join().ok(), Some(Ok(())));
        let (sender, receiver) = mailbox(1);
        drop(receiver);
        assert_eq!(sender.put_all_waiting(&mut VecDeque::from([1])), Err(PutError::Closed));
    }

    #[test]
    fn a_waiting_sender_gets_in_once_there_is_room() {
        let (sender, receiver) = mailbox(1);
        assert_eq!(sender.put(1, 2), Ok(()));
        let other = sender.clone();
        let waiting = std::thread::spawn(move || other.put_waiting(2));
        let mut out = Vec::new();
        while out.len() < 2 {
            receiver.drain(&mut out, 1, Duration::from_millis(50));
        }
        assert_eq!(out, [1, 2]);
        assert_eq!(waiting.join().ok(), Some(Ok(())));
    }
}
