//! What of the picture time alone changes, and when it does next, so that a desk at rest is not drawn; it must draw nothing.

use turret_shared::time::{NS_PER_MS, NS_PER_S, Timestamp};

use super::geometry::{geometry, list_rows};
use super::key::Now;
use super::modal::Modal;
use super::session::Link;
use super::touched::Touched;
use super::{Dirty, Model, Screen, Stage, asked, ticket};

/// Without a key and without news for this long a desk is at rest: its clocks show minutes then, and cost a frame a minute.
pub const REST_MS: u64 = 5_000;
/// For this long, and the desk is quiet: in place of the time it says since when, which stays true without a frame.
pub const QUIET_MS: u64 = 120_000;
/// A link that nobody is signed in over may be gone for this long before a quiet form tells of it.
pub const UNSAID_MS: u64 = 10_000;
/// The countdown shows for this long before a session ends, in seconds.
pub const COUNTDOWN_S: u64 = 60;
const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60_000;

/// How finely time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// By the second.
    Seconds,
    /// By the minute: nothing happens.
    Minutes,
    /// Not at all: nothing happens for long, and every length of time is told as the moment it runs from or to.
    Quiet,
}

/// What time has done to the picture so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    pace: Pace,
    /// When something else than the time changed last.
    stirred: Now,
    /// The time the clocks were brought to.
    shown: Timestamp,
    /// Pictures of the market that were old then.
    stale: usize,
    /// Since when the link is gone that the form still shows, in monotonic milliseconds.
    unsaid_ms: Option<u64>,
    /// When the day began that times without a date are of.
    pub(super) day: Timestamp,
}

impl Rest {
    pub(super) const fn new(now: Now) -> Self {
        Self { pace: Pace::Seconds, stirred: now, shown: now.wall, stale: 0, unsaid_ms: None, day: Timestamp(0) }
    }
}

