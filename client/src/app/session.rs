//! Who is signed in, over which link, for how long; it must hold no password and no code.

use std::collections::VecDeque;

use turret_shared::command::Environment;
use turret_shared::composed::{ComposedRole, HeldRole};
use turret_shared::ids::{CorrelationId, Sequence};
use turret_shared::limits::SESSION_IDLE_S_MAX;
use turret_shared::role::{Permission, Role};
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::UserView;
use turret_shared::wire::control::SessionEnd;

use super::orders::{Orders, Row};
use super::signin::Offered;

/// Lines kept of what happened to one's orders since sign-in.
pub const STORY_LINES_MAX: usize = 4_000;

/// State of the connection to the server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Link {
    /// Being made for the first time.
    #[default]
    Connecting,
    /// Usable.
    Up,
    /// Gone; being made again.
    Lost {
        /// Since.
        since: Timestamp,
        /// Attempts so far.
        attempts: u32,
        /// Why, in one line.
        why: String,
    },
}

/// What the server said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `127.0.0.1:7443`.
    pub address: String,
    /// Where orders go, by the profile until the server confirms it.
    pub environment: Environment,
    /// Where prices come from, once told.
    pub data_source: String,
    /// Only a demo says so.
    pub demo: bool,
    /// Name of the deployment, once told.
    pub origin: String,
    /// Server clock minus ours, in nanoseconds.
    pub clock_offset_ns: i64,
}

impl Server {
    /// As its profile tells of it, before it says anything itself.
    #[must_use]
    pub fn offered(offered: &Offered) -> Self {
        Self { address: offered.address.clone(), environment: offered.environment, ..Self::default() }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            address: String::new(),
            // Of what is not known the worse is taken.
            environment: Environment::Live,
            data_source: String::new(),
            demo: false,
            origin: String::new(),
            clock_offset_ns: 0,
        }
    }
}

/// The person at the keyboard.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub user: UserView,
    /// What they have of their role, where that is not all.
    pub composed: Option<ComposedRole>,
    /// When it ends without input, in monotonic milliseconds.
    pub idle_end_ms: u64,
    /// When it ends at all, in monotonic milliseconds.
    pub absolute_end_ms: u64,
    /// When input was last reported.
    pub activity_sent_ms: Option<u64>,
    /// Input since then.
    pub activity_due: bool,
    /// `through` of the last feed message.
    pub through: Option<Sequence>,
    /// Feed messages applied.
    pub feed_messages: u64,
}

impl Session {
    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.user.role
    }

    /// The role with what they have of it.
    #[must_use]
    pub const fn held_role(&self) -> HeldRole {
        HeldRole { role: self.user.role, composed: self.composed }
    }

    /// True when the role holds the permission; the server decides again.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.held_role().may(permission)
    }

    /// Seconds until it ends without input, at most those until it ends at all.
    #[must_use]
    pub const fn seconds_left(&self, mono_ms: u64) -> u64 {
        let end = if self.idle_end_ms < self.absolute_end_ms { self.idle_end_ms } else { self.absolute_end_ms };
        end.saturating_sub(mono_ms).div_ceil(1_000)
    }

    /// True when no key puts off the end that comes first.
    #[must_use]
    pub const fn ends_for_good(&self) -> bool {
        self.absolute_end_ms <= self.idle_end_ms
    }

    /// Input was reported: the idle clock starts again.
    pub const fn reported(&mut self, mono_ms: u64) {
        self.activity_sent_ms = Some(mono_ms);
        self.activity_due = false;
        self.idle_end_ms = mono_ms.saturating_add(SESSION_IDLE_S_MAX * 1_000);
    }
}

