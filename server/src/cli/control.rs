//! What an operator asks of the server that runs on a data directory: a socket in it, for whoever can open its keys; it must do
//! nothing that gives anybody more than they had.
//!
//! The server says a nonce; whoever asks says a line and its HMAC under a key that only the opened key store gives; one line
//! answers. So the passphrase or PIN is wanted of each verb, as of those that read the files themselves.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream as Stream};
use tokio::sync::watch;
use turret_shared::event::Event;
use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use super::init::Failed;
use super::key_names::KeyName;
use super::rotator::Rotator;
use crate::cipher::{seal, unseal};
use crate::config::Layout;
use crate::keys::{Fresh, KeyError, KeyStore, Purpose};
use crate::random;

/// Name of the socket within the data directory.
const SOCKET_FILE: &str = "control";
/// Longest line either side reads, in bytes.
const LINE_BYTES_MAX: u64 = 512;
/// Longest wait of the server for a line, in seconds.
const LINE_S_MAX: u64 = 5;
/// Longest wait for what came of it, in seconds.
const DONE_S_MAX: u64 = 60;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 32;
/// What the key of this socket is derived for.
const INFO: &[u8] = b"turret/control-v1";
/// What the key is derived for that seals what a key file is to be sealed under, on its way.
const FRESH_INFO: &[u8] = b"turret/control-fresh-v1";
/// What can be asked: the next key of a name, how far that is, and that what gave way ends.
const ROTATE: &str = "rotate ";
const PROGRESS: &str = "progress ";
const REVOKE: &str = "revoke ";
/// And what can be told: a fact of the operator's, its kind and its body in hexadecimal digits.
const RECORD: &str = "record ";

/// Authenticates lines, and seals what is secret in one.
struct Seal {
    line: SecretKey,
    fresh: SecretKey,
}

impl Seal {
    fn of(keys: &dyn KeyStore) -> Result<Self, KeyError> {
        let database = keys.key(Purpose::Database)?;
        let derived = |info| {
            let mut key = Zeroizing::new([0; 32]);
            let expanded = Hkdf::<Sha256>::new(None, database.expose()).expand(info, key.as_mut());
            expanded.map_err(|_| KeyError::Malformed).map(|()| SecretKey::new(*key))
        };
        Ok(Self { line: derived(INFO)?, fresh: derived(FRESH_INFO)? })
    }

    /// Header and key of what a key file is to be sealed under, the key sealed.
    fn fresh_words(&self, fresh: &Fresh) -> Result<String, KeyError> {
        let (header, key) = fresh.parts();
        let sealed = seal(&self.fresh, header, key.expose(), random::system)?;
        Ok(format!("{} {}", hex(header), hex(&sealed)))
    }

    fn fresh(&self, words: &str) -> Option<Fresh> {
        let (header, sealed) = words.split_once(' ')?;
        let (header, sealed) = (unhex(header)?, unhex(sealed)?);
        let key = unseal(&self.fresh, &header, &sealed).ok()?;
        Fresh::from_parts(header, SecretKey::new(key.as_slice().try_into().ok()?)).ok()
    }

    fn mac(&self, nonce: &str, line: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.line.expose()).ok()?;
        mac.update(nonce.as_bytes());
        mac.update(b"\n");
        mac.update(line.as_bytes());
        Some(mac)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

/// Where operators ask.
pub(super) struct Control {
    listener: UnixListener,
    path: PathBuf,
    seal: Seal,
    rotator: Arc<Rotator>,
}

impl Control {
    /// Listens in the data directory. The log is fenced, so a socket that lies there is of a server that is gone.
    pub(super) fn bind(layout: &Layout, keys: &dyn KeyStore, rotator: Arc<Rotator>) -> Result<Self, io::Error> {
        use std::os::unix::fs::PermissionsExt;
        let path = layout.data().join(SOCKET_FILE);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let seal = Seal::of(keys).map_err(io::Error::other)?;
        Ok(Self { listener, path, seal, rotator })
    }

    /// Answers one after the other until told to stop.
    pub(super) async fn run(self, mut stopping: watch::Receiver<bool>) {
        self.rotator.resume();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            let Ok((stream, _)) = accepted else { continue };
            if let Err(error) = self.serve(stream).await {
                tracing::warn!(%error, "an operator's question was not answered");
            }
        }
        self.rotator.stop();
        // Whoever finds it finds nobody behind it.
        let _ = std::fs::remove_file(&self.path);
    }

    async fn serve(&self, stream: Stream) -> Result<(), io::Error> {
        let nonce = hex(&random::array::<NONCE_BYTES>(random::system).map_err(io::Error::other)?);
        let (read, mut write) = stream.into_split();
        write.write_all(format!("{nonce}\n").as_bytes()).await?;
        let mut lines = tokio::io::BufReader::new(read.take(LINE_BYTES_MAX)).lines();
        let patience = Duration::from_secs(LINE_S_MAX);
        let asked = async { io::Result::Ok((lines.next_line().await?, lines.next_line().await?)) };
        let (Some(line), Some(mac)) = tokio::time::timeout(patience, asked).await?? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let told = unhex(&mac).unwrap_or_default();
        let genuine = self.seal.mac(&nonce, &line).is_some_and(|mac| mac.verify_slice(&told).is_ok());
        let answer =
            if genuine { self.answer(&line).await } else { "no: not said by whoever holds the keys".to_owned() };
        write.write_all(format!("{answer}\n").as_bytes()).await
    }

