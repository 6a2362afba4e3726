//! `--linear` as a screen reader or a pipe meets it: the real program by lines, against a real server and simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Looks at what was said before it is given up; a debug build makes keys for a while.
const LOOKS_MAX: u32 = 1_200;
/// Between looks.
const LOOK: Duration = Duration::from_millis(100);

struct Seat {
    child: Child,
    keyboard: Option<ChildStdin>,
    said: Arc<Mutex<String>>,
    /// How much of it was looked at.
    heard: usize,
    _data: tempfile::TempDir,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.keyboard.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demo() -> Seat {
    let data = tempfile::tempdir().expect("a folder");
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
    Seat { child, keyboard, said, heard: 0, _data: data }
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

#[test]
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
    seat.hears("Filled: AAPL BUY 100 LMT 195.00");
    seat.hears("FILL BUY AAPL 100");
    // One that rests, found again by its row and cancelled; the way back is the default.
    seat.says("buy AAPL");
    seat.hears("Quantity> ");
    seat.says("10");
    seat.hears("Price [");
    seat.says("185.00");
    seat.hears("SEND?");
    seat.says("y");
    seat.hears("New: AAPL BUY 10 LMT 185.00");
    seat.says("blotter");
    seat.says("top");
    seat.says("cancel");
    seat.hears("CANCEL one order");
    seat.says("");
    seat.says("cancel");
    seat.hears("CANCEL one order");
    seat.says("y");
    seat.hears("Canceled: AAPL BUY 10");
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

#[test]
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
