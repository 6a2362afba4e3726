//! Market pictures on their way to whoever shows them, the latest of each listing only; it must keep no older one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turret_shared::ids::InstrumentId;
use turret_shared::limits::WATCHED_INSTRUMENTS_MAX;
use turret_shared::view::QuoteView;

#[derive(Default)]
struct Waiting {
    latest: HashMap<InstrumentId, QuoteView>,
    announced: bool,
}

/// Put in as they come, taken out as often as frames are drawn; clones share it.
#[derive(Clone, Default)]
pub(super) struct Pictures(Arc<Mutex<Waiting>>);

impl Pictures {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A holder cannot panic half-way: every use is one map operation.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts one in place of an older one of its listing; true when somebody has to be told that pictures wait.
    pub(super) fn put(&self, picture: QuoteView) -> bool {
        let mut waiting = self.waiting();
        let full = waiting.latest.len() >= WATCHED_INSTRUMENTS_MAX;
        match waiting.latest.entry(picture.instrument) {
            Entry::Occupied(mut known) => {
                if known.get().sequence <= picture.sequence {
                    known.insert(picture);
                }
            }
            // Never so with a server that sends what was asked for; the next picture comes within a second.
            Entry::Vacant(_) if full => return false,
            Entry::Vacant(place) => {
                place.insert(picture);
            }
        }
        !std::mem::replace(&mut waiting.announced, true)
    }

    /// Nobody could be told: the next one tries again.
    pub(super) fn untold(&self) {
        self.waiting().announced = false;
    }

    /// Takes out what waits.
    pub(super) fn take(&self) -> Vec<QuoteView> {
        let mut waiting = self.waiting();
        waiting.announced = false;
        waiting.latest.drain().map(|(_, picture)| picture).collect()
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::money::Qty;
    use turret_shared::time::Timestamp;
    use turret_shared::view::TradingState;

    use super::*;

    fn picture(instrument: u32, sequence: u64) -> QuoteView {
        QuoteView {
            instrument: InstrumentId(instrument),
            sequence,
            time: Timestamp(0),
            bids: Vec::new(),
            asks: Vec::new(),
            last: None,
            open: None,
            high: None,
            low: None,
            prev_close: None,
            volume: Qty::ZERO,
            state: TradingState::Open,
        }
    }

    #[test]
    fn the_latest_of_each_listing_is_told_of_once_and_taken_once() {
        let pictures = Pictures::default();
        let told: Vec<bool> =
            [picture(1, 5), picture(1, 7), picture(1, 6), picture(2, 1)].map(|one| pictures.put(one)).into();
        assert_eq!(told, [true, false, false, false]);
        let mut taken: Vec<_> = pictures.take().iter().map(|one| (one.instrument.0, one.sequence)).collect();
        taken.sort_unstable();
        assert_eq!((taken, pictures.take().len()), (vec![(1, 7), (2, 1)], 0));
        assert!(pictures.put(picture(1, 8)));
        pictures.untold();
        assert!(pictures.put(picture(1, 9)), "what was not heard is told again");
    }

    #[test]
    fn however_many_come_no_more_are_kept_than_can_be_watched() {
        let pictures = Pictures::default();
        let more = u32::try_from(WATCHED_INSTRUMENTS_MAX).unwrap() + 10;
        for instrument in 0..more {
            pictures.put(picture(instrument, 1));
        }
        assert_eq!(pictures.take().len(), WATCHED_INSTRUMENTS_MAX);
    }
}
