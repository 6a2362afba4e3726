//! Keys for keyboards on which the table's own need Shift or AltGr; it must only add keys, never take one away.

use super::Keymap;
use crate::actions::Id;
use crate::app::key::Press;

/// The table as it is.
pub(super) const DEFAULT: &str = "default";

/// Names, each with what it is for.
pub const PRESETS: [(&str, &str); 3] = [
    (DEFAULT, "the table as it is"),
    (
        "azerty",
        "French and Belgian: screens on the digit row without Shift, `[` `]` `/` `.` `?` without AltGr or Shift",
    ),
    ("qwertz", "German, Austrian and Swiss: `[` `]` `/` `?` without AltGr or Shift"),
];

/// The digit row of an AZERTY keyboard without Shift, where 1 to 9 are.
const AZERTY: &[(Id, &[&str])] = &[
    (Id::ShowBlotter, &["&"]),
    (Id::ShowQuotes, &["\u{e9}"]),
    (Id::Positions, &["\""]),
    (Id::ShowFills, &["'"]),
    (Id::Accounts, &["("]),
    (Id::AuditSearch, &["-", "\u{a7}"]),
    (Id::Users, &["&", "\u{e8}"]),
    (Id::Sessions, &["\u{e9}"]),
    (Id::Devices, &["\""]),
    (Id::Limits, &["_"]),
    (Id::Alerts, &["\u{e7}"]),
    (Id::Approvals, &["\u{e0}"]),
    (Id::TabPrevious, &["\u{f9}"]),
    (Id::TabNext, &["*"]),
    (Id::Filter, &["!"]),
    (Id::Recentre, &[";"]),
    (Id::Help, &[","]),
    (Id::Zoom, &["="]),
];

/// On a QWERTZ keyboard `-` is where `/` is elsewhere, and the two umlauts stand beside the letters.
const QWERTZ: &[(Id, &[&str])] = &[
    (Id::TabPrevious, &["\u{f6}"]),
    (Id::TabNext, &["\u{e4}"]),
    (Id::Filter, &["-"]),
    (Id::Help, &["\u{df}"]),
    (Id::Palette, &["\u{fc}"]),
];

/// The keymap of a preset.
#[must_use]
pub fn preset(name: &str) -> Option<Keymap> {
    let (name, _) = PRESETS.iter().find(|(known, _)| *known == name)?;
    let more = match *name {
        "azerty" => AZERTY,
        "qwertz" => QWERTZ,
        _ => &[],
    };
    let mut keymap = Keymap::default();
    keymap.preset = name;
    for (id, keys) in more {
        let mut all = keymap.keys(*id).to_vec();
        all.extend(keys.iter().filter_map(|key| Press::parse(key)));
        keymap.bind(*id, all);
    }
    Some(keymap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_free_of_conflicts_and_keeps_every_key_of_the_table() {
        for (name, _) in PRESETS {
            let keymap = preset(name).unwrap();
            assert_eq!(keymap.conflicts(), [], "{name}");
            assert_eq!(keymap.preset(), name);
            for id in Id::ALL {
                let own = Keymap::default();
                assert!(own.keys(*id).iter().all(|key| keymap.has(*id, *key)), "{name} {id:?}");
            }
        }
        assert!(preset("dvorak").is_none());
    }

    #[test]
    fn azerty_reaches_the_screens_without_shift() {
        let keymap = preset("azerty").unwrap();
        let screens = [Id::ShowBlotter, Id::ShowQuotes, Id::Positions, Id::ShowFills, Id::Accounts, Id::AuditSearch];
        for id in screens.into_iter().chain([Id::Users, Id::Sessions, Id::Devices, Id::Limits, Id::Alerts]) {
            assert!(keymap.all(id).split(' ').any(|key| !key.chars().all(|c| c.is_ascii_digit())), "{id:?}");
        }
        for id in [Id::TabNext, Id::TabPrevious, Id::Filter, Id::Help] {
            assert!(keymap.keys(id).len() > 1 && preset("qwertz").unwrap().keys(id).len() > 1, "{id:?}");
        }
    }
}
