//! One server in its own process, with fresh keys and a venue that never answers; it ends when the test program does.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use totp_rs::{Algorithm, Builder, Secret};
use turret_server::config::Layout;
use turret_server::keys::Passphrase;
use turret_server::keys::file::FileKeys;
use zeroize::Zeroizing;

use super::hsm::{Hsm, TOKEN};

pub(crate) const PASSPHRASE: &str = "a passphrase for tests only";

/// One demo person as `turretd init` told them.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) dir: PathBuf,
    seed: [u8; 20],
}

impl Person {
    /// Somebody who enrolled: what they chose, and the key of their authenticator.
    pub(crate) fn enrolled(login: &str, password: &str, dir: PathBuf, key: &str) -> Self {
        Self { login: login.into(), password: password.into(), dir, seed: base32(key) }
    }

    /// The code of a step.
    pub(crate) fn code_of(&self, step: u64) -> String {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(Secret::new_stack(self.seed))
            .build_noncompliant();
        totp.generate(step * 30).to_string()
    }
}

pub(crate) struct Desk {
    dir: TempDir,
    pub(crate) people: Vec<Person>,
    server: Child,
    pub(crate) address: SocketAddr,
    /// Where its keys are, if not in a file.
    hsm: Option<Arc<Hsm>>,
}

impl Desk {
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::Builder::new().prefix("turret-wire-").tempdir().unwrap())
    }

    /// A new deployment that nobody is in yet: the desk, a line for each code, and where devices enrol.
    pub(crate) fn bootstrapping() -> (Self, Vec<String>, SocketAddr) {
        let dir = tempfile::Builder::new().prefix("turret-first-").tempdir().unwrap();
        let told = init_with(dir.path(), &FIRST);
        // Free a moment ago, and asked for by name: the server says only where clients connect.
        let enrols = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = serving(dir.path());
        command.args(["--enrol-listen", &enrols.to_string()]);
        let (server, address) = listening(command, dir.path());
        let codes = String::from_utf8(told).unwrap().lines().map(str::to_owned).collect();
        (Self { dir, people: Vec::new(), server, address, hsm: None }, codes, enrols)
    }

    /// The same, in a folder of one's choice.
    pub(crate) fn start_in(dir: TempDir) -> Self {
        let people = init(dir.path());
        let (server, address) = serve(dir.path());
        Self { dir, people, server, address, hsm: None }
    }

    /// A demonstration whose keys are in a token.
    pub(crate) fn in_token(hsm: &Arc<Hsm>) -> Self {
        let dir = tempfile::Builder::new().prefix("turret-token-").tempdir().unwrap();
        let (status, told) = init_in_token(dir.path(), hsm, PASSPHRASE);
        assert_eq!(status, 0, "{told}");
        let people = people(told.as_bytes());
        let mut command = serving(dir.path());
        hsm.on(&mut command);
        let (server, address) = listening(command, dir.path());
        Self { dir, people, server, address, hsm: Some(Arc::clone(hsm)) }
    }

    /// A server on files that were put back, for the people of the desk they are of.
    pub(crate) fn put_back(dir: TempDir, people: Vec<Person>, hsm: Option<Arc<Hsm>>) -> Self {
        let mut command = serving(dir.path());
        if let Some(hsm) = &hsm {
            hsm.on(&mut command);
        }
        let (server, address) = listening(command, dir.path());
        Self { dir, people, server, address, hsm }
    }

    /// How its server is started, where its keys are.
    fn serving(&self) -> Command {
        let mut command = serving(self.dir.path());
        self.on(&mut command);
        command
    }

    fn on(&self, command: &mut Command) {
        if let Some(hsm) = &self.hsm {
            hsm.on(command);
        }
    }

    pub(crate) fn person(&self, login: &str) -> Person {
        self.people.iter().find(|person| person.login == login).unwrap_or_else(|| panic!("no {login}")).clone()
    }

    /// Kills the server as a power cut would, and starts it again.
    pub(crate) fn kill_and_restart(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        (self.server, self.address) = listening(self.serving(), self.dir.path());
    }

    /// The same, for devices to enrol there.
    pub(crate) fn kill_and_restart_enrolling(&mut self, enrols: SocketAddr) {
        self.kill();
        let mut command = serving(self.dir.path());
        command.args(["--enrol-listen", &enrols.to_string()]);
        (self.server, self.address) = listening(command, self.dir.path());
    }

    /// Kills the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// Ends the server in good order.
    pub(crate) fn stop(&mut self) {
        drop(self.server.stdin.take());
        assert!(self.server.wait().unwrap().success());
    }

    /// Starts it again after its end.
    pub(crate) fn start_again(&mut self) {
        (self.server, self.address) = listening(self.serving(), self.dir.path());
    }

    /// What a server that must not start says of it.
    pub(crate) fn refuses_to_start(&self) -> String {
        self.refuses_to_start_with(PASSPHRASE)
    }

    /// The same, of one that is given another passphrase or PIN.
    pub(crate) fn refuses_to_start_with(&self, secret: &str) -> String {
        let child = self.serving().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (status, said) = told_with(child, secret);
        assert_ne!(status, 0, "{said}");
        said
    }

    /// What `turretd audit verify` says: its exit status and its words.
    pub(crate) fn verify(&self) -> (i32, String) {
        let mut command = turretd();
        command.args(["audit", "verify", "--passphrase-fd", "0", "--data"]).arg(self.dir.path());
        self.on(&mut command);
        told(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What another verb of `turretd` says on these files: its exit status and its words.
    pub(crate) fn asks(&self, verb: &[&str]) -> (i32, String) {
        let mut command = turretd();
        command.args(verb).args(["--passphrase-fd", "0", "--data"]).arg(self.dir.path());
        self.on(&mut command);
        told(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The same, its passphrase or PIN given as a service's credential is: a file of this name in the folder of such files.
    pub(crate) fn asks_with_credential(&self, verb: &[&str], folder: &Path, name: &str) -> (i32, String) {
        let mut command = turretd();
        command.args(verb).args(["--pin-credential", name, "--data"]).arg(self.dir.path());
        command.env("CREDENTIALS_DIRECTORY", folder);
        self.on(&mut command);
        told(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// True while the server runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.server.try_wait().unwrap().is_none()
    }

    /// What it wrote for its operator.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("test.log")).unwrap()
    }

    /// The server's process.
    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }

    /// Its files.
    pub(crate) fn layout(&self) -> Layout {
        Layout::new(self.dir.path().to_owned())
    }

    /// Its keys, for a thief who has the passphrase as well.
    pub(crate) fn keys(&self) -> FileKeys {
        let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec())).unwrap();
        FileKeys::open(&self.layout().keys(), &passphrase).unwrap()
    }
}

