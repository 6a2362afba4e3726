//! One session's feed stream: what the replica sends, public trades of what is watched, where prices come from.
//!
//! It must make nobody wait.
//!
//! When the client does not read, this write stands still, the subscription's queue fills, and the replica cuts the session
//! to a gap and a snapshot. Nobody else notices.

use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, SendStream};
use tokio::sync::{broadcast, watch};
use turret_engine::Principal;
use turret_shared::ids::{InstrumentId, Sequence};
use turret_shared::view::TradeView;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::put_frame;

use super::conversation::Leave;
use super::limits::{FEED_BATCH_MAX, FEED_RETRY_MS, FEED_TRIES_MAX, PRIORITY_FEED};
use super::shared::Shared;
use crate::replica::handle::{FeedReceiver, Had};

/// Sends until the connection or the subscription is over; gives why the connection is of no use without it.
pub(super) async fn serve(
    shared: Arc<Shared>,
    connection: Connection,
    principal: Principal,
    had: Had,
    watched: watch::Receiver<Arc<[InstrumentId]>>,
) -> Leave {
    let Some(receiver) = subscribed(&shared, principal, had).await else { return Leave::TooMuch };
    let Ok(stream) = connection.open_uni().await else { return Leave::Gone };
    let _ = stream.set_priority(PRIORITY_FEED);
    let trades = shared.quotes.trade_feed();
    let mut source = shared.quotes.watch_data_source();
    // What it is now is told first: the greeting may have come before the venue's word.
    source.mark_changed();
    let feed =
        Feed { stream, receiver, trades, source, watched, through: had.have.unwrap_or_default(), out: Vec::new() };
    feed.run().await
}

/// A subscription, once there is room for it.
async fn subscribed(shared: &Shared, principal: Principal, had: Had) -> Option<FeedReceiver> {
    for _ in 1..FEED_TRIES_MAX {
        if let Some(receiver) = shared.feeds.subscribe(principal, had) {
            return Some(receiver);
        }
        tokio::time::sleep(Duration::from_millis(FEED_RETRY_MS)).await;
    }
    shared.feeds.subscribe(principal, had)
}

struct Feed {
    stream: SendStream,
    receiver: FeedReceiver,
    trades: broadcast::Receiver<TradeView>,
    source: watch::Receiver<String>,
    watched: watch::Receiver<Arc<[InstrumentId]>>,
    through: Sequence,
    out: Vec<u8>,
}

impl Feed {
    async fn run(mut self) -> Leave {
        loop {
            tokio::select! {
                biased;
                message = self.receiver.recv() => match message {
                    Some(message) => self.put(&message),
                    None => return Leave::TooMuch,
                },
                changed = self.source.changed() => match changed {
                    Ok(()) => self.put_source(),
                    Err(_) => return Leave::Stopping,
                },
                trade = self.trades.recv() => match trade {
                    Ok(trade) => self.put_trade(trade),
                    // Behind: some trades were missed, which nobody counts on.
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return Leave::Stopping,
                },
            }
            for _ in 1..FEED_BATCH_MAX {
                let Ok(trade) = self.trades.try_recv() else { break };
                self.put_trade(trade);
            }
            if self.stream.write_all(&self.out).await.is_err() {
                return Leave::Gone;
            }
            self.out.clear();
        }
    }

    fn put(&mut self, message: &FeedMessage) {
        self.through = message.through;
        if put_frame(message, &mut self.out).is_err() {
            tracing::error!("a feed message was longer than a frame and is lost");
        }
    }

    fn put_source(&mut self) {
        let name = self.source.borrow_and_update().clone();
        if name.is_empty() {
            return;
        }
        let message = FeedMessage { through: self.through, items: vec![FeedItem::DataSource(name)], rights: None };
        self.put(&message);
    }

    fn put_trade(&mut self, trade: TradeView) {
        if self.watched.borrow().binary_search(&trade.instrument).is_ok() {
            let message = FeedMessage { through: self.through, items: vec![FeedItem::Trade(trade)], rights: None };
            self.put(&message);
        }
    }
}
