//! One line of typed text with its cursor; it must accept nothing hostile and never hold more than its limit.

use turret_shared::secret::SecretText;
use turret_shared::text::is_hostile;
use unicode_segmentation::UnicodeSegmentation;
use zeroize::Zeroize;

use super::key::{Code, Press};

/// A text field.
#[derive(Debug, Clone, Default)]
pub struct Field {
    text: String,
    /// Cursor as a byte offset on a grapheme boundary.
    at: usize,
    chars_max: usize,
    /// Nobody typed it: the first character takes its place.
    offered: bool,
}

impl Field {
    /// An empty field that takes at most `chars_max` characters.
    #[must_use]
    pub const fn new(chars_max: usize) -> Self {
        Self { text: String::new(), at: 0, chars_max, offered: false }
    }

    /// A field already filled in, cursor behind the text.
    #[must_use]
    pub fn filled(text: &str, chars_max: usize) -> Self {
        let mut field = Self::new(chars_max);
        field.insert(text);
        field
    }

    /// What stands in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True when nothing does.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The part before the cursor.
    #[must_use]
    pub fn before_cursor(&self) -> &str {
        self.text.get(..self.at).unwrap_or("")
    }

    /// Replaces all of it.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Replaces all of it by what the person may take over, edit with the cursor keys, or type over.
    pub fn offer(&mut self, text: &str) {
        self.set(text);
        self.offered = true;
    }

    /// True when the first character typed takes its place.
    #[must_use]
    pub const fn is_offered(&self) -> bool {
        self.offered
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.text.clear();
        self.at = 0;
        self.offered = false;
    }

    /// Puts text in at the cursor: hostile characters and whatever exceeds the limit are left out, and counted.
    pub fn insert(&mut self, text: &str) -> usize {
        if self.offered {
            self.clear();
        }
        let mut room = self.chars_max.saturating_sub(self.text.chars().count());
        let mut refused = 0;
        for c in text.chars() {
            if room == 0 || is_hostile(c) {
                refused += 1;
                continue;
            }
            self.text.insert(self.at, c);
            self.at = self.at.saturating_add(c.len_utf8());
            room -= 1;
        }
        refused
    }

    /// Handles an editing key; false when it is none.
    pub fn key(&mut self, key: Press) -> bool {
        match key.code {
            Code::Char('u') if key.ctrl => self.clear(),
            Code::Char(c) if !key.ctrl && !key.alt => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            Code::Backspace => self.erase_before(),
            Code::Delete => self.erase_behind(),
            Code::Left => self.at = self.boundary_before(),
            Code::Right => self.at = self.boundary_behind(),
            Code::Home => self.at = 0,
            Code::End => self.at = self.text.len(),
            _ => return false,
        }
        self.offered = false;
        true
    }

    fn boundary_before(&self) -> usize {
        self.before_cursor().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn boundary_behind(&self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or("");
        self.at.saturating_add(rest.graphemes(true).next().map_or(0, str::len))
    }

    fn erase_before(&mut self) {
        let start = self.boundary_before();
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    fn erase_behind(&mut self) {
        let end = self.boundary_behind();
        self.text.replace_range(self.at..end, "");
    }
}

/// A field whose text is never shown and is wiped when it goes.
#[derive(Default)]
pub struct SecretField {
    text: String,
    chars_max: usize,
}

impl std::fmt::Debug for SecretField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret field>")
    }
}

impl Drop for SecretField {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl SecretField {
    /// An empty field; room is set aside at once, so that the text is never moved and left behind.
    #[must_use]
    pub fn new(chars_max: usize) -> Self {
        Self { text: String::with_capacity(chars_max.saturating_mul(4)), chars_max }
    }

    /// How many characters stand in it: all that may be shown.
    #[must_use]
    pub fn count(&self) -> usize {
        self.text.chars().count()
    }

    /// Wipes and refills it.
    pub fn set(&mut self, secret: &SecretText) {
        self.wipe();
        self.insert(secret.expose());
    }

    /// Wipes it.
    pub fn wipe(&mut self) {
        self.text.zeroize();
    }

    /// Puts text in at the end.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.count() < self.chars_max {
                self.text.push(c);
            }
        }
    }

    /// Handles an editing key; false when it is none.
    pub fn key(&mut self, key: Press) -> bool {
        match key.code {
            Code::Char('u') if key.ctrl => self.wipe(),
            Code::Char(c) if !key.ctrl && !key.alt => self.insert(c.encode_utf8(&mut [0; 4])),
            Code::Backspace => {
                self.text.pop();
            }
            _ => return false,
        }
        true
    }

    /// Takes the text over to be sent, leaving the field empty.
    #[must_use]
    pub fn take(&mut self) -> SecretText {
        let taken = SecretText::new(self.text.clone());
        self.wipe();
        taken
    }

    /// A copy to be sent, leaving the field as it is.
    #[must_use]
    pub fn copy(&self) -> SecretText {
        SecretText::new(self.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_by_grapheme_and_refuses_the_hostile() {
        let mut field = Field::new(8);
        assert_eq!(field.insert("e\u{301}a\u{202e}b"), 1);
        field.key(Press::plain(Code::Home));
        field.key(Press::plain(Code::Right));
        assert_eq!(field.before_cursor(), "e\u{301}");
        field.key(Press::plain(Code::Backspace));
        assert_eq!(field.text(), "ab");
        assert_eq!(field.insert("123456789"), 3);
        assert_eq!(field.text().chars().count(), 8);
    }

    #[test]
    fn secrets_are_counted_only() {
        let mut field = SecretField::new(6);
        field.insert("1234567");
        assert_eq!(field.count(), 6);
        assert_eq!(format!("{field:?}"), "<secret field>");
        assert_eq!(field.take().expose(), "123456");
        assert_eq!(field.count(), 0);
    }
}
