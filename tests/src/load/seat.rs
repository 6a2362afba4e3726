//! A program on a pseudo-terminal, its answers to keys timed as they leave it; it must treat every program alike.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Screen;

use super::ceiling_client::Broken;
use super::clock::Stopwatch;

/// Size of the terminal.
pub const LINES: u16 = 40;
/// See [`LINES`].
pub const COLUMNS: u16 = 120;
/// Longest wait for anything to be seen.
const SEE_S_MAX: u64 = 30;
/// Bytes read at once.
const READ_BYTES: usize = 64 * 1_024;
/// End of a synchronized update: a frame is whole.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// What is waited for.
type Wanted = Box<dyn Fn(&Screen) -> bool + Send>;

struct Watched {
    screen: vt100::Parser,
    watch: Stopwatch,
    /// Ends of frames seen so far.
    frames: u64,
    /// The bytes read last that may be the beginning of a [`FRAME_END`].
    tail: Vec<u8>,
    wanted: Option<Wanted>,
    /// When what was wanted came, in microseconds of `watch`.
    came_us: Option<u64>,
    over: bool,
}

impl Watched {
    /// Takes what was read at `now_us`: what is wanted is looked for where a frame ends, and where the program pauses if it
    /// marks no frames.
    fn take(&mut self, bytes: &[u8], now_us: u64) {
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            self.tail.push(*byte);
            if !FRAME_END.starts_with(&self.tail) {
                self.tail.clear();
                if FRAME_END.starts_with(&[*byte]) {
                    self.tail.push(*byte);
                }
            }
            if self.tail == FRAME_END {
                self.tail.clear();
                self.screen.process(bytes.get(start..=at).unwrap_or_default());
                start = at + 1;
                self.frames += 1;
                self.look(now_us);
            }
        }
        self.screen.process(bytes.get(start..).unwrap_or_default());
        if self.frames == 0 {
            self.look(now_us);
        }
    }

    fn look(&mut self, now_us: u64) {
        if self.wanted.as_ref().is_some_and(|wanted| wanted(self.screen.screen())) {
            self.wanted = None;
            self.came_us = Some(now_us);
        }
    }
}

#[derive(Clone)]
struct Eye(Arc<(Mutex<Watched>, Condvar)>);

impl Eye {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program at a terminal of its own; it is ended when this is dropped.
pub struct Seat {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    eye: Eye,
    watch: Stopwatch,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seat {
    /// Starts a program; time runs from before it is started.
    ///
    /// # Errors
    /// When there is no terminal or no program.
    pub fn start(program: &Path, args: &[OsString], home: &Path) -> Result<Self, Broken> {
        let size = PtySize { rows: LINES, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(home);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        for name in ["HOME", "XDG_CONFIG_HOME"] {
            command.env(name, home);
        }
        for name in ["NO_COLOR", "COLORTERM", "COLORFGBG", "LC_ALL", "LC_CTYPE"] {
            command.env_remove(name);
        }
        let mut output = pair.master.try_clone_reader()?;
        let keyboard = pair.master.take_writer()?;
        let watch = Stopwatch::start();
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let screen = vt100::Parser::new(LINES, COLUMNS, 0);
        let watched = Watched { screen, watch, frames: 0, tail: Vec::new(), wanted: None, came_us: None, over: false };
        let eye = Eye(Arc::new((Mutex::new(watched), Condvar::new())));
        let reading = eye.clone();
        std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            let mut buffer = vec![0_u8; READ_BYTES];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                let mut watched = reading.watched();
                let now_us = watched.watch.us();
                watched.over = read == 0;
                watched.take(buffer.get(..read).unwrap_or_default(), now_us);
                reading.0.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        })?;
        Ok(Self { child, keyboard, eye, watch, _terminal: pair.master })
    }

    /// Its process.
    ///
    /// # Errors
    /// When it has none.
    pub fn id(&self) -> Result<u32, Broken> {
        Ok(self.child.process_id().ok_or("the program has no process")?)
    }

    /// Frames it has drawn.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.eye.watched().frames
    }

    /// What its screen shows now.
    pub fn look<T>(&self, at: impl FnOnce(&Screen) -> T) -> T {
        at(self.eye.watched().screen.screen())
    }

    /// Microseconds from its start until its screen is as wanted.
    ///
    /// # Errors
    /// When that does not come about; with what the screen shows instead.
    pub fn sees(&self, wanted: impl Fn(&Screen) -> bool + Send + 'static) -> Result<u64, Broken> {
        self.want(Box::new(wanted));
        self.came()
    }

    /// The same for a word anywhere.
    ///
    /// # Errors
    /// See [`Self::sees`].
    pub fn reads(&self, word: &'static str) -> Result<u64, Broken> {
        self.sees(move |screen| screen.contents().contains(word))
    }

    /// Types.
    ///
    /// # Errors
    /// When nobody reads the keys.
    pub fn types(&mut self, keys: &str) -> Result<(), Broken> {
        self.keyboard.write_all(keys.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }

    /// Microseconds from a key until the screen is as wanted, which it must not be yet.
    ///
    /// # Errors
    /// See [`Self::sees`].
    pub fn answers(&mut self, key: &str, wanted: impl Fn(&Screen) -> bool + Send + 'static) -> Result<u64, Broken> {
        {
            let mut watched = self.eye.watched();
            if wanted(watched.screen.screen()) {
                return Err("the screen was as wanted before the key".into());
            }
            watched.came_us = None;
            watched.wanted = Some(Box::new(wanted));
        }
        let pressed_us = self.watch.us();
        self.types(key)?;
        Ok(self.came()?.saturating_sub(pressed_us))
    }

    /// Microseconds from its start to its end.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn ends(&mut self) -> Result<u64, Broken> {
        self.child.wait()?;
        Ok(self.watch.us())
    }

    fn want(&self, wanted: Wanted) {
        let mut watched = self.eye.watched();
        let now_us = watched.watch.us();
        watched.came_us = None;
        watched.wanted = Some(wanted);
        watched.look(now_us);
    }

    fn came(&self) -> Result<u64, Broken> {
        let limit = Duration::from_secs(SEE_S_MAX);
        let open = |watched: &mut Watched| watched.came_us.is_none() && !watched.over;
        let waited = self.eye.0.1.wait_timeout_while(self.eye.watched(), limit, open);
        let (watched, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let seen = || watched.screen.screen().contents();
        watched.came_us.ok_or_else(|| format!("never as wanted:\n{}", seen()).into())
    }
}

/// First line of a list: above it stand the bars, what the list is, marked where it has the keys, and its heads.
const LIST: u16 = 4;

/// The line the cursor of a list stands on.
#[must_use]
pub fn cursor_line(screen: &Screen) -> Option<u16> {
    (LIST..LINES).find(|line| screen.cell(*line, 0).is_some_and(|cell| cell.contents() == ">"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_however_they_are_cut() {
        let mut watched = Watched {
            screen: vt100::Parser::new(LINES, COLUMNS, 0),
            watch: Stopwatch::start(),
            frames: 0,
            tail: Vec::new(),
            wanted: Some(Box::new(|screen| screen.contents().contains('b'))),
            came_us: None,
            over: false,
        };
        watched.take(b"a\x1b[?2026l\x1b[?20", 1);
        assert_eq!((watched.frames, watched.came_us), (1, None));
        watched.take(b"26", 2);
        watched.take(b"lb", 3);
        assert_eq!((watched.frames, watched.came_us), (2, None), "the frame with it is not whole");
        watched.take(b"\x1b\x1b[?2026l", 4);
        assert_eq!((watched.frames, watched.came_us), (3, Some(4)));
    }
}
