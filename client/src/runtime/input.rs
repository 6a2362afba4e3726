//! Terminal events as the model's messages; it must drop what is neither pressed nor pasted.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::ground::{Heard, Listener};
use crate::app::Msg;
use crate::app::key::{Code, Mouse, Press};

/// A click this soon after the window came to the front only brought it there, in milliseconds.
const FOCUS_CLICK_MS: u64 = 120;

/// Remembers when the window came to the front, and what was asked of the terminal.
#[derive(Debug)]
pub(super) struct Input {
    focused_ms: Option<u64>,
    ground: Listener,
}

impl Input {
    /// From now on; `asked_ms` is when the terminal was asked about its ground, if it was.
    pub(super) const fn new(asked_ms: Option<u64>) -> Self {
        Self { focused_ms: None, ground: Listener::new(asked_ms) }
    }

    /// The messages of an event: one, mostly.
    pub(super) fn messages(&mut self, event: Event, mono_ms: u64) -> Vec<Msg> {
        match event {
            Event::Key(event) => key(event).map_or_else(Vec::new, |press| self.key(press, mono_ms)),
            Event::Paste(text) => vec![Msg::Paste(text)],
            Event::Resize(w, h) => vec![Msg::Resized(w, h)],
            Event::FocusGained => {
                self.focused_ms = Some(mono_ms);
                vec![Msg::Focused]
            }
            Event::FocusLost => Vec::new(),
            Event::Mouse(event) => {
                let mouse = mouse(event).filter(|mouse| !self.swallows(*mouse, mono_ms));
                mouse.map(Msg::Mouse).into_iter().collect()
            }
        }
    }

    fn key(&mut self, press: Press, mono_ms: u64) -> Vec<Msg> {
        match self.ground.hear(press, mono_ms) {
            Heard::Keys(keys) => keys.into_iter().map(Msg::Key).collect(),
            Heard::Ground(light) => vec![Msg::Ground { light }],
            Heard::Nothing => Vec::new(),
        }
    }

    fn swallows(&self, mouse: Mouse, mono_ms: u64) -> bool {
        let recent = self.focused_ms.is_some_and(|at| mono_ms.saturating_sub(at) < FOCUS_CLICK_MS);
        recent && matches!(mouse, Mouse::Click { .. })
    }
}

fn key(event: KeyEvent) -> Option<Press> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(Press { code, ctrl, alt })
}

const fn mouse(event: MouseEvent) -> Option<Mouse> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click { x: event.column, y: event.row }),
        MouseEventKind::ScrollUp => Some(Mouse::Up),
        MouseEventKind::ScrollDown => Some(Mouse::Down),
        _ => None,
    }
}
