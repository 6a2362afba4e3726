//! What of the picture time alone changes, and when it does next, so that a desk at rest is not drawn; it must draw nothing.

use turret_shared::time::{NS_PER_MS, NS_PER_S, Timestamp};

use super::geometry::{geometry, list_rows};
use super::key::Now;
use super::modal::Modal;
use super::{Dirty, Model, Screen, Stage, asked, ticket};

/// Without a key and without news for this long a desk is at rest: its clocks show minutes then, and cost a frame a minute.
pub const REST_MS: u64 = 5_000;
/// The countdown shows for this long before a session ends, in seconds.
pub const COUNTDOWN_S: u64 = 60;
const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60_000;

/// What time has done to the picture so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// Nothing happens: the clocks show no seconds.
    resting: bool,
    /// When something else than the time changed last, in monotonic milliseconds.
    stirred_ms: u64,
    /// The time the clocks were brought to.
    shown: Timestamp,
    /// Pictures of the market that were old then.
    stale: usize,
    /// When the day began that times without a date are of.
    pub(super) day: Timestamp,
}

impl Rest {
    pub(super) const fn new(now: Now) -> Self {
        Self { resting: false, stirred_ms: now.mono_ms, shown: now.wall, stale: 0, day: Timestamp(0) }
    }
}

impl Model {
    /// True when the clocks show minutes: their seconds would be the only thing that changes.
    #[must_use]
    pub const fn is_resting(&self) -> bool {
        self.rest.resting
    }

    /// Something else than the time changed, and is drawn with the time as it is now.
    pub(super) fn stir(&mut self, urgency: Dirty) {
        self.rest = Rest { resting: false, stirred_ms: self.now.mono_ms, shown: self.now.wall, ..self.rest };
        self.dirty = self.dirty.max(urgency);
    }

    /// Brings the picture to the time; true when it shows something else now.
    pub(super) fn pass_time(&mut self) -> bool {
        let stale = self.market.stale(self.now.wall);
        let aged = std::mem::replace(&mut self.rest.stale, stale) != stale;
        let still = self.now.mono_ms.saturating_sub(self.rest.stirred_ms) >= REST_MS;
        let resting = still && !self.counts_seconds();
        let turned = std::mem::replace(&mut self.rest.resting, resting) != resting;
        let unit = if resting { 60 * NS_PER_S } else { NS_PER_S };
        let moved = self.rest.shown.0.div_euclid(unit) != self.now.wall.0.div_euclid(unit);
        let changed = aged || turned || moved;
        if changed {
            self.rest.shown = self.now.wall;
        }
        changed
    }

    /// True while anything but the clocks shows a time that runs.
    fn counts_seconds(&self) -> bool {
        if self.keying.is_some() {
            return true;
        }
        if self.stage == Stage::SignIn {
            return self.demo_authenticator().is_some();
        }
        let window = |modal: &Modal| matches!(modal, Modal::Ticket(_) | Modal::StepUp(_));
        self.counts_down()
            || self.rest.stale > 0
            || self.blotter.frozen.is_some()
            || !self.flights.is_empty()
            || self.modals.iter().any(window)
            || (self.screen == Screen::Blotter && self.waits_in_sight())
    }

    /// True while the end of the session is so near that it is counted down.
    #[must_use]
    pub fn counts_down(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.seconds_left(self.now.mono_ms) <= COUNTDOWN_S)
    }

    /// An order in sight whose age is told, for the venue owes an answer.
    pub(super) fn waits_in_sight(&self) -> bool {
        let rows = list_rows(geometry(self).list);
        let mut places = self.blotter.list.window(self.blotter.top, rows);
        places.any(|place| self.orders.at(place).is_some_and(super::orders::Row::is_pending))
    }

    /// Milliseconds until time alone changes something, or something is due.
    #[must_use]
    pub fn wakes_in_ms(&self, now: Now) -> u64 {
        let into = |unit_ms: u64| {
            let unit_ns = i64::try_from(unit_ms).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS);
            let passed = now.wall.0.rem_euclid(unit_ns).div_euclid(NS_PER_MS);
            unit_ms.saturating_sub(u64::try_from(passed).unwrap_or(0))
        };
        // Pictures of the market grow old one by one.
        let often = !self.rest.resting || !self.market.is_empty();
        let clock = into(if often { SECOND_MS } else { MINUTE_MS });
        // What is due already waits for an answer: it is looked at again with the next second.
        let until = |at_ms: u64| at_ms.checked_sub(now.mono_ms).filter(|left| *left > 0).unwrap_or(SECOND_MS);
        let session = self.session.as_ref().map(|session| {
            let end = session.idle_end_ms.min(session.absolute_end_ms);
            until(end.saturating_sub(COUNTDOWN_S.saturating_mul(SECOND_MS)))
        });
        let list = asked::due_ms(self).map(until);
        let preview = self
            .ticket()
            .filter(|_| self.can_send().is_ok())
            .and_then(ticket::Ticket::wake_ms)
            .map(|at| at.saturating_sub(now.mono_ms));
        [session, list, preview].into_iter().flatten().fold(clock, u64::min).max(1)
    }
}