/// What a verb of `turretd` says that is told the passphrase.
pub(crate) fn told_by(command: &mut Command) -> (i32, String) {
    told(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

/// The same, told something else.
pub(crate) fn told_by_with(command: &mut Command, text: &str) -> (i32, String) {
    told_with(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), text)
}

/// Gives a process the passphrase and waits for its end: its exit status and what it said.
fn told(child: Child) -> (i32, String) {
    told_with(child, PASSPHRASE)
}

/// The same with another secret.
fn told_with(mut child: Child, secret: &str) -> (i32, String) {
    writeln!(child.stdin.take().unwrap(), "{secret}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

pub(crate) fn turretd() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.arg(turret_tests::demo::AS_SERVER);
    command
}

/// Two admins and a supervisor.
const FIRST: [&str; 6] =
    ["--admin", "ida.berg:Ida Berg", "--admin", "tom.hale:Tom Hale", "--supervisor", "ruth.kay:Ruth Kay"];

/// Makes a deployment in `dir`; what it says on standard output.
fn init_with(dir: &Path, args: &[&str]) -> Vec<u8> {
    let mut child = turretd()
        .args(["init", "--passphrase-fd", "0"])
        .args(args)
        .arg("--data")
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "init");
    output.stdout
}

/// Makes a demonstration's desk in `dir`.
pub(crate) fn init(dir: &Path) -> Vec<Person> {
    people(&init_with(dir, &["--demo", "--unthrottled", "--credentials-fd", "1"]))
}

/// Makes one whose keys are in a token: its exit status, and what it said.
pub(crate) fn init_in_token(dir: &Path, hsm: &Hsm, pin: &str) -> (i32, String) {
    let mut command = turretd();
    command.args(["init", "--demo", "--unthrottled", "--credentials-fd", "1", "--pin-fd", "0", "--keys", "pkcs11"]);
    command.arg("--module").arg(&hsm.module).args(["--token", TOKEN, "--data"]).arg(dir);
    hsm.on(&mut command);
    told_with(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), pin)
}

fn people(told: &[u8]) -> Vec<Person> {
    let rows: serde_json::Value = serde_json::from_slice(told).unwrap();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let person = |row: &serde_json::Value| Person {
        login: text(row, "user"),
        password: text(row, "password"),
        dir: text(row, "client_dir").into(),
        seed: base32(&text(row, "totp_secret_base32")),
    };
    rows.as_array().unwrap().iter().map(person).collect()
}

/// Nobody listens there: orders stay unanswered, which no test here minds.
const NO_VENUE: &str = "127.0.0.1:9";

fn serving(dir: &Path) -> Command {
    let mut command = turretd();
    command
        .args(["serve", "--venue", NO_VENUE, "--data"])
        .arg(dir)
        .args(["--listen", "127.0.0.1:0", "--passphrase-fd", "0", "--until-stdin-closes"])
        .stdin(Stdio::piped());
    command
}

/// Starts the server and waits for the line that says where it listens.
fn serve(dir: &Path) -> (Child, SocketAddr) {
    listening(serving(dir), dir)
}

fn listening(mut command: Command, dir: &Path) -> (Child, SocketAddr) {
    let log = File::options().create(true).append(true).open(dir.join("test.log")).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    // Kept open within the child's handle: it closes with us.
    writeln!(child.stdin.as_mut().unwrap(), "{PASSPHRASE}").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("listening ").and_then(|text| text.trim().parse().ok());
    let log = || std::fs::read_to_string(dir.join("test.log")).unwrap_or_default();
    (child, address.unwrap_or_else(|| panic!("it does not listen: {line:?} {}", log())))
}

fn base32(text: &str) -> [u8; 20] {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut out = Vec::new();
    for c in text.bytes().filter(|c| *c != b'=') {
        let digit = if c.is_ascii_uppercase() { c - b'A' } else { c - b'2' + 26 };
        bits = (bits << 5) | u32::from(digit);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out.try_into().unwrap()
}
