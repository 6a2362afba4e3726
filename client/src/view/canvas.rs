//! The cells of a frame, so small that two frames are kept and compared in no time; it must know no pane and no terminal.

use ratatui::style::{Color, Modifier, Style};

use super::theme::Theme;
use crate::app::Look;
use crate::app::geometry::Area;

/// Texts of more than one character kept for cells; made anew with the whole frame that follows.
const CLUSTERS_MAX: usize = 1_024;
/// The right half of what is two columns wide.
const TAIL: u32 = 0;
/// Above every character: the rest is a place among the clusters.
const CLUSTER: u32 = 1 << 31;
/// Kinds of colour, in the top byte; 0 is the terminal's own.
const NAMED: u32 = 1 << 24;
const INDEXED: u32 = 2 << 24;
const RGB: u32 = 3 << 24;

/// One cell: what it shows and how, as figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    symbol: u32,
    fore: u32,
    back: u32,
    marks: u32,
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol<'c> {
    /// One character of one column.
    Char(char),
    /// What may be wider, or is several characters.
    Cluster(&'c str),
    /// Nothing: what stands left of it is two columns wide.
    Tail,
}

/// A colour of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The terminal's own.
    Own,
    /// One of the sixteen.
    Named(u8),
    /// One of 256.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

impl Cell {
    /// What every terminal shows once it was cleared.
    pub(super) const EMPTY: Self = Self { symbol: ' ' as u32, fore: 0, back: 0, marks: 0 };

    /// What no frame has.
    pub(super) const NONE: Self = Self { symbol: u32::MAX, ..Self::EMPTY };

    /// Letters and ground.
    pub(super) const fn inks(self) -> (Ink, Ink) {
        (ink(self.fore), ink(self.back))
    }

    /// Bold, dim, reversed and the like.
    pub(super) fn marks(self) -> Modifier {
        Modifier::from_bits_truncate(u16::try_from(self.marks).unwrap_or(0))
    }

    /// True when both look alike, whatever they show.
    pub(super) const fn looks_like(self, other: Self) -> bool {
        self.fore == other.fore && self.back == other.back && self.marks == other.marks
    }

    const fn put(&mut self, symbol: u32, patch: Patch) {
        self.symbol = symbol;
        patch.onto(self);
    }
}

/// A style as it changes cells: what it does not name stays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patch {
    fore: Option<u32>,
    back: Option<u32>,
    add: u32,
    remove: u32,
}

impl Patch {
    /// Of a style.
    pub(super) fn of(style: Style) -> Self {
        Self {
            fore: style.fg.map(packed),
            back: style.bg.map(packed),
            add: u32::from(style.add_modifier.bits()),
            remove: u32::from(style.sub_modifier.bits()),
        }
    }

    const fn onto(self, cell: &mut Cell) {
        if let Some(fore) = self.fore {
            cell.fore = fore;
        }
        if let Some(back) = self.back {
            cell.back = back;
        }
        cell.marks = (cell.marks | self.add) & !self.remove;
    }
}

/// A frame's cells, kept from frame to frame.
#[derive(Debug, Default)]
pub struct Canvas {
    width: u16,
    height: u16,
    cells: Vec<Cell>,
    clusters: Vec<Box<str>>,
    generation: u64,
    theme: Option<Theme>,
    /// Where the terminal's own cursor stands, if anywhere.
    pub(super) caret: Option<(u16, u16)>,
}

impl Canvas {
    /// Columns and lines.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// What a cell shows, and how; the right half of a wide one shows a blank. `None` outside.
    #[must_use]
    pub fn shown(&self, x: u16, y: u16) -> Option<(String, Style)> {
        let cell = *self.line(y)?.get(usize::from(x))?;
        let text = match self.symbol(cell) {
            Symbol::Char(c) => c.to_string(),
            Symbol::Cluster(text) => text.to_owned(),
            Symbol::Tail => " ".to_owned(),
        };
        let style = Style::new().fg(colour(cell.fore)).bg(colour(cell.back)).add_modifier(cell.marks());
        Some((text, style))
    }

    /// What a line shows, without how.
    pub(super) fn text(&self, y: u16) -> String {
        (0..self.width).filter_map(|x| self.shown(x, y)).map(|(text, _)| text).collect()
    }

    /// Where the terminal's own cursor stands, if anywhere.
    #[must_use]
    pub const fn caret(&self) -> Option<(u16, u16)> {
        self.caret
    }

    /// Takes a size, every cell empty if it is another than before.
    pub(super) fn fit(&mut self, (width, height): (u16, u16)) {
        if self.size() != (width, height) {
            (self.width, self.height) = (width, height);
            self.cells = vec![Cell::EMPTY; usize::from(width).saturating_mul(usize::from(height))];
        }
    }

    /// The colours for a look, made once.
    pub(super) fn theme(&mut self, look: Look) -> Theme {
        match self.theme {
            Some(theme) if theme.is_for(look) => theme,
            _ => *self.theme.insert(Theme::new(look)),
        }
    }

    /// True when it was drawn at that size and with that look.
    pub(super) fn is_for(&self, size: (u16, u16), look: Look) -> bool {
        self.size() == size && self.theme.is_some_and(|theme| theme.is_for(look))
    }

    /// Empties every cell.
    pub(super) fn begin(&mut self, ground: Patch) {
        if self.clusters.len() >= CLUSTERS_MAX {
            self.clusters.clear();
            self.generation = self.generation.saturating_add(1);
        }
        let mut empty = Cell::EMPTY;
        ground.onto(&mut empty);
        self.cells.fill(empty);
    }

