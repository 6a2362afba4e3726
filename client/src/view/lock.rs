//! The screen of a locked desk: the time, who may return, how much goes on without them; it must show nothing of the desk.

use turret_shared::text::escaped;

use super::passing;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::signin;
use super::theme::Token;
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::lock::Locked;
use crate::format;

/// Columns of the frame.
const WIDTH: u16 = 60;
/// Lines of a figure of the clock.
const FIGURE_LINES: usize = 5;

/// Figures of five lines and four columns; the colon is last.
const FIGURES: [[&str; FIGURE_LINES]; 11] = [
    ["####", "#  #", "#  #", "#  #", "####"],
    ["  # ", " ## ", "  # ", "  # ", " ###"],
    ["####", "   #", "####", "#   ", "####"],
    ["####", "   #", " ###", "   #", "####"],
    ["#  #", "#  #", "####", "   #", "   #"],
    ["####", "#   ", "####", "   #", "####"],
    ["####", "#   ", "####", "#  #", "####"],
    ["####", "   #", "  # ", "  # ", "  # "],
    ["####", "#  #", "####", "#  #", "####"],
    ["####", "#  #", "####", "   #", "####"],
    ["    ", " #  ", "    ", " #  ", "    "],
];

/// Draws it; `x` is where the badge ended.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, locked: &Locked, x: u16) {
    let (w, h) = model.size;
    pen.text(x, 0, 40, " LOCKED", Token::Warn);
    pen.right(0, 0, w, &passing::clocks(model), Token::Text);
    let middle = h / 2;
    clock(pen, model, middle.saturating_sub(8));
    let sheet = sheet(model, locked);
    let high = u16::try_from(sheet.lines.len()).unwrap_or(9).saturating_add(2);
    let left = w.saturating_sub(WIDTH) / 2;
    let top = middle.saturating_sub(1);
    sheet.place(pen, Area { x: left, y: top, w: WIDTH, h: high });
    let below = top.saturating_add(high);
    if let Some(panel) = signin::authenticator(model).filter(|_| below.saturating_add(5) <= h) {
        panel.place(pen, Area { x: left, y: below, w: WIDTH, h: 3 });
    }
    if model.signin.help {
        signin::help(model).float(pen, Area { x: 0, y: 2, w, h: h.saturating_sub(4) }, 68);
    }
    signin::message(pen, model);
    if let Some(open) = model.keying_shown() {
        return super::frame::keying_window(pen, model, open);
    }
    let demo = if model.demo_authenticator().is_some() { "{sign-in-code} demo code  " } else { "" };
    let hints = model.keys.say(&format!(
        "Enter unlock  {demo}{{sign-in-key}} security key  {{sign-in-help}} help  Esc clear  {{sign-in-leave}} sign out"
    ));
    pen.text(0, h.saturating_sub(1), w, &hints, Token::Accent);
}

/// The venue's time, large enough to be read across a desk.
fn clock(pen: &mut Pen<'_>, model: &Model, top: u16) {
    // Figures so large are read as the time, and a quiet screen does not tell it.
    if model.quiet_since().is_some() {
        return;
    }
    let text = passing::time(model, &model.venue_zone);
    let wide = u16::try_from(text.len().saturating_mul(5)).unwrap_or(40);
    let left = model.size.0.saturating_sub(wide) / 2;
    for (line, y) in (0..FIGURE_LINES).zip(top..) {
        let mut row = String::new();
        for c in text.chars() {
            let at = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(10);
            row.push_str(FIGURES.get(at).and_then(|figure| figure.get(line)).copied().unwrap_or("    "));
            row.push(' ');
        }
        pen.text(left, y, wide, &row, Token::Muted);
    }
}

/// How much goes on without the person, in a sentence.
pub(super) fn orders(locked: &Locked) -> String {
    match locked.working {
        0 => "You have no working orders.".to_owned(),
        1 => "1 of your orders keeps working at the venue while locked.".to_owned(),
        n => format!("{n} of your orders keep working at the venue while locked."),
    }
}

fn sheet(model: &Model, locked: &Locked) -> Sheet {
    let live = model.server.environment == turret_shared::command::Environment::Live;
    let since = format::clock(locked.since, &model.venue_zone);
    let orders = orders(locked);
    let mut sheet = Sheet {
        title: format!("Locked: {}  {} {}", escaped(&locked.login), escaped(&locked.role), escaped(&locked.desk))
            .trim_end()
            .to_owned(),
        corner: model.server.environment.word().into(),
        token: if live { Token::Live } else { Token::Sim },
        lines: vec![
            Line::of(escaped(&locked.why), Token::Text),
            Line::of(
                format!("Since {since} {}. Nothing of the desk is in memory.", model.venue_zone.label),
                Token::Muted,
            ),
            Line::of(orders, if locked.working > 0 { Token::Warn } else { Token::Text }),
            Line::default(),
        ],
    };
    sheet.lines.extend(signin::factors(&model.signin));
    sheet
}
