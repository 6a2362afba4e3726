//! A cursor in a short list that belongs to a key, not to a line; it must not know what the key names.

/// Which row is chosen and which is the first shown.
#[derive(Debug, Clone)]
pub struct Picker<K> {
    /// The chosen one.
    pub at: Option<K>,
    /// First line shown.
    pub top: usize,
    /// The line it stood on last: where its key goes away the cursor stays there.
    stood: usize,
}

/// Where a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// By lines.
    By(isize),
    /// To a row of those shown, the topmost being 0.
    To(usize),
    /// Onto a row if it stands on none, and in sight among so many.
    Settle(usize),
}

impl<K> Default for Picker<K> {
    fn default() -> Self {
        Self { at: None, top: 0, stood: 0 }
    }
}

impl<K: PartialEq + Copy> Picker<K> {
    /// The line of the chosen key.
    #[must_use]
    pub fn line(&self, keys: &[K]) -> Option<usize> {
        keys.iter().position(|key| Some(*key) == self.at)
    }

    /// Goes there.
    pub fn go(&mut self, go: Go, keys: &[K]) {
        match go {
            Go::By(lines) => self.step(lines, keys),
            Go::To(row) => self.put(self.top.saturating_add(row), keys),
            Go::Settle(height) => {
                if self.line(keys).is_none() {
                    let line = if self.at.is_some() { self.stood } else { 0 };
                    self.put(line, keys);
                }
                self.follow(height, keys);
            }
        }
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
            self.stood = line;
            let lowest = line.saturating_sub(height.saturating_sub(1));
            self.top = self.top.clamp(lowest.min(line), line);
        }
        self.top = self.top.min(keys.len().saturating_sub(height));
    }
}
