//! Lines a person types, read in a thread of their own, and their Ctrl-C; it must keep no line.

use std::io::{self, BufRead as _, Read as _};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Longest line, in bytes: what a terminal's own line editing holds.
const LINE_BYTES_MAX: u64 = 4_096;

/// Lines as they come; an error ends them.
pub(super) type Lines = mpsc::Receiver<io::Result<Zeroizing<String>>>;

/// Starts reading standard input.
pub(super) fn lines() -> io::Result<Lines> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new().name("lines".to_owned()).spawn(move || pump(&sender))?;
    Ok(receiver)
}

fn pump(to: &mpsc::Sender<io::Result<Zeroizing<String>>>) {
    let mut input = io::stdin().lock();
    loop {
        // A password may be among them: it is wiped with its line.
        let mut line = Zeroizing::new(String::with_capacity(256));
        let item = match input.by_ref().take(LINE_BYTES_MAX).read_line(&mut line) {
            Ok(0) => return,
            Ok(_) => Ok(line),
            Err(error) => Err(error),
        };
        let last = item.is_err();
        if to.blocking_send(item).is_err() || last {
            return;
        }
    }
}

/// Ctrl-C, which asks before it leaves.
pub(super) struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Interrupts {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        // No signal: whoever reads lines there has the terminal's own way to end a program.
        let _ = tokio::signal::ctrl_c().await;
    }
}
