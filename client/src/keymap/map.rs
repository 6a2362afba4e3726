//! The map itself: actions and their keys, looked up both ways; it must read no file.

use turret_shared::composed::HeldRole;

use super::preset;
use crate::actions::{ACTIONS, Action, Id, Place};
use crate::app::key::Press;

/// Shown for an action without a key.
const NO_KEY: &str = "-";

/// Actions with their keys, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// `default`, `azerty`, `qwertz`.
    pub(super) preset: &'static str,
    rows: Vec<Bound>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    id: Id,
    keys: Vec<Press>,
}

impl Default for Keymap {
    fn default() -> Self {
        let rows = ACTIONS.iter().map(|action| Bound { id: action.id, keys: own(action) }).collect();
        Self { preset: preset::DEFAULT, rows }
    }
}

/// The keys the table gives an action.
fn own(action: &Action) -> Vec<Press> {
    action.keys.iter().filter_map(|key| Press::parse(key)).collect()
}

/// True when the table itself gives it that key.
pub(super) fn owns(action: &Action, key: Press) -> bool {
    action.keys.iter().any(|own| Press::parse(own) == Some(key))
}

impl Keymap {
    /// The preset it began with.
    #[must_use]
    pub const fn preset(&self) -> &'static str {
        self.preset
    }

    /// Keys of an action; none where there is none.
    #[must_use]
    pub fn keys(&self, id: Id) -> &[Press] {
        self.rows.iter().find(|row| row.id == id).map_or(&[], |row| row.keys.as_slice())
    }

    /// True when `key` is one of the action's.
    #[must_use]
    pub fn has(&self, id: Id, key: Press) -> bool {
        self.keys(id).contains(&key)
    }

    /// The key hints show for an action.
    #[must_use]
    pub fn first(&self, id: Id) -> String {
        self.keys(id).first().map_or_else(|| NO_KEY.to_owned(), ToString::to_string)
    }

    /// All of them, a blank between two; empty for none.
    #[must_use]
    pub fn all(&self, id: Id) -> String {
        self.keys(id).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Puts the key of an action wherever `{its-word}` stands in a sentence.
    #[must_use]
    pub fn say(&self, text: &str) -> String {
        let mut said = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            said.push_str(before);
            let Some((word, after)) = behind.split_once('}') else {
                said.push('{');
                rest = behind;
                continue;
            };
            match crate::actions::by_word(word) {
                Some(action) => said.push_str(&self.first(action.id)),
                None => said.extend(["{", word, "}"]),
            }
            rest = after;
        }
        said.push_str(rest);
        said
    }

    /// The action a key means in the first of `places` that knows it: one the role may do before one it may not.
    #[must_use]
    pub fn meant(
        &self,
        places: &[Place],
        key: Press,
        role: Option<HeldRole>,
        offered: impl Fn(Id) -> bool,
    ) -> Option<&'static Action> {
        let may = |action: &Action| action.permission.is_none_or(|p| role.is_some_and(|role| role.may(p)));
        places.iter().find_map(|place| {
            let fits = |action: &&Action| action.works_in(*place) && offered(action.id) && self.has(action.id, key);
            let here = || ACTIONS.iter().filter(fits);
            here().find(|action| may(action)).or_else(|| here().next())
        })
    }

    /// The table's own key for what `key` means in `places`; `None` where its action was moved elsewhere.
    #[must_use]
    pub fn translated(&self, places: &[Place], key: Press) -> Option<Press> {
        match self.meant(places, key, None, |_| true) {
            Some(action) if owns(action, key) => Some(key),
            Some(action) => action.keys.first().and_then(|own| Press::parse(own)),
            None => {
                let here = |action: &&Action| places.iter().any(|place| action.works_in(*place));
                let moved = ACTIONS.iter().filter(here).any(|action| owns(action, key));
                (!moved).then_some(key)
            }
        }
    }

    /// Gives an action other keys.
    pub(super) fn bind(&mut self, id: Id, keys: Vec<Press>) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.keys = keys;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(text: &str) -> Press {
        Press::parse(text).unwrap()
    }

    #[test]
    fn a_moved_key_means_the_tables_own_and_the_old_one_nothing() {
        let mut keys = Keymap::default();
        keys.bind(Id::Confirm, vec![press("w")]);
        assert_eq!(keys.translated(&[Place::Confirm], press("w")), Some(press("y")));
        assert_eq!(keys.translated(&[Place::Confirm], press("y")), None);
        assert_eq!(keys.translated(&[Place::Confirm], press("Enter")), Some(press("Enter")), "no action's");
        assert_eq!(keys.translated(&[Place::Lists], press("y")), Some(press("y")), "copying was not moved");
        assert_eq!(keys.meant(&[Place::Lists], press("y"), None, |_| true).map(|a| a.id), Some(Id::Copy));
    }

    #[test]
    fn sentences_name_the_key_as_it_is() {
        let mut keys = Keymap::default();
        assert_eq!(keys.say("{confirm} sends, {order-buy} buys"), "y sends, b buys");
        keys.bind(Id::Confirm, vec![press("F6"), press("w")]);
        keys.bind(Id::OrderBuy, Vec::new());
        assert_eq!(keys.say("{confirm} sends, {order-buy} buys {"), "F6 sends, - buys {");
        assert_eq!(keys.all(Id::Confirm), "F6 w");
        assert_eq!(keys.say("a {nonsense}"), "a {nonsense}");
    }
}
