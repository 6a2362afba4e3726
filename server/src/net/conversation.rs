//! The control stream: frames in, frames out, and the phases before a session; it must let no phase read another's frames.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, RecvStream, SendStream};
use tokio::sync::mpsc;
use turret_shared::ids::{ConnectionId, DeviceId};
use turret_shared::limits::{FRAME_BYTES_MAX_UNAUTHENTICATED, UNAUTHENTICATED_S_MAX};
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Hello, ServerFrame, Welcome};
use turret_shared::wire::{FrameError, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN, decode_frame, put_frame};
use zeroize::Zeroizing;

use super::frames::FrameBuffer;
use super::limits::{FRAME_S_MAX, GOODBYE_MS_MAX, READ_BYTES_MAX, WRITE_S_MAX};
use super::shared::{Shared, Signal};
use super::version::Version;
use crate::guard::Fault;
use crate::guard::faults::Stage;
use crate::guard::limits::NS_PER_S;
use crate::session::{Authenticated, Unauthenticated};

/// Oldest client taken.
pub const CLIENT_VERSION_MIN: &str = "0.1.0";

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// All said.
    Done,
    /// The peer is gone.
    Gone,
    /// Bytes or frames that no client of ours sends.
    Bad,
    /// Something did not come, or was not read, in time.
    TooSlow,
    /// A budget is used up.
    TooMuch,
    /// No version in common.
    Version,
    /// The session goes on elsewhere.
    Resumed,
    /// The device is no longer let in.
    Revoked,
    /// The server stops.
    Stopping,
    /// A part of the connection panicked.
    Fallen,
}

impl Leave {
    pub(super) const fn code(self) -> CloseCode {
        match self {
            Self::Done | Self::Gone => CloseCode::Done,
            Self::Bad => CloseCode::BadFrame,
            Self::TooSlow => CloseCode::TooSlow,
            Self::TooMuch => CloseCode::TooMuch,
            Self::Version => CloseCode::Version,
            Self::Resumed => CloseCode::Resumed,
            Self::Revoked => CloseCode::DeviceRefused,
            Self::Stopping => CloseCode::Stopping,
            Self::Fallen => CloseCode::Internal,
        }
    }
}

/// One control stream and what belongs to it.
pub(super) struct Conversation {
    pub(super) shared: Arc<Shared>,
    pub(super) connection: Connection,
    pub(super) id: ConnectionId,
    pub(super) device: DeviceId,
    pub(super) send: SendStream,
    pub(super) recv: RecvStream,
    pub(super) frames: FrameBuffer,
    pub(super) out: Zeroizing<Vec<u8>>,
    pub(super) signals: mpsc::Receiver<Signal>,
}

impl Conversation {
    pub(super) fn new(
        shared: Arc<Shared>,
        connection: Connection,
        id: ConnectionId,
        device: DeviceId,
        send: SendStream,
        recv: RecvStream,
        signals: mpsc::Receiver<Signal>,
    ) -> Self {
        // Room for the answers to a sign-in: growing would leave unwiped copies behind.
        let out = Zeroizing::new(Vec::with_capacity(FRAME_BYTES_MAX_UNAUTHENTICATED));
        let frames = FrameBuffer::default();
        Self { shared, connection, id, device, send, recv, frames, out, signals }
    }

    /// Hello, sign-in, session, goodbye.
    pub(super) async fn hold(mut self) -> Leave {
        let leave = match self.until_session().await {
            Ok(session) => {
                let id = session.session();
                let leave = self.session(session).await;
                self.shared.sessions().let_go(id, self.id);
                leave
            }
            Err(leave) => leave,
        };
        self.goodbye().await;
        leave
    }

    async fn until_session(&mut self) -> Result<Authenticated, Leave> {
        let hello = tokio::time::timeout(Duration::from_secs(UNAUTHENTICATED_S_MAX), self.hello());
        let hello = hello.await.map_err(|_| Leave::TooSlow)??;
        let start = Unauthenticated::new(self.device, self.id, hello.script);
        self.sign_in(start).await
    }

    /// The first frame, and our answer to it.
    async fn hello(&mut self) -> Result<Hello, Leave> {
        let ClientFrame::Hello(hello) = self.frame().await? else {
            return Err(self.bad(Stage::Sequence, "no_hello"));
        };
        let shared = Arc::clone(&self.shared);
        let welcome = Welcome {
            version: PROTOCOL_VERSION.min(hello.version_max),
            origin: shared.deployment.origin.clone(),
            environment: shared.deployment.environment,
            data_source: shared.quotes.data_source(),
            demo: shared.deployment.demo,
            time: shared.clock.wall(),
            client_version_min: CLIENT_VERSION_MIN.to_owned(),
        };
        let speaks = hello.version_min <= PROTOCOL_VERSION && hello.version_max >= PROTOCOL_VERSION_MIN;
        let recent = Version::parse(&hello.client_version) >= Version::parse(CLIENT_VERSION_MIN);
        self.put(&ServerFrame::Welcome(welcome));
        self.flush().await?;
        if recent {
            shared.carriers().introduced(self.id, &hello.client_version);
        }
        if speaks && recent { Ok(hello) } else { Err(Leave::Version) }
    }

