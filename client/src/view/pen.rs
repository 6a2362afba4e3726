//! Writing into the frame's cells by grapheme, within bounds, with the lines this terminal can draw; it must know no pane.

use ratatui::style::{Modifier, Style};
use turret_shared::text::is_hostile;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::canvas::{Canvas, Patch};
use super::theme::{Theme, Token};
use crate::app::geometry::Area;

/// A piece of text and what it is.
pub(super) type Span = (String, Token);

/// Puts text into cells.
pub(super) struct Pen<'b> {
    canvas: &'b mut Canvas,
    /// Colours.
    pub(super) theme: Theme,
    ascii: bool,
    /// Rules and frames are left out.
    bare: bool,
    /// Where the terminal's own cursor goes, if anywhere.
    pub(super) caret: Option<(u16, u16)>,
}

impl<'b> Pen<'b> {
    /// For a frame's cells.
    pub(super) const fn new(canvas: &'b mut Canvas, theme: Theme, ascii: bool) -> Self {
        Self { canvas, theme, ascii, bare: false, caret: None }
    }

    /// The same without rules and frames, for lines that are read out.
    pub(super) const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// True when only seven-bit characters may be written.
    #[must_use]
    pub(super) const fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Writes from the left within `width` columns; gives the column behind it.
    pub(super) fn styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        self.write(x, y, width, text, Patch::of(style))
    }

    fn write(&mut self, x: u16, y: u16, width: u16, text: &str, patch: Patch) -> u16 {
        let end = x.saturating_add(width);
        if is_plain(text) {
            // Nearly everything: a byte is a grapheme of one column, and none is refused.
            let seen = text.as_bytes().get(..usize::from(width)).unwrap_or(text.as_bytes());
            self.canvas.ascii(x, y, seen, patch);
            return x.saturating_add(u16::try_from(seen.len()).unwrap_or(width));
        }
        let mut at = x;
        for grapheme in text.graphemes(true) {
            // The last door to the terminal: whatever got this far, no control passes it.
            let shown = if self.refused(grapheme) { "?" } else { grapheme };
            let columns = u16::try_from(shown.width()).unwrap_or(0);
            if columns == 0 {
                continue;
            }
            if at.saturating_add(columns) > end {
                break;
            }
            self.canvas.grapheme(at, y, shown, columns, patch);
            at = at.saturating_add(columns);
        }
        at
    }

    fn refused(&self, grapheme: &str) -> bool {
        grapheme.chars().any(is_hostile) || (self.ascii && !grapheme.is_ascii())
    }

    /// Writes from the left.
    pub(super) fn text(&mut self, x: u16, y: u16, width: u16, text: &str, token: Token) -> u16 {
        let patch = self.theme.patch(token);
        self.write(x, y, width, text, patch)
    }

    /// Writes from the left; a text that does not fit ends in a sign that it was cut, behind its last whole word.
    pub(super) fn cut(&mut self, x: u16, y: u16, width: u16, text: &str, token: Token) -> u16 {
        if columns(text) <= width {
            return self.text(x, y, width, text, token);
        }
        let room = width.saturating_sub(1);
        let mut kept = String::new();
        for word in text.split_inclusive(' ') {
            if columns(&kept).saturating_add(columns(word.trim_end())) > room {
                break;
            }
            kept.push_str(word);
        }
        // One word wider than the room is cut within itself.
        let shown = if kept.trim().is_empty() { text } else { kept.trim_end() };
        let end = self.text(x, y, room, shown, token);
        let sign = if self.ascii { ">" } else { "\u{2026}" };
        self.text(end, y, 1, sign, Token::Muted)
    }

    /// Writes so that the text ends at the right edge of `width` columns.
    pub(super) fn right(&mut self, x: u16, y: u16, width: u16, text: &str, token: Token) {
        if columns(text) > width && text.bytes().all(|b| b.is_ascii_digit() || b"+-.,".contains(&b)) {
            // A figure that lost digits would be another figure.
            let fitted = crate::format::fit(text.to_owned(), width.into());
            self.text(x, y, width, &fitted, token);
            return;
        }
        let taken = columns(text).min(width);
        self.text(x.saturating_add(width.saturating_sub(taken)), y, taken, text, token);
    }

    /// Writes pieces one behind the other; gives the column behind them.
    pub(super) fn spans(&mut self, x: u16, y: u16, width: u16, spans: &[Span]) -> u16 {
        let end = x.saturating_add(width);
        spans.iter().fold(x, |at, (text, token)| self.text(at, y, end.saturating_sub(at), text, *token))
    }

    /// Lays a style over cells already written.
    pub(super) fn over(&mut self, area: Area, style: Style) {
        self.canvas.over(area, Patch::of(style));
    }

    /// Empties cells.
    pub(super) fn clear(&mut self, area: Area) {
        self.canvas.clear(area, Patch::of(self.theme.ground()));
    }

    /// A line across.
    pub(super) fn across(&mut self, x: u16, y: u16, width: u16) {
        if self.bare {
            return;
        }
        let line = if self.ascii { "-" } else { "\u{2500}" };
        self.text(x, y, width, &line.repeat(usize::from(width)), Token::Muted);
    }

    /// A line down.
    pub(super) fn down(&mut self, x: u16, y: u16, height: u16) {
        if self.bare {
            return;
        }
        let line = if self.ascii { "|" } else { "\u{2502}" };
        for line_y in y..y.saturating_add(height) {
            self.text(x, line_y, 1, line, Token::Muted);
        }
    }

    /// A frame with a title on the left and a word on the right; LIVE gets a double one.
    pub(super) fn frame(&mut self, area: Area, left: &str, right: &str, token: Token) {
        let [h, v, a, b, c, d] = match (self.ascii, token) {
            _ if self.bare => [" "; 6],
            (true, Token::Live) => ["=", "#", "#", "#", "#", "#"],
            (true, _) => ["-", "|", "+", "+", "+", "+"],
            (false, Token::Live) => ["\u{2550}", "\u{2551}", "\u{2554}", "\u{2557}", "\u{255a}", "\u{255d}"],
            (false, _) => ["\u{2500}", "\u{2502}", "\u{250c}", "\u{2510}", "\u{2514}", "\u{2518}"],
        };
        let style = self.theme.style(token).remove_modifier(Modifier::REVERSED);
        let inner = area.w.saturating_sub(2);
        let line = h.repeat(usize::from(inner));
        let last_x = area.x.saturating_add(area.w).saturating_sub(1);
        let last_y = area.y.saturating_add(area.h).saturating_sub(1);
        for (y, from, to) in [(area.y, a, b), (last_y, c, d)] {
            self.styled(area.x, y, 1, from, style);
            self.styled(area.x.saturating_add(1), y, inner, &line, style);
            self.styled(last_x, y, 1, to, style);
        }
        for y in area.y.saturating_add(1)..last_y {
            self.styled(area.x, y, 1, v, style);
            self.styled(last_x, y, 1, v, style);
        }
        let title = self.theme.style(token);
        if !left.is_empty() {
            self.styled(area.x.saturating_add(2), area.y, inner.saturating_sub(2), &format!(" {left} "), title);
        }
        if !right.is_empty() {
            let word = format!(" {right} ");
            let x = last_x.saturating_sub(columns(&word)).saturating_sub(1);
            self.styled(x, area.y, columns(&word), &word, title);
        }
    }
}

/// True when every byte is a grapheme of one column.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// Columns a text takes.
#[must_use]
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(if is_plain(text) { text.len() } else { text.width() }).unwrap_or(u16::MAX)
}
