//! Prices on their way out: the newest picture of each market, and the trades; it must never grow with a slow reader.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use turret_shared::ids::InstrumentId;
use turret_shared::view::{QuoteView, TradeView};
use turret_shared::wire::venue::MarketFrame;

use crate::sim::limits::TRADES_WAITING_MAX;

#[derive(Debug, Default)]
struct Inside {
    source: String,
    all: BTreeMap<InstrumentId, QuoteView>,
    waiting: BTreeMap<InstrumentId, QuoteView>,
    trades: VecDeque<TradeView>,
    source_waits: bool,
}

/// The newest of everything.
#[derive(Debug, Default)]
pub(super) struct Board {
    inside: Mutex<Inside>,
    news: Notify,
}

impl Board {
    /// Puts pictures and trades up.
    pub(super) fn put(&self, pictures: Vec<QuoteView>, trades: Vec<TradeView>) {
        let mut inside = self.lock();
        for picture in pictures {
            inside.waiting.insert(picture.instrument, picture.clone());
            inside.all.insert(picture.instrument, picture);
        }
        for trade in trades {
            if inside.trades.len() >= TRADES_WAITING_MAX {
                inside.trades.pop_front();
            }
            inside.trades.push_back(trade);
        }
        drop(inside);
        self.news.notify_one();
    }

    /// Names where prices come from.
    pub(super) fn name_source(&self, source: String) {
        let mut inside = self.lock();
        inside.source = source;
        inside.source_waits = true;
        drop(inside);
        self.news.notify_one();
    }

    /// Everything a new reader needs first.
    pub(super) fn first(&self) -> Vec<MarketFrame> {
        let mut inside = self.lock();
        inside.waiting.clear();
        inside.trades.clear();
        inside.source_waits = false;
        let source = MarketFrame::DataSource(inside.source.clone());
        std::iter::once(source).chain(inside.all.values().cloned().map(MarketFrame::Quote)).collect()
    }

    /// Waits for news and takes it.
    pub(super) async fn next(&self) -> Vec<MarketFrame> {
        loop {
            let taken = self.take();
            if !taken.is_empty() {
                return taken;
            }
            self.news.notified().await;
        }
    }

    fn take(&self) -> Vec<MarketFrame> {
        let mut inside = self.lock();
        let source = std::mem::take(&mut inside.source_waits).then(|| MarketFrame::DataSource(inside.source.clone()));
        let trades = std::mem::take(&mut inside.trades);
        let waiting = std::mem::take(&mut inside.waiting);
        let quotes = waiting.into_values().map(MarketFrame::Quote);
        source.into_iter().chain(trades.into_iter().map(MarketFrame::Trade)).chain(quotes).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // What is inside is whole after each assignment, whoever panicked.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
