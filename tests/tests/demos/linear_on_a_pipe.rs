//! `--linear` as a screen reader or a pipe meets it: the real program by lines, against a real server and simulator.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

scenarios! {
    a_person_who_hears_signs_in_buys_is_denied_cancels_and_leaves,
    a_new_password_wanted_at_sign_in_is_asked_for_in_words_and_every_no_is_heard,
    a_password_is_changed_by_lines_and_the_next_sign_in_takes_it,
    passwords_are_not_shown_by_a_terminal_that_shows_what_is_typed,
    the_end_of_the_lines_signs_out_and_leaves,
}

/// Looks at what was said before it is given up; a debug build makes keys for a while.
const LOOKS_MAX: u32 = 1_200;
/// Between looks.
const LOOK: Duration = Duration::from_millis(100);

/// Codes tried: another comes every half minute.
const CODES_MAX: u32 = 40;
/// Words nobody would try first.
const NEW: &str = "gravel pudding ostrich";

struct Seat {
    child: Child,
    keyboard: Option<ChildStdin>,
    said: Arc<Mutex<String>>,
    /// How much of it was looked at.
    heard: usize,
    data: tempfile::TempDir,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.keyboard.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demo() -> Seat {
    demo_on(tempfile::tempdir().expect("a folder"))
}

fn demo_on(data: tempfile::TempDir) -> Seat {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(["--linear", "--seed", "7", "--data"]).arg(data.path().join("desk"));
    command.env("TERM", "dumb").env("XDG_CONFIG_HOME", data.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the demo starts");
    let said = Arc::new(Mutex::new(String::new()));
    let (mut output, all) = (child.stdout.take().expect("its output"), Arc::clone(&said));
    thread::spawn(move || {
        let mut buffer = [0_u8; 4096];
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            all.lock().expect("what was said").push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    });
    let keyboard = child.stdin.take();
    Seat { child, keyboard, said, heard: 0, data }
}

impl Seat {
    /// Waits for words said after the last ones waited for.
    fn hears(&mut self, words: &str) {
        for _ in 0..LOOKS_MAX {
            if let Some(at) = self.said.lock().expect("what was said")[self.heard..].find(words) {
                self.heard += at + words.len();
                return;
            }
            thread::sleep(LOOK);
        }
        panic!("never heard {words:?}:\n{}", &self.said.lock().expect("what was said")[self.heard..]);
    }

    fn says(&mut self, line: &str) {
        // Beyond the guard of a window that asks.
        thread::sleep(Duration::from_millis(250));
        writeln!(self.keyboard.as_mut().expect("open"), "{line}").expect("typed");
    }
}

impl Seat {
    fn signs_in(&mut self) {
        self.hears("by lines, SIM at 127.0.0.1:");
        self.hears("Connected.");
        self.says(":f9");
        self.hears("Typed by the demo authenticator.");
        self.says("");
        self.hears("Signed in: ann.lee broker EQ1");
        self.hears("0 orders, 0 working, 0 need you.");
        self.hears("SIM blotter> ");
    }
}

fn a_person_who_hears_signs_in_buys_is_denied_cancels_and_leaves() {
    let mut seat = demo();
    seat.signs_in();
    seat.says("fly");
    seat.hears("fly means nothing here.");
    seat.says("buy AAPL");
    seat.hears("BUY AAPL");
    seat.hears("Account> ");
    seat.says("A1001");
    seat.hears("Quantity> ");
    seat.says("100");
    seat.hears("Price [");
    seat.says("t");
    seat.hears("Price  [");
    // Above the ask whatever it does meanwhile.
    seat.says("195.00");
    seat.hears("SEND?  BUY 100 AAPL LMT 195.00");
    seat.says("y");
    seat.hears("Filled: BUY 100 AAPL LMT 195.00");
    seat.hears("FILL BUY AAPL 100");
    // One that rests, found again by its row and cancelled; the way back is the default.
    seat.says("buy AAPL");
    seat.hears("Quantity> ");
    seat.says("10");
    seat.hears("Price [");
    seat.says("185.00");
    seat.hears("SEND?");
    seat.says("y");
    seat.hears("New: BUY 10 AAPL LMT 185.00");
    seat.says("blotter");
    seat.says("top");
    seat.says("cancel");
    seat.hears("CANCEL one order");
    seat.says("");
    seat.says("cancel");
    seat.hears("CANCEL one order");
    seat.says("y");
    seat.hears("Canceled: BUY 10 AAPL");
    // Denied, and why.
    seat.says("buy NVDA");
    seat.hears("Account> ");
    seat.says("A1001");
    seat.says("5k");
    seat.hears("Price [");
    seat.says("");
    seat.hears("SEND?");
    seat.says("y");
    seat.hears("DENIED");
    seat.hears("max_quantity");
    seat.says("d");
    seat.says("list");
    seat.hears("Symbol");
    seat.hears("NVDA");
    seat.says("help lock");
    seat.hears("F12  lock: Lock now");
    seat.says("quit");
    seat.hears("Leave?");
    seat.says("y");
    for _ in 0..LOOKS_MAX {
        if let Ok(Some(status)) = seat.child.try_wait() {
            assert!(status.success(), "{status:?}");
            let said = seat.said.lock().expect("what was said");
            assert!(!said.contains('\u{1b}'), "no cursor was moved and no colour set");
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("it did not leave");
}

/// The broker's password, which a person would know.
fn password(data: &std::path::Path) -> String {
    let text = std::fs::read(data.join("desk").join("demo-credentials.json")).expect("the credentials");
    let all: serde_json::Value = serde_json::from_slice(&text).expect("the credentials");
    let ann = all["credentials"].as_array().expect("people").iter().find(|one| one["user"] == "ann.lee");
    ann.expect("ann")["password"].as_str().expect("a password").to_owned()
}

/// A desk on which an administrator, with a supervisor's word, wants another password of the broker.
fn wanting_a_password() -> tempfile::TempDir {
    const SCRIPT: &str = "as role=admin
user password user=ann.lee why=asked
proof code=auto
as role=supervisor
approvals
";
    let data = tempfile::tempdir().expect("a folder");
    let mut script = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--seed", "7", "--script", "-", "--data"])
        .arg(data.path().join("desk"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the demo starts");
    let mut lines = script.stdin.take().expect("open");
    lines.write_all(SCRIPT.as_bytes()).expect("typed");
    let mut answers = std::io::BufRead::lines(std::io::BufReader::new(script.stdout.take().expect("its output")));
    let approval = loop {
        let line = answers.next().expect("it goes on").expect("an answer");
        let answer: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["ok"], true, "{answer}");
        if let Some(rows) = answer["approvals"].as_array() {
            break rows[0]["id"].to_string();
        }
    };
    writeln!(lines, "approve id={approval} reason=checked\nproof code=auto").expect("typed");
    drop(lines);
    for line in answers {
        let line = line.expect("an answer");
        let answer: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["ok"], true, "{answer}");
    }
    assert!(script.wait().expect("it ends").success());
    data
}

impl Seat {
    /// A code counts once, and the one before may have been used: the next comes within half a minute.
    fn gives_a_code(&mut self, then: &str) {
        for _ in 0..CODES_MAX {
            self.says(":f9");
            self.says("");
            for _ in 0..30 {
                if self.said.lock().expect("what was said")[self.heard..].contains(then) {
                    return self.hears(then);
                }
                thread::sleep(LOOK);
            }
        }
        panic!("no code worked:\n{}", &self.said.lock().expect("what was said")[self.heard..]);
    }

    /// Nothing that was typed at a prompt that hides it is said back.
    fn never_said(&self, secrets: &[&str]) {
        let said = self.said.lock().expect("what was said");
        secrets.iter().for_each(|secret| assert!(!said.contains(secret), "{said}"));
    }
}

fn a_new_password_wanted_at_sign_in_is_asked_for_in_words_and_every_no_is_heard() {
    let mut seat = demo_on(wanting_a_password());
    let old = password(seat.data.path());
    seat.hears("Connected.");
    seat.gives_a_code("An administrator asks for a new password");
    seat.hears("12 to 128 characters");
    seat.hears("New password, 12 characters or more> ");
    for (first, second, no) in [
        ("short", "short", "12 characters"),
        (old.as_str(), old.as_str(), "the one you have"),
        (NEW, "gravel pudding heron", "The two are not the same"),
    ] {
        seat.says(first);
        seat.hears("New password again> ");
        seat.says(second);
        seat.hears(no);
    }
    // Where the two differed only the second is asked for again.
    seat.hears("New password again> ");
    seat.says(NEW);
    seat.hears("Signed in: ann.lee broker EQ1");
    seat.hears("SIM blotter> ");
    seat.never_said(&[NEW, "ostrich", &old]);
}

fn a_password_is_changed_by_lines_and_the_next_sign_in_takes_it() {
    let mut seat = demo();
    seat.signs_in();
    let old = password(seat.data.path());
    seat.says("change password");
    seat.hears("NEW PASSWORD");
    seat.hears("Old password, or :esc to give up> ");
    seat.says(":esc");
    seat.hears("The password is as it was.");
    seat.says("change password");
    seat.hears("Old password");
    seat.says(&old);
    seat.hears("New password, 12 characters or more> ");
    seat.says("password1234");
    seat.hears("New password again> ");
    seat.says("password1234");
    seat.hears("Code> ");
    // The plain faults come first: no code is spent on them.
    seat.says("");
    seat.hears("one people try first");
    seat.says(NEW);
    seat.says(NEW);
    seat.hears("Code> ");
    seat.gives_a_code("Your password is changed.");
    seat.says("lock");
    seat.hears("LOCKED: ann.lee");
    // What the demo filled in is worth nothing any more: what is typed takes its place.
    seat.hears("Connected.");
    seat.says(":s-tab");
    seat.hears("Password [filled in]> ");
    seat.says(NEW);
    seat.gives_a_code("Signed in: ann.lee");
    seat.never_said(&[NEW, "ostrich", "password1234", &old]);
}

fn passwords_are_not_shown_by_a_terminal_that_shows_what_is_typed() {
    use turret_tests::terminal::Seat as Terminal;
    let data = tempfile::tempdir().expect("a folder");
    let mut seat = Terminal::demo(env!("CARGO_BIN_EXE_demo"), (110, 50), &["--linear"], &[], data);
    seat.sees(&["Connected.", "> "]);
    seat.types_each(&[":f9\r", "\r"]);
    seat.sees(&["Signed in: ann.lee", "SIM blotter> "]);
    seat.types("change password\r");
    seat.sees(&["Old password, or :esc to give up> "]);
    seat.types(&format!("{NEW}\r"));
    seat.sees(&["New password, 12 characters or more> "]);
    seat.types(&format!("{NEW}\r"));
    seat.sees(&["New password again> "]);
    // Shown again where nothing is secret.
    seat.types(":esc\r");
    seat.sees(&["The password is as it was."]);
    seat.types("filter AAPL\r");
    seat.sees(&["filter AAPL"]);
    assert!(!seat.wrote(b"ostrich"), "{}", seat.text());
}

fn the_end_of_the_lines_signs_out_and_leaves() {
    let mut seat = demo();
    seat.hears("Connected.");
    seat.keyboard.take();
    for _ in 0..LOOKS_MAX {
        if let Ok(Some(status)) = seat.child.try_wait() {
            assert!(status.success(), "{status:?}");
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("it did not leave");
}
