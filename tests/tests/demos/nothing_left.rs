//! The terminal and the processes behind it, whatever becomes of either: a signal, a stop, a hang-up, sizes and pastes without end.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use turret_tests::terminal::Seat;
use turret_tests::terminal::keys::{ENTER, ESC};

scenarios! {
    a_hang_up_gives_back_the_terminal_and_its_modes,
    a_terminal_that_dies_takes_every_process_with_it,
    a_job_that_is_stopped_locks_gives_the_terminal_back_and_goes_on,
    a_window_dragged_about_and_a_paste_without_end_leave_the_desk_as_it_was,
    without_a_terminal_it_says_so_and_ends,
}

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
/// Looks before it is given up, and between them.
const LOOKS_MAX: u32 = 300;
const LOOK: Duration = Duration::from_millis(100);
/// A paste nobody meant, in bytes.
const PASTE: usize = 200_000;
/// Sizes a window is dragged through.
const SIZES: u16 = 300;

/// Waits until it is so.
fn comes(what: &str, so: impl Fn() -> bool) {
    for _ in 0..LOOKS_MAX {
        if so() {
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("never: {what}");
}

/// The processes whose arguments name this folder, or that lie below one of those, but for those of `seat`'s own terminal.
fn of_desk(data: &TempDir) -> Vec<u32> {
    let folder = data.path().display().to_string();
    let all: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| !fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z ")))
        .collect();
    let names = |pid: &u32| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains(&folder) && line.contains("demo")
    };
    all.into_iter().filter(names).collect()
}

/// The workstation's own process.
fn workstation(data: &TempDir) -> u32 {
    let is_it = |pid: &u32| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split('\0').nth(1) == Some("turret")
    };
    *of_desk(data).iter().find(|pid| is_it(pid)).expect("the workstation runs")
}

/// Every mode a program sets is off again.
fn gave_back(seat: &Seat) {
    comes("the alternate screen is left", || seat.wrote(b"\x1b[?1049l"));
    let screen = seat.screen.lock().expect("the screen");
    let screen = screen.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

fn line(data: &TempDir) -> String {
    format!("{DEMO} --role broker --seed 7 --data {}", data.path().join("desk").display())
}

fn a_hang_up_gives_back_the_terminal_and_its_modes() {
    let data = tempfile::tempdir().unwrap();
    let script = format!("{}; stty -a; sleep 600", line(&data));
    let seat = Seat::of("sh", (120, 40), &["-c", &script], data);
    seat.sees(&["Sign in", "pinned, OK"]);
    let id = workstation(&seat.data).to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    gave_back(&seat);
    seat.sees(&[" icanon", " echo "]);
    assert!(!seat.text().contains("-icanon"), "{}", seat.text());
    comes("everything has ended", || of_desk(&seat.data).iter().all(|pid| is_the_shell(*pid)));
}

/// `sh` names the folder too.
fn is_the_shell(pid: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    ["sh", "bash", "script", "dash"].contains(&name.trim())
}

fn a_terminal_that_dies_takes_every_process_with_it() {
    let data = tempfile::tempdir().unwrap();
    let mut seat = Seat::of("script", (120, 40), &["-qc", &line(&data), "/dev/null"], data);
    seat.signs_in(&["BLOTTER", "ann.lee broker EQ1"]);
    assert!(of_desk(&seat.data).len() >= 4, "demo, simulator, server, workstation");
    // As a window is closed that does not ask: whoever holds the terminal is gone at once.
    seat.child.kill().unwrap();
    seat.child.wait().unwrap();
    comes("everything has ended", || of_desk(&seat.data).is_empty());
}

fn a_job_that_is_stopped_locks_gives_the_terminal_back_and_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let begin = format!("{}\r", line(&data));
    let mut seat = Seat::of("bash", (120, 40), &["--norc", "--noprofile", "-i"], data);
    seat.sees(&["shell>"]);
    // The shell has a mode of that kind of its own.
    seat.types_each(&["bind 'set enable-bracketed-paste off'", ENTER]);
    seat.types(&begin);
    seat.signs_in(&["BLOTTER", "ann.lee broker EQ1"]);
    seat.types("\x1a");
    seat.sees(&["Stopped", "shell>"]);
    gave_back(&seat);
    seat.types_each(&["fg", ENTER]);
    seat.sees(&["LOCKED", "Locked: ann.lee"]);
    seat.with_a_code("LOCKED");
    seat.sees(&["BLOTTER", "ann.lee broker EQ1"]);
    seat.types("q");
    seat.sees(&["Leave?"]);
    seat.types("y");
    seat.sees(&["shell>"]);
    seat.types_each(&["exit", ENTER]);
}

fn a_window_dragged_about_and_a_paste_without_end_leave_the_desk_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let mut seat = Seat::demo(DEMO, (120, 40), &["--role", "broker"], &[], data);
    seat.signs_in(&["BLOTTER", "ann.lee broker EQ1"]);
    for n in 0..SIZES {
        // From a strip nothing fits into to more than any screen has. Two columns at least: the terminal of these tests (vt100)
        // cannot hold a wide letter in one.
        seat.resizes((2 + n * 37 % 260, 1 + n * 23 % 90));
        if n % 16 == 0 {
            thread::sleep(Duration::from_millis(20));
        }
    }
    seat.resizes((40, 10));
    seat.sees(&["80x24"]);
    seat.resizes((120, 40));
    seat.sees(&["BLOTTER", "ann.lee broker EQ1", "b buy"]);

    // Where nothing is typed, what is pasted does nothing: not one of its keys is taken for one.
    let paste = format!("\x1b[200~{}\x1b[201~", "Xy\r".repeat(PASTE / 3));
    seat.types(&paste);
    seat.sees(&["it was dropped"]);
    seat.sees(&["BLOTTER", "No orders in this view"]);
    // Where something is typed, a field takes what it has room for.
    seat.types_each(&["2", "/"]);
    seat.types(&format!("\x1b[200~{}\x1b[201~", "nvda".repeat(PASTE / 4)));
    seat.types_each(&[ESC, "/", "msft", ENTER]);
    seat.sees(&["MSFT depth"]);
    assert!(seat.goes());
}

fn without_a_terminal_it_says_so_and_ends() {
    let data = tempfile::tempdir().unwrap();
    let told = Command::new(DEMO)
        .args(["--role", "broker", "--data"])
        .arg(data.path().join("desk"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(!told.status.success());
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(said.contains("needs a terminal"), "{said}");
    assert!(!told.stdout.contains(&0x1b) && !told.stderr.contains(&0x1b), "{said}");
    comes("everything has ended", || of_desk(&data).is_empty());
}
