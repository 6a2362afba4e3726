//! The palette: every action by name, found by letters in order; choosing runs the same action as its key.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Model;
use super::act;
use super::effect::Effect;
use super::field::Field;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use crate::actions::{ACTIONS, Action};

/// Typed words, what fits them, and the line chosen.
pub struct Palette {
    /// Typed words.
    pub words: Field,
    /// Actions that fit, best first.
    pub found: Vec<&'static Action>,
    /// The line chosen.
    pub line: usize,
    /// About the last key.
    pub message: Option<String>,
    matcher: Matcher,
}

impl std::fmt::Debug for Palette {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Palette").field("words", &self.words).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Default for Palette {
    fn default() -> Self {
        let mut palette = Self {
            words: Field::new(40),
            found: Vec::new(),
            line: 0,
            message: None,
            matcher: Matcher::new(Config::DEFAULT),
        };
        palette.search();
        palette
    }
}

impl Palette {
    /// Pasted words.
    pub(super) fn paste(&mut self, text: &str) {
        self.words.insert(text);
        self.message = None;
        self.search();
    }

    fn search(&mut self) {
        self.line = 0;
        let offered = ACTIONS.iter().filter(|action| act::offered(action.id));
        if self.words.is_empty() {
            self.found = offered.collect();
            return;
        }
        let pattern = Pattern::parse(self.words.text(), CaseMatching::Ignore, Normalization::Smart);
        let typed = self.words.text().to_lowercase();
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, &Action)> = offered
            .filter_map(|action| {
                let names = pattern.score(Utf32Str::new(action.name, &mut buffer), &mut self.matcher);
                let words = pattern.score(Utf32Str::new(action.word(), &mut buffer), &mut self.matcher);
                // A sentence fits by whole words only: letters in order would fit almost any.
                let docs = action.doc.to_lowercase().contains(&typed).then_some(0);
                names.max(words).map(|score| score.saturating_add(1)).or(docs).map(|score| (score, action))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.found = scored.into_iter().map(|(_, action)| action).collect();
        // The two-letter names of screens are whole: they go before anything they are letters of.
        if let Some(screen) = act::two_letters(self.words.text()) {
            self.found.retain(|action| action.id != screen.id);
            self.found.insert(0, screen);
        }
    }
}

/// A key for the open palette.
pub(super) fn key(mut palette: Box<Palette>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    palette.message = None;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Down | Code::Tab => {
            palette.line = palette.line.saturating_add(1).min(palette.found.len().saturating_sub(1));
        }
        Code::Up | Code::BackTab => palette.line = palette.line.saturating_sub(1),
        Code::Enter => {
            let Some(action) = palette.found.get(palette.line).copied() else { return vec![Modal::Palette(palette)] };
            if let Some(why) = model.disabled(action) {
                palette.message = Some(format!("{}: {why}", action.name));
            } else {
                act::run(model, action.id, out);
                return Vec::new();
            }
        }
        _ => {
            palette.words.key(key);
            palette.search();
        }
    }
    vec![Modal::Palette(palette)]
}
