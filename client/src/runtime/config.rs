//! What the environment says of the terminal, read once at the start; it must read nothing else from it.

use crate::app::look::Taste;
use crate::app::{Colours, Look};

/// Looks at `TERM`, `COLORTERM`, `NO_COLOR`, `COLORFGBG` and the locale.
#[allow(clippy::disallowed_methods, reason = "the one place the workstation reads its environment")]
pub(super) fn look(taste: Taste) -> Look {
    let get = |name: &str| std::env::var(name).unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(get).find(|value| !value.is_empty());
    let look =
        look_of(&get("TERM"), &get("COLORTERM"), &get("NO_COLOR"), &locale.unwrap_or_default(), &get("COLORFGBG"));
    let light = taste.theme.light.unwrap_or(look.light);
    Look { light, theme: taste.theme, red_up: taste.red_up, ascii: look.ascii || taste.ascii, ..look }
}

fn look_of(term: &str, colorterm: &str, no_color: &str, locale: &str, ground: &str) -> Look {
    let locale = locale.to_ascii_lowercase();
    let unicode = locale.contains("utf-8") || locale.contains("utf8");
    let colours = if !no_color.is_empty() || term == "dumb" || term.is_empty() {
        Colours::None
    } else if matches!(colorterm, "truecolor" | "24bit") {
        Colours::True
    } else if term.contains("256color") {
        Colours::Many
    } else {
        Colours::Sixteen
    };
    // rxvt and others: `foreground;background`, 7 and 15 being light grounds.
    let light = matches!(ground.rsplit(';').next(), Some("7" | "15"));
    Look { ascii: !unicode || term == "linux" || colours == Colours::None, colours, light, ..Look::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_back_step_by_step() {
        for (term, colorterm, no_color, locale, want) in [
            ("xterm-256color", "truecolor", "", "en_US.UTF-8", (false, Colours::True)),
            ("xterm-256color", "", "", "C.utf8", (false, Colours::Many)),
            ("xterm", "", "", "en_US.UTF-8", (false, Colours::Sixteen)),
            ("linux", "", "", "en_US.UTF-8", (true, Colours::Sixteen)),
            ("xterm-256color", "truecolor", "1", "en_US.UTF-8", (true, Colours::None)),
            ("xterm-256color", "", "", "C", (true, Colours::Many)),
            ("dumb", "", "", "", (true, Colours::None)),
        ] {
            let look = look_of(term, colorterm, no_color, locale, "");
            assert_eq!((look.ascii, look.colours), want, "{term} {colorterm} {no_color} {locale}");
        }
        assert!(look_of("rxvt", "", "", "", "0;15").light);
    }
}
