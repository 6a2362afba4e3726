//! Roles of text and the colours they take on a given terminal; it must be the only place that names a colour.

use ratatui::style::{Color, Modifier, Style};

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

/// Colours for one terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    look: Look,
}

impl Theme {
    /// For a terminal of this look.
    #[must_use]
    pub(super) const fn new(look: Look) -> Self {
        Self { look }
    }

    /// How a role looks.
    #[must_use]
    pub(super) fn style(self, token: Token) -> Style {
        let style = self.colour(token).map_or(Style::new(), |colour| Style::new().fg(colour));
        match token {
            Token::Live => style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Token::Error | Token::Focus => style.add_modifier(Modifier::BOLD),
            Token::Sim | Token::Accent if self.look.colours == Colours::None => style.add_modifier(Modifier::BOLD),
            Token::Stale | Token::Muted if self.look.colours == Colours::None => style.add_modifier(Modifier::DIM),
            _ => style,
        }
    }

    /// The row under the cursor.
    #[must_use]
    pub(super) fn cursor(self) -> Style {
        match (self.look.colours, self.look.light) {
            (Colours::None | Colours::Sixteen, _) => Style::new().add_modifier(Modifier::REVERSED),
            (Colours::Many, false) => Style::new().bg(Color::Indexed(237)),
            (Colours::Many, true) => Style::new().bg(Color::Indexed(253)),
            (Colours::True, false) => Style::new().bg(Color::Rgb(44, 54, 74)),
            (Colours::True, true) => Style::new().bg(Color::Rgb(218, 226, 240)),
        }
    }

    /// What stands behind a window that took the keys.
    #[must_use]
    pub(super) fn behind(self) -> Style {
        match self.look.colours {
            Colours::None | Colours::Sixteen => Style::new().add_modifier(Modifier::DIM),
            Colours::Many | Colours::True => self.style(Token::Muted).add_modifier(Modifier::DIM),
        }
    }

    const fn colour(self, token: Token) -> Option<Color> {
        match self.look.colours {
            Colours::None => None,
            Colours::Sixteen => sixteen(token, self.look.light),
            Colours::Many => many(token, self.look.light),
            Colours::True => full(token, self.look.light),
        }
    }
}

const fn sixteen(token: Token, light: bool) -> Option<Color> {
    Some(match token {
        Token::Text | Token::Muted | Token::Focus => return None,
        Token::Buy | Token::Up if light => Color::Blue,
        Token::Buy | Token::Up => Color::LightBlue,
        Token::Sell | Token::Down if light => Color::Red,
        Token::Sell | Token::Down | Token::Warn => Color::Yellow,
        Token::Error | Token::Live => Color::LightRed,
        Token::Stale => Color::DarkGray,
        Token::Sim | Token::Accent if light => Color::Cyan,
        Token::Sim | Token::Accent => Color::LightCyan,
    })
}

const fn many(token: Token, light: bool) -> Option<Color> {
    let index = match (token, light) {
        (Token::Text | Token::Focus, _) => return None,
        (Token::Muted, false) => 246,
        (Token::Muted, true) => 242,
        (Token::Buy | Token::Up, false) => 75,
        (Token::Buy | Token::Up, true) => 25,
        (Token::Sell | Token::Down, false) => 215,
        (Token::Sell | Token::Down, true) => 130,
        (Token::Warn, false) => 221,
        (Token::Warn, true) => 94,
        (Token::Error | Token::Live, false) => 203,
        (Token::Error | Token::Live, true) => 160,
        (Token::Stale, _) => 244,
        (Token::Sim | Token::Accent, false) => 116,
        (Token::Sim | Token::Accent, true) => 30,
    };
    Some(Color::Indexed(index))
}

const fn full(token: Token, light: bool) -> Option<Color> {
    let (r, g, b) = match (token, light) {
        (Token::Text | Token::Focus, _) => return None,
        (Token::Muted, false) => (146, 154, 168),
        (Token::Muted, true) => (92, 98, 110),
        (Token::Buy | Token::Up, false) => (110, 178, 255),
        (Token::Buy | Token::Up, true) => (0, 84, 166),
        (Token::Sell | Token::Down, false) => (255, 178, 96),
        (Token::Sell | Token::Down, true) => (156, 74, 0),
        (Token::Warn, false) => (242, 208, 96),
        (Token::Warn, true) => (122, 88, 0),
        (Token::Error | Token::Live, false) => (255, 122, 122),
        (Token::Error | Token::Live, true) => (176, 16, 32),
        (Token::Stale, false) => (128, 134, 146),
        (Token::Stale, true) => (112, 116, 124),
        (Token::Sim | Token::Accent, false) => (132, 208, 214),
        (Token::Sim | Token::Accent, true) => (0, 106, 116),
    };
    Some(Color::Rgb(r, g, b))
}
