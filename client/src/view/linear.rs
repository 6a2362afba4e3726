//! What a frame would show, as plain lines without frame or colour; it must say nothing a frame does not.

use turret_shared::text::escaped;

use super::canvas::Canvas;
use super::pen::Pen;
use super::theme::Theme;
use super::{bars, frame, keying, passing, password};
use crate::app::lock::Locked;
use crate::app::{Colours, Look, Model};

/// Columns and lines such a model must have: no pane docks, and lists are long.
pub const LINEAR_SIZE: (u16, u16) = (112, 60);

/// Lines of the window that has the keys, title first; none when no window is open.
#[must_use]
pub fn window(model: &Model) -> Vec<String> {
    let Some(modal) = model.modals.last() else { return Vec::new() };
    drawn(model, |pen| frame::window(pen, model, modal, None))
}

/// Lines of the screen: what stands above the list, its heads, its rows; `>` is the cursor.
#[must_use]
pub fn screen(model: &Model) -> Vec<String> {
    drawn(model, |pen| frame::screen(pen, model))
}

/// The time, or since when nothing happened.
#[must_use]
pub fn clocks(model: &Model) -> String {
    passing::clocks(model)
}

/// The row under the cursor.
#[must_use]
pub fn row(model: &Model) -> Option<String> {
    screen(model).into_iter().find(|line| line.starts_with('>'))
}

/// The line that tells what is wrong, or was said; empty when there is nothing.
#[must_use]
pub fn message(model: &Model) -> String {
    bars::said(model).unwrap_or_default()
}

/// What a turn with a security key waits for; empty when there is none.
#[must_use]
pub fn keying(model: &Model) -> String {
    model.keying_shown().map(|open| keying::spoken(model, open)).unwrap_or_default()
}

/// What a sign-in that wants a new password says of it; none where it wants none.
#[must_use]
pub fn renewal(model: &Model) -> Vec<String> {
    let login = escaped(model.signin.user.text());
    model.signin.renewal.as_ref().map(|open| password::spoken(open, &login)).unwrap_or_default()
}

/// How much goes on behind a lock, in a sentence.
#[must_use]
pub fn locked_orders(locked: &Locked) -> String {
    super::lock::orders(locked)
}

fn drawn(model: &Model, draw: impl FnOnce(&mut Pen<'_>)) -> Vec<String> {
    let mut canvas = Canvas::default();
    canvas.fit(model.size);
    let look = Look { ascii: true, colours: Colours::None, ..Look::default() };
    draw(&mut Pen::new(&mut canvas, Theme::new(look), true).bare());
    let text = (0..model.size.1).map(|y| canvas.text(y));
    text.map(|line| narrowed(&line)).filter(|line| !line.is_empty()).collect()
}

/// One line with its wide gaps closed to two blanks.
fn narrowed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut blanks = 0_usize;
    for c in line.trim().chars() {
        blanks = if c == ' ' { blanks.saturating_add(1) } else { 0 };
        if blanks <= 2 {
            out.push(c);
        }
    }
    out
}
