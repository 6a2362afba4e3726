//! A key ceremony as its custodians see it: the real program on a pseudo-terminal, and what each of them has on paper.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::PATIENCE;
use super::desk::PASSPHRASE;
use super::hsm::Hsm;

/// The screen and the keyboard of a program.
struct Seat {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    seen: Arc<Mutex<String>>,
    /// Looked at so far, in bytes.
    read: usize,
    _terminal: Box<dyn portable_pty::MasterPty + Send>,
}

impl Seat {
    fn take(verb: &[&str], data: &Path, hsm: Option<&Hsm>) -> Self {
        let size = PtySize { rows: 60, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_demo"));
        command.arg(turret_tests::demo::AS_SERVER);
        command.args(verb);
        command.arg("--data");
        command.arg(data);
        if let Some(hsm) = hsm {
            command.env("SOFTHSM2_CONF", hsm.conf());
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let seen = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let (mut buffer, mut whole) = ([0_u8; 4096], Vec::new());
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                // A block of a code is three bytes, and may come in two parts.
                whole.extend_from_slice(&buffer[..read]);
                *told.lock().unwrap() = String::from_utf8_lossy(&whole).into_owned();
            }
        });
        Self { child, keyboard, seen, read: 0, _terminal: pair.master }
    }

    /// What came since the last look, up to and with these words.
    async fn sees(&mut self, words: &str) -> String {
        let started = tokio::time::Instant::now();
        loop {
            let seen = self.seen.lock().unwrap().clone();
            let rest = seen.get(self.read..).unwrap_or_default();
            if let Some(at) = rest.find(words) {
                let end = at + words.len();
                self.read += end;
                return rest[..end].to_owned();
            }
            assert!(started.elapsed() < PATIENCE, "never saw {words:?}:\n{seen}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn types(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    async fn ends(&mut self) -> (u32, String) {
        let started = tokio::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                tokio::time::sleep(Duration::from_millis(200)).await;
                return (status.exit_code(), self.seen.lock().unwrap().get(self.read..).unwrap_or_default().to_owned());
            }
            assert!(started.elapsed() < PATIENCE, "it ends");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A share on paper: five lines of letters and blanks.
pub(crate) struct Paper(pub(crate) Vec<String>);

impl Paper {
    fn of(page: &str) -> Self {
        let line = |line: &str| {
            // Behind a row of the code.
            let words: Vec<&str> = line.split_whitespace().collect();
            let [number, letters @ ..] = words.get(words.len().checked_sub(6)?..)? else { return None };
            let plain = letters.concat().bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
            let whole = plain && letters.concat().len() == 18 && letters[4].len() == 2;
            (whole && number.parse().is_ok_and(|n: usize| (1..=5).contains(&n))).then(|| letters.join(" "))
        };
        Self(page.split('\n').filter_map(line).collect())
    }

    fn group(&self, line: usize, group: usize) -> &str {
        self.0[line - 1].split(' ').nth(group - 1).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        format!("{}\n", self.0.join("\n"))
    }
}

/// What a ceremony leaves: each custodian's paper, and what the operator was told.
pub(crate) struct Ceremony {
    pub(crate) papers: Vec<Paper>,
    pub(crate) told: String,
}

/// Holds one; every custodian writes down what they see, and the second one reads the question wrongly at first.
pub(crate) async fn ceremony(data: &Path, hsm: Option<&Hsm>, threshold: u8, shares: u8) -> Ceremony {
    let (threshold, count) = (threshold.to_string(), shares.to_string());
    let mut seat = Seat::take(&["keys", "ceremony", "--shares", &count, "--threshold", &threshold], data, hsm);
    seat.sees(if hsm.is_some() { "PIN of the token: " } else { "Key store passphrase: " }).await;
    seat.types(PASSPHRASE);
    let mut papers = Vec::new();
    for number in 1..=shares {
        seat.sees(&format!("Custodian {number} of {count}: this share is for you alone.")).await;
        seat.sees("Press Enter.").await;
        seat.types("");
        let mut slip = number == 2;
        let paper = loop {
            let page = seat.sees("the screen is cleared.").await;
            assert!(page.contains("\x1b[2J\x1b[3J"), "what stood there before is gone");
            assert!(page.contains(&format!("recovery share {number} of {count}, set ")), "{page}");
            assert!(page.contains('█') && page.contains('▀'), "a code to scan: {page}");
            let paper = Paper::of(&page);
            assert_eq!(paper.0.len(), 5, "{page}");
            seat.types("");
            seat.sees(&format!("Custodian {number}: from your paper, line ")).await;
            let asked = seat.sees(": ").await;
            let figures: Vec<usize> =
                asked.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            if std::mem::take(&mut slip) {
                seat.types("QQQQ");
                seat.sees("Press Enter to see the share once more.").await;
                seat.types("");
                continue;
            }
            seat.types(&paper.group(figures[0], figures[1]).to_lowercase());
            break paper;
        };
        papers.push(paper);
    }
    let (status, told) = seat.ends().await;
    assert_eq!(status, 0, "{told}");
    Ceremony { papers, told }
}

/// Recovers at a terminal: the shares typed line by line, one line of it wrongly at first; exit status and words.
pub(crate) async fn recover_typing(from: &Path, data: &Path, papers: [&Paper; 2]) -> (u32, String) {
    let from = from.to_str().unwrap();
    let mut seat = Seat::take(&["keys", "recover", "--from", from], data, None);
    for (paper, place) in papers.into_iter().zip(1..) {
        seat.sees(&format!("Share {place} of 2, set ")).await;
        for (line, number) in paper.0.iter().zip(1..) {
            seat.sees(&format!("  {number}  ")).await;
            if (place, number) == (2, 3) {
                seat.types(&line.replace(|c: char| c.is_ascii_alphanumeric(), "A"));
                seat.sees("look at line 3; type that line again.").await;
                seat.sees("  3  ").await;
            }
            seat.types(&line.to_lowercase());
        }
        seat.sees(" is good.").await;
    }
    seat.sees("Key store passphrase: ").await;
    seat.types(PASSPHRASE);
    seat.ends().await
}
