//! The demo on a pseudo-terminal, with a person's hands and eyes; it must know no screen.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// Looks at the screen before it is given up; a debug build makes keys for a while. Half of them are a minute.
pub const LOOKS_MAX: u32 = 480;
/// Between looks.
pub const LOOK: Duration = Duration::from_millis(250);
/// Looks while a code is judged.
const ANSWER_LOOKS: u32 = 40;
/// Codes tried: each works once, and another comes every half minute.
const CODES_MAX: u32 = 12;
/// People of the demo, and one more.
const PEOPLE_MAX: u32 = 10;
/// Beyond the guard of a window that asks.
const BETWEEN_KEYS: Duration = Duration::from_millis(300);

/// The keys a terminal sends as several bytes.
pub mod keys {
    /// Cursor up.
    pub const UP: &str = "\x1b[A";
    /// Cursor down.
    pub const DOWN: &str = "\x1b[B";
    /// Tab backwards.
    pub const BACK_TAB: &str = "\x1b[Z";
    /// F3: another person of the demo.
    pub const F3: &str = "\x1bOR";
    /// F4: a security key.
    pub const F4: &str = "\x1bOS";
    /// F9: the demo authenticator's code.
    pub const F9: &str = "\x1b[20~";
    /// F12: lock.
    pub const F12: &str = "\x1b[24~";
    /// Enter.
    pub const ENTER: &str = "\r";
    /// Escape.
    pub const ESC: &str = "\x1b";
}

/// Who sits before which terminal.
pub struct Seat {
    /// The demo.
    pub child: Box<dyn Child + Send + Sync>,
    /// What the terminal shows.
    pub screen: Arc<Mutex<vt100::Parser>>,
    /// Every byte it was sent.
    pub raw: Arc<Mutex<Vec<u8>>>,
    /// Their own folder; the desk they started is `desk` in it.
    pub data: TempDir,
    keyboard: Box<dyn Write + Send>,
    terminal: Box<dyn MasterPty + Send>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seat {
    /// Starts `program`, the demo, with a repeatable market on the desk in `data`.
    #[must_use]
    pub fn demo(
        program: &str,
        size: (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &Path)],
        data: TempDir,
    ) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(["--seed", "7", "--data"]);
        command.arg(data.path().join("desk"));
        Self::sits(command, size, arguments, environment, data)
    }

    /// Starts `program`, the demo, for somebody beside this person, at the same desk.
    #[must_use]
    pub fn beside(&self, program: &str, size: (u16, u16), arguments: &[&str]) -> Self {
        let mut command = CommandBuilder::new(program);
        command.arg("--join");
        command.arg(self.data.path().join("desk"));
        Self::sits(command, size, arguments, &[], tempfile::tempdir().expect("a folder"))
    }

    /// Another program in the terminal, which has the demo begin, stop and go on; the desk in `data` is yet to be started.
    #[must_use]
    pub fn of(program: &str, size: (u16, u16), arguments: &[&str], data: TempDir) -> Self {
        Self::sits(CommandBuilder::new(program), size, arguments, &[("PS1", Path::new("shell> "))], data)
    }

    fn sits(
        mut command: CommandBuilder,
        (cols, rows): (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &Path)],
        data: TempDir,
    ) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for inherited in ["NO_COLOR", "COLORTERM", "COLORFGBG"] {
            command.env_remove(inherited);
        }
        command.env("XDG_CONFIG_HOME", data.path());
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the demo starts");
        drop(pair.slave);
        let output = pair.master.try_clone_reader().expect("its output");
        let keyboard = pair.master.take_writer().expect("its keyboard");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        watch(output, Arc::clone(&screen), Arc::clone(&raw));
        Self { child, screen, raw, data, keyboard, terminal: pair.master }
    }

    /// What is on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    /// Waits until the screen shows every one of `wanted`.
    pub fn sees(&self, wanted: &[&str]) {
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
    #[must_use]
    pub fn leaves(&self, word: &str) -> bool {
        for _ in 0..ANSWER_LOOKS {
            if !self.text().contains(word) {
                return true;
            }
            thread::sleep(LOOK);
        }
        false
    }

    /// Types what stands between two looks.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
        self.keyboard.flush().expect("typed");
        thread::sleep(BETWEEN_KEYS);
    }

    /// Types one after another.
    pub fn types_each(&mut self, keys: &[&str]) {
        for keys in keys {
            self.types(keys);
        }
    }

    /// The terminal gets another size.
    pub fn resizes(&self, (cols, rows): (u16, u16)) {
        self.screen.lock().expect("the screen").screen_mut().set_size(rows, cols);
        self.terminal.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("another size");
    }

    /// True once these bytes were sent to the terminal.
    #[must_use]
    pub fn wrote(&self, bytes: &[u8]) -> bool {
        self.raw.lock().expect("the bytes").windows(bytes.len()).any(|part| part == bytes)
    }

    /// Fills the code in from the demo's authenticator and sends it, until `word` has gone. Nothing is typed while an answer
    /// may be on its way.
    pub fn with_a_code(&mut self, word: &str) {
        for _ in 0..CODES_MAX {
            self.types_each(&[keys::F9, keys::ENTER]);
            if self.leaves(word) {
                return;
            }
        }
        panic!("{word} never went:\n{}", self.text());
    }

    /// From sign-in to the desk, where the screen shows every one of `wanted`.
    pub fn signs_in(&mut self, wanted: &[&str]) {
        self.sees(&["Sign in", "pinned, OK", "DEMO AUTHENTICATOR", "F9 types it"]);
        self.types_each(&[keys::F9, keys::ENTER]);
        self.sees(wanted);
    }

    /// Signs out, and in again as another person of the demo, chosen by F3.
    pub fn goes_on_as(&mut self, login: &str, wanted: &[&str]) {
        self.types_each(&[":", "sign out", keys::ENTER]);
        let chosen = format!("[{login} ");
        for _ in 0..PEOPLE_MAX {
            self.sees(&["Sign in", "pinned, OK"]);
            if self.text().contains(&chosen) {
                break;
            }
            self.types(keys::F3);
        }
        self.sees(&[&chosen, "F9 types it"]);
        self.with_a_code("Sign in");
        self.sees(wanted);
    }

    /// Asks to leave, says yes, and waits for the end; true for status 0.
    #[must_use]
    pub fn goes(&mut self) -> bool {
        self.types("q");
        self.sees(&["Leave?", "y leave"]);
        self.types("y");
        for _ in 0..LOOKS_MAX {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            thread::sleep(LOOK);
        }
        panic!("it did not leave:\n{}", self.text());
    }
}

fn watch(mut output: Box<dyn Read + Send>, screen: Arc<Mutex<vt100::Parser>>, raw: Arc<Mutex<Vec<u8>>>) {
    thread::spawn(move || {
        let mut buffer = [0_u8; 8192];
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            let bytes = buffer.get(..read).unwrap_or_default();
            screen.lock().expect("the screen").process(bytes);
            raw.lock().expect("the bytes").extend_from_slice(bytes);
        }
    });
}
