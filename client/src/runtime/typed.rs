//! What the terminal sends, read by a thread of its own that wakes the loop with each event; it must drop none.
//!
//! The library's own stream keeps the first waker it was polled with: looking whether more has come already, without waiting,
//! leaves it a waker that wakes nobody, and the next key is seen with the next tick.

use std::io;

use crossterm::event::Event;
use tokio::sync::mpsc;

/// Events read and not yet taken; beyond it they stay with the terminal.
const EVENTS_MAX: usize = 1_024;

/// Starts reading. An error is the last thing that comes.
pub(super) fn listen() -> io::Result<mpsc::Receiver<io::Result<Event>>> {
    let (sender, events) = mpsc::channel(EVENTS_MAX);
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        loop {
            let event = crossterm::event::read();
            let over = event.is_err();
            if sender.blocking_send(event).is_err() || over {
                return;
            }
        }
    })?;
    Ok(events)
}
