//! Whether the terminal's ground is light, asked once by OSC 11; it must wait for nothing and let no answer pass as typed keys.
//!
//! The answer comes whenever it comes, among the keys, and terminals that know nothing of it say nothing: so nobody waits. The
//! first frame is drawn for what the environment says, and again when the answer tells otherwise. The terminal library reads
//! an answer as Alt-] and the characters behind it; they are held until they are an answer, or cannot be one and are let go.

use crate::app::key::{Code, Press};

/// Asks for the ground's colour (xterm control sequences, OSC 11).
pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\";
/// For how long an answer may come, in milliseconds since the question: a slow link is slower than any wait worth its while.
const LISTEN_MS: u64 = 10_000;
/// An escape and the bracket behind it read apart, when they came apart, within this, in milliseconds.
const APART_MS: u64 = 100;
/// Longest answer: `11;rgba:ffff/ffff/ffff/ffff`.
const ANSWER_CHARS_MAX: usize = 28;
/// Relative luminance above which black reads better than white (WCAG 2.2: equal contrast at 0.179).
const LIGHT_ABOVE: f64 = 0.179;

/// What came of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// These were typed, in this order; none while an answer may be under way.
    Keys(Vec<Press>),
    /// The answer: whether the ground is light.
    Ground(bool),
    /// An answer that says nothing usable.
    Nothing,
}

/// Tells the answer from keys.
#[derive(Debug)]
pub(super) struct Listener {
    /// When the question went out; `None` once answered or never asked.
    asked_ms: Option<u64>,
    escape_ms: Option<u64>,
    held: Vec<Press>,
}

impl Listener {
    /// From the moment of the question on, if there was one.
    pub(super) const fn new(asked_ms: Option<u64>) -> Self {
        Self { asked_ms, escape_ms: None, held: Vec::new() }
    }

    /// Takes one key.
    pub(super) fn hear(&mut self, key: Press, mono_ms: u64) -> Heard {
        let listening = self.asked_ms.is_some_and(|asked| mono_ms.saturating_sub(asked) < LISTEN_MS);
        if self.held.is_empty() {
            return self.first(key, mono_ms, listening);
        }
        self.held.push(key);
        if ends(key) {
            self.asked_ms = None;
            let text = self.text();
            self.held.clear();
            return ground(&text).map_or(Heard::Nothing, Heard::Ground);
        }
        if !listening || !may_begin(&self.text()) {
            return Heard::Keys(std::mem::take(&mut self.held));
        }
        Heard::Keys(Vec::new())
    }

    fn first(&mut self, key: Press, mono_ms: u64, listening: bool) -> Heard {
        let bracket = key.code == Code::Char(']') && !key.ctrl;
        let behind_escape = self.escape_ms.is_some_and(|at| mono_ms.saturating_sub(at) < APART_MS);
        self.escape_ms = (key == Press::plain(Code::Esc)).then_some(mono_ms);
        if listening && bracket && (key.alt || behind_escape) {
            self.held.push(key);
            return Heard::Keys(Vec::new());
        }
        Heard::Keys(vec![key])
    }

    /// What stands behind the bracket.
    fn text(&self) -> String {
        self.held.iter().skip(1).filter_map(|key| key.typed()).collect()
    }
}

/// BEL or the string terminator, as keys.
const fn ends(key: Press) -> bool {
    matches!(key.code, Code::Char('\\')) && key.alt || matches!(key.code, Code::Char('g')) && key.ctrl
}

/// True while more characters may make it an answer.
fn may_begin(text: &str) -> bool {
    let begins = |head: &str| head.starts_with(text) || text.starts_with(head);
    let digits =
        |head: &str| text.strip_prefix(head).is_none_or(|rest| rest.chars().all(|c| c.is_ascii_hexdigit() || c == '/'));
    let fits = |head: &str| begins(head) && digits(head);
    text.len() <= ANSWER_CHARS_MAX && (fits("11;rgb:") || fits("11;rgba:"))
}

