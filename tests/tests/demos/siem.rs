//! A real desk that sends its log to a receiver which is not ours (Python's TLS), each in its own process: every entry comes, in
//! order, whatever was away meanwhile; whoever is not who they should be is sent nothing.
#![allow(clippy::disallowed_methods, reason = "it waits for other processes in real time")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::demo_run::Talk;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use turret_certs::{Authority, Profile};
use turret_shared::tlog::leaf_hash;

scenarios! {
    every_entry_reaches_a_receiver_that_was_away_and_none_one_that_is_somebody_else,
}

/// Longest wait for anything here.
const WITHIN: Duration = Duration::from_secs(60);
/// Reads frames as RFC 5425 has them and appends each message, as a line, to a file; anything else ends it.
const RECEIVER: &str = r#"
import socket, ssl, sys
chain, key, port, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(chain, key)
listener = socket.create_server(("127.0.0.1", port))
print(listener.getsockname()[1], flush=True)
while True:
    plain, _ = listener.accept()
    try:
        stream = context.wrap_socket(plain, server_side=True).makefile("rb")
        with open(out, "ab", buffering=0) as file:
            while True:
                digits = b""
                while True:
                    one = stream.read(1)
                    if not one:
                        raise ConnectionError
                    if one == b" ":
                        break
                    digits += one
                assert digits.isdigit() and not digits.startswith(b"0"), digits
                message = stream.read(int(digits))
                assert len(message) == int(digits) and b"\n" not in message
                file.write(message + b"\n")
    except (ConnectionError, ssl.SSLError):
        continue
"#;

struct Receiver {
    child: Child,
    port: u16,
}

impl Receiver {
    fn start(pki: &Path, port: u16, out: &Path) -> Self {
        let (chain, key) = (pki.join("siem.pem"), pki.join("siem-key.pem"));
        let mut child = Command::new("python3")
            .args(["-c", RECEIVER])
            .args([chain.as_os_str(), key.as_os_str()])
            .arg(port.to_string())
            .arg(out)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, port: line.trim().parse().expect("it listens") }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came, message by message.
fn came(out: &Path) -> Vec<String> {
    std::fs::read_to_string(out).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The line of a message: header of six words and no structured data before it.
fn line(message: &str) -> Value {
    let parts: Vec<&str> = message.splitn(8, ' ').collect();
    let priority: u16 = parts[0].strip_prefix('<').unwrap().strip_suffix(">1").unwrap().parse().unwrap();
    assert!([105, 108, 109, 110].contains(&priority), "log audit, and how much it matters: {message}");
    assert_eq!((parts[3], parts[4], parts[6]), ("turretd", "-", "-"), "{message}");
    assert!(parts[1].len() == 27 && parts[1].ends_with('Z'), "{message}");
    serde_json::from_str(parts[7]).expect(message)
}

fn index(line: &Value) -> u64 {
    line["event"]["sequence"].as_u64().unwrap_or_else(|| panic!("{line}"))
}

/// Waits until every entry before `size` is there.
fn whole(out: &Path, size: u64) -> BTreeSet<u64> {
    let start = Instant::now();
    loop {
        let seen: BTreeSet<u64> = came(out).iter().map(|message| index(&line(message))).collect();
        if (0..size).all(|at| seen.contains(&at)) {
            return seen;
        }
        assert!(start.elapsed() < WITHIN, "{} of {size} came", seen.len());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Trades once and gives how many entries the log surely has by now.
fn trades(talk: &mut Talk, account: &str, qty: u32) -> u64 {
    let order = talk.done(&format!("order new account={account} side=buy symbol=AAPL type=market qty={qty}"));
    talk.done("wait order=last status=Filled timeout=30s");
    // An order is called by the place of its entry.
    order["order_id"].as_str().unwrap().trim_start_matches('O').parse::<u64>().unwrap() + 1
}

fn configured(data: &Path, with: &str) {
    let path = data.join("turretd.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("[siem]").unwrap();
    let (_, after) = rest.split_once("[watch]").unwrap();
    std::fs::write(&path, format!("{before}[siem]\n{with}\n[watch]{after}")).unwrap();
}

fn every_entry_reaches_a_receiver_that_was_away_and_none_one_that_is_somebody_else() {
    let temp = tempfile::tempdir().unwrap();
    let pki = temp.path().join("siem");
    std::fs::create_dir(&pki).unwrap();
    let (out, data) = (temp.path().join("messages"), temp.path().join("desk"));
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    certify(&Authority::create("siem.test", now_s).unwrap(), now_s, &pki);
    let other = Authority::create("another.test", now_s).unwrap();
    std::fs::write(pki.join("other.pem"), other.certificate_pem()).unwrap();

    // Each run is another person's: nobody waits for a code that is spent.
    let start = |role| Talk::start(temp.path(), &["--seed", "3", "--data", data.to_str().unwrap(), "--role", role]);
    assert_eq!(start("support").end(), Some(0), "a desk to begin with");
    let receiver = Receiver::start(&pki, 0, &out);
    let section = |authority: PathBuf, port: u16| {
        format!(
            "address = \"localhost:{port}\"\nauthority = \"{}\"\nform = \"ecs\"\nalarm_s = 1\n",
            authority.display()
        )
    };

    // Its certificate is not of the authority that was named: nothing, and an alert.
    configured(&data, &section(pki.join("other.pem"), receiver.port));
    let mut talk = start("supervisor");
    let begun = Instant::now();
    while talk.done("alerts rule=siem_missing")["alerts"].as_array().is_none_or(Vec::is_empty) {
        assert!(begun.elapsed() < WITHIN, "no alert");
        std::thread::sleep(Duration::from_millis(200));
    }
    talk.end();
    assert_eq!(came(&out), Vec::<String>::new());

    // It is: the whole log from its first entry, then what comes.
    configured(&data, &section(pki.join("ca.pem"), receiver.port));
    let mut talk = start("broker");
    let size = trades(&mut talk, "A1001", 102);
    whole(&out, size);
    let messages = came(&out);
    let order: Vec<u64> = messages.iter().map(|message| index(&line(message))).collect();
    assert!(order.is_sorted_by(|one, next| one < next), "in order and once: {order:?}");
    for message in &messages {
        let line = line(message);
        let entry = STANDARD.decode(line["event"]["original"].as_str().unwrap()).unwrap();
        assert_eq!(line["event"]["hash"], leaf_hash(&entry).to_string(), "the entry itself is in it");
    }

    // It is away while people trade, and nobody waits for it; then it is back.
    let port = receiver.port;
    drop(receiver);
    trades(&mut talk, "A1001", 103);
    let size = trades(&mut talk, "A1001", 104);
    let receiver = Receiver::start(&pki, port, &out);
    whole(&out, size);

    // The server is started anew: it goes on from where it was, and a little before that.
    talk.end();
    let mut talk = start("customer");
    let size = trades(&mut talk, "A9001", 1);
    whole(&out, size);
    talk.end();
    drop(receiver);
}

fn certify(authority: &Authority, now_s: u64, pki: &Path) {
    let issued = authority.issue(&Profile::Server { dns_name: "localhost".to_owned() }, now_s).unwrap();
    std::fs::write(pki.join("ca.pem"), authority.certificate_pem()).unwrap();
    std::fs::write(pki.join("siem.pem"), &issued.certificate_pem).unwrap();
    std::fs::write(pki.join("siem-key.pem"), issued.key_pem.as_bytes()).unwrap();
}
