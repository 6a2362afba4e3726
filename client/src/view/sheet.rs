//! Lines of labelled text that float above a screen or dock beside it; it must not know what they are about.

use super::pen::{Pen, Span, columns};
use super::theme::Token;
use crate::app::geometry::Area;

/// At the end of the last line there is room for, where more follow: the widest that fits.
const MORE: [&str; 2] = ["  ... more", LEAST];
/// The least of them.
const LEAST: &str = " ...";

/// One line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Its pieces.
    pub(super) spans: Vec<Span>,
    /// Column of the typing cursor, from the line's beginning.
    pub(super) caret: Option<u16>,
    /// A rule across instead of text.
    pub(super) rule: bool,
    /// On one line, cut where it is too long.
    pub(super) cut: bool,
    /// Column what overflows goes on at; 0 is behind the label, if there is one.
    pub(super) hang: u16,
}

/// Lines under a title.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// On the left of the frame.
    pub(super) title: String,
    /// On the right of it.
    pub(super) corner: String,
    /// How the frame looks.
    pub(super) token: Token,
    /// What stands in it.
    pub(super) lines: Vec<Line>,
}

impl Line {
    /// Of one piece.
    #[must_use]
    pub(super) fn of(text: impl Into<String>, token: Token) -> Self {
        Self::default().and(text, token)
    }

    /// A rule.
    #[must_use]
    pub(super) fn rule() -> Self {
        Self { rule: true, ..Self::default() }
    }

    /// A label of fixed width and what belongs to it.
    #[must_use]
    pub(super) fn labelled(label: &str, width: usize, text: impl Into<String>, token: Token) -> Self {
        Self::of(format!("{label:<width$}"), Token::Muted).and(text, token)
    }

    /// With another piece behind.
    #[must_use]
    pub(super) fn and(mut self, text: impl Into<String>, token: Token) -> Self {
        self.spans.push((text.into(), token));
        self
    }

    /// With a field of `width` columns behind: brackets, text, and the cursor when it has the focus.
    #[must_use]
    pub(super) fn field(mut self, shown: &str, before_cursor: u16, width: usize, focused: bool, right: bool) -> Self {
        let start = self.width().saturating_add(1);
        let room = u16::try_from(width).unwrap_or(u16::MAX);
        // A text longer than its field shows the part the cursor is in.
        let (shown, before_cursor) = super::typed::window(shown, before_cursor, room);
        let pad = room.saturating_sub(columns(&shown));
        let blank = " ".repeat(usize::from(pad));
        let inner = if right { format!("{blank}{shown}") } else { format!("{shown}{blank}") };
        let token = if focused { Token::Focus } else { Token::Text };
        let bracket = if focused { Token::Accent } else { Token::Muted };
        if focused {
            let at = if right { pad.saturating_add(before_cursor) } else { before_cursor };
            self.caret = Some(start.saturating_add(at.min(room)));
        }
        self.spans.push(("[".into(), bracket));
        self.spans.push((inner, token));
        self.spans.push(("]".into(), bracket));
        self
    }

    /// What overflows goes on at this column, under what it is more of.
    #[must_use]
    pub(super) const fn hanging(mut self, column: u16) -> Self {
        self.hang = column;
        self
    }

    /// The same on as many lines as it needs: what overflows goes on below, behind the label.
    #[must_use]
    pub(super) fn folded(&self, room: u16) -> Vec<Self> {
        if self.rule || self.cut || self.width() <= room {
            return vec![self.clone()];
        }
        let label = self.spans.first().filter(|(text, token)| *token == Token::Muted && text.ends_with(' '));
        let indent = label.map_or(0, |(text, _)| columns(text)).max(self.hang).min(room / 2);
        let mut lines = vec![Self { caret: self.caret, ..Self::default() }];
        for (text, token) in &self.spans {
            for word in words(text) {
                let Some(line) = lines.last_mut() else { break };
                let fits = line.width().saturating_add(columns(word.trim_end())) <= room;
                if fits {
                    line.spans.push((word.to_owned(), *token));
                } else {
                    let start = " ".repeat(usize::from(indent));
                    lines.push(Self::of(start, Token::Muted).and(word.trim_start(), *token));
                }
            }
        }
        lines
    }