    /// The next frame before a session: small, whole in bounded time, nothing else looked at meanwhile but signals.
    pub(super) async fn frame(&mut self) -> Result<ClientFrame, Leave> {
        let mut took_some = true;
        loop {
            match self.frames.next(FRAME_BYTES_MAX_UNAUTHENTICATED) {
                Ok(Some(body)) => {
                    let decoded = decode_frame(body);
                    // It may hold a password.
                    self.frames.wipe_taken();
                    return decoded.map_err(|error| self.bad(Stage::Frame, word(error)));
                }
                Ok(None) => {}
                Err(error) => return Err(self.bad(Stage::Frame, word(error))),
            }
            if self.frames.is_overdue(self.shared.now_ns(), FRAME_S_MAX.saturating_mul(NS_PER_S), took_some) {
                return Err(Leave::TooSlow);
            }
            took_some = false;
            self.read_some().await?;
        }
    }

    async fn read_some(&mut self) -> Result<(), Leave> {
        tokio::select! {
            biased;
            signal = self.signals.recv() => Err(signal.map_or(Leave::Stopping, before_session)),
            chunk = self.recv.read_chunk(READ_BYTES_MAX, true) => match chunk {
                Ok(Some(chunk)) => {
                    self.frames.push(&chunk.bytes);
                    Ok(())
                }
                Ok(None) | Err(_) => Err(Leave::Gone),
            },
            // Wakes up to see whether half a frame is overdue.
            () = tokio::time::sleep(Duration::from_secs(FRAME_S_MAX)) => Ok(()),
        }
    }

    /// Counts bad input, quotes its id to the peer, and says how to leave.
    pub(super) fn bad(&mut self, stage: Stage, what: &'static str) -> Leave {
        let correlation = self.shared.fault(Some(self.device), Fault::BadInput(stage, what));
        self.put(&ServerFrame::Error { request: None, correlation });
        Leave::Bad
    }

    /// Puts a frame into the next write.
    pub(super) fn put(&mut self, frame: &ServerFrame) {
        if put_frame(frame, &mut self.out).is_err() {
            // Nothing of ours is that long; what is lost is said to the operator.
            tracing::error!("an answer was longer than a frame and is lost");
        }
    }

    /// Writes what was put; who does not read in time is cut.
    pub(super) async fn flush(&mut self) -> Result<(), Leave> {
        if self.out.is_empty() {
            return Ok(());
        }
        let writing = self.send.write_all(&self.out);
        let written = tokio::time::timeout(Duration::from_secs(WRITE_S_MAX), writing).await;
        self.out.clear();
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Leave::Gone),
            Err(_) => Err(Leave::TooSlow),
        }
    }

    /// As [`Self::flush`], but the end of a session waits for nobody who does not read: it is told if what is being written
    /// goes through in a moment, and comes about all the same if not.
    pub(super) async fn flush_or_end(&mut self) -> Result<(), Leave> {
        if self.out.is_empty() {
            return Ok(());
        }
        let Self { send, out, signals, .. } = self;
        let (written, signal) = {
            let mut writing = pin!(tokio::time::timeout(Duration::from_secs(WRITE_S_MAX), send.write_all(out)));
            tokio::select! {
                biased;
                written = writing.as_mut() => (Some(written), None),
                signal = signals.recv() => {
                    let moment = Duration::from_millis(GOODBYE_MS_MAX);
                    (tokio::time::timeout(moment, writing).await.ok(), Some(signal.unwrap_or(Signal::Stopping)))
                }
            }
        };
        self.out.clear();
        let left = signal.map(|signal| self.signalled(signal));
        let fate = match written {
            Some(Ok(Ok(()))) => return left.map_or(Ok(()), Err),
            Some(Ok(Err(_))) => Leave::Gone,
            Some(Err(_)) | None => Leave::TooSlow,
        };
        // Nothing can be said behind half a frame.
        self.out.clear();
        Err(left.unwrap_or(fate))
    }

    /// Lets the peer take what was said last.
    async fn goodbye(&mut self) {
        if self.flush().await.is_ok() && self.send.finish().is_ok() {
            let _ = tokio::time::timeout(Duration::from_millis(GOODBYE_MS_MAX), self.send.stopped()).await;
        }
    }
}

const fn before_session(signal: Signal) -> Leave {
    match signal {
        Signal::Revoked => Leave::Revoked,
        Signal::Superseded | Signal::Ended(_) => Leave::Done,
        Signal::Stopping => Leave::Stopping,
    }
}

/// The log's word for a frame that is none.
pub(super) const fn word(error: FrameError) -> &'static str {
    match error {
        FrameError::TooLong => "frame_too_long",
        FrameError::TooDeep => "frame_too_deep",
        FrameError::Malformed => "frame_malformed",
    }
}
