//! Sends what is durable to the SIEM, in order, and goes back a little after every break; it must send nothing before it is
//! durable, and keep nobody waiting.

use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use turret_shared::ids::Sequence;

use super::mark::{Mark, MarkError};
use super::policy::Destination;
use crate::clock::Clock;
use crate::random;
use crate::store::{ReadError, Reader};

/// Entries sent again after a break: syslog over TLS acknowledges nothing, so what the system had taken and the receiver had
/// not may be lost with the connection.
const BACK: u64 = 4_096;
/// Entries of one write.
const BATCH_ENTRIES_MAX: u64 = 1_024;
/// Bytes after which no more is put into one.
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Between writes, in milliseconds: what comes meanwhile goes together.
const PACE_MS: u64 = 100;
/// The place is kept no more often than this, in milliseconds.
const KEEP_MS: u64 = 1_000;
/// A connection is there within this, in seconds, and takes a write within it.
const WAIT_S: u64 = 10;
/// The first pause after a break, in milliseconds, and the longest; each is up to half as long again, by chance.
const PAUSE_MS: u64 = 250;
const PAUSE_MS_MAX: u64 = 15_000;

/// What it works with.
pub struct Parts {
    /// Who is sent it.
    pub to: Destination,
    /// How far they were sent it.
    pub mark: Mark,
    /// Name of the log.
    pub origin: String,
    /// The log.
    pub reader: Box<dyn Reader>,
    /// How much of it is durable.
    pub durable: watch::Receiver<u64>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: random::Random,
    /// How people are told that they are away, for so many seconds.
    pub tell: Box<dyn Fn(u32) + Send>,
}

/// Why nothing goes out.
#[derive(Debug)]
enum Broken {
    Connect(io::Error),
    Closed,
    Write(io::Error),
    Late,
    Log(ReadError),
    Mark(MarkError),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect(_) => "cannot connect",
            Self::Closed => "it closed the connection",
            Self::Write(_) => "the connection broke",
            Self::Late => "it does not answer in time",
            Self::Log(_) => "the log cannot be read",
            Self::Mark(_) => "how far it was sent cannot be kept",
        })
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect(source) | Self::Write(source) => Some(source),
            Self::Log(source) => Some(source),
            Self::Mark(source) => Some(source),
            Self::Closed | Self::Late => None,
        }
    }
}

/// The stream.
pub struct Shipper {
    parts: Parts,
    heard_ns: u64,
    told: bool,
    kept_ns: u64,
}

impl Shipper {
    /// Nobody is connected yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let now = parts.clock.monotonic_ns();
        Self { parts, heard_ns: now, told: false, kept_ns: now }
    }

    /// Sends until the log has ended.
    pub async fn run(mut self) {
        let mut log = self.parts.durable.clone();
        let ended = async { while log.changed().await.is_ok() {} };
        tokio::select! {
            () = ended => {}
            () = self.forever() => {}
        }
    }

    async fn forever(&mut self) {
        let mut pause = PAUSE_MS;
        loop {
            let before = self.heard_ns;
            if let Err(broken) = self.talk().await {
                self.is_away(&broken);
            }
            // It was there in the meantime: begin again with a short pause.
            pause = if self.heard_ns == before { pause.saturating_mul(2).min(PAUSE_MS_MAX) } else { PAUSE_MS };
            let chance = random::array(self.parts.random).map_or(0, u64::from_le_bytes) % pause.max(2).div_euclid(2);
            sleep(Duration::from_millis(pause.saturating_add(chance))).await;
        }
    }

    fn is_away(&mut self, broken: &Broken) {
        let away_ns = self.parts.clock.monotonic_ns().saturating_sub(self.heard_ns);
        let away_s = u32::try_from(away_ns / 1_000_000_000).unwrap_or(u32::MAX);
        if !self.told && away_s >= self.parts.to.alarm_s {
            let source = std::error::Error::source(broken);
            tracing::warn!(%broken, ?source, "the SIEM cannot be sent the log");
            (self.parts.tell)(away_s);
            self.told = true;
        }
    }

    fn is_there(&mut self) {
        self.heard_ns = self.parts.clock.monotonic_ns();
        if self.told {
            tracing::info!("the SIEM is sent the log again");
        }
        self.told = false;
    }

    /// One connection, until it breaks.
    async fn talk(&mut self) -> Result<(), Broken> {
        let to = &self.parts.to;
        let connect = async {
            let stream = TcpStream::connect((to.host.as_str(), to.port)).await?;
            to.tls.connect(to.name.clone(), stream).await
        };
        let stream = timeout(Duration::from_secs(WAIT_S), connect).await.map_err(|_| Broken::Late)?;
        let (mut reads, mut writes) = tokio::io::split(stream.map_err(Broken::Connect)?);
        self.is_there();
        let size = *self.parts.durable.borrow();
        if self.parts.mark.sent() > size {
            // Of a log that was put back to less: what comes now stands at places that were sent before.
            self.parts.mark.keep(size).map_err(Broken::Mark)?;
        }
        let mut next = self.parts.mark.sent().saturating_sub(BACK);
        let mut said = [0_u8; 256];
        loop {
            let durable = *self.parts.durable.borrow_and_update();
            if next < durable {
                let (bytes, upto) = self.gather(next, durable).map_err(Broken::Log)?;
                let write = async {
                    writes.write_all(bytes.as_bytes()).await?;
                    writes.flush().await
                };
                timeout(Duration::from_secs(WAIT_S), write).await.map_err(|_| Broken::Late)?.map_err(Broken::Write)?;
                next = upto;
                self.is_there();
            }
            self.keep(next, next == durable)?;
            let more = async {
                sleep(Duration::from_millis(PACE_MS)).await;
                // Nothing is left to send, and all of it is kept: until there is more.
                if next >= durable && self.parts.mark.sent() == next {
                    // Its end ends everything, elsewhere.
                    let _ = self.parts.durable.changed().await;
                }
            };
            tokio::select! {
                read = reads.read(&mut said) => match read {
                    Ok(0) => return Err(Broken::Closed),
                    // Nothing is to be said there; what is said is not listened to.
                    Ok(_) => {}
                    Err(error) => return Err(Broken::Write(error)),
                },
                () = more => {}
            }
        }
    }

    /// Entries from `next` on as messages, and the place behind the last of them.
    fn gather(&mut self, next: u64, durable: u64) -> Result<(String, u64), ReadError> {
        let (form, origin) = (self.parts.to.form, self.parts.origin.as_str());
        let wanted = durable.saturating_sub(next).min(BATCH_ENTRIES_MAX);
        let (mut bytes, mut upto) = (String::new(), next);
        self.parts.reader.entries(Sequence(next), wanted, &mut |stored| {
            match form.message(origin, stored.bytes) {
                Ok(message) => bytes.push_str(&message),
                Err(error) => tracing::error!(%error, entry = upto, "an entry cannot be sent"),
            }
            upto = upto.saturating_add(1);
            if bytes.len() < BATCH_BYTES_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok((bytes, upto))
    }

    /// Keeps the place once in a while, and at rest.
    fn keep(&mut self, next: u64, rests: bool) -> Result<(), Broken> {
        let now = self.parts.clock.monotonic_ns();
        let due = now.saturating_sub(self.kept_ns) >= KEEP_MS * 1_000_000;
        if next > self.parts.mark.sent() && (due || rests) {
            self.parts.mark.keep(next).map_err(Broken::Mark)?;
            self.kept_ns = now;
        }
        Ok(())
    }
}
