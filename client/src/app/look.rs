//! What the terminal can show and how the person wants it; it must name no colour.

/// How much colour the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// None: words and marks only.
    None,
    /// The sixteen of old.
    #[default]
    Sixteen,
    /// 256.
    Many,
    /// 24 bits.
    True,
}

/// A family of colours, each on dark and on light ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hues {
    /// Blue and orange.
    #[default]
    Standard,
    /// Contrast of at least 7 to 1.
    Contrast,
    /// For eyes that mix up red and green (protanopia, deuteranopia).
    RedGreen,
    /// For eyes that mix up blue and yellow (tritanopia).
    BlueYellow,
}

impl Hues {
    /// Every one, in the order the palette's action steps through.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Contrast, Self::RedGreen, Self::BlueYellow];

    /// The family of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hues| hues.word() == word)
    }

    /// The word of settings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Contrast => "contrast",
            Self::RedGreen => "red-green",
            Self::BlueYellow => "blue-yellow",
        }
    }
}

/// What a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    /// Which family.
    pub hues: Hues,
    /// On light ground or dark; `None` where the terminal is to say.
    pub light: Option<bool>,
    /// The ground is painted, so that the contrast is what was meant; else the terminal's own shows through.
    pub painted: bool,
}

impl Theme {
    /// Words a person may write.
    pub const WORDS: &'static str =
        "auto, dark, light, contrast, red-green, blue-yellow, and the last three with -dark or -light";

    /// Reads one of [`Self::WORDS`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let plain = |light| Self { light, painted: true, ..Self::default() };
        match word {
            "auto" => return Some(Self::default()),
            "dark" => return Some(plain(Some(false))),
            "light" => return Some(plain(Some(true))),
            _ => {}
        }
        let (family, light) = match (word.strip_suffix("-dark"), word.strip_suffix("-light")) {
            (Some(family), _) => (family, Some(false)),
            (_, Some(family)) => (family, Some(true)),
            _ => (word, None),
        };
        let hues = Hues::ALL.into_iter().skip(1).find(|hues| hues.word() == family)?;
        Some(Self { hues, light, painted: true })
    }
}

/// How the person wants it, whatever the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taste {
    /// Colours.
    pub theme: Theme,
    /// What rises is red.
    pub red_up: bool,
    /// Seven-bit characters only.
    pub ascii: bool,
}

/// What the terminal can show, and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Seven-bit characters only.
    pub ascii: bool,
    /// Colour.
    pub colours: Colours,
    /// Dark text on a light ground.
    pub light: bool,
    /// As asked for.
    pub theme: Theme,
    /// What rises is red, as in East Asia.
    pub red_up: bool,
    /// The family of colours was chosen here and not where the program was started: it is kept.
    pub chosen: bool,
}

impl Look {
    /// True where the terminal has to be asked about its ground.
    #[must_use]
    pub fn asks_ground(self) -> bool {
        self.theme.light.is_none() && self.colours != Colours::None
    }

    /// The terminal told about its ground.
    pub fn hear_ground(&mut self, light: bool) {
        if self.theme.light.is_none() {
            self.light = light;
        }
    }

    /// The next family of colours.
    pub fn step(&mut self) {
        let at = Hues::ALL.iter().position(|hues| *hues == self.theme.hues).unwrap_or(0);
        self.choose(Hues::ALL.get(at.saturating_add(1)).copied().unwrap_or_default());
    }

    /// This family of colours, on the same ground, painted unless it is the first.
    pub fn choose(&mut self, hues: Hues) {
        self.theme.hues = hues;
        self.theme.painted = hues != Hues::Standard;
        self.chosen = true;
    }

    /// What was chosen here, if anything was.
    #[must_use]
    pub fn choice(self) -> Option<Hues> {
        self.chosen.then_some(self.theme.hues)
    }

    /// `contrast, light`.
    #[must_use]
    pub fn word(self) -> String {
        let ground = if self.light { "light" } else { "dark" };
        format!("{}, {ground}", self.theme.hues.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_are_read_by_their_words() {
        let theme = |word| Theme::parse(word).map(|theme| (theme.hues, theme.light, theme.painted));
        assert_eq!(theme("auto"), Some((Hues::Standard, None, false)));
        assert_eq!(theme("dark"), Some((Hues::Standard, Some(false), true)));
        assert_eq!(theme("contrast"), Some((Hues::Contrast, None, true)));
        assert_eq!(theme("red-green-light"), Some((Hues::RedGreen, Some(true), true)));
        assert_eq!(theme("blue-yellow-dark"), Some((Hues::BlueYellow, Some(false), true)));
        for word in ["", "standard", "auto-light", "dark-dark", "Contrast"] {
            assert_eq!(theme(word), None, "{word}");
        }
    }

    #[test]
    fn what_the_person_asked_for_outweighs_what_the_terminal_says() {
        let mut look = Look { theme: Theme::parse("dark").unwrap_or_default(), ..Look::default() };
        look.hear_ground(true);
        assert!(!look.light && !look.asks_ground());
        let mut look = Look::default();
        assert!(look.asks_ground());
        look.hear_ground(true);
        assert!(look.light);
        for want in ["contrast, light", "red-green, light", "blue-yellow, light", "standard, light"] {
            look.step();
            assert_eq!(look.word(), want);
        }
        assert!(!look.theme.painted);
    }
}
