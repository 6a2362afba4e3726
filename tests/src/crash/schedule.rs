//! Who is killed when, by seed; it must kill nobody itself.

use std::time::Duration;

use super::dice::Dice;

/// How one cycle ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// The server is killed.
    Server,
    /// The server is killed, and killed again while it starts.
    ServerTwice,
    /// The simulator is killed; the server lives on.
    Venue,
    /// Both are killed, the server first.
    Both,
    /// The server is told to stop, which writes a snapshot that later starts begin from.
    Stop,
}

impl Blow {
    /// Whether the server's process ends by it.
    #[must_use]
    pub const fn ends_server(self) -> bool {
        !matches!(self, Self::Venue)
    }

    /// Whether the simulator's process ends by it.
    #[must_use]
    pub const fn ends_venue(self) -> bool {
        matches!(self, Self::Venue | Self::Both)
    }
}

/// One cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// How it ends.
    pub blow: Blow,
    /// After how much load.
    pub after: Duration,
    /// How long after its start a server that is killed twice gets the second blow.
    pub again_after: Duration,
}

/// The cycles of a run.
#[derive(Debug)]
pub struct Schedule(Dice);

impl Schedule {
    /// By seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Dice::new(seed ^ 0x5c4e_d01e))
    }

    /// The next cycle. The first three show each kind of kill, so that the shortest run has them all.
    pub fn next(&mut self, number: u64) -> Cycle {
        let drawn = match self.0.below(100) {
            0..=54 => Blow::Server,
            55..=64 => Blow::ServerTwice,
            65..=79 => Blow::Both,
            80..=91 => Blow::Venue,
            _ => Blow::Stop,
        };
        let blow = match number {
            0 => Blow::Server,
            1 => Blow::Both,
            2 => Blow::Venue,
            _ => drawn,
        };
        Cycle {
            blow,
            after: Duration::from_micros(self.0.between(20_000, 600_000)),
            again_after: Duration::from_micros(self.0.between(5_000, 250_000)),
        }
    }
}
