//! The palettes: a colour for each role, family and ground; it must be the only place that names a colour.

use ratatui::style::Color;

use super::theme::Token;
use crate::app::Look;
use crate::app::look::Hues;

/// Red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// One family on one ground.
struct Palette {
    ground: Rgb,
    cursor: Rgb,
    text: Rgb,
    muted: Rgb,
    buy: Rgb,
    sell: Rgb,
    /// What rises, where red rises.
    red: Rgb,
    warn: Rgb,
    error: Rgb,
    stale: Rgb,
    accent: Rgb,
}

const STANDARD_DARK: Palette = Palette {
    ground: (16, 20, 28),
    cursor: (44, 54, 74),
    text: (226, 230, 238),
    muted: (160, 168, 182),
    buy: (110, 178, 255),
    sell: (255, 178, 96),
    red: (255, 128, 128),
    warn: (242, 208, 96),
    error: (255, 122, 122),
    stale: (160, 168, 180),
    accent: (132, 208, 214),
};

const STANDARD_LIGHT: Palette = Palette {
    ground: (250, 250, 248),
    cursor: (218, 226, 240),
    text: (24, 28, 36),
    muted: (88, 94, 106),
    buy: (0, 84, 166),
    sell: (152, 70, 0),
    red: (176, 16, 32),
    warn: (118, 84, 0),
    error: (176, 16, 32),
    stale: (92, 96, 104),
    accent: (0, 102, 112),
};

const CONTRAST_DARK: Palette = Palette {
    ground: (0, 0, 0),
    cursor: (0, 0, 95),
    text: (255, 255, 255),
    muted: (210, 210, 210),
    buy: (135, 206, 255),
    sell: (255, 190, 90),
    red: (255, 160, 160),
    warn: (255, 230, 0),
    error: (255, 160, 160),
    stale: (190, 190, 190),
    accent: (0, 255, 255),
};

const CONTRAST_LIGHT: Palette = Palette {
    ground: (255, 255, 255),
    cursor: (228, 238, 255),
    text: (0, 0, 0),
    muted: (58, 58, 58),
    buy: (0, 0, 175),
    sell: (110, 40, 0),
    red: (135, 0, 0),
    warn: (84, 56, 0),
    error: (135, 0, 0),
    stale: (68, 68, 68),
    accent: (95, 0, 95),
};

const RED_GREEN_DARK: Palette = Palette {
    ground: (16, 20, 28),
    cursor: (44, 54, 74),
    text: (226, 230, 238),
    muted: (160, 168, 182),
    buy: (92, 172, 255),
    sell: (255, 206, 64),
    red: (255, 206, 64),
    warn: (255, 240, 170),
    error: (255, 172, 165),
    stale: (160, 168, 180),
    accent: (208, 212, 255),
};

const RED_GREEN_LIGHT: Palette = Palette {
    ground: (250, 250, 248),
    cursor: (218, 226, 240),
    text: (24, 28, 36),
    muted: (88, 94, 106),
    buy: (0, 70, 180),
    sell: (132, 78, 0),
    red: (132, 78, 0),
    warn: (104, 86, 0),
    error: (140, 0, 84),
    stale: (92, 96, 104),
    accent: (60, 60, 130),
};

const BLUE_YELLOW_DARK: Palette = Palette {
    ground: (16, 20, 28),
    cursor: (44, 54, 74),
    text: (226, 230, 238),
    muted: (160, 168, 182),
    buy: (70, 220, 190),
    sell: (255, 150, 150),
    red: (255, 150, 150),
    warn: (255, 214, 220),
    error: (255, 124, 130),
    stale: (160, 168, 180),
    accent: (150, 230, 240),
};

const BLUE_YELLOW_LIGHT: Palette = Palette {
    ground: (250, 250, 248),
    cursor: (218, 226, 240),
    text: (24, 28, 36),
    muted: (88, 94, 106),
    buy: (0, 98, 84),
    sell: (172, 18, 48),
    red: (172, 18, 48),
    warn: (124, 48, 60),
    error: (140, 0, 40),
    stale: (92, 96, 104),
    accent: (0, 88, 108),
};

const fn palette(look: Look) -> &'static Palette {
    match (look.theme.hues, look.light) {
        (Hues::Standard, false) => &STANDARD_DARK,
        (Hues::Standard, true) => &STANDARD_LIGHT,
        (Hues::Contrast, false) => &CONTRAST_DARK,
        (Hues::Contrast, true) => &CONTRAST_LIGHT,
        (Hues::RedGreen, false) => &RED_GREEN_DARK,
        (Hues::RedGreen, true) => &RED_GREEN_LIGHT,
        (Hues::BlueYellow, false) => &BLUE_YELLOW_DARK,
        (Hues::BlueYellow, true) => &BLUE_YELLOW_LIGHT,
    }
}