    /// Writes it on the first line of an area, unless that lies beyond the end.
    fn draw(&self, pen: &mut Pen<'_>, area: Area, end: u16, reach: u16) {
        if area.y >= end {
            return;
        }
        if self.rule {
            let width = area.w.saturating_add(reach.saturating_mul(2));
            return pen.across(area.x.saturating_sub(reach), area.y, width);
        }
        pen.spans(area.x, area.y, area.w, &self.spans);
        if self.cut && self.width() > area.w {
            let sign = if pen.is_ascii() { ">" } else { "\u{2026}" };
            pen.text(area.x.saturating_add(area.w).saturating_sub(1), area.y, 1, sign, Token::Muted);
        }
        if let Some(caret) = self.caret.filter(|caret| *caret < area.w) {
            pen.caret = Some((area.x.saturating_add(caret), area.y));
        }
    }

    /// Columns it takes.
    #[must_use]
    pub(super) fn width(&self) -> u16 {
        self.spans.iter().fold(0, |sum, (text, _)| sum.saturating_add(columns(text)))
    }
}

impl Sheet {
    /// Adds a line.
    pub(super) fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Floats above `over`, `inner` columns wide.
    pub(super) fn float(&self, pen: &mut Pen<'_>, over: Area, inner: u16) {
        let wide = inner.saturating_add(4).min(over.w);
        let folded = self.lines.iter().map(|line| line.folded(wide.saturating_sub(4)).len()).sum::<usize>();
        let high = u16::try_from(folded).unwrap_or(u16::MAX).saturating_add(2).min(over.h);
        self.place(
            pen,
            Area {
                x: over.x.saturating_add(over.w.saturating_sub(wide) / 2),
                y: over.y.saturating_add(over.h.saturating_sub(high) / 3),
                w: wide,
                h: high,
            },
        );
    }

    /// Floats in a given place.
    pub(super) fn place(&self, pen: &mut Pen<'_>, area: Area) {
        pen.clear(area);
        pen.frame(area, &self.title, &self.corner, self.token);
        let inside = Area {
            x: area.x.saturating_add(2),
            y: area.y.saturating_add(1),
            w: area.w.saturating_sub(4),
            h: area.h.saturating_sub(2),
        };
        self.lines(pen, inside, 1);
    }

    /// Docks: title and corner on the first line, a rule, then the lines.
    pub(super) fn dock(&self, pen: &mut Pen<'_>, area: Area) {
        pen.clear(area);
        // Whether it is real money is never written over.
        let room = area.w.saturating_sub(columns(&self.corner)).saturating_sub(1);
        pen.text(area.x, area.y, room, &self.title, self.token);
        pen.right(area.x, area.y, area.w, &self.corner, self.token);
        pen.across(area.x, area.y.saturating_add(1), area.w);
        let inside = Area { y: area.y.saturating_add(2), h: area.h.saturating_sub(2), ..area };
        self.lines(pen, inside, 0);
    }

    /// Writes the lines only, long ones on several; rules reach `reach` columns beyond the text on both sides.
    pub(super) fn lines(&self, pen: &mut Pen<'_>, area: Area, reach: u16) {
        let mut y = area.y;
        let end = area.y.saturating_add(area.h);
        let mut taken = 0;
        let mut put = |pen: &mut Pen<'_>, line: &Line| {
            line.draw(pen, Area { y, ..area }, end, reach);
            y = y.saturating_add(1);
            if y == end {
                taken = line.width();
            }
        };
        for line in &self.lines {
            if line.rule || line.width() <= area.w {
                put(pen, line);
            } else {
                line.folded(area.w).iter().for_each(|part| put(pen, part));
            }
        }
        if y > end && area.h > 0 {
            // Behind the last line there is room for, and never over its words while there is room for less.
            let sign = MORE.into_iter().find(|sign| taken.saturating_add(columns(sign)) <= area.w).unwrap_or(LEAST);
            let x = area.x.saturating_add(area.w).saturating_sub(columns(sign));
            pen.text(x, end.saturating_sub(1), columns(sign), sign, Token::Muted);
        }
    }
}

/// Words with the blanks behind them, so that together they are the text again; a field's blanks stay whole.
fn words(text: &str) -> Vec<&str> {
    if text.trim().is_empty() {
        return vec![text];
    }
    text.split_inclusive(' ').collect()
}