    /// Rises when texts of cells are made anew: cells of before cannot be compared.
    pub(super) const fn generation(&self) -> u64 {
        self.generation
    }

    /// The cells of a line.
    pub(super) fn line(&self, y: u16) -> Option<&[Cell]> {
        let start = usize::from(y).saturating_mul(usize::from(self.width));
        self.cells.get(start..start.saturating_add(usize::from(self.width)))
    }

    /// What a cell of this canvas shows.
    pub(super) fn symbol(&self, cell: Cell) -> Symbol<'_> {
        if cell.symbol == TAIL {
            return Symbol::Tail;
        }
        let cluster = cell.symbol.checked_sub(CLUSTER).and_then(|at| self.clusters.get(usize::try_from(at).ok()?));
        match cluster {
            Some(text) => Symbol::Cluster(text),
            None => Symbol::Char(char::from_u32(cell.symbol).unwrap_or('?')),
        }
    }

    /// Writes printable ASCII, a column a byte, as far as the line goes.
    pub(super) fn ascii(&mut self, x: u16, y: u16, text: &[u8], patch: Patch) {
        let width = u16::try_from(text.len()).unwrap_or(u16::MAX);
        for (cell, byte) in self.span(x, y, width).iter_mut().zip(text) {
            cell.put(u32::from(*byte), patch);
        }
    }

    /// Writes one grapheme of that many columns.
    pub(super) fn grapheme(&mut self, x: u16, y: u16, text: &str, columns: u16, patch: Patch) {
        let symbol = self.named(text, columns);
        for (at, cell) in self.span(x, y, columns).iter_mut().enumerate() {
            cell.put(if at == 0 { symbol } else { TAIL }, patch);
        }
    }

    /// Lays a style over cells.
    pub(super) fn over(&mut self, area: Area, patch: Patch) {
        for y in area.y..area.y.saturating_add(area.h) {
            for cell in self.within(area.x, y, area.w) {
                patch.onto(cell);
            }
        }
    }

    /// Empties cells.
    pub(super) fn clear(&mut self, area: Area, ground: Patch) {
        let mut empty = Cell::EMPTY;
        ground.onto(&mut empty);
        for y in area.y..area.y.saturating_add(area.h) {
            self.span(area.x, y, area.w).fill(empty);
        }
    }

    fn named(&mut self, text: &str, columns: u16) -> u32 {
        let mut chars = text.chars();
        if let (Some(c), None, 1) = (chars.next(), chars.next(), columns) {
            return c as u32;
        }
        let known = self.clusters.iter().position(|known| **known == *text);
        let at = known.unwrap_or_else(|| {
            let at = self.clusters.len();
            if at < CLUSTERS_MAX {
                self.clusters.push(text.into());
            }
            at
        });
        u32::try_from(at).ok().filter(|_| at < CLUSTERS_MAX).map_or('?' as u32, |at| CLUSTER | at)
    }

    fn within(&mut self, x: u16, y: u16, width: u16) -> &mut [Cell] {
        if y >= self.height {
            return &mut [];
        }
        let line = usize::from(y).saturating_mul(usize::from(self.width));
        let end = x.saturating_add(width).min(self.width);
        let start = x.min(end);
        let range = line.saturating_add(usize::from(start))..line.saturating_add(usize::from(end));
        self.cells.get_mut(range).unwrap_or_default()
    }

    /// Cells about to be written on: what is wide and loses one half loses the other.
    fn span(&mut self, x: u16, y: u16, width: u16) -> &mut [Cell] {
        let halves = |cells: &[Cell]| cells.first().is_some_and(|cell| cell.symbol == TAIL);
        if x > 0 && halves(self.within(x, y, 1)) {
            for cell in self.within(x.saturating_sub(1), y, 1) {
                cell.symbol = Cell::EMPTY.symbol;
            }
        }
        let behind = x.saturating_add(width);
        if halves(self.within(behind, y, 1)) {
            for cell in self.within(behind, y, 1) {
                cell.symbol = Cell::EMPTY.symbol;
            }
        }
        self.within(x, y, width)
    }
}

fn packed(colour: Color) -> u32 {
    match colour {
        Color::Reset => 0,
        Color::Black => NAMED,
        Color::Red => NAMED | 1,
        Color::Green => NAMED | 2,
        Color::Yellow => NAMED | 3,
        Color::Blue => NAMED | 4,
        Color::Magenta => NAMED | 5,
        Color::Cyan => NAMED | 6,
        Color::Gray => NAMED | 7,
        Color::DarkGray => NAMED | 8,
        Color::LightRed => NAMED | 9,
        Color::LightGreen => NAMED | 10,
        Color::LightYellow => NAMED | 11,
        Color::LightBlue => NAMED | 12,
        Color::LightMagenta => NAMED | 13,
        Color::LightCyan => NAMED | 14,
        Color::White => NAMED | 15,
        Color::Indexed(index) => INDEXED | u32::from(index),
        Color::Rgb(r, g, b) => RGB | u32::from_be_bytes([0, r, g, b]),
    }
}

const fn ink(packed: u32) -> Ink {
    let [kind, r, g, b] = packed.to_be_bytes();
    match kind {
        0 => Ink::Own,
        1 => Ink::Named(b),
        2 => Ink::Indexed(b),
        _ => Ink::Rgb(r, g, b),
    }
}

fn colour(packed: u32) -> Color {
    const NAMES: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match ink(packed) {
        Ink::Own => Color::Reset,
        Ink::Named(n) => NAMES.get(usize::from(n)).copied().unwrap_or(Color::Reset),
        Ink::Indexed(index) => Color::Indexed(index),
        Ink::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}
