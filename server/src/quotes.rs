//! The latest picture of each instrument and its last public trades; never durable, never logged, it must decide nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{broadcast, watch};
use turret_shared::ids::InstrumentId;
use turret_shared::view::{QuoteView, TradeView};

use crate::sequencer::limits::{INSTRUMENTS_MAX, TRADES_KEPT_MAX};

/// Public trades a slow listener may be behind before it misses some.
const TRADES_QUEUED_MAX: usize = 1_024;

#[derive(Debug)]
struct Shared {
    pictures: RwLock<BTreeMap<InstrumentId, (u64, Arc<QuoteView>)>>,
    trades: Mutex<BTreeMap<InstrumentId, VecDeque<TradeView>>>,
    version: watch::Sender<u64>,
    trade_feed: broadcast::Sender<TradeView>,
    data_source: watch::Sender<String>,
}

/// Shared by whoever shows or judges prices; clones are handles.
#[derive(Debug, Clone)]
pub struct QuoteHub(Arc<Shared>);

impl Default for QuoteHub {
    fn default() -> Self {
        Self::new()
    }
}

impl QuoteHub {
    /// Without any picture.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            pictures: RwLock::default(),
            trades: Mutex::default(),
            version: watch::Sender::new(0),
            trade_feed: broadcast::Sender::new(TRADES_QUEUED_MAX),
            data_source: watch::Sender::new(String::new()),
        }))
    }

    /// Replaces the picture of its instrument. The latest said wins.
    pub fn publish(&self, picture: QuoteView) {
        let next = self.0.version.borrow().saturating_add(1);
        {
            let mut pictures = self.0.pictures.write().unwrap_or_else(PoisonError::into_inner);
            let known = pictures.contains_key(&picture.instrument);
            if !known && pictures.len() >= INSTRUMENTS_MAX {
                return;
            }
            pictures.insert(picture.instrument, (next, Arc::new(picture)));
        }
        self.0.version.send_replace(next);
    }

    /// Adds a public trade.
    pub fn trade(&self, trade: TradeView) {
        {
            let mut trades = self.0.trades.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = trades.entry(trade.instrument).or_default();
            if kept.len() >= TRADES_KEPT_MAX {
                kept.pop_front();
            }
            kept.push_back(trade.clone());
        }
        // Nobody listening is no error.
        let _ = self.0.trade_feed.send(trade);
    }

    /// Says where prices come from.
    pub fn set_data_source(&self, name: String) {
        self.0.data_source.send_replace(name);
    }

    /// Where prices come from: `SIM`, `REPLAY 2023-12-25 x1`; empty before the venue said so.
    #[must_use]
    pub fn data_source(&self) -> String {
        self.0.data_source.borrow().clone()
    }

    /// To hear of another source: the value is [`Self::data_source`].
    #[must_use]
    pub fn watch_data_source(&self) -> watch::Receiver<String> {
        self.0.data_source.subscribe()
    }

    /// The latest picture.
    #[must_use]
    pub fn latest(&self, instrument: InstrumentId) -> Option<Arc<QuoteView>> {
        let pictures = self.0.pictures.read().unwrap_or_else(PoisonError::into_inner);
        pictures.get(&instrument).map(|(_, picture)| Arc::clone(picture))
    }

    /// Appends every picture newer than `seen` to `out` and tells the version reached.
    pub fn changed_since(&self, seen: u64, out: &mut Vec<Arc<QuoteView>>) -> u64 {
        let version = self.version();
        if version > seen {
            let pictures = self.0.pictures.read().unwrap_or_else(PoisonError::into_inner);
            out.extend(pictures.values().filter(|(at, _)| *at > seen).map(|(_, picture)| Arc::clone(picture)));
        }
        version
    }

    /// The count of pictures published so far.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.0.version.borrow()
    }

    /// To wait for the next picture: the value is [`Self::version`].
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.version.subscribe()
    }

    /// Recent public trades of an instrument, newest first.
    #[must_use]
    pub fn trades(&self, instrument: InstrumentId) -> Vec<TradeView> {
        let trades = self.0.trades.lock().unwrap_or_else(PoisonError::into_inner);
        trades.get(&instrument).map(|kept| kept.iter().rev().cloned().collect()).unwrap_or_default()
    }

    /// Public trades as they come; who lags misses some.
    #[must_use]
    pub fn trade_feed(&self) -> broadcast::Receiver<TradeView> {
        self.0.trade_feed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::money::Qty;
    use turret_shared::time::Timestamp;
    use turret_shared::view::TradingState;

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
    fn only_what_changed_is_handed_out() {
        let hub = QuoteHub::new();
        hub.publish(picture(1, 1));
        hub.publish(picture(2, 1));
        let mut out = Vec::new();
        let seen = hub.changed_since(0, &mut out);
        assert_eq!(out.len(), 2);
        out.clear();
        hub.publish(picture(2, 2));
        hub.publish(picture(2, 3));
        let seen = hub.changed_since(seen, &mut out);
        assert_eq!(out.iter().map(|q| q.sequence).collect::<Vec<_>>(), [3]);
        out.clear();
        assert_eq!(hub.changed_since(seen, &mut out), seen);
        assert!(out.is_empty());
    }
}
