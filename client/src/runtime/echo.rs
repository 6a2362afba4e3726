//! Whether the terminal shows what is typed, and what its suspend key does, by lines; it must leave both as they were.

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// The terminal's own line editing, as it was; nothing where standard input is no terminal.
pub(super) struct Echo {
    #[cfg(unix)]
    before: Option<Termios>,
    hidden: bool,
}

impl Echo {
    /// From now on a key that suspends is text like any other: who leaves the desk says `suspend`, which locks first.
    #[cfg(unix)]
    pub(super) fn take() -> Self {
        let before = tcgetattr(std::io::stdin()).ok();
        let echo = Self { before, hidden: false };
        echo.set();
        echo
    }

    #[cfg(not(unix))]
    pub(super) fn take() -> Self {
        Self { hidden: false }
    }

    /// Shows what is typed, or not.
    pub(super) fn hide(&mut self, hidden: bool) {
        if self.hidden != hidden {
            self.hidden = hidden;
            self.set();
        }
    }

    /// Everything as it was.
    #[cfg(unix)]
    pub(super) fn give_back(&self) {
        if let Some(before) = &self.before {
            // A terminal that is gone has nothing to be given back.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }

    #[cfg(not(unix))]
    pub(super) fn give_back(&self) {}

    #[cfg(unix)]
    fn set(&self) {
        if let Some(before) = &self.before {
            let mut modes = before.clone();
            modes.special_codes[SpecialCodeIndex::VSUSP] = 0;
            if self.hidden {
                modes.local_modes.remove(LocalModes::ECHO);
            }
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
        }
    }

    #[cfg(not(unix))]
    fn set(&self) {}
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.give_back();
    }
}
