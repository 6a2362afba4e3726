//! Which records of a recording are due; it must read no clock.

use std::path::Path;

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::Instrument;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::overlay::Overlay;
use super::recording::{Record, Recording, RecordingError};
use crate::sim::book::Happening;

/// Played before the first trade unless told otherwise, in seconds.
const LEAD_S: i64 = 5;

/// A recording on its way through time.
#[derive(Debug)]
pub struct Player {
    recording: Recording,
    listing: InstrumentId,
    start: Timestamp,
    speed: u32,
    next: Option<Record>,
}

impl Player {
    /// Opens a recording and plays it silently up to its start: 5 s before the first trade, or `from`.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub fn open(
        path: &Path,
        speed: u32,
        from: Option<Timestamp>,
        listings: &[Instrument],
    ) -> Result<(Self, Overlay), RecordingError> {
        let (first_trade, last) = Recording::bounds(path)?;
        let start = from.unwrap_or(first_trade.after_ns(-LEAD_S * NS_PER_S));
        if start > last {
            return Err(RecordingError::StartsAfterEnd);
        }
        let mut recording = Recording::open(path)?;
        let listing = recording.listing(listings)?.id;
        let next = recording.read()?;
        let mut player = Self { recording, listing, start, speed: speed.max(1), next };
        let mut overlay = Overlay::default();
        let mut silent = Vec::new();
        player.play_until(start, &mut overlay, &mut silent)?;
        Ok((player, overlay))
    }

    /// Which instrument is played.
    #[must_use]
    pub const fn listing(&self) -> InstrumentId {
        self.listing
    }

    /// `REPLAY 2023-12-25 x1`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("REPLAY {} x{}", self.day(), self.speed)
    }

    /// `REPLAY 2023-12-25 ended: ESH4 frozen`.
    #[must_use]
    pub fn label_ended(&self, symbol: &str) -> String {
        format!("REPLAY {} ended: {symbol} frozen", self.day())
    }

    fn day(&self) -> String {
        self.start.rfc3339().get(..10).unwrap_or("").to_owned()
    }

    /// Where the recording stands after this much real time, in nanoseconds since its start.
    #[must_use]
    pub fn recorded_time(&self, elapsed_ns: u64) -> Timestamp {
        let ahead = i64::try_from(elapsed_ns).unwrap_or(i64::MAX).saturating_mul(i64::from(self.speed));
        self.start.after_ns(ahead)
    }

    /// Applies every record up to and including `until`, and tells whether any is left.
    ///
    /// # Errors
    /// [`RecordingError::Read`].
    pub fn play_until(
        &mut self,
        until: Timestamp,
        overlay: &mut Overlay,
        out: &mut Vec<Happening>,
    ) -> Result<bool, RecordingError> {
        while let Some(record) = self.next.filter(|record| record.time <= until) {
            overlay.follow(&record, out);
            self.next = self.recording.read()?;
        }
        Ok(self.next.is_some())
    }
}
