//! A workstation's frame as cells, as lines and as lines with their styles; it must leave the model as it was.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use turret_client::app::{Colours, Look, Model};
use turret_client::view::{self, Canvas};

/// Draws one frame into memory and gives its cells.
#[must_use]
pub fn drawn(model: &Model) -> Buffer {
    let mut canvas = Canvas::default();
    view::draw(model, &mut canvas);
    let (width, height) = canvas.size();
    let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height });
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        if let (Some(cell), Some((text, style))) = (buffer.cell_mut((x, y)), canvas.shown(x, y)) {
            cell.set_symbol(&text).set_style(style);
        }
    }
    buffer
}

fn lines(buffer: &Buffer) -> impl Iterator<Item = String> {
    let Rect { width, height, .. } = buffer.area;
    let line = move |y: u16| (0..width).filter_map(|x| buffer.cell((x, y))).map(Cell::symbol).collect::<String>();
    (0..height).map(move |y| line(y).trim_end().to_owned())
}

/// Draws one frame into memory and gives its lines.
#[must_use]
pub fn picture(model: &Model) -> String {
    lines(&drawn(model)).map(|line| line + "\n").collect()
}

/// The same with colours: the lines, then for each line the columns that are not plain and the letter of their style, then
/// what the letters stand for.
#[must_use]
pub fn painting(model: &Model) -> String {
    let buffer = drawn(model);
    let mut letters: Vec<String> = Vec::new();
    let mut out: String = lines(&buffer).map(|line| line + "\n").collect();
    out.push_str("-- styles\n");
    for y in 0..buffer.area.height {
        let mut runs: Vec<(u16, u16, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let Some(style) = buffer.cell((x, y)).and_then(style_word) else { continue };
            let at = letters.iter().position(|known| *known == style).unwrap_or(letters.len());
            if at == letters.len() {
                letters.push(style);
            }
            match runs.last_mut() {
                Some((_, end, of)) if *of == at && *end == x => *end = x.saturating_add(1),
                _ => runs.push((x, x.saturating_add(1), at)),
            }
        }
        let runs: Vec<String> =
            runs.into_iter().map(|(a, b, of)| format!("{a}-{}{}", b.saturating_sub(1), letter(of))).collect();
        if !runs.is_empty() {
            out.push_str(&format!("{y}: {}\n", runs.join(" ")));
        }
    }
    for (at, style) in letters.iter().enumerate() {
        out.push_str(&format!("{} {style}\n", letter(at)));
    }
    out
}

/// [`painting`] of a model that draws in seven-bit characters otherwise.
#[must_use]
pub fn in_colour(model: &mut Model) -> String {
    let plain = model.look;
    model.look = Look { ascii: false, colours: Colours::True, ..plain };
    let painted = painting(model);
    model.look = plain;
    painted
}

fn letter(at: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(at).unwrap_or('?')
}

/// How a cell looks, unless it is plain.
fn style_word(cell: &Cell) -> Option<String> {
    let style = cell.style();
    let plain = (Color::Reset, Color::Reset, Modifier::empty());
    let (fg, bg) = (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
    ((fg, bg, style.add_modifier) != plain).then(|| format!("{fg} on {bg} {:?}", style.add_modifier))
}
