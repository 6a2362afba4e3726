//! What makes the market move at each step: the crowd, or a recording; it must not touch members' orders itself.

use turret_shared::instrument::Instrument;

use super::{HostError, ReplayConfig};
use crate::sim::book::Book;
use crate::sim::exchange::{Exchange, Pit};
use crate::sim::participants::Crowd;
use crate::sim::replay::Player;

/// The source of prices.
#[derive(Debug)]
pub(super) enum Pace {
    /// Synthetic.
    Crowd(Crowd),
    /// Recorded; the monotonic time at which playing began.
    Replay(Box<Player>, u64),
    /// The recording has ended; what is said of it.
    Frozen(String),
}

impl Pace {
    /// The source, and the floors it needs.
    pub(super) fn open(
        seed: u64,
        replay: Option<&ReplayConfig>,
        listings: Vec<Instrument>,
        mind: &[u8],
        now_ns: u64,
    ) -> Result<(Self, Exchange), HostError> {
        let Some(replay) = replay else {
            let crowd = Crowd::new(seed, &listings, mind);
            let exchange = Exchange::new(listings.into_iter().map(|row| (row, Pit::Live(Book::new()))));
            return Ok((Self::Crowd(crowd), exchange));
        };
        let (player, overlay) =
            Player::open(&replay.path, replay.speed, replay.from, &listings).map_err(HostError::Recording)?;
        let mut overlay = Some(Box::new(overlay));
        let floors = listings.into_iter().map(|row| {
            let played = if row.id == player.listing() { overlay.take() } else { None };
            (row, played.map_or(Pit::Shut, Pit::Recorded))
        });
        let exchange = Exchange::new(floors);
        Ok((Self::Replay(Box::new(player), now_ns), exchange))
    }

    /// `SIM`, or the recording's name.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Crowd(_) => "SIM".to_owned(),
            Self::Replay(player, _) => player.label(),
            Self::Frozen(label) => label.clone(),
        }
    }

    /// One step. Tells whether the name of the source changed.
    pub(super) fn step(&mut self, exchange: &mut Exchange, now_ns: u64) -> Result<bool, HostError> {
        let (player, start_ns) = match self {
            Self::Crowd(crowd) => {
                crowd.step(exchange);
                return Ok(false);
            }
            Self::Replay(player, start_ns) => (player, *start_ns),
            Self::Frozen(_) => return Ok(false),
        };
        let (listing, is_open) = (player.listing(), exchange.is_open());
        let until = player.recorded_time(now_ns.saturating_sub(start_ns));
        let mut happenings = Vec::new();
        let Some(floor) = exchange.floor_mut(listing) else { return Ok(false) };
        let is_paused = floor.halted || !is_open;
        let Pit::Recorded(overlay) = &mut floor.pit else { return Ok(false) };
        overlay.pause(is_paused);
        let is_left = player.play_until(until, overlay, &mut happenings).map_err(HostError::Recording)?;
        if !is_left {
            overlay.freeze();
        }
        let ended = (!is_left).then(|| player.label_ended(&floor.listing.symbol));
        exchange.absorb(listing, &happenings);
        if let Some(label) = ended {
            *self = Self::Frozen(label);
        }
        Ok(!is_left)
    }
}
