//! Keys, clicks and the moment they came, free of any terminal library; it must not know what a key does.

use std::fmt;

use turret_shared::time::Timestamp;

/// Two clocks read at once: one that only moves on, one people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Monotonic milliseconds since the program began.
    pub mono_ms: u64,
    /// Wall time, UTC.
    pub wall: Timestamp,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A character as typed, Shift already applied.
    Char(char),
    /// `F1` to `F12`.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Press {
    /// Which.
    pub code: Code,
    /// With Control.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
}

impl Press {
    /// Without a modifier.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// The character typed, if this is text and no command.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads `b`, `Ctrl-p`, `F9`, `Enter`, `S-Tab`, `Space`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("Ctrl-").filter(|rest| !rest.is_empty()) {
            return Self::parse(rest).map(|key| Self { ctrl: true, ..key });
        }
        if let Some(rest) = text.strip_prefix("Alt-").filter(|rest| !rest.is_empty()) {
            return Self::parse(rest).map(|key| Self { alt: true, ..key });
        }
        let code = NAMES.iter().find(|(name, _)| *name == text).map(|(_, code)| *code);
        let function = || text.strip_prefix('F').and_then(|n| n.parse().ok()).filter(|n| (1..=12).contains(n));
        let mut chars = text.chars();
        let single = match (chars.next(), chars.next()) {
            (Some(c), None) => Some(Code::Char(c)),
            _ => None,
        };
        code.or(single).or_else(|| function().map(Code::F)).map(Self::plain)
    }
}

/// Names of the keys that are no characters; the first of a code is the one shown.
const NAMES: &[(&str, Code)] = &[
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("S-Tab", Code::BackTab),
    ("BackTab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Space", Code::Char(' ')),
];

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            _ => Ok(()),
        }
    }
}

/// What a mouse did, in cells from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// Left button.
    Click {
        /// Column.
        x: u16,
        /// Line.
        y: u16,
    },
    /// Wheel towards the person.
    Down,
    /// Wheel away.
    Up,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for text in ["b", "?", "Ctrl-p", "F9", "Enter", "S-Tab", "Space", "PgDn", "F", "<", "Alt-s"] {
            assert_eq!(Press::parse(text).map(|k| k.to_string()).as_deref(), Some(text));
        }
        for text in ["", "F13", "Ctrl-", "bb"] {
            assert_eq!(Press::parse(text), None, "{text}");
        }
    }
}
