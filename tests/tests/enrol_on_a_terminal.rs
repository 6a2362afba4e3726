//! `turret enrol` as a real process on a pseudo-terminal, against a whole server: what a new person does in their first minutes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use turret_shared::enrol_code::EnrolCode;
use turret_shared::secret::EnrolSecret;
use wire::PATIENCE;
use wire::admin::Admin;
use wire::client::Control;
use wire::desk::Person;
use wire::enrol::{closed, door};
use wire::house::House;

const PASSWORD: &str = "correct horse battery";

/// A terminal with the program in it.
struct Seat {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    seen: Arc<Mutex<String>>,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Seat {
    fn enrol(at: SocketAddr, dir: &Path) -> Self {
        let size = PtySize { rows: 40, cols: 250, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_demo"));
        command.args(["turret", "enrol", "--server", &at.to_string(), "--profile"]);
        command.arg(dir);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let seen = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                told.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Self { child, keyboard, seen, _terminal: pair.master }
    }

    fn text(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    async fn sees(&self, words: &str) -> String {
        let seen = async {
            while !self.text().contains(words) {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, seen).await.is_err() {
            panic!("never saw {words:?}:\n{}", self.text());
        }
        self.text()
    }

    async fn answers(&mut self, question: &str, line: &str) {
        self.sees(question).await;
        self.keyboard.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    async fn ends(&mut self) -> u32 {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.exit_code();
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("an end")
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_person_enrols_by_what_is_on_the_screen_and_signs_in() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let gus = sam.creates("gus.fox").await;
    let (text, code) = sam.code_for(gus).await;
    let at = door(&house).await;
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("desk");

    let mut seat = Seat::enrol(at, &dir);
    seat.answers("Enrolment code (not shown as you type): ", &text).await;
    let shown = seat.sees("New password: ").await;
    assert!(shown.contains("This is a device of gus.fox at "), "{shown}");
    assert!(shown.contains("otpauth://totp/"), "{shown}");
    assert!(!shown.contains(text.split(' ').next().unwrap()), "the code is not shown as it is typed");
    let key = shown.split("    key ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let person = Person::enrolled("gus.fox", PASSWORD, dir.clone(), &key);
    seat.answers("New password: ", PASSWORD).await;
    seat.answers("The same again: ", PASSWORD).await;
    seat.answers("Code of the new authenticator: ", &person.code_of(house.clock.step())).await;

    // What is read out is what the issuer sees; only then it is let in.
    let row = sam.waiting().await;
    let shown = seat.sees("Read these letters").await;
    assert!(shown.contains(&row.key), "{} in {shown}", row.key);
    assert!(!dir.join("profile.toml").exists(), "no profile before the issuer's word");
    sam.lets_in(row.device).await;
    seat.sees(&format!("turret --profile {}", dir.display())).await;
    assert_eq!(seat.ends().await, 0, "{}", seat.text());
    closed(&house).await;
    for file in ["device.key", "device.pem", "ca.pem", "profile.toml"] {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&dir), 0o700);
    assert!(!seat.text().contains(PASSWORD), "nor is the password");

    house.clock.advance_s(30);
    let (_, signed_in) = Control::entered(&person, house.address, house.clock.step()).await;
    assert_eq!(signed_in.user.user, gus);
    // The profile is one the workstation reads, and it is not made twice.
    let profile = turret_client::profile::Profile::load(&dir).unwrap();
    assert_eq!((profile.login.as_str(), profile.server), ("gus.fox", house.address.to_string()));
    let mut twice = Seat::enrol(at, &dir);
    twice.sees("holds a profile already").await;
    assert_eq!(twice.ends().await, 2);
    drop(code);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_by_descriptor_that_is_wrong_leaves_nothing_behind() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    let gus = sam.creates("gus.fox").await;
    let (_, code) = sam.code_for(gus).await;
    let at = door(&house).await;
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("desk");
    let unknown = EnrolCode { secret: EnrolSecret::new([7; 16]), authority: code.authority };
    let run = |typed: String| {
        let (dir, at) = (dir.clone(), at.to_string());
        tokio::task::spawn_blocking(move || {
            let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
                .args(["turret", "enrol", "--server", &at, "--code-fd", "0", "--profile"])
                .arg(&dir)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            writeln!(child.stdin.take().unwrap(), "{typed}").unwrap();
            let output = child.wait_with_output().unwrap();
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        })
    };
    let (status, said) = run("not a code".to_owned()).await.unwrap();
    assert_eq!(
        (status, said.as_str()),
        (Some(2), "turret: an enrolment code has 80 letters and digits; type it again\n")
    );
    let (status, said) = run(unknown.text().expose().to_owned()).await.unwrap();
    assert_eq!(status, Some(2), "{said}");
    assert!(said.starts_with("turret: the server does not take this code: ask for a new one (reference "), "{said}");
    assert!(!dir.exists(), "no key, no folder");
}
