//! Text from people and peers: what is refused and how the rest is shown; it must never let a control reach a terminal.

use alloc::string::String;
use core::fmt::Write;

/// True for what may not stand in typed text: controls (C0, DEL, C1), bidi marks and embeddings, zero-width and
/// invisible formatting, line and paragraph separators, tags, noncharacters and private use (Unicode 16, UAX 9, UTS 39).
#[must_use]
pub const fn is_hostile(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}'
    )
}

/// True when `text` may be sent as free text: at most `length_max` characters and nothing hostile.
#[must_use]
pub fn is_clean(text: &str, length_max: usize) -> bool {
    text.chars().count() <= length_max && !text.chars().any(is_hostile)
}

/// The alphabets whose letters pass for one another (UTS 39): which of them a letter is of.
const fn alphabet(c: char) -> Option<u8> {
    match c {
        'A'..='Z'
        | 'a'..='z'
        | '\u{c0}'..='\u{24f}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a720}'..='\u{a7ff}'
        | '\u{ff21}'..='\u{ff3a}'
        | '\u{ff41}'..='\u{ff5a}' => Some(0),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(1),
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => Some(2),
        '\u{531}'..='\u{58f}' => Some(3),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(4),
        _ => None,
    }
}

/// True for a name in which letters of alphabets that look alike stand side by side (Latin, Greek, Cyrillic, Armenian,
/// Cherokee): it passes for one it is not. Words of one alphabet each may stand together.
#[must_use]
pub fn mixes_alphabets(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let mut seen = word.chars().filter_map(alphabet);
        seen.next().is_some_and(|first| seen.any(|other| other != first))
    })
}

/// Shows any text on one line: what is hostile becomes `\u{1b}`-style escapes, and a backslash is doubled.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' {
            out.push_str("\\\\");
        } else if is_hostile(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_refused_and_shown_escaped() {
        for bad in
            ["\u{1b}[2J", "\u{9b}31m", "\u{7}", "a\nb", "\u{202e}abc", "\u{200b}", "\u{2066}", "\u{feff}", "\u{e0041}"]
        {
            assert!(!is_clean(bad, 60), "{bad:?}");
            assert!(escaped(bad).chars().all(|c| !is_hostile(c)));
        }
        assert!(is_clean("Müller & Söhne, 東京", 60));
        assert_eq!(escaped("a\u{1b}\\"), "a\\u{1b}\\\\");
        assert!(!is_clean("four", 3));
    }

    #[test]
    fn a_word_of_two_alphabets_passes_for_another() {
        for bad in ["\u{410}nn Lee", "Ann L\u{435}e", "B\u{3bf}b Ray", "\u{13aa}arl", "\u{39f}'Connor"] {
            assert!(mixes_alphabets(bad), "{bad:?}");
        }
        for good in ["Ann Lee", "Müller & Søn", "Вера Фокс", "Anna Вера", "東京 Bank", "R2"] {
            assert!(!mixes_alphabets(good), "{good:?}");
        }
    }
}
