//! Chance for the crowd, repeatable by seed; it must never ask the system for randomness.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A generator and the few ways it is asked.
#[derive(Debug)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The generator of one instrument.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A whole number from 0 up to but without `below`.
    pub(super) fn below(&mut self, below: i64) -> i64 {
        let below = u64::try_from(below.max(1)).unwrap_or(1);
        // The bias of a remainder does not matter to a crowd.
        i64::try_from(self.0.next_u64().checked_rem(below).unwrap_or(0)).unwrap_or(0)
    }

    /// True `of_1000` times in a thousand.
    pub(super) fn chance(&mut self, of_1000: i64) -> bool {
        self.below(1_000) < of_1000
    }

    /// Around zero, nearly normal, with a standard deviation of about `spread`.
    pub(super) fn around_zero(&mut self, spread: i64) -> i64 {
        // Four uniform numbers of width w have a deviation of w / sqrt(3).
        let width = spread.saturating_mul(7).checked_div(4).unwrap_or(0).max(1);
        let sum = (0..4).fold(0_i64, |sum, _| sum.saturating_add(self.below(width)));
        sum.saturating_sub(width.saturating_sub(1).saturating_mul(2))
    }
}
