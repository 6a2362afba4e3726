//! The one registry of actions: what keys, hints, help, palette and scripts all read; it must do none of them itself.

mod action;
mod condition;
mod id;
mod rows;
mod table;
mod verbs;

use turret_shared::role::Role;

pub use action::{Action, Disabled, Place};
pub use condition::{Condition, Situation};
pub use id::Id;
pub use table::ACTIONS;
pub use verbs::{Argument, Verb};

/// True when a key both have could mean either to somebody: a place in common, and a role that may do both.
#[must_use]
pub fn meet(a: &Action, b: &Action) -> bool {
    let place = a.places.iter().any(|place| b.places.contains(place));
    let may = |action: &Action, role: Role| action.permission.is_none_or(|permission| role.may(permission));
    place && Role::ALL.into_iter().any(|role| may(a, role) && may(b, role))
}

/// The action of an id; every id has exactly one row.
#[must_use]
pub fn action(id: Id) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.id == id)
}

/// The action of a keymap word.
#[must_use]
pub fn by_word(word: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.word() == word)
}

/// The action of a script line's first words, the longest verb first.
#[must_use]
pub fn by_verb(words: &[&str]) -> Option<&'static Action> {
    ACTIONS
        .iter()
        .filter(|action| action.verb.is_some_and(|verb| words.starts_with(verb.words)))
        .max_by_key(|action| action.verb.map_or(0, |verb| verb.words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_one_row_and_every_word_one_meaning() {
        for id in Id::ALL {
            assert_eq!(ACTIONS.iter().filter(|a| a.id == *id).count(), 1, "{id:?}");
            assert_eq!(ACTIONS.iter().filter(|a| a.word() == id.word()).count(), 1, "{id:?}");
        }
        assert_eq!(ACTIONS.len(), Id::ALL.len());
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (at, a) in ACTIONS.iter().enumerate() {
            for b in &ACTIONS[at + 1..] {
                let same = a.keys.iter().find(|k| b.keys.contains(k));
                assert!(!meet(a, b) || same.is_none(), "{:?} and {:?} share {same:?}", a.id, b.id);
            }
        }
    }

    #[test]
    fn no_key_is_one_a_terminal_or_a_multiplexer_takes() {
        let taken = [
            "Ctrl-d",
            "Ctrl-h",
            "Ctrl-j",
            "Ctrl-k",
            "Ctrl-l",
            "Ctrl-Enter",
            "Ctrl-a",
            "Ctrl-b",
            "Ctrl-g",
            "Ctrl-o",
            "Ctrl-t",
        ];
        for action in ACTIONS {
            for key in action.keys {
                assert!(!taken.contains(key), "{:?} on {key}", action.id);
                // Ctrl-p is a prefix of zellij: never the only way.
                assert!(*key != "Ctrl-p" || action.keys.len() > 1, "{:?}", action.id);
            }
            let letters = action.works_in(Place::SignIn) || action.works_in(Place::Text);
            assert!(!letters || action.keys.iter().all(|k| k.chars().count() > 1), "{:?} takes a letter", action.id);
        }
    }

    #[test]
    fn verbs_are_found_by_their_longest_form() {
        let found = |line: &[&str]| by_verb(line).map(|a| a.id);
        assert_eq!(found(&["order", "new"]), Some(Id::OrderNew));
        assert_eq!(found(&["order", "cancel-all"]), Some(Id::OrderCancelAll));
        assert_eq!(found(&["sim", "session", "open"]), Some(Id::SimSessionOpen));
        assert_eq!(found(&["order"]), None);
    }

    #[test]
    fn a_role_without_the_permission_is_told_so() {
        let buy = action(Id::OrderBuy).unwrap();
        let all = Situation::all();
        assert_eq!(buy.disabled(Some(Role::Broker.into()), all), None);
        assert_eq!(buy.disabled(Some(Role::Support.into()), all), Some(Disabled::Role(Role::Support.into())));
        assert_eq!(
            buy.disabled(Some(Role::Broker.into()), Situation::default()),
            Some(Disabled::Condition(Condition::Connected))
        );
    }
}
