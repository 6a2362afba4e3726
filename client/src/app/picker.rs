//! A cursor in a short list that belongs to a key, not to a line; it must not know what the key names.

/// Which row is chosen and which is the first shown.
#[derive(Debug, Clone)]
pub struct Picker<K> {
    /// The chosen one.
    pub at: Option<K>,
    /// First line shown.
    pub top: usize,
}

impl<K> Default for Picker<K> {
    fn default() -> Self {
        Self { at: None, top: 0 }
    }
}

impl<K: PartialEq + Copy> Picker<K> {
    /// The line of the chosen key.
    #[must_use]
    pub fn line(&self, keys: &[K]) -> Option<usize> {
        keys.iter().position(|key| Some(*key) == self.at)
    }

    /// Moves by lines; the first row is chosen when none was.
    pub fn step(&mut self, by: isize, keys: &[K]) {
        let line = self.line(keys).map_or(0, |line| line.saturating_add_signed(by));
        self.at = keys.get(line.min(keys.len().saturating_sub(1))).copied();
    }

    /// Chooses a line.
    pub fn put(&mut self, line: usize, keys: &[K]) {
        self.at = keys.get(line.min(keys.len().saturating_sub(1))).copied();
    }

    /// Scrolls so that the chosen row is among `height` lines.
    pub fn follow(&mut self, height: usize, keys: &[K]) {
        if let Some(line) = self.line(keys) {
            let lowest = line.saturating_sub(height.saturating_sub(1));
            self.top = self.top.clamp(lowest.min(line), line);
        }
        self.top = self.top.min(keys.len().saturating_sub(height));
    }
}
