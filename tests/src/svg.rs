//! A frame's cells as a picture for people who have no terminal at hand; it must show nothing the cells do not.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use turret_client::app::Model;
use turret_client::app::look::Theme;
use turret_shared::role::Role;

use crate::station::{a_day, drawn, press};

/// A cell, in pixels.
const CELL: (u32, u32) = (8, 17);
/// From a cell's top to the foot of its letters, in pixels.
const FOOT: u32 = 13;
/// Around the frame, in pixels.
const MARGIN: u32 = 12;
/// Size of letters, in pixels.
const LETTER: &str = "13.3";

/// The blotter at 120x40 as README shows it, in the dark theme.
#[must_use]
pub fn blotter() -> String {
    let mut model = a_day(Role::Broker, (120, 40), false);
    model.look.theme = Theme::parse("dark").unwrap_or_default();
    press(&mut model, "Down Down Down Space g", 0);
    of(&model)
}

/// A frame of a model whose theme paints its own ground.
#[must_use]
pub fn of(model: &Model) -> String {
    let buffer = drawn(model);
    let (width, height) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let whole = (
        width.saturating_mul(CELL.0).saturating_add(MARGIN.saturating_mul(2)),
        height.saturating_mul(CELL.1).saturating_add(MARGIN.saturating_mul(2)),
    );
    let ground = buffer.cell((0, 2)).map_or_else(|| "#000".to_owned(), |cell| hex(cell.bg, "#101418"));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,\
         Consolas,monospace\" font-size=\"{LETTER}\" role=\"img\" aria-label=\"Turret: the blotter of a broker\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n",
        whole.0, whole.1
    );
    for y in 0..buffer.area.height {
        for (from, cells) in runs(&buffer, y) {
            out.push_str(&run(from, y, &cells, &ground));
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Neighbours that look alike.
fn runs(buffer: &Buffer, y: u16) -> Vec<(u16, Vec<&Cell>)> {
    let mut runs: Vec<(u16, Vec<&Cell>)> = Vec::new();
    for x in 0..buffer.area.width {
        let Some(cell) = buffer.cell((x, y)) else { continue };
        match runs.last_mut() {
            Some((_, alike)) if alike.first().is_some_and(|first| first.style() == cell.style()) => alike.push(cell),
            _ => runs.push((x, vec![cell])),
        }
    }
    runs
}

fn run(from: u16, y: u16, cells: &[&Cell], ground: &str) -> String {
    let Some(first) = cells.first() else { return String::new() };
    let reversed = first.modifier.contains(Modifier::REVERSED);
    let (mut fore, mut back) = (hex(first.fg, "#e2e6ee"), hex(first.bg, ground));
    if reversed {
        std::mem::swap(&mut fore, &mut back);
    }
    let count = u32::try_from(cells.len()).unwrap_or(0);
    let x = u32::from(from).saturating_mul(CELL.0).saturating_add(MARGIN);
    let top = u32::from(y).saturating_mul(CELL.1).saturating_add(MARGIN);
    let width = count.saturating_mul(CELL.0);
    let mut out = String::new();
    if back != ground {
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{back}\"/>\n",
            CELL.1
        ));
    }
    let bold = if first.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let dim = if first.modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
    let text: Vec<&str> = cells.iter().map(|cell| cell.symbol()).collect();
    for (at, words) in words(&text) {
        let x = x.saturating_add(at.saturating_mul(CELL.0));
        let width = u32::try_from(words.chars().count()).unwrap_or(0).saturating_mul(CELL.0);
        out.push_str(&format!(
            "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" fill=\"{fore}\"{bold}{dim}>{}</text>\n",
            top.saturating_add(FOOT),
            plain(&words)
        ));
    }
    out
}

/// Words with single blanks between them, each group with the cell it begins at: columns stand where they belong whatever the
/// font.
fn words(cells: &[&str]) -> Vec<(u32, String)> {
    let mut groups: Vec<(u32, String)> = Vec::new();
    let mut blanks = 2;
    for (at, symbol) in (0_u32..).zip(cells) {
        if *symbol == " " {
            blanks += 1;
            continue;
        }
        match groups.last_mut() {
            Some((_, group)) if blanks < 2 => group.extend([" ".repeat(blanks).as_str(), symbol]),
            _ => groups.push((at, (*symbol).to_owned())),
        }
        blanks = 0;
    }
    groups
}

fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hex(colour: Color, other: &str) -> String {
    match colour {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        _ => other.to_owned(),
    }
}
