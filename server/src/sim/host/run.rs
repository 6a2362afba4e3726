//! Wires the exchange's thread, its steps and its door together and takes them down again; it must decide nothing.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::{Ask, HostConfig, HostError, board, clerk, door};
use crate::clock::Clock;
use crate::sim::limits::{ASKS_MAX, FAREWELL_MS_MAX, REPLAY_STEP_MS, STEP_MS};

/// Runs an exchange until `stop` resolves, or until it must not go on. `ready` hears the address listened on.
///
/// # Errors
/// [`HostError`].
pub async fn serve(
    config: HostConfig<'_>,
    clock: Arc<dyn Clock>,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), HostError> {
    let board = Arc::new(board::Board::default());
    let (asks, inbox) = mpsc::channel(ASKS_MAX);
    let (shut, shut_seen) = watch::channel(0_u64);
    let endpoint = door::listen(config.listen, config.endpoint.clone(), &config.credentials)?;
    let step_ms = if config.replay.is_some() { REPLAY_STEP_MS } else { STEP_MS };
    let clerk = clerk::Clerk::open(&config, Arc::clone(&clock), Arc::clone(&board), shut, inbox)?;
    let (ended, mut has_ended) = mpsc::channel::<()>(1);
    let thread = std::thread::Builder::new()
        .name("exchange".to_owned())
        .spawn(move || {
            let _until_the_thread_ends = ended;
            clerk.run()
        })
        .map_err(HostError::Io)?;
    ready(endpoint.local_addr().map_err(HostError::Io)?);
    tokio::select! {
        () = stop => {}
        _ = has_ended.recv() => {}
        () = steps(asks.clone(), step_ms) => {}
        () = door::admit(&endpoint, &asks, &board, &clock, shut_seen) => {}
    }
    endpoint.close(quinn::VarInt::from_u32(0), b"");
    // So that the member hears of the end instead of waiting for silence.
    let _ = tokio::time::timeout(Duration::from_millis(FAREWELL_MS_MAX), endpoint.wait_idle()).await;
    // A thread that is gone already has closed its journal.
    let _ = asks.send(Ask::Stop).await;
    drop(asks);
    // The database must be closed before the process ends; joining waits for that.
    let outcome = tokio::task::spawn_blocking(move || thread.join()).await;
    outcome.map_err(|_| HostError::Thread)?.map_err(|_| HostError::Thread)?
}

/// Tells the exchange that a step of time has passed. A step that finds no room is left out.
async fn steps(asks: mpsc::Sender<Ask>, step_ms: u64) {
    let mut every = tokio::time::interval(Duration::from_millis(step_ms));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        every.tick().await;
        if let Err(mpsc::error::TrySendError::Closed(_)) = asks.try_send(Ask::Step) {
            return;
        }
    }
}
