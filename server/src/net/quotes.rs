//! Quote datagrams: the latest picture of what is watched, fitted to a packet, sent again each second; it must carry no order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, SendDatagramError};
use tokio::sync::watch;
use turret_shared::ids::InstrumentId;
use turret_shared::limits::DATAGRAM_LEVELS_MAX;
use turret_shared::view::QuoteView;

use super::limits::{QUOTE_GATHER_MS, QUOTE_RESEND_MS};
use super::shared::Shared;
use crate::guard::limits::NS_PER_S;

/// How often pictures due again are looked for.
const LOOK_MS: u64 = QUOTE_RESEND_MS / 4;

/// Sends pictures of what is watched until the connection is over.
pub(super) async fn serve(
    shared: Arc<Shared>,
    connection: Connection,
    mut watched: watch::Receiver<Arc<[InstrumentId]>>,
) {
    let mut pictures = shared.quotes.watch();
    let mut sender = Sender { connection, sent_ns: BTreeMap::new(), seen: 0, changed: Vec::new() };
    loop {
        let wanted = Arc::clone(&watched.borrow_and_update());
        sender.sent_ns.retain(|instrument, _| wanted.binary_search(instrument).is_ok());
        pictures.borrow_and_update();
        let sent = sender.send_changed(&shared, &wanted).and_then(|()| sender.send_again(&shared, &wanted));
        if sent.is_err() {
            return;
        }
        let more = tokio::select! {
            changed = watched.changed() => changed.is_ok(),
            changed = pictures.changed(), if !wanted.is_empty() => {
                // The eye sees no faster, and the latest wins.
                tokio::time::sleep(Duration::from_millis(QUOTE_GATHER_MS)).await;
                changed.is_ok()
            }
            () = tokio::time::sleep(Duration::from_millis(LOOK_MS)), if !wanted.is_empty() => true,
        };
        if !more {
            return;
        }
    }
}

/// The connection takes no datagrams any more.
struct Gone;

struct Sender {
    connection: Connection,
    sent_ns: BTreeMap<InstrumentId, u64>,
    seen: u64,
    changed: Vec<Arc<QuoteView>>,
}

impl Sender {
    fn send_changed(&mut self, shared: &Shared, wanted: &[InstrumentId]) -> Result<(), Gone> {
        let mut changed = std::mem::take(&mut self.changed);
        self.seen = shared.quotes.changed_since(self.seen, &mut changed);
        let now_ns = shared.now_ns();
        let of_ours = changed.drain(..).filter(|picture| wanted.binary_search(&picture.instrument).is_ok());
        let sent: Result<(), Gone> = of_ours.into_iter().try_for_each(|picture| self.send(&picture, now_ns));
        self.changed = changed;
        sent
    }

    /// Datagrams get lost: what did not change is said again. What is wanted anew has not been said at all.
    fn send_again(&mut self, shared: &Shared, wanted: &[InstrumentId]) -> Result<(), Gone> {
        let now_ns = shared.now_ns();
        let again_ns = QUOTE_RESEND_MS.saturating_mul(NS_PER_S / 1_000);
        for instrument in wanted {
            let due = self.sent_ns.get(instrument).is_none_or(|at| now_ns.saturating_sub(*at) >= again_ns);
            if due && let Some(picture) = shared.quotes.latest(*instrument) {
                self.send(&picture, now_ns)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, picture: &QuoteView, now_ns: u64) -> Result<(), Gone> {
        self.sent_ns.insert(picture.instrument, now_ns);
        let Some(bytes) = self.connection.max_datagram_size().and_then(|size_max| fitted(picture, size_max)) else {
            return Ok(());
        };
        match self.connection.send_datagram(bytes.into()) {
            // The packet size shrank in this very moment: the next picture fits.
            Ok(()) | Err(SendDatagramError::TooLarge) => Ok(()),
            Err(_) => Err(Gone),
        }
    }
}

/// The picture with as many levels as fit, at most [`DATAGRAM_LEVELS_MAX`]; `None` when not even one does.
fn fitted(picture: &QuoteView, bytes_max: usize) -> Option<Vec<u8>> {
    let mut shown = picture.clone();
    for levels in (1..=DATAGRAM_LEVELS_MAX).rev() {
        shown.bids.truncate(levels);
        shown.asks.truncate(levels);
        let mut bytes = Vec::with_capacity(bytes_max);
        // Writing to a Vec cannot fail.
        let _ = minicbor::encode(&shown, &mut bytes);
        if bytes.len() <= bytes_max {
            return Some(bytes);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::money::{Price, Qty};
    use turret_shared::time::Timestamp;
    use turret_shared::view::{Level, TradingState};

    fn deep() -> QuoteView {
        let level = Level { price: Price(i64::MAX), qty: Qty(i64::MAX) };
        QuoteView {
            instrument: InstrumentId(u32::MAX),
            sequence: u64::MAX,
            time: Timestamp(i64::MAX),
            bids: vec![level; 20],
            asks: vec![level; 20],
            last: Some(level),
            open: Some(level.price),
            high: Some(level.price),
            low: Some(level.price),
            prev_close: Some(level.price),
            volume: level.qty,
            state: TradingState::Open,
        }
    }

    #[test]
    fn levels_shrink_until_the_picture_fits() {
        let picture = deep();
        let levels = |bytes_max: usize| {
            let bytes = fitted(&picture, bytes_max)?;
            assert!(bytes.len() <= bytes_max);
            let read: QuoteView = minicbor::decode(&bytes).unwrap();
            assert_eq!(read.bids.len(), read.asks.len());
            Some(read.bids.len())
        };
        assert_eq!(levels(1_160), Some(DATAGRAM_LEVELS_MAX));
        let few = levels(300).unwrap();
        assert!((1..DATAGRAM_LEVELS_MAX).contains(&few));
        assert_eq!(levels(100), None);
    }
}
