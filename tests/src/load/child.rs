//! Starts this program again as one of its parts and learns where it listens; it must stop what it started.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A part of the run in a process of its own; it ends when its standard input closes, so never outlives us.
#[derive(Debug)]
pub struct Part {
    child: Child,
    lifeline: Option<ChildStdin>,
    /// Where it listens on loopback.
    pub address: SocketAddr,
}

impl Part {
    /// Runs this executable with `args` and waits for its `listening ADDR` line.
    ///
    /// # Errors
    /// When it cannot be started or does not say where it listens.
    pub fn start(args: &[&str]) -> std::io::Result<Self> {
        let mut child =
            Command::new(std::env::current_exe()?).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lifeline = child.stdin.take();
        let out = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("listening ")
            .and_then(|a| a.parse().ok())
            .ok_or_else(|| std::io::Error::other(format!("unexpected first line: {line:?}")))?;
        Ok(Self { child, lifeline, address })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // A part that is gone already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
