//! Roles of text and how they look on a given terminal; it must hold no colour of its own.

use ratatui::style::{Color, Modifier, Style};

use super::canvas::Patch;
use super::colours::{self, Rgb};
use crate::app::{Colours, Look};

/// What a piece of text is; every one is told by words or marks too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Token {
    /// Plain.
    #[default]
    Text,
    /// Labels, heads, what is over.
    Muted,
    /// Buys.
    Buy,
    /// Sales.
    Sell,
    /// Rising.
    Up,
    /// Falling.
    Down,
    /// Look here.
    Warn,
    /// Something is wrong.
    Error,
    /// Old prices.
    Stale,
    /// Real money.
    Live,
    /// The simulator.
    Sim,
    /// Keys, names, what has the focus.
    Accent,
    /// What has the focus, strongly.
    Focus,
}

impl Token {
    /// Every one, in the order of the palettes.
    pub(super) const ALL: [Self; 13] = [
        Self::Text,
        Self::Muted,
        Self::Buy,
        Self::Sell,
        Self::Up,
        Self::Down,
        Self::Warn,
        Self::Error,
        Self::Stale,
        Self::Live,
        Self::Sim,
        Self::Accent,
        Self::Focus,
    ];
}

/// Colours for one terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    look: Look,
    fore: [Option<Color>; Token::ALL.len()],
    ground: Option<Color>,
    cursor: Option<Color>,
}

impl Theme {
    /// For a terminal of this look.
    #[must_use]
    pub(super) fn new(look: Look) -> Self {
        let fore = Token::ALL.map(|token| colour(look, token));
        Self { look, fore, ground: shown(look, colours::ground(look)), cursor: shown(look, colours::cursor(look)) }
    }

    /// True when it was made for that look.
    #[must_use]
    pub(super) fn is_for(&self, look: Look) -> bool {
        self.look == look
    }

    /// The same as it changes cells.
    #[must_use]
    pub(super) fn patch(&self, token: Token) -> Patch {
        Patch::of(self.style(token))
    }

    /// How a role looks.
    #[must_use]
    pub(super) fn style(&self, token: Token) -> Style {
        let colour = self.fore.get(token as usize).copied().flatten();
        let style = colour.map_or(Style::new(), |colour| Style::new().fg(colour));
        match token {
            Token::Live => style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Token::Error | Token::Focus => style.add_modifier(Modifier::BOLD),
            Token::Sim | Token::Accent if self.look.colours == Colours::None => style.add_modifier(Modifier::BOLD),
            Token::Stale | Token::Muted if self.look.colours == Colours::None => style.add_modifier(Modifier::DIM),
            _ => style,
        }
    }

    /// What every cell stands on: nothing where the terminal's own ground shows through.
    #[must_use]
    pub(super) fn ground(&self) -> Style {
        if !self.look.theme.painted {
            return Style::new();
        }
        let Some(ground) = self.ground else { return Style::new() };
        let text = self.fore.first().copied().flatten();
        text.map_or(Style::new(), |text| Style::new().fg(text)).bg(ground)
    }

    /// The row under the cursor.
    #[must_use]
    pub(super) fn cursor(&self) -> Style {
        match self.look.colours {
            Colours::None | Colours::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            Colours::Many | Colours::True => self.cursor.map_or(Style::new(), |colour| Style::new().bg(colour)),
        }
    }

    /// What stands behind a window that took the keys.
    #[must_use]
    pub(super) fn behind(&self) -> Style {
        match self.look.colours {
            Colours::None | Colours::Sixteen => Style::new().add_modifier(Modifier::DIM),
            Colours::Many | Colours::True => self.style(Token::Muted).add_modifier(Modifier::DIM),
        }
    }
}

/// A colour as this terminal can show it.
fn shown(look: Look, rgb: Rgb) -> Option<Color> {
    match look.colours {
        Colours::None => None,
        Colours::Sixteen => Some(if look.light { Color::White } else { Color::Black }),
        Colours::Many => Some(Color::Indexed(colours::nearest(rgb))),
        Colours::True => Some(Color::Rgb(rgb.0, rgb.1, rgb.2)),
    }
}

fn colour(look: Look, token: Token) -> Option<Color> {
    // On the terminal's own ground plain text keeps the terminal's own colour too.
    if !look.theme.painted && matches!(token, Token::Text | Token::Focus) {
        return None;
    }
    match look.colours {
        Colours::None => None,
        Colours::Sixteen => colours::sixteen(look, token),
        Colours::Many | Colours::True => shown(look, colours::fore(look, token)),
    }
}
