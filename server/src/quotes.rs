//! The latest picture of each instrument and its last public trades; never durable, never logged, it must decide nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{broadcast, watch};
use turret_shared::bar::{BAR_NS, BarView};
use turret_shared::ids::InstrumentId;
use turret_shared::limits::BARS_KEPT_MAX;
use turret_shared::time::Timestamp;
use turret_shared::view::{QuoteView, TradeView};

use crate::sequencer::limits::{INSTRUMENTS_MAX, TRADES_KEPT_MAX};

/// Public trades a slow listener may be behind before it misses some.
const TRADES_QUEUED_MAX: usize = 1_024;

#[derive(Debug)]
struct Shared {
    pictures: RwLock<BTreeMap<InstrumentId, (u64, Arc<QuoteView>)>>,
    trades: Mutex<BTreeMap<InstrumentId, VecDeque<TradeView>>>,
    bars: Mutex<BTreeMap<InstrumentId, VecDeque<BarView>>>,
    version: watch::Sender<u64>,
    trade_feed: broadcast::Sender<TradeView>,
    data_source: watch::Sender<String>,
}

/// Shared by whoever shows or judges prices; clones are handles.
#[derive(Debug, Clone)]
pub struct QuoteHub(Arc<Shared>);

/// True for a time within the bar's minute, or in the minute before it.
const fn is_of(bar: &BarView, time: Timestamp) -> bool {
    let after = time.since(bar.start);
    after < BAR_NS && after >= -BAR_NS
}

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
            bars: Mutex::default(),
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
        self.draw(&trade);
        // Nobody listening is no error.
        let _ = self.0.trade_feed.send(trade);
    }

    /// Puts a trade into the bar of its minute. One told a little late goes into the newest bar; one of long before says
    /// that a recording begins again, and so do the bars.
    fn draw(&self, trade: &TradeView) {
        let mut all = self.0.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&trade.instrument) && all.len() >= INSTRUMENTS_MAX {
            return;
        }
        let bars = all.entry(trade.instrument).or_default();
        match bars.back_mut() {
            Some(last) if is_of(last, trade.time) => {
                last.add(trade.price, trade.qty);
            }
            last => {
                if last.is_some_and(|last| trade.time < last.start) {
                    bars.clear();
                }
                if bars.len() >= BARS_KEPT_MAX {
                    bars.pop_front();
                }
                bars.push_back(BarView::first(trade.time, trade.price, trade.qty));
            }
        }
    }

    /// Bars of an instrument since the server started, oldest first, at most `BARS_KEPT_MAX`.
    #[must_use]
    pub fn bars(&self, instrument: InstrumentId) -> Vec<BarView> {
        let bars = self.0.bars.lock().unwrap_or_else(PoisonError::into_inner);
        bars.get(&instrument).map(|kept| kept.iter().copied().collect()).unwrap_or_default()
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
    use turret_shared::money::{Price, Qty};
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
    fn trades_of_a_minute_make_one_bar_and_old_bars_go() {
        let hub = QuoteHub::new();
        let trade = |minute: usize, price: i64| TradeView {
            instrument: InstrumentId(1),
            time: Timestamp(i64::try_from(minute).unwrap() * BAR_NS + 7),
            price: Price(price),
            qty: Qty(2),
            buyer_took: true,
        };
        for (minute, price) in [(0, 5), (0, 9), (0, 4), (3, 6)] {
            hub.trade(trade(minute, price));
        }
        let bars = hub.bars(InstrumentId(1));
        assert_eq!(bars.len(), 2, "a minute without a trade has no bar");
        assert_eq!((bars[0].open, bars[0].high, bars[0].low, bars[0].close), (Price(5), Price(9), Price(4), Price(4)));
        assert_eq!((bars[0].volume, bars[1].start), (Qty(6), Timestamp(3 * BAR_NS)));
        for minute in 4..BARS_KEPT_MAX + 10 {
            hub.trade(trade(minute, 6));
        }
        assert_eq!(hub.bars(InstrumentId(1)).len(), BARS_KEPT_MAX);
        hub.trade(trade(1, 8));
        assert_eq!(hub.bars(InstrumentId(1)).len(), 1, "a recording that begins again starts over");
        assert!(hub.bars(InstrumentId(2)).is_empty());
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
