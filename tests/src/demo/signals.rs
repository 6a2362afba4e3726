//! Signals that end a demonstration, so that it can stop its parts and remove its directory; it must act on none itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether one came.
pub(super) struct Signals(Arc<AtomicBool>);

impl Signals {
    /// Listens from now on.
    pub(super) fn listen() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&came);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (ready, started) = std::sync::mpsc::channel();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match any() {
                    Ok(any) => {
                        // The starter waits for this word, so it is there to hear it.
                        let _ = ready.send(Ok(()));
                        any.await;
                        seen.store(true, Ordering::Release);
                    }
                    Err(error) => {
                        let _ = ready.send(Err(error));
                    }
                }
            });
        })?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("no signals")))?;
        Ok(Self(came))
    }

    /// True once one came.
    pub(super) fn came(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[cfg(unix)]
fn any() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn any() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without signals the demonstration ends with its client.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
