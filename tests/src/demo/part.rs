//! One process of the demonstration: started from this very program, tied to us by its standard input.
//!
//! It must hold no secret longer than it takes to hand it over.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// For a part to say where it listens: a release build needs a second, a debug build on a busy machine much more.
const READY_S_MAX: u64 = 120;
/// For a part to end by itself once its standard input is closed.
const STOP_S_MAX: u64 = 20;
/// Between looks at whether it has ended.
const LOOK_MS: u64 = 20;
/// Bytes of its log shown when it fails.
const LOG_TAIL_BYTES: u64 = 2_000;

/// A running part. Dropped, it is stopped.
pub(crate) struct Part {
    name: &'static str,
    child: Child,
    lifeline: Option<ChildStdin>,
}

/// This program again, as `part`.
pub(crate) fn command(part: &str) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(part);
    Ok(command)
}

impl Part {
    /// Starts `command`, hands over `first_line` on its standard input and keeps that open; its errors go to `log`.
    pub(crate) fn start(
        name: &'static str,
        mut command: Command,
        first_line: &str,
        log: &Path,
    ) -> io::Result<(Self, BufReader<impl Read + Send + 'static>)> {
        let log = private_log(log)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(log)).spawn()?;
        let lifeline = child.stdin.take();
        let out = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut part = Self { name, child, lifeline };
        if let Some(input) = part.lifeline.as_mut() {
            input.write_all(first_line.as_bytes())?;
            input.write_all(b"\n")?;
            input.flush()?;
        }
        Ok((part, BufReader::new(out)))
    }

    /// The same for one that serves: waits for its `listening ADDR` line.
    pub(crate) fn serve(
        name: &'static str,
        command: Command,
        first_line: &str,
        log: &Path,
    ) -> io::Result<(Self, SocketAddr)> {
        let (part, out) = Self::start(name, command, first_line, log)?;
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || watch_output(out, &sender))?;
        match receiver.recv_timeout(Duration::from_secs(READY_S_MAX)) {
            Ok(address) => Ok((part, address)),
            Err(_) => Err(io::Error::other(format!("{name} did not start{}", tail(log)))),
        }
    }

    /// Closes its standard input and waits; what does not end by itself is ended.
    pub(crate) fn stop(&mut self) -> Option<ExitStatus> {
        drop(self.lifeline.take());
        let mut left_ms = STOP_S_MAX.saturating_mul(1_000);
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if left_ms > 0 => {}
                Ok(None) | Err(_) => break,
            }
            std::thread::sleep(Duration::from_millis(LOOK_MS));
            left_ms = left_ms.saturating_sub(LOOK_MS);
        }
        super::say(&format!("{} did not stop by itself", self.name));
        // One that ended in between is what we want.
        let _ = self.child.kill();
        self.child.wait().ok()
    }

    /// Ends it the hard way (SIGKILL) and waits for its end.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its own end.
    pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.stop();
        }
    }
}

/// A log for its owner alone: it lies in a data directory, whose every file is.
fn private_log(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Tells the address of the first line that names one, then keeps reading so that the part never writes into a void.
fn watch_output(out: BufReader<impl Read>, ready: &mpsc::Sender<SocketAddr>) {
    for line in out.lines().map_while(Result::ok) {
        if let Some(address) = line.strip_prefix("listening ").and_then(|text| text.trim().parse().ok()) {
            // Nobody may be left to hear it.
            let _ = ready.send(address);
        }
    }
}

/// The end of a log, for a person whose part did not start.
pub(crate) fn tail(log: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(LOG_TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    match read() {
        Ok(text) if !text.is_empty() => format!("; its last words: {text}"),
        _ => format!("; see {}", PathBuf::from(log).display()),
    }
}
