//! What the message line says, and on how many lines; it must hide nothing that stays behind what passes by itself.

use unicode_width::UnicodeWidthStr;

use super::Model;
use super::session::Weight;
use crate::actions::Id;

/// Lines the message takes at most.
const LINES_MAX: usize = 3;
/// Stands where words had no room.
const CUT: &str = " ...";

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Goes with the next key.
    Passes,
    /// Stays until it is put away.
    Stays,
    /// Nothing can be sent.
    Wrong,
}

impl Model {
    /// What is wrong, else what was said: the sentence, what stands behind it, and how much it matters.
    fn sentence(&self) -> Option<(String, String, Tone)> {
        if let Some(word) = &self.word {
            return Some((word.clone(), String::new(), Tone::Passes));
        }
        match (&self.notice, self.can_send()) {
            (Some(notice), _) if notice.weight == Weight::Staying => {
                let away = format!("  ({} puts it away)", self.keys.first(Id::Dismiss));
                Some((notice.text.clone(), away, Tone::Stays))
            }
            (_, Err(why)) => {
                let first = why.get(..1).unwrap_or("").to_uppercase();
                Some((format!("{first}{}", why.get(1..).unwrap_or("")), String::new(), Tone::Wrong))
            }
            (Some(notice), Ok(())) if !notice.text.is_empty() => {
                Some((notice.text.clone(), String::new(), Tone::Passes))
            }
            _ => None,
        }
    }

    /// True while the line says what no news may take its place.
    #[must_use]
    pub fn speaks_of_trouble(&self) -> bool {
        self.sentence().is_some_and(|(_, _, tone)| tone != Tone::Passes) || self.word.is_some()
    }

    /// What is wrong, else what was said.
    #[must_use]
    pub fn spoken(&self) -> Option<(String, Tone)> {
        self.sentence().map(|(text, behind, tone)| (text + &behind, tone))
    }

    /// The same in the lines of this terminal: what does not fit gives way at the end of the sentence, never the key behind it.
    #[must_use]
    pub fn spoken_lines(&self) -> Option<(Vec<String>, Tone)> {
        let (text, behind, tone) = self.sentence()?;
        let width = usize::from(self.size.0);
        let mut lines = folded(&format!("{text}{behind}"), width);
        let mut kept = text.as_str();
        while lines.len() > LINES_MAX {
            let Some((shorter, _)) = kept.trim_end().rsplit_once(' ') else { break };
            kept = shorter;
            lines = folded(&format!("{kept}{CUT}{behind}"), width);
        }
        lines.truncate(LINES_MAX);
        Some((lines, tone))
    }

    /// Lines of the terminal the message takes.
    #[must_use]
    pub fn message_lines(&self) -> u16 {
        self.spoken_lines().map_or(1, |(lines, _)| u16::try_from(lines.len()).unwrap_or(1).max(1))
    }
}

/// Words on as many lines as they need.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() || line.width().saturating_add(word.trim_end().width()) <= width {
            line.push_str(word);
        } else {
            lines.push(word.trim_start().to_owned());
        }
    }
    lines
}
