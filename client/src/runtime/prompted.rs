//! Lines a person types, read in a thread of their own, and their Ctrl-C; it must keep no line.

use std::io::{self, BufRead};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Longest line, in bytes: what a terminal's own line editing holds.
const LINE_BYTES_MAX: usize = 4_096;

/// Lines as they come; an error ends them.
pub(super) type Lines = mpsc::Receiver<io::Result<Zeroizing<String>>>;

/// Starts reading standard input.
pub(super) fn lines() -> io::Result<Lines> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new().name("lines".to_owned()).spawn(move || pump(&sender))?;
    Ok(receiver)
}

/// Ends a line as Enter does, and stays at its end: Ctrl-C.
pub(super) const INTERRUPT: char = '\u{3}';
/// The same: Ctrl-Z.
pub(super) const SUSPEND: char = '\u{1a}';

fn pump(to: &mpsc::Sender<io::Result<Zeroizing<String>>>) {
    let mut input = io::stdin().lock();
    loop {
        let item = line(&mut input);
        let last = !matches!(item, Ok(Some(_)));
        if let Some(item) = item.transpose()
            && to.blocking_send(item).is_err()
        {
            return;
        }
        if last {
            return;
        }
    }
}

/// The next line; `None` at the end. A password may be among them: it is wiped with its line, and never moved while it grows.
fn line(input: &mut impl BufRead) -> io::Result<Option<Zeroizing<String>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX));
    loop {
        let held = input.fill_buf()?;
        if held.is_empty() {
            break;
        }
        let ends = |byte: &u8| matches!(char::from(*byte), '\n' | INTERRUPT | SUSPEND);
        let end = held.iter().position(ends).map(|at| at.saturating_add(1));
        let taken = end.unwrap_or(held.len());
        let room = LINE_BYTES_MAX.saturating_sub(bytes.len());
        bytes.extend(held.iter().take(taken.min(room)));
        input.consume(taken);
        if end.is_some() {
            break;
        }
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())))
}

/// Ctrl-C where no terminal turns it into the end of a line.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_enter_and_at_the_keys_that_interrupt() {
        let long = "x".repeat(LINE_BYTES_MAX * 2);
        let text = format!("buy AAPL\nhalf a l\u{3}\u{1a}{long}\nlast");
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let mut next = || line(&mut input).unwrap().map(|line| line.to_string());
        assert_eq!(next().as_deref(), Some("buy AAPL\n"));
        assert_eq!(next().as_deref(), Some("half a l\u{3}"));
        assert_eq!(next().as_deref(), Some("\u{1a}"));
        assert_eq!(next().map(|line| line.len()), Some(LINE_BYTES_MAX));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}
