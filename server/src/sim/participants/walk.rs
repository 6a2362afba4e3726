//! What the crowd thinks an instrument is worth: a walk that remembers its way and its home; it must see no order.

use super::Dice;

/// Parts of a tick the walk is counted in.
const PARTS: i64 = 1_000;
/// A move's usual size: this many ticks of price make one tick of it.
const TICKS_PER_MOVE: i64 = 25_000;
/// How strongly it is drawn home: one part in this many a move.
const HOMESICK: i64 = 4_096;
/// How far from home it may go: one part in this many of the price.
const FAR: i64 = 10;

/// The walk of one instrument.
#[derive(Debug)]
pub(super) struct Walk {
    home: i64,
    fair: i64,
    drift: i64,
    spread: i64,
}

impl Walk {
    /// At home, or where an earlier walk stopped.
    pub(super) fn new(home_ticks: i64, remembered: Option<i64>) -> Self {
        let home = home_ticks.saturating_mul(PARTS);
        let spread = home.checked_div(TICKS_PER_MOVE).unwrap_or(0).saturating_add(PARTS / 8);
        Self { home, fair: remembered.unwrap_or(home), drift: 0, spread }
    }

    /// Where it is, in thousandths of a tick.
    pub(super) const fn fair(&self) -> i64 {
        self.fair
    }

    /// Where it is, in whole ticks.
    pub(super) fn ticks(&self) -> i64 {
        self.fair.div_euclid(PARTS)
    }

    /// Where it has been going lately, in thousandths of its usual move.
    pub(super) fn trend(&self) -> i64 {
        self.drift.saturating_mul(1_000).checked_div(self.spread.max(1)).unwrap_or(0)
    }

    /// One move.
    pub(super) fn go(&mut self, dice: &mut Dice) {
        let by = dice.around_zero(self.spread);
        self.drift = self.drift.saturating_mul(15).saturating_add(by) / 16;
        let home = self.home.saturating_sub(self.fair) / HOMESICK;
        let room = self.home / FAR;
        let there = self.fair.saturating_add(by).saturating_add(self.drift / 2).saturating_add(home);
        self.fair = there.clamp(self.home.saturating_sub(room), self.home.saturating_add(room));
    }
}
