//! When a session ends by itself: 15 minutes without a person's input, 12 hours in any case; it must read no clock.
//!
//! Deadlines run on the monotonic clock that counts sleep, so setting the wall clock back revives nothing.

use turret_shared::limits::{SESSION_ABSOLUTE_S_MAX, SESSION_IDLE_S_MAX};
use turret_shared::wire::control::SessionEnd;

use crate::guard::limits::NS_PER_S;

/// The two ends of one session, on the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    idle_at_ns: u64,
    absolute_at_ns: u64,
}

impl Deadlines {
    /// Of a session that begins now.
    #[must_use]
    pub const fn starting(now_ns: u64) -> Self {
        Self::since(now_ns, 0, 0)
    }

    /// Of a session taken up after a restart: it began `age_s` ago and last did something durable `silent_s` ago.
    #[must_use]
    pub const fn since(now_ns: u64, age_s: u64, silent_s: u64) -> Self {
        Self {
            idle_at_ns: at(now_ns, SESSION_IDLE_S_MAX.saturating_sub(silent_s)),
            absolute_at_ns: at(now_ns, SESSION_ABSOLUTE_S_MAX.saturating_sub(age_s)),
        }
    }

    /// A person did something. An end that has passed stays passed.
    pub const fn touch(&mut self, now_ns: u64) {
        if self.end(now_ns).is_none() {
            self.idle_at_ns = at(now_ns, SESSION_IDLE_S_MAX);
        }
    }

    /// How the session has ended by now, if it has.
    #[must_use]
    pub const fn end(&self, now_ns: u64) -> Option<SessionEnd> {
        if now_ns >= self.absolute_at_ns {
            Some(SessionEnd::Absolute)
        } else if now_ns >= self.idle_at_ns {
            Some(SessionEnd::Idle)
        } else {
            None
        }
    }

    /// Seconds since a person last did something.
    #[must_use]
    pub fn idle_s(&self, now_ns: u64) -> u32 {
        let left = u32::try_from(self.idle_at_ns.saturating_sub(now_ns) / NS_PER_S).unwrap_or(u32::MAX);
        u32::try_from(SESSION_IDLE_S_MAX).unwrap_or(u32::MAX).saturating_sub(left)
    }

    /// Seconds left until idle and absolute end, rounded down.
    #[must_use]
    pub fn left_s(&self, now_ns: u64) -> (u32, u32) {
        let left = |at: u64| u32::try_from(at.saturating_sub(now_ns) / NS_PER_S).unwrap_or(u32::MAX);
        let absolute = left(self.absolute_at_ns);
        (left(self.idle_at_ns).min(absolute), absolute)
    }
}

const fn at(now_ns: u64, in_s: u64) -> u64 {
    now_ns.saturating_add(in_s.saturating_mul(NS_PER_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60 * NS_PER_S;

    #[test]
    fn input_pushes_the_idle_end_and_never_the_absolute_one() {
        let mut deadlines = Deadlines::starting(0);
        assert_eq!(deadlines.left_s(0), (900, 43_200));
        deadlines.touch(14 * MINUTE);
        assert_eq!(deadlines.end(15 * MINUTE), None);
        assert_eq!(deadlines.end(29 * MINUTE), Some(SessionEnd::Idle));
        deadlines.touch(29 * MINUTE);
        assert_eq!(deadlines.end(29 * MINUTE), Some(SessionEnd::Idle), "what has ended is not revived");
        let mut busy = Deadlines::starting(0);
        for minute in (0..720).step_by(10) {
            busy.touch(minute * MINUTE);
        }
        assert_eq!(busy.end(720 * MINUTE - 1), None);
        assert_eq!(busy.end(720 * MINUTE), Some(SessionEnd::Absolute));
    }

    #[test]
    fn a_restart_shortens_what_is_left() {
        let deadlines = Deadlines::since(5 * MINUTE, 3_600, 600);
        assert_eq!(deadlines.left_s(5 * MINUTE), (300, 39_600));
        let old = Deadlines::since(5 * MINUTE, 50_000, 600);
        assert_eq!(old.end(5 * MINUTE), Some(SessionEnd::Absolute));
    }
}
