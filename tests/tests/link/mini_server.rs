//! A server of a few lines that speaks the client protocol as far as a link needs it; it must decide nothing.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use quinn::{Connection, Endpoint, RecvStream, SendStream};
use turret_certs::tls::Credentials;
use turret_certs::{Authority, Profile as Certificate};
use turret_client::clock;
use turret_client::profile::Profile;
use turret_shared::command::Environment;
use turret_shared::ids::{CorrelationId, DeviceId, InstrumentId, Sequence, SessionId, UserId};
use turret_shared::role::Role;
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::time::NS_PER_S;
use turret_shared::view::UserView;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SignedIn, Welcome};
use turret_shared::wire::feed::FeedMessage;
use turret_shared::wire::{ALPN, decode_frame, put_frame};

const TOKEN: [u8; 32] = [7; 32];

/// What it does beside answering.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plan {
    /// Answers two commands at a time, the later first.
    pub(crate) answer_in_pairs_reversed: bool,
    /// Closes the connection at this command, unanswered (1 is the first).
    pub(crate) close_at_command: Option<usize>,
    /// Knows no token.
    pub(crate) forget_sessions: bool,
    /// Ends the first feed after its first message.
    pub(crate) end_first_feed: bool,
}

/// What it has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) commands: Vec<u32>,
    pub(crate) resumes: usize,
    pub(crate) feed_have: Vec<Option<Sequence>>,
    pub(crate) watched: Vec<Vec<InstrumentId>>,
    pub(crate) kept: Vec<u64>,
}

pub(crate) struct MiniServer {
    endpoint: Endpoint,
    authority: String,
    device: (String, String),
    seen: Arc<Mutex<Seen>>,
}

impl MiniServer {
    pub(crate) fn start(plan: Plan) -> Self {
        let now_s = u64::try_from(clock::now().0 / NS_PER_S).unwrap();
        let authority = Authority::create("test", now_s).unwrap();
        let server = authority.issue(&Certificate::Server { dns_name: "localhost".to_owned() }, now_s).unwrap();
        let device = authority.issue(&Certificate::Device(DeviceId(1)), now_s).unwrap();
        let credentials = Credentials {
            authority_pem: authority.certificate_pem(),
            certificate_pem: &server.certificate_pem,
            key_pem: &server.key_pem,
        };
        let config = turret_certs::transport::server(&credentials, ALPN).unwrap();
        let endpoint = Endpoint::server(config, ([127, 0, 0, 1], 0).into()).unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        tokio::spawn(accept(endpoint.clone(), plan, Arc::clone(&seen)));
        let device = (device.certificate_pem.clone(), device.key_pem.to_string());
        Self { endpoint, authority: authority.certificate_pem().to_owned(), device, seen }
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile {
            name: "mini".into(),
            dir: PathBuf::new(),
            server: self.endpoint.local_addr().unwrap().to_string(),
            server_name: "localhost".to_owned(),
            environment: Environment::Sim,
            login: "ann.lee".to_owned(),
            authority_pem: self.authority.clone(),
            device_pem: self.device.0.clone(),
            device_key: SecretText::new(self.device.1.clone()),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

async fn accept(endpoint: Endpoint, plan: Plan, seen: Arc<Mutex<Seen>>) {
    while let Some(incoming) = endpoint.accept().await {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            if let Ok(connection) = incoming.await {
                converse(connection, plan, seen).await;
            }
        });
    }
}

async fn frame(recv: &mut RecvStream) -> Option<ClientFrame> {
    let mut prefix = [0; 4];
    recv.read_exact(&mut prefix).await.ok()?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(prefix)).unwrap()];
    recv.read_exact(&mut body).await.ok()?;
    Some(decode_frame(&body).expect("a client's frame"))
}

async fn say(send: &mut SendStream, frame: ServerFrame) {
    let mut bytes = Vec::new();
    put_frame(&frame, &mut bytes).unwrap();
    // The client may be gone.
    let _ = send.write_all(&bytes).await;
}

fn signed_in() -> ServerFrame {
    let user = UserView {
        user: UserId(1),
        login: "ann.lee".to_owned(),
        name: "Ann Lee".to_owned(),
        role: Role::Broker,
        desk: None,
        desk_code: String::new(),
    };
    ServerFrame::SignedIn(Box::new(SignedIn {
        session: SessionId(1),
        token: SessionToken::new(TOKEN),
        user,
        idle_left_s: 900,
        absolute_left_s: 43_200,
        last_end: None,
        cache: None,
        register_key: false,
        composed: None,
    }))
}

async fn converse(connection: Connection, plan: Plan, seen: Arc<Mutex<Seen>>) {
    let Ok((mut send, mut recv)) = connection.accept_bi().await else { return };
    let mut held: Option<ServerFrame> = None;
    while let Some(frame) = frame(&mut recv).await {
        match frame {
            ClientFrame::Hello(_) => say(&mut send, welcome()).await,
            ClientFrame::Password { .. } => say(&mut send, ServerFrame::CodeWanted).await,
            ClientFrame::Code { .. } => say(&mut send, signed_in()).await,
            ClientFrame::Resume { token } => {
                assert_eq!(token.expose(), &TOKEN);
                seen.lock().unwrap().resumes += 1;
                let failed = ServerFrame::SignInFailed { correlation: CorrelationId(1), retry_after_s: 0 };
                say(&mut send, if plan.forget_sessions { failed } else { signed_in() }).await;
            }
            ClientFrame::FeedStart { have, .. } => {
                let count = {
                    let mut seen = seen.lock().unwrap();
                    seen.feed_have.push(have);
                    seen.feed_have.len()
                };
                feed(&connection, have, plan.end_first_feed && count == 1).await;
            }
            ClientFrame::CacheKept { generation } => seen.lock().unwrap().kept.push(generation),
            ClientFrame::Watch { instruments } => seen.lock().unwrap().watched.push(instruments),
            ClientFrame::Command { request, bytes } => {
                let number = u32::from_be_bytes(bytes.try_into().unwrap());
                let count = {
                    let mut seen = seen.lock().unwrap();
                    seen.commands.push(number);
                    seen.commands.len()
                };
                if plan.close_at_command == Some(count) {
                    connection.close(0_u32.into(), b"");
                    return;
                }
                let outcome = Outcome::CancelAll { requested: number, already: 0 };
                let reply = ServerFrame::Reply { request, correlation: CorrelationId(1), outcome };
                match (plan.answer_in_pairs_reversed, held.take()) {
                    (true, None) => held = Some(reply),
                    (_, earlier) => {
                        say(&mut send, reply).await;
                        if let Some(earlier) = earlier {
                            say(&mut send, earlier).await;
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn welcome() -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        version: 1,
        origin: "test".to_owned(),
        environment: Environment::Sim,
        data_source: "SIM".to_owned(),
        demo: true,
        time: clock::now(),
        client_version_min: "0.1.0".to_owned(),
    })
}

/// One message, one sequence on from what the client has.
async fn feed(connection: &Connection, have: Option<Sequence>, ends: bool) {
    let mut stream = connection.open_uni().await.unwrap();
    let through = Sequence(have.map_or(40, |have| have.0 + 1));
    let mut bytes = Vec::new();
    put_frame(&FeedMessage { through, items: Vec::new(), rights: None }, &mut bytes).unwrap();
    stream.write_all(&bytes).await.unwrap();
    if ends {
        stream.finish().unwrap();
        return;
    }
    // Kept open: a feed has no end.
    tokio::spawn(async move {
        let _ = stream.stopped().await;
    });
}
