//! What a frame changes of what a terminal shows, as the bytes that do it; it must write what changed and nothing else.

use std::io::Write as _;

use ratatui::style::Modifier;

use super::canvas::{Canvas, Cell, Ink, Symbol};
use crate::app::geometry::Area;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
const HIDE: &[u8] = b"\x1b[?25l";
const SHOW: &[u8] = b"\x1b[?25h";
/// Plain letters again, and nothing on the screen.
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";
const PLAIN: &[u8] = b"\x1b[0m";

/// What marks a letter, and the number that tells a terminal so (ECMA-48, SGR).
const MARKS: [(Modifier, u8); 5] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
];

/// Knows what the terminal shows.
#[derive(Debug, Default)]
pub struct Painter {
    size: (u16, u16),
    shown: Vec<Cell>,
    generation: u64,
    /// The terminal's own cursor; `None` while it is not known.
    caret: Option<Option<(u16, u16)>>,
}

/// Where the terminal writes next and how, while a frame is told.
struct Hand<'o> {
    out: &'o mut Vec<u8>,
    at: Option<(u16, u16)>,
    looks: Cell,
    begun: bool,
}

impl Painter {
    /// Forgets what is shown: another program may have written there. The next frame is whole.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Adds the bytes that bring the terminal from what it shows to the canvas; none where that is the same. Only `areas` are
    /// looked at, if they are given and the rest is known to be the same.
    pub fn paint(&mut self, canvas: &Canvas, areas: Option<&[Area]>, out: &mut Vec<u8>) {
        let size @ (width, height) = canvas.size();
        let whole = Area { x: 0, y: 0, w: width, h: height };
        let mut hand = Hand { out, at: None, looks: Cell::EMPTY, begun: false };
        let anew = self.size != size || self.caret.is_none();
        if anew {
            self.size = size;
            self.shown = vec![Cell::EMPTY; usize::from(width).saturating_mul(usize::from(height))];
            hand.begin();
            hand.out.extend_from_slice(CLEAR);
        }
        let all = anew || self.generation != canvas.generation();
        if !anew && all {
            // Their texts are others now: none is what it was.
            self.shown.fill(Cell::NONE);
        }
        self.generation = canvas.generation();
        for area in areas.filter(|_| !all).unwrap_or(&[whole]) {
            for y in area.y..area.y.saturating_add(area.h).min(height) {
                self.line(canvas, *area, y, &mut hand);
            }
        }
        if !hand.looks.looks_like(Cell::EMPTY) {
            hand.out.extend_from_slice(PLAIN);
        }
        self.place(canvas.caret(), hand);
    }

    fn line(&mut self, canvas: &Canvas, area: Area, y: u16, hand: &mut Hand<'_>) {
        let start = usize::from(y).saturating_mul(usize::from(self.size.0));
        let (from, to) = (area.x.min(self.size.0), area.x.saturating_add(area.w).min(self.size.0));
        let range = start.saturating_add(usize::from(from))..start.saturating_add(usize::from(to));
        let next = canvas.line(y).and_then(|line| line.get(usize::from(from)..usize::from(to)));
        let (Some(shown), Some(next)) = (self.shown.get_mut(range), next) else { return };
        for (x, (shown, next)) in (from..).zip(shown.iter_mut().zip(next)) {
            if shown != next {
                *shown = *next;
                hand.put(x, y, *next, canvas.symbol(*next));
            }
        }
    }

    fn place(&mut self, caret: Option<(u16, u16)>, mut hand: Hand<'_>) {
        if self.caret != Some(caret) || (caret.is_some() && hand.begun) {
            hand.begin();
            match caret {
                Some((x, y)) => {
                    hand.go(x, y);
                    hand.out.extend_from_slice(SHOW);
                }
                None => hand.out.extend_from_slice(HIDE),
            }
            self.caret = Some(caret);
        }
        if hand.begun {
            hand.out.extend_from_slice(END);
        }
    }
}

impl Hand<'_> {
    fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            self.out.extend_from_slice(BEGIN);
        }
    }

    fn go(&mut self, x: u16, y: u16) {
        if self.at != Some((x, y)) {
            // Memory takes every byte.
            let _ = write!(self.out, "\x1b[{};{}H", y.saturating_add(1), x.saturating_add(1));
        }
    }

    fn put(&mut self, x: u16, y: u16, cell: Cell, symbol: Symbol<'_>) {
        if symbol == Symbol::Tail {
            return;
        }
        self.begin();
        self.go(x, y);
        self.look(cell);
        match symbol {
            Symbol::Char(c) => {
                self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                self.at = Some((x.saturating_add(1), y));
            }
            // How far that takes it is the terminal's own idea.
            Symbol::Cluster(text) => {
                self.out.extend_from_slice(text.as_bytes());
                self.at = None;
            }
            Symbol::Tail => {}
        }
    }

    fn look(&mut self, cell: Cell) {
        if self.looks.looks_like(cell) {
            return;
        }
        let (before, after) = (self.looks.marks(), cell.marks());
        self.out.extend_from_slice(b"\x1b[");
        let mut known = self.looks;
        if !after.contains(before) {
            self.out.extend_from_slice(b"0;");
            known = Cell::EMPTY;
        }
        let missing = after.difference(known.marks());
        for (_, number) in MARKS.iter().filter(|(mark, _)| missing.contains(*mark)) {
            let _ = write!(self.out, "{number};");
        }
        let ((fore, back), (known_fore, known_back)) = (cell.inks(), known.inks());
        if fore != known_fore {
            self.ink(fore, 0);
        }
        if back != known_back {
            self.ink(back, 10);
        }
        // Every number was followed by a semicolon, the last one is too many.
        self.out.pop();
        self.out.push(b'm');
        self.looks = cell;
    }

    /// `ground` is 0 for letters and 10 for what they stand on.
    fn ink(&mut self, ink: Ink, ground: u8) {
        let _ = match ink {
            Ink::Own => write!(self.out, "{};", 39 + ground),
            Ink::Named(n @ 0..8) => write!(self.out, "{};", 30 + ground + n),
            Ink::Named(n) => write!(self.out, "{};", 82 + ground + n),
            Ink::Indexed(n) => write!(self.out, "{};5;{n};", 38 + ground),
            Ink::Rgb(r, g, b) => write!(self.out, "{};2;{r};{g};{b};", 38 + ground),
        };
    }
}