    async fn answer(&self, line: &str) -> String {
        if let Some(event) = line.strip_prefix(RECORD).and_then(recorded) {
            return said(self.rotator.record(event).await.map(|()| "recorded".to_owned()));
        }
        if let Some(name) = line.strip_prefix(PROGRESS).and_then(KeyName::of) {
            return self.rotator.progress(name);
        }
        if let Some(name) = line.strip_prefix(REVOKE).and_then(KeyName::of) {
            let revoked = self.rotator.revoke(name).await;
            return said(revoked.map(|version| format!("{} up to version {version} has ended", name.name())));
        }
        let Some(asked) = line.strip_prefix(ROTATE) else { return UNKNOWN.to_owned() };
        let (name, words) = asked.split_once(' ').map_or((asked, None), |(name, words)| (name, Some(words)));
        let Some(name) = KeyName::of(name) else { return UNKNOWN.to_owned() };
        let fresh = words.and_then(|words| self.seal.fresh(words));
        if words.is_some() != fresh.is_some() {
            return UNKNOWN.to_owned();
        }
        let done = if name == KeyName::Checkpoint { "signs" } else { "is active" };
        let rotated = self.rotator.rotate(name, fresh).await;
        said(rotated.map(|version| format!("{} version {version} {done}", name.name())))
    }
}

/// Of what no server of this version does.
const UNKNOWN: &str = "no: this server knows no such thing";

fn said(done: Result<String, Failed>) -> String {
    match done {
        Ok(done) => format!("ok: {done}"),
        Err(Failed(why)) => {
            tracing::error!(why, "an operator's wish was refused");
            format!("no: {why}")
        }
    }
}

/// Asks the running server for the next key of a name.
pub(super) fn ask_rotate(
    layout: &Layout,
    keys: &dyn KeyStore,
    name: KeyName,
    fresh: Option<&Fresh>,
) -> Result<String, Failed> {
    let mut line = format!("{ROTATE}{}", name.name());
    if let Some(fresh) = fresh {
        line.push(' ');
        line.push_str(&Seal::of(keys)?.fresh_words(fresh)?);
    }
    answered(ask(layout, keys, &line)?)
}

/// How far it is: under way, and how many of how many; or what came of it.
pub(super) fn ask_progress(layout: &Layout, keys: &dyn KeyStore, name: KeyName) -> Result<String, Failed> {
    answered(ask(layout, keys, &format!("{PROGRESS}{}", name.name()))?)
}

/// Has what gave way ended.
pub(super) fn ask_revoke(layout: &Layout, keys: &dyn KeyStore, name: KeyName) -> Result<String, Failed> {
    answered(ask(layout, keys, &format!("{REVOKE}{}", name.name()))?)
}

fn answered(answer: String) -> Result<String, Failed> {
    match answer.strip_prefix("ok: ") {
        Some(done) => Ok(done.to_owned()),
        None => Err(Failed(answer.strip_prefix("no: ").unwrap_or("the server gave no answer").to_owned())),
    }
}

/// The line that has an event recorded.
pub(super) fn to_record(event: &Event) -> String {
    let mut body = Vec::new();
    event.encode_body(&mut body);
    format!("{RECORD}{} {}", event.kind(), hex(&body))
}

/// The event in such a line, of those that an operator tells.
fn recorded(line: &str) -> Option<Event> {
    let (kind, body) = line.split_once(' ')?;
    let event = Event::decode_body(kind.parse().ok()?, 1, &unhex(body)?).ok()?;
    matches!(event, Event::BackupMade(_) | Event::KeyCeremony(_)).then_some(event)
}

/// Asks the server that runs on a data directory; its answer.
pub(super) fn ask(layout: &Layout, keys: &dyn KeyStore, line: &str) -> Result<String, io::Error> {
    let seal = Seal::of(keys).map_err(io::Error::other)?;
    let mut stream = connected(&layout.data().join(SOCKET_FILE))?;
    stream.set_read_timeout(Some(Duration::from_secs(DONE_S_MAX)))?;
    let mut answers = BufReader::new(stream.try_clone()?.take(LINE_BYTES_MAX));
    let mut nonce = String::new();
    answers.read_line(&mut nonce)?;
    let mac = seal.mac(nonce.trim_end(), line).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(format!("{line}\n{}\n", hex(&mac.finalize().into_bytes())).as_bytes())?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}

/// True while a server runs on a data directory.
pub(super) fn is_there(layout: &Layout) -> bool {
    connected(&layout.data().join(SOCKET_FILE)).is_ok()
}

fn connected(path: &Path) -> Result<UnixStream, io::Error> {
    UnixStream::connect(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            io::Error::new(error.kind(), "no server runs on this data directory")
        }
        _ => error,
    })
}
