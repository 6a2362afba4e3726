//! The real program on a pseudo-terminal, against a real server and simulator: sign in, buy, see it fill, leave no mode behind.

use std::path::PathBuf;
use std::thread;

use turret_tests::terminal::{LOOK, LOOKS_MAX, Seat};

scenarios! {
    a_person_signs_in_buys_and_sees_it_fill_then_leaves_the_terminal_as_it_was,
    the_terminals_word_on_its_ground_comes_late_and_is_heard_and_never_typed,
    sigterm_gives_the_terminal_back_too,
    threat_19_a_lock_leaves_nothing_of_the_desk_in_memory_and_gives_the_drafts_back,
    a_password_is_changed_on_the_screen_and_opens_what_the_old_one_locked,
    the_theme_chosen_survives_the_lock_that_starts_the_program_afresh,
    fifteen_minutes_without_a_key_lock_the_desk_by_the_real_clock,
}

/// The desk of a person who sits down for the first time.
fn demo(rows: u16, cols: u16) -> Seat {
    demo_with(rows, cols, &[])
}

fn demo_with(rows: u16, cols: u16, environment: &[(&str, &std::path::Path)]) -> Seat {
    Seat::demo(env!("CARGO_BIN_EXE_demo"), (cols, rows), &[], environment, tempfile::tempdir().expect("a folder"))
}

/// What a broker sees once in.
const IN: [&str; 2] = ["BLOTTER", "ann.lee broker EQ1"];

fn a_person_signs_in_buys_and_sees_it_fill_then_leaves_the_terminal_as_it_was() {
    let mut seat = demo(24, 80);
    seat.signs_in(&IN);
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
    assert!(seat.goes());
    gave_back(&seat);
}

/// Colour of the first letter of the lowest line: a key, in the accent's colour.
fn accent(seat: &Seat) -> vt100::Color {
    let screen = seat.screen.lock().expect("the screen");
    screen.screen().cell(23, 0).expect("a cell").fgcolor()
}

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
    use std::io::{Read as _, Seek, SeekFrom};
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
fn threat_19_a_lock_leaves_nothing_of_the_desk_in_memory_and_gives_the_drafts_back() {
    // Never in one piece in this program, so that only what was typed can be found.
    let note = ["canary", "of", "nobody"].join("-");
    let mut seat = demo(24, 80);
    seat.signs_in(&IN);
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
    seat.with_a_code("LOCKED");
    seat.sees(&["Back after", "BLOTTER"]);
    seat.types("[");
    seat.sees(&["1 kept, newest first", "Draft    BUY       77 AAPL"]);
    // Who leaves by the door loses no draft either.
    assert!(seat.goes());
    nothing_in_clear(&seat, &[&note, &client, &password, "A1001", "Alder", "SQLite format 3"]);
}

#[cfg(target_os = "linux")]
fn a_password_is_changed_on_the_screen_and_opens_what_the_old_one_locked() {
    let new = ["gravel", "pudding", "ostrich"].join(" ");
    let mut seat = demo(24, 80);
    seat.signs_in(&IN);
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
    seat.with_a_code("NEW PASSWORD");
    seat.sees(&["Your password is changed", "BLOTTER"]);
    seat.types("\x1b[24~");
    seat.sees(&["LOCKED", "Locked: ann.lee"]);
    // The demo has filled in the old one: it is worth nothing any more.
    for keys in ["\x1b[Z", "\x15", &new, "\r"] {
        seat.types(keys);
    }
    seat.with_a_code("LOCKED");
    seat.sees(&["Back after", "BLOTTER"]);
    assert!(!seat.text().contains("fetched afresh"), "{}", seat.text());
    nothing_in_clear(&seat, &[&new, &old]);
}

fn the_theme_chosen_survives_the_lock_that_starts_the_program_afresh() {
    let mut seat = demo(24, 80);
    seat.signs_in(&IN);
    let standard = accent(&seat);
    seat.types_each(&[":", "theme", "\r"]);
    seat.sees(&["Theme: contrast"]);
    let contrast = accent(&seat);
    assert_ne!(contrast, standard);
    seat.types("\x1b[24~");
    seat.sees(&["LOCKED", "Locked: ann.lee", "Nothing of the desk is in memory", "F10 sign out"]);
    assert_eq!(accent(&seat), contrast, "the lock is in it:\n{}", seat.text());
    seat.with_a_code("LOCKED");
    seat.sees(&["Back after", "BLOTTER"]);
    assert_eq!(accent(&seat), contrast, "and the desk after it");
}

/// The library that turns a program's clocks, where it is installed (`apt-get install faketime`).
#[cfg(target_os = "linux")]
fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| file.exists())
}

#[cfg(target_os = "linux")]
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
    seat.signs_in(&IN);
    let id = workstation(&seat);
    // Both clocks move together: one alone would be a jump, which locks at once and says so.
    std::fs::write(&offset, "+16m\n").expect("written");
    seat.sees(&["LOCKED", "Locked: ann.lee", "15 minutes without a key", "Nothing of the desk is in memory"]);
    assert_eq!(workstation(&seat), id, "the same process, started afresh");
    assert!(!seat.text().contains("BLOTTER"));
}
