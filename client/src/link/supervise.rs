//! Keeps the link up: waits for its loss, connects again with growing pauses, resumes; it must never resend a command.

use std::time::Duration;

use quinn::ConnectionError;
use tokio::sync::{mpsc, watch};
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::ClientFrame;

use super::control::Outgoing;
use super::dial::Dialer;
use super::error::SignInError;
use super::event::LinkEvent;
use super::limits::{BACKOFF_MS_MAX, BACKOFF_MS_MIN};
use super::live::Live;
use super::memory::Memory;
use crate::{clock, entropy};

/// Runs until aborted or until nobody listens.
pub(super) async fn run(
    dialer: Dialer,
    publish: watch::Sender<Option<Live>>,
    memory: Memory,
    events: mpsc::Sender<LinkEvent>,
) {
    loop {
        let Some(live) = publish.borrow().clone() else { return };
        let closed = match live.connection.closed().await {
            ConnectionError::ApplicationClosed(close) => Some(CloseCode::from_code(close.error_code.into_inner())),
            _ => None,
        };
        publish.send_replace(None);
        live.pending.lose();
        drop(live);
        let lost = clock::instant();
        if events.send(LinkEvent::Down { closed }).await.is_err() {
            dialer.idle().await;
            return;
        }
        let (next, resumed) = again(&dialer, &memory, &events).await;
        publish.send_replace(Some(next.clone()));
        if resumed {
            // Behind the publishing: whoever wishes something else from now on says it on this connection.
            restore(&next, &memory).await;
        }
        drop(next);
        let after = clock::instant().saturating_duration_since(lost);
        if events.send(LinkEvent::Up { after, resumed }).await.is_err() {
            return;
        }
    }
}

/// Connects until it works; the second value says whether the session goes on.
async fn again(dialer: &Dialer, memory: &Memory, events: &mpsc::Sender<LinkEvent>) -> (Live, bool) {
    let mut pause_ms = BACKOFF_MS_MIN;
    loop {
        tokio::time::sleep(spread(pause_ms)).await;
        pause_ms = pause_ms.saturating_mul(2).min(BACKOFF_MS_MAX);
        let Ok(dialed) = dialer.dial().await else { continue };
        let live = Live::start(dialed, memory, events);
        if memory.token().is_none() {
            return (live, false);
        }
        match live.resume(memory).await {
            Ok(_) => return (live, true),
            // The server knows the session no more: a person has to come back.
            Err(SignInError::Failed { .. } | SignInError::Server(_)) => return (live, false),
            Err(_) => live.close(),
        }
    }
}

async fn restore(live: &Live, memory: &Memory) {
    let mut said = Vec::new();
    // Whoever wishes something else meanwhile may have said it before this.
    while memory.watched() != said {
        said = memory.watched();
        // A failure here is a lost connection, which the caller sees next.
        let _ = live.out.send(Outgoing::Plain(ClientFrame::Watch { instruments: said.clone() })).await;
    }
    if let Some(had) = memory.feed() {
        let start = ClientFrame::FeedStart { have: had.have, rights: had.rights };
        let _ = live.out.send(Outgoing::Plain(start)).await;
    }
}

/// Up to half more, so that a whole desk does not return in one instant.
fn spread(ms: u64) -> Duration {
    let half = ms / 2;
    Duration::from_millis(ms.saturating_add(entropy::bits().checked_rem(half.saturating_add(1)).unwrap_or(0)))
}
