//! The load's own end of a control stream: frames out in bursts, answers decoded whole as they come; it must skip no check.
//!
//! The workstation's link serves people: it connects again, tells of every answer to a task of its own. Here the client
//! shares the cores with what is measured, so it does what a client must and no more.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use quinn::{Connection, Endpoint, RecvStream, SendStream};
use turret_certs::{tls, transport};
use turret_client::credentials::Credentials;
use turret_client::profile::Profile;
use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Hello, Outcome, ServerFrame};
use turret_shared::wire::query::{Answer, AnswerBody, Ask, Query};
use turret_shared::wire::{ALPN, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN, decode_frame, frame_length, put_frame};

use super::ceiling_client::Broken;
use super::clock::wall;

/// Most bytes read at once.
const READ_BYTES_MAX: usize = 64 * 1024;
/// For the server to close the connection after a sign-out, in seconds.
const GOODBYE_S_MAX: u64 = 5;

/// An answer to a command.
#[derive(Debug)]
pub struct Answered {
    /// The number it was sent under.
    pub request: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// A signed-in control stream.
pub struct Line {
    connection: Connection,
    _endpoint: Endpoint,
    /// Where commands go.
    pub out: Outward,
    /// Where answers come from.
    pub back: Inward,
}

/// A device at the door: connected and introduced, and nobody yet.
pub struct Knock {
    connection: Connection,
    endpoint: Endpoint,
    out: Outward,
    frames: Frames,
}

impl Knock {
    /// Connects as the person's device and says hello.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn at(credentials: &Credentials, server: SocketAddr) -> Result<Self, Broken> {
        let profile = Profile::load(&credentials.client_dir)?;
        let pair = tls::Credentials {
            authority_pem: &profile.authority_pem,
            certificate_pem: &profile.device_pem,
            key_pem: profile.device_key.expose(),
        };
        let mut endpoint = transport::connecting_end(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        endpoint.set_default_client_config(transport::client(&pair, ALPN)?);
        let connection = endpoint.connect(server, &profile.server_name)?.await?;
        let (send, recv) = connection.open_bi().await?;
        let mut out = Outward { send, bytes: Vec::new(), next: 0 };
        let mut frames = Frames::of(recv);
        let hello = Hello {
            version_min: PROTOCOL_VERSION_MIN,
            version_max: PROTOCOL_VERSION,
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            script: true,
        };
        out.say(&ClientFrame::Hello(hello)).await?;
        let ServerFrame::Welcome(_) = frames.wait().await? else { return Err("no welcome".into()) };
        Ok(Self { connection, endpoint, out, frames })
    }

    /// Gives a password; false when the server was too busy to look at it.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn password(&mut self, login: &str, password: SecretText) -> Result<bool, Broken> {
        self.out.say(&ClientFrame::Password { login: login.to_owned(), password }).await?;
        match self.frames.wait().await? {
            ServerFrame::CodeWanted => Ok(true),
            ServerFrame::Busy { .. } => Ok(false),
            _ => Err("neither a code wanted nor busy".into()),
        }
    }

    /// Gives the code of the person's own authenticator, which lets them in.
    ///
    /// # Errors
    /// When it does not.
    pub async fn code(mut self, credentials: &Credentials) -> Result<Line, Broken> {
        let code = credentials.authenticator.as_ref().ok_or("no authenticator")?.code_at(wall());
        self.out.say(&ClientFrame::Code { code }).await?;
        let ServerFrame::SignedIn(_) = self.frames.wait().await? else { return Err("not signed in".into()) };
        let Self { connection, endpoint, out, frames } = self;
        let back = Inward { frames, answers: VecDeque::new() };
        Ok(Line { connection, _endpoint: endpoint, out, back })
    }
}

/// The sending half.
pub struct Outward {
    send: SendStream,
    bytes: Vec<u8>,
    next: u64,
}

/// The receiving half.
pub struct Inward {
    frames: Frames,
    answers: VecDeque<Answered>,
}

