//! Where the person or the script sits: the client's process and what it is handed; it must wait for its end.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::home::{Home, Secrets};
use super::options::Options;
use super::part::command;
use super::signals::Signals;
use super::{AS_CLIENT, BROKEN, say};
use crate::simulated_key;
use zeroize::Zeroizing;

/// Status of a demonstration that a signal ended (128 + SIGINT, as shells count).
pub(super) const INTERRUPTED: u8 = 130;
/// For a client to leave once its lifeline is cut.
const LEAVE_S_MAX: u64 = 10;
/// Between looks at whether it has ended.
const LOOK_MS: u64 = 20;

/// Name of the simulated security key's socket.
const KEY_SOCKET: &str = "key.sock";
/// Where the key of a kept demonstration lies between its runs.
const KEY_FILE: &str = "simulated-key.json";

/// Runs the client until it ends or a signal comes; its status.
pub(super) fn sit(
    address: SocketAddr,
    home: &Home,
    secrets: &Secrets,
    options: &Options,
    signals: &Signals,
) -> io::Result<u8> {
    let mut client = command(AS_CLIENT)?;
    if let Some(script) = &options.script {
        client.arg("run").arg("--script").arg(script);
        if options.keep_going {
            client.arg("--keep-going");
        }
    }
    client.args(["--server", &address.to_string()]);
    // Whoever joins brings a key of their own, for as long as they sit there.
    let joined = options.join.is_some();
    let name = if joined { format!("key-{}.sock", std::process::id()) } else { KEY_SOCKET.to_owned() };
    let socket = home.dir().join(name);
    match simulated_key::plug_in(&socket, home.kept().filter(|_| !joined).map(|dir| dir.join(KEY_FILE))) {
        Ok(()) => drop(client.arg("--simulated-key").arg(&socket)),
        // A demonstration without one is still a demonstration: codes work.
        Err(error) => say(&format!("no simulated security key: {error}")),
    }
    if let Some(role) = &options.role {
        client.args(["--role", role]);
    }
    if options.linear {
        client.arg("--linear");
    }
    if let Some(keys) = &options.keys {
        client.arg("--keys").arg(keys);
    }
    if let Some(theme) = &options.theme {
        client.args(["--theme", theme]);
    }
    let status = match &options.script {
        None => workstation(client, secrets, signals),
        Some(script) => scripted(client, secrets, script.as_os_str() == "-", signals),
    };
    if joined {
        // A name left behind would do no harm.
        let _ = std::fs::remove_file(&socket);
    }
    status
}

/// The terminal is the client's: credentials and lifeline go through a pipe of their own.
fn workstation(mut client: Command, secrets: &Secrets, signals: &Signals) -> io::Result<u8> {
    let (theirs, mut ours) = io::pipe()?;
    let (lifeline, end) = io::pipe()?;
    // Only this one child is started while the pipes may be inherited.
    for pipe in [&theirs, &lifeline] {
        rustix::io::fcntl_setfd(pipe, rustix::io::FdFlags::empty())?;
    }
    client.args(["--credentials-fd", &theirs.as_raw_fd().to_string()]);
    client.args(["--until-fd-closes", &lifeline.as_raw_fd().to_string()]);
    let mut child = client.spawn()?;
    drop((theirs, lifeline));
    // After each lock the workstation starts afresh with nothing and asks again: there is always a line to read.
    let line = Zeroizing::new(format!("{}\n", secrets.credentials.as_str()));
    std::thread::Builder::new()
        .name("credentials".to_owned())
        .spawn(move || while ours.write_all(line.as_bytes()).is_ok() {})?;
    watch(&mut child, Some(end), signals)
}

/// Credentials are the first line of standard input; a script from ours follows, and its end is the lifeline's.
fn scripted(mut client: Command, secrets: &Secrets, from_stdin: bool, signals: &Signals) -> io::Result<u8> {
    client.args(["--credentials-fd", "0"]);
    if !from_stdin {
        client.args(["--until-fd-closes", "0"]);
    }
    let mut child = client.stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().ok_or_else(|| io::Error::other("no input"))?;
    hand_over(&mut input, secrets)?;
    if !from_stdin {
        return watch(&mut child, Some(input), signals);
    }
    std::thread::Builder::new().name("script".to_owned()).spawn(move || pass_on(&mut input))?;
    watch(&mut child, None::<io::PipeWriter>, signals)
}

fn hand_over(to: &mut impl Write, secrets: &Secrets) -> io::Result<()> {
    to.write_all(secrets.credentials.as_bytes())?;
    to.write_all(b"\n")?;
    to.flush()
}

/// What comes is passed on at once, for the script is answered line by line.
fn pass_on(to: &mut impl Write) {
    let mut from = io::stdin().lock();
    let mut bytes = [0_u8; 4_096];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        let Some(part) = bytes.get(..read) else { return };
        if to.write_all(part).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// Waits for the client; a signal cuts its lifeline, and what does not leave then is ended.
fn watch(child: &mut Child, mut lifeline: Option<impl Write>, signals: &Signals) -> io::Result<u8> {
    let mut left_ms = LEAVE_S_MAX.saturating_mul(1_000);
    let mut interrupted = false;
    loop {
        if let Some(status) = child.try_wait()? {
            let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(BROKEN);
            return Ok(if interrupted { INTERRUPTED } else { code });
        }
        if !interrupted && signals.came() {
            interrupted = true;
            let cut = lifeline.take().is_some();
            if !cut {
                child.kill()?;
            }
        }
        if interrupted {
            left_ms = left_ms.saturating_sub(LOOK_MS);
            if left_ms == 0 {
                child.kill()?;
            }
        }
        std::thread::sleep(Duration::from_millis(LOOK_MS));
    }
}
