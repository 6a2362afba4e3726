//! When a process is told to end: by a signal, or because who started it has closed its standard input; it must end nothing.

use std::io::Read;

use tokio::sync::oneshot;

/// Returns once standard input has closed; what comes on it until then is thrown away.
pub(super) async fn closed() {
    let (sender, receiver) = oneshot::channel();
    // A plain thread: a blocked read must not hold the runtime's shutdown.
    let started = std::thread::Builder::new().name("turret-stdin".to_owned()).spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut scrap = [0_u8; 256];
        while matches!(stdin.read(&mut scrap), Ok(count) if count > 0) {}
        // Nobody waiting any more is no error.
        let _ = sender.send(());
    });
    if started.is_ok() {
        // A reader that vanished counts as closed.
        let _ = receiver.await;
    }
}

/// Returns when the process is to end: on a signal, or with standard input where that was asked for.
pub(super) async fn told_to_end(until_stdin_closes: bool) {
    if until_stdin_closes {
        tokio::select! {
            () = closed() => {}
            () = terminated() => {}
        }
    } else {
        terminated().await;
    }
}

/// Returns on SIGTERM or SIGINT (Ctrl-C).
#[cfg(unix)]
pub(super) async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return interrupted().await };
    tokio::select! {
        _ = term.recv() => {}
        () = interrupted() => {}
    }
}

/// Returns on Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn terminated() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
