//! Handshakes begin in turn and a moment apart, so that who trades is heard between them; it must refuse nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::limits::{TURN_HANDSHAKES, TURN_MS};

/// Where those who may come in wait for their turn, in order.
#[derive(Debug, Clone)]
pub(super) struct Turnstile(Arc<Semaphore>);

impl Turnstile {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(TURN_HANDSHAKES)))
    }

    /// Waits for one's turn. The next one's does not wait for what comes of this one, only for a moment: who stalls in the
    /// middle holds nobody up.
    pub(super) async fn pass(&self) {
        let Ok(turn) = Arc::clone(&self.0).acquire_owned().await else { return };
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(TURN_MS)).await;
            drop(turn);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[tokio::test]
    async fn a_crowd_goes_through_a_few_at_a_time_and_everybody_does() {
        let clock = SystemClock::new();
        let (turnstile, start_ns) = (Turnstile::new(), clock.monotonic_ns());
        for _ in 0..11 * TURN_HANDSHAKES {
            turnstile.pass().await;
        }
        assert!(clock.monotonic_ns() - start_ns >= 10 * TURN_MS * 1_000_000);
    }
}
