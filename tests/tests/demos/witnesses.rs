//! A real desk before a real witness, each in its own process: what was cosigned is published, a silent witness is told of,
//! and a second history is shown to nobody.
#![allow(clippy::disallowed_methods, reason = "it waits for other processes in real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::demo_run::{Talk, passphrase, piped, program, root};
use serde_json::Value;
use turret_certs::{Authority, Profile};

scenarios! {
    threat_11_a_witness_cosigns_one_history_and_a_second_is_published_to_nobody,
}

const PASSPHRASE: &str = "what only the witness knows";
/// An alert is on the screens within a second, and a silence of one second is told of.
const TOLD_WITHIN: Duration = Duration::from_secs(15);

/// A part that listens, until it is dropped.
struct Part {
    child: Child,
    _input: ChildStdin,
    address: String,
}

impl Part {
    fn start(args: &[&str], passphrase: Option<&str>) -> Self {
        let mut child = piped(args).stderr(Stdio::inherit()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        if let Some(passphrase) = passphrase {
            writeln!(input, "{passphrase}").unwrap();
        }
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening ").expect(&line).to_owned();
        Self { child, _input: input, address }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A desk of its own directory, with the key of its log.
struct Desk {
    temp: PathBuf,
    data: PathBuf,
    vkey: String,
    passphrase: String,
}

impl Desk {
    fn new(temp: &Path) -> Self {
        let data = temp.join("desk");
        let mut talk = Talk::start(temp, &["--seed", "3", "--data", data.to_str().unwrap()]);
        talk.done("as role=broker");
        talk.done("order new account=A1001 side=buy symbol=AAPL type=market qty=100");
        talk.done("wait order=last status=Filled timeout=30s");
        talk.end();
        let passphrase = passphrase(&data);
        let args = ["turretd", "audit", "vkey", "--data", data.to_str().unwrap(), "--passphrase-fd", "0"];
        let (status, vkey) = program(&args, &passphrase);
        assert_eq!(status, Some(0), "{vkey}");
        Self { temp: temp.to_owned(), data, vkey: vkey.trim().to_owned(), passphrase }
    }

    /// The same desk at another place, as somebody who copied it would run it.
    fn copy(&self, name: &str) -> Self {
        let data = self.temp.join(name);
        copy(&self.data, &data);
        Self { temp: self.temp.clone(), data, vkey: self.vkey.clone(), passphrase: self.passphrase.clone() }
    }

    fn talk(&self) -> Talk {
        Talk::start(&self.temp, &["--seed", "3", "--data", self.data.to_str().unwrap()])
    }

    /// From the next start on its checkpoints wait for this witness.
    fn witnessed_by(&self, key: &str, address: &str, authority: &Path) {
        let path = self.data.join("turretd.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (asked, port) = ("quorum = 0\nalarm_s = 10", address.rsplit_once(':').unwrap().1);
        assert!(text.contains(asked), "{text}");
        let text = text.replace(asked, "quorum = 1\nalarm_s = 1");
        let of = format!(
            "\n[[witness.of]]\nkey = \"{key}\"\nurl = \"https://localhost:{port}\"\nauthority = \"{}\"\n",
            authority.display()
        );
        std::fs::write(&path, text + &of).unwrap();
    }

    fn verify(&self, pack: &Path, more: &[&str]) -> (Option<i32>, String) {
        let args = ["turret", "audit", "verify", pack.to_str().unwrap(), "--vkey", &self.vkey];
        program(&[&args[..], more].concat(), "")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let place = to.join(item.file_name());
        let kind = item.file_type().unwrap();
        if kind.is_dir() {
            copy(&item.path(), &place);
        } else if kind.is_file() {
            std::fs::copy(item.path(), place).unwrap();
        }
    }
}

/// Waits for an alert of this rule.
fn alert(talk: &mut Talk, rule: &str) -> Value {
    let start = Instant::now();
    loop {
        let told = talk.done(&format!("alerts rule={rule}"));
        if let Some(alert) = told["alerts"].as_array().and_then(|rows| rows.first()) {
            return alert.clone();
        }
        assert!(start.elapsed() < TOLD_WITHIN, "no alert: {told}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// An order that fills; its number. No two are equal: those want a word more.
fn filled(talk: &mut Talk, qty: u32) -> String {
    talk.done("as role=broker");
    let order = talk.done(&format!("order new account=A1001 side=buy symbol=AAPL type=market qty={qty}"));
    talk.done("wait order=last status=Filled timeout=30s");
    order["order_id"].as_str().unwrap().to_owned()
}

fn threat_11_a_witness_cosigns_one_history_and_a_second_is_published_to_nobody() {
    let temp = tempfile::tempdir().unwrap();
    let desk = Desk::new(temp.path());
    let place = temp.path().join("witness");
    let data = place.to_str().unwrap();
    let init = ["turretd", "witness", "init", "--data", data, "--name", "witness.test/w1", "--log", &desk.vkey];
    let (status, key) = program(&[&init[..], &["--passphrase-fd", "0"]].concat(), PASSPHRASE);
    assert_eq!(status, Some(0), "{key}");
    let key = key.trim();
    let serve = |listen: &str| {
        let args = ["turretd", "witness", "serve", "--data", data, "--listen", listen, "--passphrase-fd", "0"];
        Part::start(&[&args[..], &["--until-stdin-closes"]].concat(), Some(PASSPHRASE))
    };
    let witness = serve("127.0.0.1:0");
    let address = witness.address.clone();
    desk.witnessed_by(key, &address, &place.join("pki").join("web-ca.pem"));
    let other = desk.copy("other");

    let mut talk = desk.talk();
    let order = filled(&mut talk, 101);
    talk.done("as role=support");
    let pack = temp.path().join("order.turret-pack");
    talk.done(&format!("audit pack order={order} file=\"{}\"", pack.display()));
    let (status, said) = desk.verify(&pack, &["--witness", key]);
    assert_eq!(status, Some(0), "cosigned is anchored: {said}");
    assert!(said.contains("witness.test/w1 cosigned it"), "{said}");
    let (status, said) = desk.verify(&pack, &[]);
    assert_eq!(status, Some(1), "who cosigned is not known here: {said}");
    assert!(said.contains("cosigned as witness.test/w1"), "{said}");
    cosigned_whole(&pack, &desk.vkey, key);

    // Silent, it is missed; nothing is handed out that it did not see.
    drop(witness);
    let later = filled(&mut talk, 102);
    talk.done("as role=support");
    let missing = alert(&mut talk, "witness_missing");
    assert_eq!(missing["threshold"], 1, "{missing}");
    let second = temp.path().join("later.turret-pack");
    let line = format!("audit pack order={later} file=\"{}\"", second.display());
    let unserved = talk.refused(&line);
    assert!(!second.exists(), "{unserved}");
    let witness = serve(&address);
    // Once it has cosigned the next checkpoint.
    let start = Instant::now();
    while talk.say(&line)["ok"] != true {
        assert!(start.elapsed() < TOLD_WITHIN, "nothing is cosigned");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(desk.verify(&second, &["--witness", key]).0, Some(0));
    talk.end();

    second_history(&other, &order);
    let (status, said) = program(
        &["turretd", "witness", "evidence", "--data", data, "--origin", origin(&desk.vkey), "--passphrase-fd", "0"],
        PASSPHRASE,
    );
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("Cosigned last"), "{said}");
    published(&desk, key);
    drop(witness);
}

fn origin(vkey: &str) -> &str {
    vkey.split_once('+').unwrap().0
}

/// The copy, from before: it goes on in another way, and the witness knows better.
fn second_history(other: &Desk, order: &str) {
    let mut talk = other.talk();
    talk.done("as role=support");
    let refused = alert(&mut talk, "witness_refused");
    assert_eq!(refused["figure"], 1, "the first of the witnesses: {refused}");
    let mine = filled(&mut talk, 103);
    talk.done("as role=support");
    for order in [mine.as_str(), order] {
        let file = other.temp.join(format!("other-{order}.turret-pack"));
        talk.refused(&format!("audit pack order={order} file=\"{}\"", file.display()));
        assert!(!file.exists());
    }
    talk.end();
    assert!(!other.data.join("checkpoints").join("published").exists(), "nothing of it was ever published");
}

/// No bit of a cosigned pack can be flipped either.
fn cosigned_whole(pack: &Path, vkey: &str, witness: &str) {
    let (key, anchor) = (vkey.parse().unwrap(), turret_shared::pack::Anchor::Witness(witness.parse().unwrap()));
    let good = |bytes: &[u8]| {
        std::str::from_utf8(bytes)
            .is_ok_and(|text| turret_shared::pack::verify(text, &key, std::slice::from_ref(&anchor)).is_ok())
    };
    let mut bytes = std::fs::read(pack).unwrap();
    assert!(good(&bytes));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(!good(&bytes), "bit {bit} of byte {at} makes no difference");
            bytes[at] ^= 1 << bit;
        }
    }
}

/// The files for monitors carry the cosigned checkpoint, and are served over HTTPS.
fn published(desk: &Desk, witness: &str) {
    let folder = desk.temp.join("tiles");
    let (dir, data) = (folder.to_str().unwrap(), desk.data.to_str().unwrap());
    let (status, said) =
        program(&["turretd", "audit", "tiles", "--data", data, "--to", dir, "--passphrase-fd", "0"], &desk.passphrase);
    assert_eq!(status, Some(0), "{said}");
    let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let authority = Authority::create("tiles.test", now_s).unwrap();
    let issued = authority.issue(&Profile::Server { dns_name: "localhost".to_owned() }, now_s).unwrap();
    let (cert, key) = (desk.temp.join("web.pem"), desk.temp.join("web.key"));
    std::fs::write(&cert, &issued.certificate_pem).unwrap();
    std::fs::write(&key, issued.key_pem.as_bytes()).unwrap();
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let args =
        ["turretd", "audit", "serve-tiles", "--dir", dir, "--listen", "127.0.0.1:0", "--cert", cert, "--key", key];
    let served = Part::start(&[&args[..], &["--until-stdin-closes"]].concat(), None);
    let tls = Arc::new(turret_certs::web::client(authority.certificate_pem()).unwrap());
    let get = |path: &str| get(&tls, &served.address, path);

    let (head, body) = get("/checkpoint");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("no-cache"), "{head}");
    assert_eq!(body, std::fs::read(folder.join("checkpoint")).unwrap());
    let note = String::from_utf8(body).unwrap();
    assert!(note.contains("\u{2014} witness.test/w1 "), "cosigned");
    theirs(&note, &desk.vkey, witness);
    let tile = format!("tile/0/000.p/{}", note.lines().nth(1).unwrap());
    let (head, body) = get(&format!("/{tile}"));
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("immutable"), "{head}");
    assert_eq!(body, std::fs::read(folder.join(&tile)).unwrap());
    for nowhere in ["/", "/tile/0/../../../web.key", "/web.key", "/tile/0/999"] {
        assert!(get(nowhere).0.starts_with("HTTP/1.1 404"), "{nowhere}");
    }
}

/// Both signatures before code that is not ours, on Python's `cryptography`; spoilt, they do not pass it.
fn theirs(note: &str, vkey: &str, witness: &str) {
    let python = root().join("target/tools/bin/python");
    let there = Command::new(&python).args(["-c", "import cryptography"]).output();
    if !there.is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: no cryptography in target/tools; .ci/run puts it there");
        return;
    }
    let run = |note: &str| {
        let mut child = Command::new(&python)
            .arg(root().join("tests/others/cosigned.py"))
            .args([vkey, witness])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(note.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, said) = run(note);
    let size = note.lines().nth(1).unwrap();
    assert_eq!(status, Some(0));
    assert!(said.starts_with(&format!("{} {size} ", origin(vkey))), "{said}");
    assert_eq!(run(&note.replacen(size, "7", 1)).0, Some(1));
    let alone: String =
        note.lines().filter(|line| !line.contains("witness.test")).map(|line| format!("{line}\n")).collect();
    assert_eq!(run(&alone).0, Some(1), "without the witness");
}

/// One request over its own connection: head and body.
fn get(tls: &Arc<rustls::ClientConfig>, address: &str, path: &str) -> (String, Vec<u8>) {
    let name = "localhost".try_into().unwrap();
    let connection = rustls::ClientConnection::new(Arc::clone(tls), name).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // The other end may close without a farewell.
    let _ = stream.read_to_end(&mut answer);
    let cut = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    (String::from_utf8(answer[..cut].to_vec()).unwrap(), answer[cut + 4..].to_vec())
}
