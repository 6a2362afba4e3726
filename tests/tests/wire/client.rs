//! A client of bare frames: it says what a test wants said, however wrong.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use turret_certs::tls::Credentials;
use turret_certs::transport;
use turret_shared::command::{Command, Environment};
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::time::Timestamp;
use turret_shared::view::AuditView;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Hello, Outcome, ServerFrame, SignedIn, Welcome};
use turret_shared::wire::query::{Answer, AnswerBody, Ask, AuditFilter, Query};
use turret_shared::wire::{ALPN, decode_frame, put_frame};

use super::PATIENCE;
use super::desk::Person;

/// Name in the server's certificate.
pub(crate) fn server_name(person: &Person) -> String {
    let profile = std::fs::read_to_string(person.dir.join("profile.toml")).unwrap();
    let line = profile.lines().find(|line| line.trim_start().starts_with("server_name")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

#[allow(clippy::disallowed_methods, reason = "codes are of the wall clock, as an authenticator's are")]
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// PEM of a person's device.
pub(crate) struct Pem {
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Pem {
    pub(crate) fn of(person: &Person) -> Self {
        let read = |name: &str| std::fs::read_to_string(person.dir.join(name)).unwrap();
        Self { authority: read("ca.pem"), certificate: read("device.pem"), key: read("device.key") }
    }

    pub(crate) fn credentials(&self) -> Credentials<'_> {
        Credentials { authority_pem: &self.authority, certificate_pem: &self.certificate, key_pem: &self.key }
    }
}

/// Words that would tell of the inside: paths, SQL, types, libraries, panics. None is so short that chance brings it about.
pub(crate) const INSIDE: [&str; 16] = [
    "turret_",
    "/src/",
    "panicked",
    "sqlite",
    "sqlcipher",
    "minicbor",
    "select ",
    "insert into",
    "unwrap",
    "rusqlite",
    "/tmp/",
    "/home/",
    "backtrace",
    "thread '",
    "no such table",
    "os error",
];

/// The word of the inside that stands in what a server sent, if one does.
pub(crate) fn says_inside(bytes: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    INSIDE.into_iter().find(|word| text.contains(word))
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap()
}

/// A connection of a person's device.
pub(crate) async fn connect(person: &Person, address: SocketAddr) -> Result<Connection, ConnectionError> {
    let config = transport::client(&Pem::of(person).credentials(), ALPN).unwrap();
    connect_as(config, &server_name(person), address).await
}

pub(crate) async fn connect_as(
    config: quinn::ClientConfig,
    name: &str,
    address: SocketAddr,
) -> Result<Connection, ConnectionError> {
    let connecting = endpoint().connect_with(config, address, name).unwrap();
    tokio::time::timeout(PATIENCE, connecting).await.expect("an answer to the handshake")
}

/// The control stream of one connection.
pub(crate) struct Control {
    pub(crate) connection: Connection,
    pub(crate) send: SendStream,
    recv: RecvStream,
    requests: u64,
}

impl Control {
    pub(crate) async fn open(person: &Person, address: SocketAddr) -> Self {
        Self::over(connect(person, address).await.unwrap()).await
    }

    /// The control stream of a connection made otherwise.
    pub(crate) async fn over(connection: Connection) -> Self {
        let (send, recv) = connection.open_bi().await.unwrap();
        Self { connection, send, recv, requests: 0 }
    }

    /// Open, and both sides introduced.
    pub(crate) async fn hello(person: &Person, address: SocketAddr) -> (Self, Welcome) {
        let mut control = Self::open(person, address).await;
        control.say(&hello()).await;
        let ServerFrame::Welcome(welcome) = control.hear().await else { panic!("no welcome") };
        (control, welcome)
    }

    pub(crate) async fn say(&mut self, frame: &ClientFrame) {
        let mut bytes = Vec::new();
        put_frame(frame, &mut bytes).unwrap();
        self.say_bytes(&bytes).await;
    }

    /// A server that has closed already does not hear it.
    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        let _ = self.send.write_all(bytes).await;
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self) -> ServerFrame {
        self.try_hear().await.expect("a frame")
    }

    /// The next frame, or `None` at the end.
    pub(crate) async fn try_hear(&mut self) -> Option<ServerFrame> {
        let body = self.try_hear_bytes().await?;
        Some(decode_frame(&body).unwrap())
    }

    pub(crate) async fn try_hear_bytes(&mut self) -> Option<Vec<u8>> {
        let frame = async {
            let mut prefix = [0; 4];
            self.recv.read_exact(&mut prefix).await.ok()?;
            let mut body = vec![0; u32::from_be_bytes(prefix) as usize];
            self.recv.read_exact(&mut body).await.ok()?;
            Some(body)
        };
        let heard = tokio::time::timeout(PATIENCE, frame).await.expect("a frame in time");
        assert_eq!(heard.as_deref().and_then(says_inside), None, "threat 21, in whatever suite");
        heard
    }

    /// The next frame that is not about time left.
    pub(crate) async fn hear_news(&mut self) -> ServerFrame {
        loop {
            let frame = self.hear().await;
            if !matches!(frame, ServerFrame::SessionClock { .. }) {
                return frame;
            }
        }
    }

    /// Why the server closes.
    pub(crate) async fn closed(&mut self) -> CloseCode {
        while self.try_hear().await.is_some() {}
        let reason = tokio::time::timeout(PATIENCE, self.connection.closed()).await.expect("a close");
        close_code(&reason)
    }

    /// Both factors; the answer to the second.
    pub(crate) async fn factors(&mut self, login: &str, password: &str, code: &str) -> ServerFrame {
        let secret = |text: &str| SecretText::new(text.to_owned());
        self.say(&ClientFrame::Password { login: login.into(), password: secret(password) }).await;
        let wanted = self.hear().await;
        assert!(matches!(wanted, ServerFrame::CodeWanted), "{wanted:?}");
        self.say(&ClientFrame::Code { code: secret(code) }).await;
        self.hear().await
    }

    /// A session, with the first code of now or the step before that is not spent.
    pub(crate) async fn signed_in(person: &Person, address: SocketAddr) -> (Self, SignedIn) {
        let started = now_s();
        let mut step = started / 30 - 1;
        loop {
            let (mut control, _) = Self::hello(person, address).await;
            match control.factors(&person.login, &person.password, &person.code_of(step)).await {
                ServerFrame::SignedIn(signed_in) => return (control, *signed_in),
                ServerFrame::SignInFailed { retry_after_s, .. } => {
                    tokio::time::sleep(std::time::Duration::from_secs(u64::from(retry_after_s))).await;
                }
                other => panic!("{other:?}"),
            }
            step = (step + 1).max(now_s() / 30 - 1);
            while now_s() / 30 < step {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            assert!(now_s() - started < 180, "no code is taken");
        }
    }

    /// A person's session, with the code of this step, which must be good.
    pub(crate) async fn entered(person: &Person, address: SocketAddr, step: u64) -> (Self, SignedIn) {
        Self::entered_as(person, address, step, false).await
    }

    /// The same, or a script's.
    pub(crate) async fn entered_as(person: &Person, address: SocketAddr, step: u64, script: bool) -> (Self, SignedIn) {
        let mut control = Self::open(person, address).await;
        let ClientFrame::Hello(hello) = hello() else { panic!("a hello") };
        control.say(&ClientFrame::Hello(Hello { script, ..hello })).await;
        assert!(matches!(control.hear().await, ServerFrame::Welcome(_)));
        match control.factors(&person.login, &person.password, &person.code_of(step)).await {
            ServerFrame::SignedIn(signed_in) => (control, *signed_in),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn resume(person: &Person, address: SocketAddr, token: SessionToken) -> (Self, ServerFrame) {
        let (mut control, _) = Self::hello(person, address).await;
        control.say(&ClientFrame::Resume { token }).await;
        let answer = control.hear().await;
        (control, answer)
    }

    /// Sends command bytes and tells the number they went under.
    pub(crate) async fn command_bytes(&mut self, bytes: Vec<u8>) -> u64 {
        self.requests += 1;
        let request = self.requests;
        self.say(&ClientFrame::Command { request, bytes }).await;
        request
    }

    pub(crate) async fn outcome(&mut self, request: u64) -> Outcome {
        loop {
            match self.hear_news().await {
                ServerFrame::Reply { request: of, outcome, .. } if of == request => return outcome,
                ServerFrame::Reply { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// What a search of the log finds, newest first.
    pub(crate) async fn found(&self, filter: AuditFilter) -> Vec<AuditView> {
        let answers = self.ask(Ask::Audit(Box::new(filter))).await.into_iter();
        let rows = answers.flat_map(|answer| match answer.body {
            AnswerBody::Audit(rows) => rows,
            other => panic!("{other:?}"),
        });
        rows.collect()
    }

    /// Words of what the log has of one person, newest first.
    pub(crate) async fn story(&self, login: &str) -> Vec<String> {
        let rows = self.found(AuditFilter { user: Some(login.into()), ..AuditFilter::default() }).await;
        rows.into_iter().map(|row| row.action).collect()
    }

    pub(crate) async fn ask(&self, ask: Ask) -> Vec<Answer> {
        let (mut send, mut recv) = self.connection.open_bi().await.unwrap();
        let mut bytes = Vec::new();
        put_frame(&Query { after: None, ask }, &mut bytes).unwrap();
        send.write_all(&bytes).await.unwrap();
        send.finish().unwrap();
        let all = tokio::time::timeout(PATIENCE, recv.read_to_end(1 << 24)).await.expect("an answer").unwrap();
        assert_eq!(says_inside(&all), None, "threat 21, in whatever suite");
        let mut rest = all.as_slice();
        let mut answers = Vec::new();
        while let Some((prefix, more)) = rest.split_first_chunk::<4>() {
            let (body, after) = more.split_at(u32::from_be_bytes(*prefix) as usize);
            answers.push(decode_frame(body).unwrap());
            rest = after;
        }
        answers
    }
}

pub(crate) fn hello() -> ClientFrame {
    ClientFrame::Hello(Hello { version_min: 1, version_max: 1, client_version: "0.1.0".into(), script: true })
}

pub(crate) fn close_code(error: &ConnectionError) -> CloseCode {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            assert!(close.reason.is_empty(), "a close says no more than its code");
            CloseCode::from_code(close.error_code.into_inner())
        }
        other => panic!("closed otherwise: {other:?}"),
    }
}

/// A command of now.
pub(crate) fn command(verb: turret_shared::command::Verb) -> Command {
    let expires = Timestamp(i64::try_from(now_s() + 60).unwrap() * 1_000_000_000);
    Command { schema: turret_shared::command::COMMAND_SCHEMA, environment: Environment::Sim, expires, verb }
}