impl Line {
    /// Connects as the person's device and signs in with their own authenticator.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn sign_in(credentials: &Credentials, server: SocketAddr) -> Result<Self, Broken> {
        let mut knock = Knock::at(credentials, server).await?;
        if !knock.password(&credentials.user, credentials.password.clone()).await? {
            return Err("no code wanted".into());
        }
        knock.code(credentials).await
    }

    /// Asks one question.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn ask(&self, ask: Ask) -> Result<AnswerBody, Broken> {
        let (mut send, recv) = self.connection.open_bi().await?;
        let mut bytes = Vec::new();
        put_frame(&Query { after: None, ask }, &mut bytes)?;
        send.write_all(&bytes).await?;
        send.finish()?;
        Ok(Frames::of(recv).wait::<Answer>().await?.body)
    }

    /// Signs out, and waits until the server has let go.
    pub async fn leave(mut self) {
        if self.out.say(&ClientFrame::SignOut { locked: false }).await.is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(GOODBYE_S_MAX), self.connection.closed()).await;
        }
    }
}

impl Outward {
    /// Puts a command into the next burst; gives its number.
    ///
    /// # Errors
    /// When it is longer than a frame.
    pub fn put(&mut self, command: Vec<u8>) -> Result<u64, Broken> {
        self.next += 1;
        put_frame(&ClientFrame::Command { request: self.next, bytes: command }, &mut self.bytes)?;
        Ok(self.next)
    }

    /// The number the next command gets.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next + 1
    }

    /// Sends what was put.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn flush(&mut self) -> Result<(), Broken> {
        self.send.write_all(&self.bytes).await?;
        self.bytes.clear();
        Ok(())
    }

    async fn say(&mut self, frame: &ClientFrame) -> Result<(), Broken> {
        put_frame(frame, &mut self.bytes)?;
        self.flush().await
    }
}

impl Inward {
    /// The next answer that has come, without waiting.
    pub fn pop(&mut self) -> Option<Answered> {
        self.answers.pop_front()
    }

    /// Waits for bytes and decodes every answer in them.
    ///
    /// # Errors
    /// When the connection breaks or the session ends.
    pub async fn more(&mut self) -> Result<(), Broken> {
        self.frames.read().await?;
        while let Some(frame) = self.frames.held()? {
            match frame {
                ServerFrame::Reply { request, outcome, .. } => self.answers.push_back(Answered { request, outcome }),
                ServerFrame::SessionEnded { reason } => return Err(format!("the session ended: {reason:?}").into()),
                ServerFrame::Error { .. } => return Err("the server could not serve a frame".into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whole frames off a stream.
struct Frames {
    recv: RecvStream,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
}

impl Frames {
    fn of(recv: RecvStream) -> Self {
        Self { recv, buffer: vec![0; READ_BYTES_MAX + FRAME_BYTES_MAX + 4], from: 0, to: 0 }
    }

    async fn read(&mut self) -> Result<(), Broken> {
        self.buffer.copy_within(self.from..self.to, 0);
        self.to -= self.from;
        self.from = 0;
        let room = self.buffer.get_mut(self.to..).unwrap_or_default();
        self.to += self.recv.read(room).await?.ok_or("the stream ended")?;
        Ok(())
    }

    fn held<T: for<'b> minicbor::Decode<'b, ()>>(&mut self) -> Result<Option<T>, Broken> {
        let rest = self.buffer.get(self.from..self.to).unwrap_or_default();
        let Some((prefix, behind)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = frame_length(*prefix, FRAME_BYTES_MAX)?;
        let Some(body) = behind.get(..length) else { return Ok(None) };
        let frame = decode_frame(body)?;
        self.from += 4 + length;
        Ok(Some(frame))
    }

    async fn wait<T: for<'b> minicbor::Decode<'b, ()>>(&mut self) -> Result<T, Broken> {
        loop {
            if let Some(frame) = self.held()? {
                return Ok(frame);
            }
            self.read().await?;
        }
    }
}
