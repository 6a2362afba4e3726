//! Contrast of every pair, and whether eyes of each kind tell the pairs apart.

use super::*;
use crate::app::Colours;
use crate::app::look::Theme;

/// Grounds people really have, for themes that do not paint their own.
const DARK_GROUNDS: [Rgb; 7] =
    [(0, 0, 0), (30, 30, 30), (40, 42, 54), (40, 44, 52), (0, 43, 54), (46, 52, 64), (30, 30, 46)];
const LIGHT_GROUNDS: [Rgb; 5] = [(255, 255, 255), (253, 246, 227), (251, 241, 199), (250, 250, 250), (239, 241, 245)];

/// WCAG 2.2, success criterion 1.4.3 and 1.4.6.
const ENOUGH: f64 = 4.5;
const HIGH: f64 = 7.0;
/// Lab distance at which two colours are told apart at a glance; a just noticeable difference is 2.3.
const APART: f64 = 20.0;

/// xterm's sixteen.
const XTERM: [Rgb; 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

fn linear(level: u8) -> f64 {
    let c = f64::from(level) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn lit(rgb: Rgb) -> [f64; 3] {
    [linear(rgb.0), linear(rgb.1), linear(rgb.2)]
}

fn luminance(rgb: Rgb) -> f64 {
    let [r, g, b] = lit(rgb);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn looks() -> Vec<Look> {
    let mut all = Vec::new();
    for hues in Hues::ALL {
        for light in [false, true] {
            for red_up in [false, true] {
                for painted in [false, true] {
                    let theme = Theme { hues, light: Some(light), painted };
                    all.push(Look { light, theme, red_up, ..Look::default() });
                }
            }
        }
    }
    all
}

fn grounds(look: Look) -> Vec<Rgb> {
    match (look.theme.painted, look.light) {
        (true, _) => vec![ground(look)],
        (false, false) => DARK_GROUNDS.to_vec(),
        (false, true) => LIGHT_GROUNDS.to_vec(),
    }
}

fn wanted(look: Look) -> f64 {
    if look.theme.hues == Hues::Contrast { HIGH } else { ENOUGH }
}

/// The colour itself, or as 256 colours have it.
fn at_depth(rgb: Rgb, colours: Colours) -> Rgb {
    if colours == Colours::Many { fixed(nearest(rgb)) } else { rgb }
}

#[test]
fn every_role_is_read_on_every_ground_and_under_the_cursor() {
    let mut poor = Vec::new();
    for look in looks() {
        // High contrast is a promise about its own ground only.
        if look.theme.hues == Hues::Contrast && !look.theme.painted {
            continue;
        }
        for depth in [Colours::True, Colours::Many] {
            for token in Token::ALL {
                let plain = !look.theme.painted && matches!(token, Token::Text | Token::Focus);
                let colour = at_depth(fore(look, token), depth);
                let mut under = if plain { Vec::new() } else { grounds(look) };
                under.push(cursor(look));
                for below in under {
                    let below =
                        if look.theme.painted || below == cursor(look) { at_depth(below, depth) } else { below };
                    let ratio = contrast(colour, below);
                    if ratio < wanted(look) {
                        poor.push(format!("{} {depth:?} {token:?} {colour:?} on {below:?}: {ratio:.2}", look.word()));
                    }
                }
            }
        }
    }
    assert!(poor.is_empty(), "{}", poor.join("\n"));
}

#[test]
fn sixteen_colours_are_read_as_xterm_has_them() {
    let index = |colour: Color| match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Gray => 7,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightCyan => 14,
        Color::White => 15,
        other => panic!("{other:?} is not one of those used"),
    };
    for look in looks() {
        let below = if look.light { XTERM[15] } else { XTERM[0] };
        for token in Token::ALL {
            let Some(colour) = sixteen(look, token) else { continue };
            let ratio = contrast(XTERM[index(colour)], below);
            assert!(ratio >= wanted(look), "{} {token:?} {colour:?}: {ratio:.2}", look.word());
        }
    }
}

/// Machado, Oliveira, Fernandes 2009, table 1, severity 1.0, on linear light.
const PROTANOPIA: [[f64; 3]; 3] =
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
const DEUTERANOPIA: [[f64; 3]; 3] =
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
const TRITANOPIA: [[f64; 3]; 3] =
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];
const ALL_THREE: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// CIE L*a*b* (D65) of what such eyes see.
fn seen(rgb: Rgb, eyes: &[[f64; 3]; 3]) -> [f64; 3] {
    let light = lit(rgb);
    let [r, g, b] = eyes.map(|row| row.iter().zip(light).map(|(m, c)| m * c).sum::<f64>().clamp(0.0, 1.0));
    let x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047;
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883;
    let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
}

fn apart(a: Rgb, b: Rgb, eyes: &[[f64; 3]; 3]) -> f64 {
    let (a, b) = (seen(a, eyes), seen(b, eyes));
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn buys_and_sales_rises_and_falls_are_told_apart_by_the_eyes_a_theme_is_for() {
    let mut alike = Vec::new();
    for look in looks() {
        let eyes: &[_] = match look.theme.hues {
            // The pair everybody begins with survives all three, and high contrast with it.
            Hues::Standard | Hues::Contrast => &[ALL_THREE, PROTANOPIA, DEUTERANOPIA],
            Hues::RedGreen => &[ALL_THREE, PROTANOPIA, DEUTERANOPIA],
            Hues::BlueYellow => &[ALL_THREE, TRITANOPIA],
        };
        for depth in [Colours::True, Colours::Many] {
            for (a, b) in [(Token::Buy, Token::Sell), (Token::Up, Token::Down), (Token::Buy, Token::Error)] {
                for (at, eyes) in eyes.iter().enumerate() {
                    let colours = [a, b].map(|token| at_depth(fore(look, token), depth));
                    let distance = apart(colours[0], colours[1], eyes);
                    if distance < APART {
                        alike.push(format!("{} {depth:?} {a:?} {b:?} eyes {at}: {distance:.1}", look.word()));
                    }
                }
            }
        }
    }
    assert!(alike.is_empty(), "{}", alike.join("\n"));
}

#[test]
fn the_cube_and_the_greys_are_where_terminals_have_them() {
    assert_eq!(
        (fixed(16), fixed(231), fixed(232), fixed(255)),
        ((0, 0, 0), (255, 255, 255), (8, 8, 8), (238, 238, 238))
    );
    assert_eq!(fixed(75), (95, 175, 255));
    for index in 16..=255 {
        assert_eq!(fixed(nearest(fixed(index))), fixed(index));
    }
}
