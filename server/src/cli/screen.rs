//! A terminal that people take turns at: lines asked for, and nothing left of what stood there; it must write to no file.

use std::io::{self, IsTerminal as _, Write as _};

use zeroize::Zeroizing;

use super::init::{Failed, failed};

/// Clears the screen and what was scrolled off it, and goes to the top.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";
/// Longest line read, in bytes.
const LINE_BYTES_MAX: usize = 512;

/// Both ends of a terminal.
pub(super) struct Screen(());

impl Screen {
    /// Where there is one.
    pub(super) fn open() -> Result<Self, Failed> {
        match io::stdin().is_terminal() && io::stdout().is_terminal() {
            true => Ok(Self(())),
            false => {
                Err(Failed("this is for a terminal: what is shown there goes into no file and no pipe".to_owned()))
            }
        }
    }

    pub(super) fn clear(&self) -> Result<(), Failed> {
        self.say(CLEAR)
    }

    /// Shows text.
    pub(super) fn say(&self, text: &str) -> Result<(), Failed> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed("the terminal"))
    }

    /// Asks for a line.
    pub(super) fn ask(&self, question: &str) -> Result<Zeroizing<String>, Failed> {
        self.say(question)?;
        // Room for the longest line, so that growing leaves no unwiped copy behind.
        let mut line = Zeroizing::new(String::with_capacity(LINE_BYTES_MAX));
        match io::stdin().read_line(&mut line) {
            Ok(1..) => Ok(line),
            Ok(0) => Err(Failed("nobody answers any more".to_owned())),
            Err(error) => Err(failed("the terminal")(error)),
        }
    }
}
