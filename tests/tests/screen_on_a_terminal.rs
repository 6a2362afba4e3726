//! The real program on a pseudo-terminal, against a real server and simulator: sign in, buy, see it fill, leave no mode behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Looks at the screen before it is given up; a debug build makes keys for a while. Half of them are a minute.
const LOOKS_MAX: u32 = 480;
/// Looks while a sign-in is answered.
#[cfg(target_os = "linux")]
const ANSWER_LOOKS: u32 = 40;
/// Tries to return: codes change every half minute.
#[cfg(target_os = "linux")]
const ENTRIES_MAX: u32 = 12;
/// Between looks.
const LOOK: Duration = Duration::from_millis(250);

struct Seat {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    _terminal: Box<dyn MasterPty + Send>,
    data: tempfile::TempDir,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demo(rows: u16, cols: u16) -> Seat {
    demo_with(rows, cols, &[])
}

fn demo_with(rows: u16, cols: u16, environment: &[(&str, &std::path::Path)]) -> Seat {
    let data = tempfile::tempdir().expect("a folder");
    let pair =
        native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a terminal");
    let mut command = CommandBuilder::new(PathBuf::from(env!("CARGO_BIN_EXE_demo")));
    command.args(["--seed", "7", "--data"]);
    command.arg(data.path().join("desk"));
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env_remove("NO_COLOR");
    command.env_remove("COLORTERM");
    command.env_remove("COLORFGBG");
    command.env("XDG_CONFIG_HOME", data.path());
    for (name, value) in environment {
        command.env(name, value);
    }
    let child = pair.slave.spawn_command(command).expect("the demo starts");
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().expect("its output");
    let keyboard = pair.master.take_writer().expect("its keyboard");
    let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
    let raw = Arc::new(Mutex::new(Vec::new()));
    let (parser, bytes) = (Arc::clone(&screen), Arc::clone(&raw));
    thread::spawn(move || {
        let mut buffer = [0_u8; 8192];
        while let Ok(read) = output.read(&mut buffer) {
            if read == 0 {
                break;
            }
            parser.lock().expect("the screen").process(&buffer[..read]);
            bytes.lock().expect("the bytes").extend_from_slice(&buffer[..read]);
        }
    });
    Seat { child, keyboard, screen, raw, _terminal: pair.master, data }
}

impl Seat {
    fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen shows every one of `wanted`.
    fn sees(&self, wanted: &[&str]) {
        for _ in 0..LOOKS_MAX {
            let text = self.text();
            if wanted.iter().all(|word| text.contains(word)) {
                return;
            }
            thread::sleep(LOOK);
        }
        panic!("never saw {wanted:?}:\n{}", self.text());
    }

    /// Waits some seconds until the screen does not show `word` any more; tells whether it came to that.
    #[cfg(target_os = "linux")]
    fn leaves(&self, word: &str) -> bool {
        for _ in 0..ANSWER_LOOKS {
            if !self.text().contains(word) {
                return true;
            }
            thread::sleep(LOOK);
        }
        false
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
        self.keyboard.flush().expect("typed");
        // Beyond the guard of a window that asks.
        thread::sleep(Duration::from_millis(300));
    }

    fn wrote(&self, bytes: &[u8]) -> bool {
        self.raw.lock().expect("the bytes").windows(bytes.len()).any(|part| part == bytes)
    }