/// What a painted frame stands on.
pub(super) const fn ground(look: Look) -> Rgb {
    palette(look).ground
}

/// What the row under the cursor stands on.
pub(super) const fn cursor(look: Look) -> Rgb {
    palette(look).cursor
}

/// The colour of a role.
pub(super) const fn fore(look: Look, token: Token) -> Rgb {
    let colours = palette(look);
    match token {
        Token::Text | Token::Focus => colours.text,
        Token::Muted => colours.muted,
        Token::Up if look.red_up => colours.red,
        Token::Down if look.red_up => colours.buy,
        Token::Buy | Token::Up => colours.buy,
        Token::Sell | Token::Down => colours.sell,
        Token::Warn => colours.warn,
        Token::Error | Token::Live => colours.error,
        Token::Stale => colours.stale,
        Token::Sim | Token::Accent => colours.accent,
    }
}

/// The colour of a role among sixteen, as xterm has them; what they really are is the person's own setting.
pub(super) const fn sixteen(look: Look, token: Token) -> Option<Color> {
    Some(match (token, look.theme.hues, look.light) {
        (Token::Text | Token::Focus | Token::Muted, _, false) if look.theme.painted => Color::White,
        (Token::Text | Token::Focus | Token::Muted, _, true) if look.theme.painted => Color::Black,
        (Token::Text | Token::Focus | Token::Muted, ..) => return None,
        (Token::Up, Hues::Contrast, false) if look.red_up => Color::LightYellow,
        (Token::Up, _, false) if look.red_up => Color::LightRed,
        (Token::Down, _, false) if look.red_up => Color::LightCyan,
        (Token::Up, Hues::Contrast, true) if look.red_up => Color::Black,
        (Token::Up, _, true) if look.red_up => Color::Red,
        (Token::Down, _, true) if look.red_up => Color::Blue,
        (Token::Buy | Token::Up, _, false) => Color::LightCyan,
        (Token::Buy | Token::Up, _, true) => Color::Blue,
        (Token::Sell | Token::Down, Hues::BlueYellow, false) => Color::LightRed,
        (Token::Sell | Token::Down | Token::Warn, _, false) => Color::LightYellow,
        (Token::Error | Token::Live, Hues::Contrast, false) => Color::White,
        (Token::Error | Token::Live, _, false) => Color::LightRed,
        (Token::Stale, _, false) => Color::Gray,
        (Token::Sim | Token::Accent, _, false) => Color::LightGreen,
        (Token::Sell | Token::Down | Token::Error | Token::Live | Token::Warn | Token::Stale, Hues::Contrast, true) => {
            Color::Black
        }
        (Token::Sell | Token::Down | Token::Error | Token::Live, _, true) => Color::Red,
        (Token::Stale, _, true) => Color::Black,
        (Token::Sim | Token::Accent, Hues::Contrast, true) => Color::Blue,
        (Token::Sim | Token::Accent | Token::Warn, _, true) => Color::Magenta,
    })
}

/// Levels of the 6x6x6 cube of the 256 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the 240 fixed colours of the 256: cube from 16, greys from 232.
pub(super) fn nearest(rgb: Rgb) -> u8 {
    let all = (16..=255_u8).map(|index| (distance(fixed(index), rgb), index));
    all.min().map_or(15, |(_, index)| index)
}

/// What a fixed colour of the 256 is.
fn fixed(index: u8) -> Rgb {
    if let Some(grey) = index.checked_sub(232) {
        let level = grey.saturating_mul(10).saturating_add(8);
        return (level, level, level);
    }
    let at = index.saturating_sub(16);
    let level = |n: u8| LEVELS.get(usize::from(n % 6)).copied().unwrap_or(255);
    (level(at / 36), level(at / 6), level(at))
}

/// Squared distance, green weighing most and blue least, as eyes have it.
fn distance(a: Rgb, b: Rgb) -> u32 {
    let part = |x: u8, y: u8, weight: u32| u32::from(x.abs_diff(y)).pow(2).saturating_mul(weight);
    part(a.0, b.0, 3).saturating_add(part(a.1, b.1, 6)).saturating_add(part(a.2, b.2, 2))
}

#[cfg(test)]
mod tests;
