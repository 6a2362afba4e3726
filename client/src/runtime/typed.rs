//! What the terminal sends, read by a thread of its own and taken there: the key and its frame wake nobody; it must drop none.
//!
//! The library's own stream keeps the first waker it was polled with: looking whether more has come already, without waiting,
//! leaves it a waker that wakes nobody, and the next key is seen with the next tick.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};

use super::run::Station;

/// Events taken before they are drawn, however many more there are.
const BATCH_MAX: usize = 512;

/// Tells the loop what the thread did.
pub(super) struct Typed(mpsc::Receiver<io::Result<()>>);

impl Typed {
    /// Something was taken, so that what the loop waits for may be another; an error is the last thing that comes.
    pub(super) async fn done(&mut self) -> Option<io::Result<()>> {
        self.0.recv().await
    }
}

/// Starts reading.
pub(super) fn listen(station: &Arc<Mutex<Station>>) -> io::Result<Typed> {
    // The loop looks at everything when it is told of anything.
    let (sender, done) = mpsc::channel(1);
    let (station, runtime) = (Arc::clone(station), tokio::runtime::Handle::current());
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        // What a key sends is sent by the loop's own runtime.
        let _inside = runtime.enter();
        while !sender.is_closed() {
            if let Err(error) = take(&station, &sender) {
                // A loop that has ended needs no reason.
                let _ = sender.blocking_send(Err(error));
                return;
            }
        }
    })?;
    Ok(Typed(done))
}

/// Waits for an event, takes it and those that came with it, and draws.
fn take(station: &Mutex<Station>, loops: &mpsc::Sender<io::Result<()>>) -> io::Result<()> {
    for _ in 0..BATCH_MAX {
        let event = crossterm::event::read()?;
        station.blocking_lock().typed(event)?;
        if !more(loops)? {
            break;
        }
    }
    station.blocking_lock().draw_if_due()?;
    tell(loops);
    Ok(())
}

/// True when another event has come. One of which only the beginning has come is waited for, and what was taken must not wait
/// with it: the loop is told, and draws.
fn more(loops: &mpsc::Sender<io::Result<()>>) -> io::Result<bool> {
    if waiting() {
        tell(loops);
    }
    crossterm::event::poll(Duration::ZERO)
}

/// True when the terminal holds bytes not read yet.
#[cfg(unix)]
fn waiting() -> bool {
    rustix::io::ioctl_fionread(io::stdin()).is_ok_and(|bytes| bytes > 0)
}

#[cfg(not(unix))]
fn waiting() -> bool {
    true
}

fn tell(loops: &mpsc::Sender<io::Result<()>>) {
    // One that waits already says the same.
    let _ = loops.try_send(Ok(()));
}
