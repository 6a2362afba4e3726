//! Whether the terminal shows what is typed, and what its suspend key does, by lines; it must leave both as they were.

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// Ctrl-C and Ctrl-Z.
#[cfg(unix)]
const INTERRUPT: u8 = super::prompted::INTERRUPT as u8;
#[cfg(unix)]
const SUSPEND: u8 = super::prompted::SUSPEND as u8;

/// The terminal's own line editing, as it was; nothing where standard input is no terminal.
pub(super) struct Echo {
    #[cfg(unix)]
    before: Option<Termios>,
    hidden: bool,
}

impl Echo {
    /// From now on Ctrl-C and Ctrl-Z end a line instead of ending or stopping whatever runs: one asks first, one locks first.
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
            for (code, key) in [
                (SpecialCodeIndex::VINTR, 0),
                (SpecialCodeIndex::VSUSP, 0),
                (SpecialCodeIndex::VEOL, INTERRUPT),
                (SpecialCodeIndex::VEOL2, SUSPEND),
            ] {
                modes.special_codes[code] = key;
            }
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