    fn signs_in(&mut self) {
        self.sees(&["Sign in", "pinned, OK", "DEMO AUTHENTICATOR", "F9 types it"]);
        // F9, then Enter.
        self.types("\x1b[20~");
        self.types("\r");
        self.sees(&["BLOTTER", "ann.lee broker EQ1"]);
    }
}

#[test]
fn a_person_signs_in_buys_and_sees_it_fill_then_leaves_the_terminal_as_it_was() {
    let mut seat = demo(24, 80);
    seat.signs_in();
    seat.types("2");
    seat.sees(&["QUOTES", "AAPL", "levels", "Bid"]);
    // The cursor is on the first symbol: AAPL. The account is chosen once, then the quantity, the far touch, review, send.
    seat.types("b");
    seat.sees(&["BUY AAPL", "NOT SENT"]);
    for keys in ["\x1b[A", "\r", "100", "\r", "t", "\r"] {
        seat.types(keys);
    }
    seat.sees(&["SEND?", "BUY 100 AAPL LMT"]);
    seat.types("y");
    seat.types("1");
    seat.sees(&["Filled", "BUY      100 AAPL"]);
    // What is copied goes to the person's own terminal (OSC 52); the mouse is handed over and taken again.
    assert!(!seat.wrote(b"\x1b]52;c;"));
    seat.types("y%");
    seat.sees(&["The mouse is the terminal's"]);
    assert!(seat.wrote(b"\x1b]52;c;") && seat.wrote(b"\x1b[?1000l"));
    seat.types("%");
    // Denied, and why.
    seat.types("2");
    seat.types("b");
    for keys in ["5k", "\r", "t", "\r"] {
        seat.types(keys);
    }
    seat.types("y");
    seat.sees(&["DENIED", "max_quantity", "over by", "Who may", "supervisor"]);
    seat.types("d");
    // Leaving asks, and says so.
    seat.types("q");
    seat.sees(&["Leave?", "y leave"]);
    seat.types("y");
    for _ in 0..LOOKS_MAX {
        if let Ok(Some(status)) = seat.child.try_wait() {
            assert!(status.success(), "{status:?}");
            gave_back(&seat);
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("it did not leave:\n{}", seat.text());
}

/// Colour of the first letter of the lowest line: a key, in the accent's colour.
fn accent(seat: &Seat) -> vt100::Color {
    let screen = seat.screen.lock().expect("the screen");
    screen.screen().cell(23, 0).expect("a cell").fgcolor()
}

#[test]
fn the_terminals_word_on_its_ground_comes_late_and_is_heard_and_never_typed() {
    let mut seat = demo(24, 80);
    seat.sees(&["Sign in", "pinned, OK", "[ann.lee", "F9 demo code"]);
    let asked = |seat: &Seat| {
        let raw = seat.raw.lock().expect("the bytes");
        raw.windows(8).filter(|bytes| *bytes == b"\x1b]11;?\x1b\\").count()
    };
    assert_eq!(asked(&seat), 1, "asked once");
    let dark = accent(&seat);
    // The frame did not wait for this; to the end of the field that has the keys, a digit more would be seen as a star.
    seat.types("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    for _ in 0..LOOKS_MAX {
        if accent(&seat) != dark {
            let text = seat.text();
            let code = text.lines().find(|line| line.contains("Code")).expect("the field").to_owned();
            assert!(text.contains("[ann.lee ") && !code.contains('*') && !text.contains("six digits"), "{text}");
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("still dark:\n{}", seat.text());
}

/// Alternate screen, mouse and paste modes are off and the cursor shows again.
fn gave_back(seat: &Seat) {
    let screen = seat.screen.lock().expect("the screen");
    assert!(!screen.screen().alternate_screen());
    assert!(!screen.screen().hide_cursor());
    assert!(!screen.screen().bracketed_paste());
    assert_eq!(screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    let raw = seat.raw.lock().expect("the bytes");
    assert!(raw.windows(8).any(|bytes| bytes == b"\x1b[?1049l"), "the alternate screen was left");
}

#[cfg(unix)]
#[test]
fn sigterm_gives_the_terminal_back_too() {
    let seat = demo(40, 120);
    seat.sees(&["Sign in", "First time here"]);
    let id = seat.child.process_id().expect("its id").to_string();
    let sent = std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill");
    assert!(sent.success());
    for _ in 0..LOOKS_MAX {
        let left = seat.raw.lock().expect("the bytes").windows(8).any(|bytes| bytes == b"\x1b[?1049l");
        if left {
            gave_back(&seat);
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("the terminal was kept:\n{}", seat.text());
}

/// The workstation's own process under the demo's.
#[cfg(target_os = "linux")]
fn workstation(seat: &Seat) -> u32 {
    let demo = seat.child.process_id().expect("its id");
    let tasks = std::fs::read_dir("/proc").expect("the processes").filter_map(Result::ok);
    let ids = tasks.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut ours = ids.filter(|id| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        status.lines().any(|line| line == format!("PPid:\t{demo}")) && line.split('\0').nth(1) == Some("turret")
    });
    ours.next().expect("the workstation runs")
}

/// How often `needle` stands in what the process may write to; `None` where this user may not look.
#[cfg(target_os = "linux")]
fn in_memory(id: u32, needle: &str) -> Option<usize> {
    use std::io::{Seek, SeekFrom};
    let maps = std::fs::read_to_string(format!("/proc/{id}/maps")).ok()?;
    let mut memory = std::fs::File::open(format!("/proc/{id}/mem")).ok()?;
    let mut found = 0;
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|modes| modes.starts_with("rw"))) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut bytes = vec![0; usize::try_from(to - from).ok()?];
        memory.seek(SeekFrom::Start(from)).ok()?;
        // A page that was never touched, or a special one, reads as nothing.
        if memory.read_exact(&mut bytes).is_ok() {
            found += bytes.windows(needle.len()).filter(|part| *part == needle.as_bytes()).count();
        }
    }
    Some(found)
}

/// Every file of the people's devices, with what is in it.
#[cfg(target_os = "linux")]
fn client_files(folder: &std::path::Path, into: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            client_files(&path, into);
        } else {
            into.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

/// The password of the demo's broker.
#[cfg(target_os = "linux")]
fn password(seat: &Seat) -> String {
    let text = std::fs::read(seat.data.path().join("desk").join("demo-credentials.json")).expect("the credentials");
    let all: serde_json::Value = serde_json::from_slice(&text).expect("the credentials");
    let ann = all["credentials"].as_array().expect("people").iter().find(|one| one["user"] == "ann.lee");
    ann.expect("ann")["password"].as_str().expect("a password").to_owned()
}

/// What this device keeps lies there, and nothing of it can be read.
#[cfg(target_os = "linux")]
fn nothing_in_clear(seat: &Seat, canaries: &[&str]) {
    let mut files = Vec::new();
    client_files(&seat.data.path().join("desk").join("clients"), &mut files);
    let kept = files.iter().filter(|(path, bytes)| path.extension().is_some_and(|e| e == "db") && bytes.len() > 20_000);
    assert_eq!(kept.count(), 1, "one person was signed in");
    for (path, bytes) in &files {
        for canary in canaries {
            let found = bytes.windows(canary.len()).any(|part| part == canary.as_bytes());
            assert!(!found, "{canary} in {}", path.display());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_leaves_nothing_of_the_desk_in_memory_and_gives_the_drafts_back() {
    // Never in one piece in this program, so that only what was typed can be found.
    let note = ["canary", "of", "nobody"].join("-");
    let mut seat = demo(24, 80);
    seat.signs_in();
    seat.types("2");
    seat.sees(&["QUOTES", "AAPL", "levels", "Bid"]);
    seat.types("b");
    seat.sees(&["BUY AAPL", "NOT SENT"]);
    for keys in ["\x1b[A", "\r", "77", "\x1b[Z", "\x1b[Z", "\x1b[Z", &note] {
        seat.types(keys);
    }
    let id = workstation(&seat);
    let client = ["Alder", "Family", "Trust"].join(" ");
    let before = (in_memory(id, &note), in_memory(id, &client));
    seat.types("\x1b[24~");
    seat.sees(&["LOCKED", "Locked: ann.lee", "You have no working orders.", "DEMO AUTHENTICATOR"]);
    assert_eq!(workstation(&seat), id, "the same process, started afresh");
    match before {
        (Some(notes), Some(names)) => {
            assert!(notes > 0 && names > 0, "the search finds what is there: {notes} {names}");
            assert_eq!(in_memory(id, &note), Some(0));
            assert_eq!(in_memory(id, &client), Some(0));
        }
        _ => eprintln!("skipped: this user may not read another process's memory"),
    }
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains(&note) && !text.contains(&client), "{file}: {text}");
    }
    let password = password(&seat);
    nothing_in_clear(&seat, &[&note, &client, &password, "A1001", "Alder", "SQLite format 3"]);
    seat.types("\x1b[20~");
    // Each code works once: the next one comes within half a minute. Nothing is typed while an answer may be on its way,
    // for a key too many would speak over what the return says.
    for _ in 0..ENTRIES_MAX {
        seat.types("\x1b[20~");
        seat.types("\r");
        if seat.leaves("LOCKED") {
            break;
        }
    }
    seat.sees(&["Back after", "BLOTTER"]);
    seat.types("[");
    seat.sees(&["1 kept, newest first", "Draft    BUY       77 AAPL"]);
    // Who leaves by the door loses no draft either.
    for keys in ["q", "y"] {
        seat.types(keys);
    }
    for _ in 0..LOOKS_MAX {
        if let Ok(Some(status)) = seat.child.try_wait() {
            assert!(status.success(), "{status:?}");
            nothing_in_clear(&seat, &[&note, &client, &password, "A1001", "Alder", "SQLite format 3"]);
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("it did not leave:\n{}", seat.text());
}

/// Fills the code in from the demo's authenticator and sends it, until `word` has gone; each code works once.
#[cfg(target_os = "linux")]
fn with_a_code(seat: &mut Seat, word: &str) {
    for _ in 0..ENTRIES_MAX {
        seat.types("\x1b[20~");
        seat.types("\r");
        if seat.leaves(word) {
            return;
        }
    }
    panic!("{word} never went:\n{}", seat.text());
}

#[cfg(target_os = "linux")]
#[test]
fn a_password_is_changed_on_the_screen_and_opens_what_the_old_one_locked() {
    let new = ["gravel", "pudding", "ostrich"].join(" ");
    let mut seat = demo(24, 80);
    seat.signs_in();
    let old = password(&seat);
    for keys in [":", "change password", "\r"] {
        seat.types(keys);
    }
    seat.sees(&["NEW PASSWORD", "12 to 128 characters", "New again"]);
    for keys in [old.as_str(), "\r", "password1234", "\r", "password1234", "\r", "\r"] {
        seat.types(keys);
    }
    seat.sees(&["one people try first"]);
    for keys in [new.as_str(), "\r", &new, "\r"] {
        seat.types(keys);
    }
    with_a_code(&mut seat, "NEW PASSWORD");
    seat.sees(&["Your password is changed", "BLOTTER"]);
    seat.types("\x1b[24~");
    seat.sees(&["LOCKED", "Locked: ann.lee"]);
    // The demo has filled in the old one: it is worth nothing any more.
    for keys in ["\x1b[Z", "\x15", &new, "\r"] {
        seat.types(keys);
    }
    for _ in 0..ENTRIES_MAX {
        seat.types("\x1b[20~");
        seat.types("\r");
        if seat.leaves("LOCKED") {
            break;
        }
    }
    seat.sees(&["Back after", "BLOTTER"]);
    assert!(!seat.text().contains("fetched afresh"), "{}", seat.text());
    nothing_in_clear(&seat, &[&new, &old]);
}

/// The library that turns a program's clocks, where it is installed (`apt-get install faketime`).
#[cfg(target_os = "linux")]
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| file.exists())
}

#[cfg(target_os = "linux")]
#[test]
fn fifteen_minutes_without_a_key_lock_the_desk_by_the_real_clock() {
    let Some(library) = faketime() else {
        eprintln!("skipped: libfaketime is not installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let offset = folder.path().join("offset");
    std::fs::write(&offset, "+0\n").expect("written");
    let no_cache = std::path::Path::new("1");
    let mut seat = demo_with(
        24,
        80,
        &[("LD_PRELOAD", &library), ("FAKETIME_TIMESTAMP_FILE", &offset), ("FAKETIME_NO_CACHE", no_cache)],
    );
    seat.signs_in();
    let id = workstation(&seat);
    // Both clocks move together: one alone would be a jump, which locks at once and says so.
    std::fs::write(&offset, "+16m\n").expect("written");
    seat.sees(&["LOCKED", "Locked: ann.lee", "15 minutes without a key", "Nothing of the desk is in memory"]);
    assert_eq!(workstation(&seat), id, "the same process, started afresh");
    assert!(!seat.text().contains("BLOTTER"));
}
