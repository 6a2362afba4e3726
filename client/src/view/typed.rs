//! Typed text in fewer cells than it takes: the part the cursor stands in; it must show no cursor where nothing is typed.

use unicode_segmentation::UnicodeSegmentation;

use super::pen::{Pen, columns};
use super::theme::Token;
use crate::app::field::Field;

/// Where text goes on to the left of what is shown.
const BEFORE: &str = "<";
/// Where it goes on to the right.
const BEHIND: &str = ">";

/// The part of a text that is shown in `room` cells, and the column of the cursor in it, both from the cursor's own column.
#[must_use]
pub(super) fn window(text: &str, cursor: u16, room: u16) -> (String, u16) {
    if columns(text) <= room {
        return (text.to_owned(), cursor);
    }
    let mut rest: Vec<&str> = text.graphemes(true).collect();
    let mut skipped = 0_u16;
    let mut left = columns(text);
    // A cell on either side tells that more is there: the cursor stands between them, or behind the end.
    let (before, at, whole) = loop {
        let before = u16::from(skipped > 0);
        let (at, whole) = (cursor.saturating_sub(skipped).saturating_add(before), left.saturating_add(before));
        let last = room.saturating_sub(if whole > room { 2 } else { 1 });
        if at <= last || rest.is_empty() {
            break (before, at, whole);
        }
        let width = columns(rest.remove(0));
        (skipped, left) = (skipped.saturating_add(width), left.saturating_sub(width));
    };
    let mut shown = if before > 0 { BEFORE.to_owned() } else { String::new() };
    let last = if whole > room { room.saturating_sub(1) } else { room };
    for part in rest {
        if columns(&shown).saturating_add(columns(part)) > last {
            break;
        }
        shown.push_str(part);
    }
    if whole > room {
        shown.push_str(BEHIND);
    }
    (shown, at)
}

/// Writes what is typed behind a sign of its own within `room` cells, the terminal's cursor in it while keys go there; gives the
/// column behind it.
pub(super) fn line(pen: &mut Pen<'_>, (x, y): (u16, u16), room: u16, sign: &str, field: &Field, typing: bool) -> u16 {
    let text = turret_shared::text::escaped(field.text());
    let cursor = columns(&turret_shared::text::escaped(field.before_cursor()));
    let start = pen.text(x, y, room, sign, Token::Focus);
    let (shown, at) = window(&text, cursor, room.saturating_sub(columns(sign)));
    if typing {
        pen.caret = Some((start.saturating_add(at), y));
    }
    pen.text(start, y, room.saturating_sub(columns(sign)), &shown, Token::Focus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_the_cursor_and_says_where_it_goes_on() {
        let text = "abcdefghijklmnop";
        for (cursor, want, at) in
            [(0, "abcdefg>", 0), (5, "abcdefg>", 5), (6, "abcdefg>", 6), (7, "<cdefgh>", 6), (16, "<klmnop", 7)]
        {
            assert_eq!(window(text, cursor, 8), (want.to_owned(), at), "{cursor}");
        }
        assert_eq!(window("short", 5, 8), ("short".into(), 5));
        for cursor in 0..=16 {
            let (shown, at) = window(text, cursor, 8);
            assert!(columns(&shown) <= 8 && at <= 8, "{cursor} {shown} {at}");
            let here = text.chars().nth(usize::from(cursor));
            assert_eq!(shown.chars().nth(usize::from(at)), here, "{cursor} {shown}");
        }
    }
}
