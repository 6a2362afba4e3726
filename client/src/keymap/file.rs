//! A keymap as a person writes it: TOML, actions by id; it must take a file whole or not at all.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use turret_shared::text::escaped;

use super::{Conflict, Keymap, preset};
use crate::actions::{self, Id};
use crate::app::act;
use crate::app::key::Press;

/// Keys one action may have.
const KEYS_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    preset: Option<String>,
    #[serde(default)]
    keys: BTreeMap<String, Keys>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// No preset of that name.
    Preset(String),
    /// No action of that id.
    Action(String),
    /// The action is one of scripts alone.
    ScriptOnly(Id),
    /// No key is written so.
    Key(Id, String),
    /// More keys than one action may have.
    TooMany(Id),
    /// The keys are well written and cannot stand together.
    Conflict(Conflict),
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preset(name) => write!(f, "there is no preset {}: default, azerty or qwertz", escaped(name)),
            Self::Action(word) => {
                write!(f, "there is no action {}", escaped(word))?;
                nearest(word).map_or(Ok(()), |near| write!(f, ", but there is {near}"))
            }
            Self::ScriptOnly(id) => write!(f, "{} is done by scripts only: no key can do it", id.word()),
            Self::Key(id, key) => write!(
                f,
                "{}: {} is no key; write b, F6, Ctrl-r, Alt-s, Enter, S-Tab, Space, PgUp",
                id.word(),
                escaped(key)
            ),
            Self::TooMany(id) => write!(f, "{} has more than {KEYS_MAX} keys", id.word()),
            Self::Conflict(conflict) => conflict.fmt(f),
        }
    }
}

/// Why a file is not used: every fault that was found, the first one to be said first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// It is not TOML of the right form; in one line.
    Syntax(String),
    /// What it says cannot be.
    Faults(Vec<FileFault>),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(line) => f.write_str(&escaped(line)),
            Self::Faults(faults) => {
                if let Some(first) = faults.first() {
                    first.fmt(f)?;
                }
                match faults.len().saturating_sub(1) {
                    0 => Ok(()),
                    1 => f.write_str(" (and 1 fault more)"),
                    more => write!(f, " (and {more} faults more)"),
                }
            }
        }
    }
}

impl std::error::Error for FileError {}

/// The action whose id shares the most letters at the start, if it shares three.
fn nearest(word: &str) -> Option<&'static str> {
    let shared = |id: &Id| id.word().bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    let best = Id::ALL.iter().max_by_key(|id| shared(id))?;
    (shared(best) >= 3).then(|| best.word())
}

/// Reads a file's text.
///
/// # Errors
/// [`FileError`] tells everything that is wrong with it.
pub fn parse(text: &str) -> Result<Keymap, FileError> {
    let written: Written = toml::from_str(text).map_err(|error| FileError::Syntax(syntax(text, &error)))?;
    let mut faults = Vec::new();
    let name = written.preset.as_deref().unwrap_or(preset::DEFAULT);
    let mut keymap = preset(name).unwrap_or_else(|| {
        faults.push(FileFault::Preset(name.to_owned()));
        Keymap::default()
    });
    for (word, keys) in &written.keys {
        match bound(word, keys) {
            Ok((id, keys)) => keymap.bind(id, keys),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(keymap.conflicts().into_iter().map(FileFault::Conflict));
    if faults.is_empty() { Ok(keymap) } else { Err(FileError::Faults(faults)) }
}

fn bound(word: &str, keys: &Keys) -> Result<(Id, Vec<Press>), FileFault> {
    let action = actions::by_word(word).ok_or_else(|| FileFault::Action(word.to_owned()))?;
    if action.places.is_empty() && !act::offered(action.id) {
        return Err(FileFault::ScriptOnly(action.id));
    }
    let keys = match keys {
        Keys::One(one) => std::slice::from_ref(one),
        Keys::Several(several) => several.as_slice(),
    };
    if keys.len() > KEYS_MAX {
        return Err(FileFault::TooMany(action.id));
    }
    let press = |key: &String| Press::parse(key).ok_or_else(|| FileFault::Key(action.id, key.clone()));
    Ok((action.id, keys.iter().map(press).collect::<Result<_, _>>()?))
}

/// `line 3: ...`, in one line.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    let what = error.message().lines().next().unwrap_or("not TOML");
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {what}", before.matches('\n').count().saturating_add(1)),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn actions_are_moved_by_their_ids_on_top_of_a_preset() {
        let keymap =
            parse("preset = \"azerty\"\n[keys]\norder-buy = [\"b\", \"F6\"]\norder-sell-short = \"S\"\nundo = []\n")
                .unwrap();
        assert_eq!(keymap.all(Id::OrderBuy), "b F6");
        assert_eq!(keymap.all(Id::OrderSellShort), "S");
        assert_eq!(keymap.all(Id::Undo), "");
        assert_eq!(keymap.all(Id::ShowBlotter), "1 &");
        assert_eq!(parse("").unwrap(), Keymap::default());
    }

    #[test]
    fn what_is_wrong_is_one_plain_sentence() {
        for (text, want) in [
            ("keys = 3", "line 1: invalid type: integer `3`, expected a map"),
            ("\n\n[keys]\nup = {", "line 4: "),
            ("colour = \"red\"", "unknown field `colour`"),
            ("preset = \"dvorak\"", "there is no preset dvorak: default, azerty or qwertz"),
            ("[keys]\norder-by = \"b\"", "there is no action order-by, but there is order-buy"),
            ("[keys]\nzzz = \"b\"", "there is no action zzz"),
            ("[keys]\norder-new = \"b\"", "order-new is done by scripts only"),
            ("[keys]\norder-buy = \"bb\"", "order-buy: bb is no key"),
            ("[keys]\nup = [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "up has more than 8 keys"),
            ("[keys]\n\"\\u001b[2J\" = \"b\"", "there is no action"),
        ] {
            let said = fault(text);
            assert!(said.contains(want), "{text}: {said}");
            assert!(!said.contains('\n') && !said.contains('\u{1b}'), "{said}");
        }
        assert!(fault("preset = \"x\"\n[keys]\norder-by = \"b\"\nzz = \"c\"").ends_with("(and 2 faults more)"));
    }
}