/// Why a session ended, in a sentence.
#[must_use]
pub const fn end_sentence(end: SessionEnd) -> &'static str {
    match end {
        SessionEnd::SignedOut => "You signed out.",
        SessionEnd::Idle => "Locked by the server after 15 minutes without a key.",
        SessionEnd::Absolute => "Signed out by the 12 hour limit. Your orders keep working.",
        SessionEnd::Killed => "An administrator ended the session. Your orders keep working.",
        SessionEnd::DeviceRevoked => "This device was revoked. Ask an administrator.",
        SessionEnd::TokenMisused => "Ended: a session's token came from a device it is not of. Tell an administrator.",
        SessionEnd::Replaced => "You signed in again on this device; this session ended.",
        SessionEnd::Locked => "Locked. Your orders keep working.",
        SessionEnd::Probing => "Ended after five refused reads in a minute; it is in the log.",
        SessionEnd::DeviceLocked => {
            "Ten wrong codes locked this device. Ask an administrator; your orders keep working."
        }
        SessionEnd::Alert => "Ended by surveillance. Ask a supervisor or an administrator; your orders keep working.",
        SessionEnd::PasswordChanged => "Your password was changed elsewhere. Was it not you? Tell an administrator.",
        SessionEnd::Elsewhere => "You ended this session from another. Was it not you? Tell an administrator.",
    }
}

/// How the last session ended, in a sentence at sign-in.
#[must_use]
pub const fn last_end_sentence(end: SessionEnd) -> Option<&'static str> {
    match end {
        SessionEnd::SignedOut | SessionEnd::Locked | SessionEnd::Replaced => None,
        SessionEnd::Idle => Some("Last time you were signed out after 15 minutes without a key."),
        SessionEnd::Absolute => Some("Last time you were signed out by the 12 hour limit. Nothing else is wrong."),
        SessionEnd::Killed => Some("Last time an administrator ended your session."),
        SessionEnd::DeviceRevoked => Some("Last time the device you used had been revoked."),
        SessionEnd::TokenMisused => {
            Some("Last time your session ended because a token came from a device it is not of.")
        }
        SessionEnd::Probing => Some("Last time your session ended after five refused reads in a minute."),
        SessionEnd::PasswordChanged => Some("Last time your session ended because your password was changed."),
        SessionEnd::Elsewhere => Some("Last time you ended the session from another one."),
        SessionEnd::Alert => Some("Last time surveillance ended your session."),
        SessionEnd::DeviceLocked => Some("Last time ten wrong codes locked the device you used."),
    }
}

/// A link that stands still is noticed after its idle timeout, 15 s, at the latest: what changed meanwhile was not told.
const UNNOTICED_NS: i64 = 20 * NS_PER_S;

/// From when to when nothing could be heard, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// When that was noticed.
    pub from: Timestamp,
    /// When it was over.
    pub to: Timestamp,
    /// The last sequence heard before; `None` where the person was away, not the link.
    pub through: Option<Sequence>,
}

impl Away {
    /// True for a row whose last change was not heard when it happened.
    #[must_use]
    pub fn missed(&self, row: &Row) -> bool {
        let from = if self.through.is_some() { self.from.0.saturating_sub(UNNOTICED_NS) } else { self.from.0 };
        row.changed.0 >= from && row.changed <= self.to && self.through.is_none_or(|heard| row.sequence > heard)
    }

    /// How many of these.
    #[must_use]
    pub fn count(&self, orders: &Orders) -> usize {
        orders.iter().filter(|(_, row)| self.missed(row)).count()
    }

    /// For how long it was.
    #[must_use]
    pub const fn lasted_ns(&self) -> i64 {
        self.to.since(self.from)
    }
}

/// One line of what happened to an order since sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// Which order.
    pub order: turret_shared::ids::OrderId,
    /// When.
    pub time: Timestamp,
    /// Who: a login, or the venue.
    pub who: String,
    /// What happened, a FIX word.
    pub what: &'static str,
    /// The figures.
    pub detail: String,
}

/// What happened since sign-in, oldest dropped first.
#[derive(Debug, Default)]
pub struct Story {
    lines: VecDeque<StoryLine>,
}

impl Story {
    /// Adds a line.
    pub fn push(&mut self, line: StoryLine) {
        if self.lines.len() >= STORY_LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Lines of one order, oldest first.
    pub fn of(&self, order: turret_shared::ids::OrderId) -> impl Iterator<Item = &StoryLine> {
        self.lines.iter().filter(move |line| line.order == order)
    }
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Goes with the next key.
    Passing,
    /// Stays until it is put away.
    Staying,
}

/// The line above the hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// How much it matters.
    pub weight: Weight,
    /// To quote, if there is something to quote.
    pub reference: Option<CorrelationId>,
    /// The alert it stands for, where it stays.
    pub alert: Option<u64>,
}
