//! A device that enrols, of bare frames: it says what a test wants said.

use std::net::SocketAddr;

use quinn::{Connection, RecvStream, SendStream};
use turret_certs::{DeviceKey, transport};
use turret_shared::command::{NewUser, Verb};
use turret_shared::enrol_code::EnrolCode;
use turret_shared::ids::{DeskId, DeviceId, UserId};
use turret_shared::manage::{Act, Why};
use turret_shared::people::{DeviceState, DeviceView};
use turret_shared::role::Role;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest, Enrolled};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_shared::wire::{ALPN_ENROL, decode_frame, put_frame};

use super::PATIENCE;
use super::admin::Admin;
use super::client::connect_as;
use super::house::House;

/// Between looks at what follows a moment behind.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

pub(crate) struct Enrolling {
    pub(crate) connection: Connection,
    send: SendStream,
    recv: RecvStream,
}

impl Enrolling {
    /// Connected to where the code says, and nothing said.
    pub(crate) async fn connected(code: &EnrolCode, address: SocketAddr) -> Self {
        let config = transport::enrol_client(code.authority, ALPN_ENROL).unwrap();
        let connection = connect_as(config, "localhost", address).await.unwrap();
        let (send, recv) = connection.open_bi().await.unwrap();
        Self { connection, send, recv }
    }

    /// Code and key shown; the answer.
    pub(crate) async fn open(code: &EnrolCode, key: &DeviceKey, address: SocketAddr) -> (Self, EnrolReply) {
        let mut enrolling = Self::connected(code, address).await;
        let request = EnrolRequest::Open { secret: code.secret.clone(), key: key.request().unwrap() };
        let reply = enrolling.ask(&request).await;
        (enrolling, reply)
    }

    pub(crate) async fn ask(&mut self, request: &EnrolRequest) -> EnrolReply {
        self.say(request).await;
        self.hear().await
    }

    pub(crate) async fn say(&mut self, request: &EnrolRequest) {
        let mut bytes = Vec::new();
        put_frame(request, &mut bytes).unwrap();
        self.send.write_all(&bytes).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> EnrolReply {
        let frame = async {
            let mut prefix = [0; 4];
            self.recv.read_exact(&mut prefix).await.unwrap();
            let mut body = vec![0; u32::from_be_bytes(prefix) as usize];
            self.recv.read_exact(&mut body).await.unwrap();
            decode_frame(&body).unwrap()
        };
        tokio::time::timeout(PATIENCE, frame).await.expect("a frame in time")
    }

    pub(crate) async fn factors(&mut self, password: &str, code: &str) -> EnrolReply {
        let secret = |text: &str| SecretText::new(text.to_owned());
        self.ask(&EnrolRequest::Factors { password: secret(password), code: secret(code) }).await
    }
}

/// Where devices enrol, once it listens.
pub(crate) async fn door(house: &House) -> SocketAddr {
    let mut at = house.enrolment.clone();
    let open = at.wait_for(Option::is_some);
    let open = tokio::time::timeout(PATIENCE, open).await.expect("a door in time");
    open.unwrap().expect("an address")
}

/// Until nothing listens there.
pub(crate) async fn closed(house: &House) {
    let mut at = house.enrolment.clone();
    tokio::time::timeout(PATIENCE, at.wait_for(Option::is_none)).await.expect("closed in time").unwrap();
}

impl Admin<'_> {
    /// A broker of EQ1, by number.
    pub(crate) async fn creates(&mut self, login: &str) -> UserId {
        let (login, name) = (login.to_owned(), "A New Person".to_owned());
        let new = NewUser { login: login.clone(), name, role: Role::Broker, why: Why::Duties, desk: Some(DeskId(1)) };
        let created = self.done(Verb::CreateUser(new)).await;
        assert!(matches!(created, Outcome::Managed), "{created:?}");
        loop {
            // The replica follows a moment behind.
            let AnswerBody::People(people) = self.control.ask(Ask::People).await.remove(0).body else {
                panic!("people")
            };
            if let Some(person) = people.into_iter().find(|person| person.login == login) {
                return person.user;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn code_for(&mut self, user: UserId) -> (String, EnrolCode) {
        let Outcome::CodeMade(made) = self.act(Act::NewCode { user }).await else { panic!("a code") };
        let text = made.text.expect("the code itself").expose().to_owned();
        let code = EnrolCode::parse(&text).unwrap();
        (text, code)
    }

    /// The device that waits.
    pub(crate) async fn waiting(&mut self) -> DeviceView {
        loop {
            let AnswerBody::Devices(rows) = self.control.ask(Ask::Devices).await.remove(0).body else {
                panic!("devices")
            };
            if let Some(row) = rows.into_iter().find(|row| row.state == DeviceState::Waiting) {
                return row;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn lets_in(&mut self, device: DeviceId) {
        let done = self.act(Act::ConfirmDevice { device }).await;
        assert!(matches!(done, Outcome::Managed), "{done:?}");
    }
}

/// The profile a device writes.
pub(crate) fn keep(dir: &std::path::Path, key: &DeviceKey, enrolled: &Enrolled) {
    std::fs::write(dir.join("ca.pem"), &enrolled.authority).unwrap();
    std::fs::write(dir.join("device.pem"), &enrolled.certificate).unwrap();
    std::fs::write(dir.join("device.key"), key.pem().as_str()).unwrap();
    std::fs::write(dir.join("profile.toml"), "server_name = \"localhost\"\n").unwrap();
}