fn ground(text: &str) -> Option<bool> {
    let colour = text.strip_prefix("11;rgb:").or_else(|| text.strip_prefix("11;rgba:"))?;
    let mut parts = colour.split('/').map(level);
    let (r, g, b) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > LIGHT_ABOVE)
}

/// One to four hexadecimal digits, as a part of the whole.
fn level(text: &str) -> Option<f64> {
    let most = 16_u32.checked_pow(u32::try_from(text.len()).ok().filter(|n| (1..=4).contains(n))?)?;
    let value = u32::from_str_radix(text, 16).ok()?;
    Some(f64::from(value) / f64::from(most.saturating_sub(1)))
}

/// sRGB to linear light (IEC 61966-2-1).
fn linear(c: f64) -> f64 {
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Press> {
        text.split_whitespace().filter_map(Press::parse).collect()
    }

    fn answer(colour: &str, end: &str) -> Vec<Press> {
        let mut all = keys("Alt-]");
        all.extend(colour.chars().map(|c| Press::plain(Code::Char(c))));
        all.extend(keys(end));
        all
    }

    /// Everything that came out of a run of keys at one moment.
    fn heard(listener: &mut Listener, keys: Vec<Press>, mono_ms: u64) -> (Vec<Press>, Vec<bool>) {
        let (mut typed, mut grounds) = (Vec::new(), Vec::new());
        for key in keys {
            match listener.hear(key, mono_ms) {
                Heard::Keys(mut some) => typed.append(&mut some),
                Heard::Ground(light) => grounds.push(light),
                Heard::Nothing => {}
            }
        }
        (typed, grounds)
    }

    #[test]
    fn answers_of_every_form_are_heard_and_nothing_of_them_is_typed() {
        for (text, light) in [
            ("11;rgb:ffff/ffff/ffff", true),
            ("11;rgb:1e1e/1e1e/2e2e", false),
            ("11;rgb:FD/F6/E3", true),
            ("11;rgba:0000/2b2b/3636/ffff", false),
            ("11;rgb:f/f/f", true),
        ] {
            for end in ["Alt-\\", "Ctrl-g"] {
                let mut listener = Listener::new(Some(0));
                assert_eq!(heard(&mut listener, answer(text, end), 5), (Vec::new(), vec![light]), "{text}");
                // Only one answer was asked for.
                assert_eq!(heard(&mut listener, keys("Alt-] 1"), 6).0, keys("Alt-] 1"));
            }
        }
        let mut listener = Listener::new(Some(0));
        assert_eq!(heard(&mut listener, answer("11;rgb:zz", "x"), 5).1, Vec::<bool>::new());
    }

    #[test]
    fn a_late_answer_and_one_cut_behind_its_escape_do_not_leak_either() {
        let mut listener = Listener::new(Some(0));
        let mut cut = answer("11;rgb:ffff/ffff/ffff", "Ctrl-g");
        cut[0] = Press::plain(Code::Char(']'));
        cut.insert(0, Press::plain(Code::Esc));
        assert_eq!(heard(&mut listener, cut, 9_000), (keys("Esc"), vec![true]));
    }

    #[test]
    fn keys_that_are_no_answer_are_all_let_go_in_order() {
        for typed in ["Alt-] b", "Alt-] 1 1 x", "b 1 ] [", "Esc b ]", "Alt-] 1 1 ; r g b : 1 2 q"] {
            let mut listener = Listener::new(Some(0));
            assert_eq!(heard(&mut listener, keys(typed), 5).0, keys(typed), "{typed}");
        }
        let mut listener = Listener::new(None);
        assert_eq!(heard(&mut listener, keys("Alt-] 1 1"), 5).0, keys("Alt-] 1 1"), "nothing was asked");
        let mut listener = Listener::new(Some(0));
        assert_eq!(heard(&mut listener, keys("Alt-] 1 1"), 11_000).0, keys("Alt-] 1 1"), "long ago");
    }
}