impl Model {
    /// True when the clocks show minutes: their seconds would be the only thing that changes.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.rest.pace == Pace::Minutes
    }

    /// Since when neither a key nor news came, where that is told in place of the time.
    #[must_use]
    pub fn quiet_since(&self) -> Option<Timestamp> {
        (self.rest.pace == Pace::Quiet).then_some(self.rest.stirred.wall)
    }

    /// Something else than the time changed, and is drawn with the time as it is now.
    pub(super) fn stir(&mut self, urgency: Dirty) {
        if self.rest.pace == Pace::Quiet {
            self.touched = Touched::All;
        }
        let (stirred, shown) = (self.now, self.now.wall);
        self.rest = Rest { pace: Pace::Seconds, stirred, shown, unsaid_ms: None, ..self.rest };
        self.dirty = self.dirty.max(urgency);
    }

    /// At the form the link went or came; true when that is to be drawn. The server ends a connection on which nobody signs in
    /// every few minutes: a quiet form shows it as it was unless it stays away.
    pub(super) fn link_stirs(&mut self, was_up: bool) -> bool {
        if self.rest.pace != Pace::Quiet || self.signin.renewal.is_some() {
            return true;
        }
        let shown_up = was_up || self.rest.unsaid_ms.is_some();
        match (shown_up, self.link == Link::Up) {
            (true, false) => {
                self.rest.unsaid_ms.get_or_insert(self.now.mono_ms);
                false
            }
            (true, true) => {
                self.rest.unsaid_ms = None;
                false
            }
            (false, is_up) => is_up,
        }
    }

    /// True while the form shows a link that is being made again.
    #[must_use]
    pub const fn keeps_from_saying(&self) -> bool {
        self.rest.unsaid_ms.is_some()
    }

    /// Brings the picture to the time; true when it shows something else now.
    pub(super) fn pass_time(&mut self) -> bool {
        let stale = self.market.stale(self.now.wall);
        let aged = std::mem::replace(&mut self.rest.stale, stale) != stale;
        let now_ms = self.now.mono_ms;
        let gone = self.rest.unsaid_ms.take_if(|since| now_ms.saturating_sub(*since) >= UNSAID_MS).is_some();
        let aged = aged || gone;
        if aged {
            self.rest.stirred = self.now;
        }
        let pace = self.pace_now();
        let before = std::mem::replace(&mut self.rest.pace, pace);
        if before != pace && (before == Pace::Quiet || pace == Pace::Quiet) {
            self.touched = Touched::All;
        }
        let moved = self.rest.shown.0.div_euclid(self.unit_ns()) != self.now.wall.0.div_euclid(self.unit_ns());
        let changed = aged || before != pace || if pace == Pace::Quiet { self.day_turned() } else { moved };
        if changed {
            self.rest.shown = self.now.wall;
        }
        changed
    }

    const fn unit_ns(&self) -> i64 {
        if matches!(self.rest.pace, Pace::Seconds) { NS_PER_S } else { 60 * NS_PER_S }
    }

    fn pace_now(&self) -> Pace {
        let still = self.now.mono_ms.saturating_sub(self.rest.stirred.mono_ms);
        match still {
            QUIET_MS.. if !self.counts_down_to_an_end() => Pace::Quiet,
            REST_MS.. if !self.counts_seconds() => Pace::Minutes,
            _ => Pace::Seconds,
        }
    }

    /// Times without a date are told as of another day now.
    fn day_turned(&self) -> bool {
        let zone = self.zone();
        zone.day_start(self.server_time(self.rest.shown)) != zone.day_start(self.server_time(self.now.wall))
    }

    /// True while something is counted down that ends by itself, or a code is shown that is another one soon.
    fn counts_down_to_an_end(&self) -> bool {
        self.keying.is_some()
            || (self.stage == Stage::SignIn && self.demo_authenticator().is_some())
            || self.counts_down()
            || self.modals.iter().any(|modal| matches!(modal, Modal::StepUp(_)))
    }

    /// True while anything but the clocks shows a time that runs.
    fn counts_seconds(&self) -> bool {
        if self.stage == Stage::SignIn || self.keying.is_some() {
            return self.counts_down_to_an_end();
        }
        let window =
            |modal: &Modal| matches!(modal, Modal::Ticket(_) | Modal::StepUp(_) | Modal::Judge(_) | Modal::Code(_));
        self.counts_down()
            || self.rest.stale > 0
            || self.blotter.frozen.is_some()
            || !self.flights.is_empty()
            || self.modals.iter().any(window)
            // What is listed there tells how long somebody is idle, or has left.
            || matches!(self.screen, Screen::Users | Screen::Sessions | Screen::Approvals)
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
        let clock = match self.rest.pace {
            Pace::Quiet => self.quiet_ms(now),
            // Pictures of the market grow old one by one.
            Pace::Minutes if self.market.is_empty() => {
                let quiet = self.rest.stirred.mono_ms.saturating_add(QUIET_MS).saturating_sub(now.mono_ms);
                until_next(MINUTE_MS, now).min(quiet.max(1))
            }
            Pace::Minutes | Pace::Seconds => until_next(SECOND_MS, now),
        };
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

    /// Milliseconds until a quiet desk shows something else: a price that grew old, another day.
    fn quiet_ms(&self, now: Now) -> u64 {
        let ms = |ns: i64| u64::try_from(ns.max(0).div_euclid(NS_PER_MS)).unwrap_or(0).saturating_add(1);
        let here = self.server_time(now.wall);
        let day = ms(self.zone().day_bounds(here).1.since(here));
        let unsaid =
            self.rest.unsaid_ms.map(|since| since.saturating_add(UNSAID_MS).saturating_sub(now.mono_ms).max(1));
        let stale = self.market.stales_in_ns(now.wall).map(ms);
        [unsaid, stale].into_iter().flatten().fold(day, u64::min)
    }
}

/// Milliseconds until the clock's next full `unit_ms`.
fn until_next(unit_ms: u64, now: Now) -> u64 {
    let unit_ns = i64::try_from(unit_ms).unwrap_or(i64::MAX).saturating_mul(NS_PER_MS);
    let passed = now.wall.0.rem_euclid(unit_ns).div_euclid(NS_PER_MS);
    unit_ms.saturating_sub(u64::try_from(passed).unwrap_or(0))
}
